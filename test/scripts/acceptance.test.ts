import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askQuestions, type Subject } from '../../scripts/acceptance/questions';
import { costCeiling, reportOf } from '../../scripts/acceptance/report';
import { runCommand } from '../local-cloud/command';
import { Ec2AndImageBuilder, MemoryDiskSource, type Answers } from '../local-cloud/emulator';
import { sdkClients } from '../local-cloud/emulator/sdk-clients';
import { UNKNOWN_IDS, UNKNOWNS } from '../local-cloud/emulator/unknowns';
import { IdleClock } from '../local-cloud/idle-clock';

const REPOSITORY = join(__dirname, '..', '..');

/** An account on the loopback AWS that answers as told. */
async function asked(answers: Partial<Answers>) {
  const clock = new IdleClock();
  const disks = new MemoryDiskSource().putObject('exports', 'disk.vmdk', 'a disk');
  const emulator = new Ec2AndImageBuilder({ clock, disks, settings: { answers } });
  const subject: Subject = {
    ...sdkClients(emulator),
    disk: { bucket: 'exports', key: 'disk.vmdk', format: 'VMDK' },
    roleName: 'vmimport',
    runId: 'run1',
    now: () => clock.now(),
    pause: async (ms) => clock.pause(ms),
    log: () => undefined,
  };
  return { ...await askQuestions(subject), remaining: await emulator.remaining() };
}

const NOTHING_LEFT = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };
/** What the run asks and can tell apart within its hours. */
const ASKED = [
  'ebsVisibility', 'ebsSecondComplete', 'tagFilter', 'cancelEnded', 'unknownTask', 'runningStatus', 'taskTags', 'taskVisibility',
  'protectedAmi', 'goneAmi', 'smallLetters', 'managedKey',
] as const;

describe('The acceptance run', () => {
  test.each<[string, Partial<Answers>]>([
    ['assumed', {}],
    ['other', {
      ebsVisibility: 'aMinuteLater',
      ebsSecondComplete: 'ValidationException',
      tagFilter: 'refused',
      cancelEnded: 'IncorrectState',
      unknownTask: 'ClientException',
      runningStatus: 'stage',
      taskTags: 'reach',
      taskVisibility: 'aMinuteLater',
      goneAmi: 'NotFound',
      protectedAmi: 'IncorrectState',
      smallLetters: 'no',
    }],
    ['more', { tagFilter: 'ignored', cancelEnded: 'InvalidParameter' }],
    ['exact', { tagFilter: 'exact' }],
  ])('finds out the %s answers, and leaves nothing behind', async (_, answers) => {
    const { findings, failures, remaining } = await asked(answers);
    expect(failures).toEqual([]);
    expect(remaining).toEqual(NOTHING_LEFT);
    const expected = {
      ebsVisibility: 'atOnce',
      ebsSecondComplete: 'status',
      tagFilter: 'matches',
      cancelEnded: 'accepted',
      unknownTask: 'ResourceNotFoundException',
      runningStatus: 'active',
      taskTags: 'stay',
      taskVisibility: 'atOnce',
      protectedAmi: 'OperationNotPermitted',
      goneAmi: 'Unavailable',
      importVmImageToken: 'sameArn',
      smallLetters: 'yes',
      managedKey: 'alias',
      ...answers,
    };
    const found = Object.fromEntries(findings.map(({ id, answer }) => [id, answer]));
    expect(found).toEqual({ ...expected, tokenMemory: undefined, listLag: undefined });
    expect(Object.keys(found)).toEqual(expect.arrayContaining([...ASKED]));
  });

  test('leaves open whose key a default key by its ARN is', async () => {
    const { findings } = await asked({ managedKey: 'arn' });
    const { question } = UNKNOWNS.managedKey;
    expect(findings.filter(({ id }) => id === 'managedKey')).toEqual([{ id: 'managedKey', question, seen: expect.stringMatching(/^a key by its ARN/) }]);
  });

  test('reports a step that failed, and still deletes what it made', async () => {
    const clock = new IdleClock();
    const emulator = new Ec2AndImageBuilder({ clock, disks: new MemoryDiskSource() });
    const { findings, failures } = await askQuestions({
      ...sdkClients(emulator),
      disk: { bucket: 'exports', key: 'gone.vmdk', format: 'VMDK' },
      roleName: 'vmimport',
      runId: 'r',
      now: () => clock.now(),
      pause: async (ms) => clock.pause(ms),
      log: () => undefined,
    });
    expect(failures).toEqual([expect.stringMatching(/^An import: Error: the import ended deleting: ClientError: Disk validation failed/)]);
    expect(findings.map(({ id }) => id)).toContain('ebsVisibility');
    expect(await emulator.remaining()).toEqual(NOTHING_LEFT);
  });

  test('writes a report that names no account, bucket or key, and tells what was not asked', async () => {
    const { findings, failures } = await asked({});
    const report = reportOf({ startedAt: '2026-01-01T00:00:00.000Z', region: 'eu-west-1', costCeiling: 0.5, findings, failures, deployments: [{ name: 'integ.bucket.ts', outcome: 'passed' }] });
    expect(report).toMatchObject({
      tool: 'cdk-vm-import acceptance run',
      version: 2,
      region: 'eu-west-1',
      costCeiling: 0.5,
      failures: [],
      findings: expect.arrayContaining([{ id: 'goneAmi', question: 'What does EC2 answer about an AMI that was deregistered?', answer: 'Unavailable', seen: expect.stringContaining('InvalidAMIID.Unavailable') }]),
    });
    expect(report.notAsked).toContainEqual({
      question: 'What does ImportImage answer when as many tasks run as the quota allows?', why: expect.stringMatching(/^It takes as many imports/),
    });
    expect(report.notAsked.filter(({ why }) => why === 'The step that asks it failed.')).toEqual([]);
    expect(report.findings.length + report.notAsked.length).toBe(UNKNOWN_IDS.length);
    expect(JSON.stringify(report)).not.toMatch(/exports|disk\.vmdk|\b000000000000\b/);
  });

  test.each([[0, 0.26], [2 * 1024 ** 3, 0.29], [200 * 1024 ** 3, 2.73]])('costs at most so much for a disk of %i bytes: $%f', (bytes, dollars) => {
    expect(costCeiling(bytes)).toBe(dollars);
  });

  test('explains itself without an account, and creates nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acceptance-'));
    try {
      const { code, output } = await runCommand(process.execPath, ['--import', 'tsx', join(REPOSITORY, 'scripts', 'acceptance.ts')], {
        cwd: REPOSITORY, env: { PATH: process.env.PATH, HOME: folder }, timeoutMs: 60_000,
      });
      expect(code).toBe(2);
      expect(output).toContain('The acceptance run needs an AWS account. It has not been started, and nothing was created.');
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 90_000);
});
