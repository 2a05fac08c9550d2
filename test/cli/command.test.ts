import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRig, MINUTE } from './account-rig';
import { atTerminal } from './at-terminal';
import { Screen } from './screen';
import { line, widthOf } from '../../cli/screen/line';
import { endOfPipe } from '../../cli/terminal';
import { bundle } from '../../scripts/bundle';
import { recordedImage } from '../disk-images/image-library';
import { S3Double } from '../lambda/s3-double';
import { runCommand } from '../local-cloud/command';

const folder = mkdtempSync(join(tmpdir(), 'bundled-command-'));
const command = join(folder, 'cli', 'index.js');
const disk = join(folder, 'disk.vmdk');
const env = { PATH: process.env.PATH, HOME: folder };

beforeAll(async () => {
  await bundle('cli', join(__dirname, '..', '..'), join(folder, 'cli'));
  writeFileSync(disk, recordedImage('gpt-uefi-qcow2'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawnSync(command, args, { env, encoding: 'utf8' });

test('the bundled command runs by itself, without anything around it and without colors in a file', () => {
  const { status, stdout, stderr } = run('inspect', disk);
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toContain('is a qcow2 image');
  expect(stdout).not.toContain('\u001b');
  expect(run('inspect', join(folder, 'nothing')).status).toBe(2);
  expect(run('--help').status).toBe(0);
});

test('the bundled command explains what its parts with the AWS SDK refuse', () => {
  const { status, stderr } = run('inspect', 's3://exports');
  expect({ status, stderr }).toEqual({ status: 2, stderr: 's3://exports cannot be read: it is not the URL of an object; use s3://bucket/key.\n' });
  const elsewhere = run('status', '--profile', 'nobody');
  expect({ status: elsewhere.status, stderr: elsewhere.stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^There is no AWS profile nobody \(.*\): check --profile and AWS_PROFILE\.\n$/) });
});

test('the bundled command reads an object of Amazon S3', async () => {
  const s3 = new S3Double().putObject('exports', 'disk.raw', Buffer.alloc(4096));
  const endpoint = await s3.listen();
  try {
    const { code, output } = await runCommand(command, ['inspect', 's3://exports/disk.raw', '--json'], {
      env: { ...env, AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }, timeoutMs: 30_000,
    });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ format: 'RAW', fileSize: 4096 });
  } finally {
    await s3.close();
  }
});

test.each([[{}, true], [{ NO_COLOR: '1' }, false]])('on a terminal with %j it has colors: %p', (change, colored) => {
  const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const { stdout, status } = spawnSync('python3', ['-c', terminal, command, 'inspect', disk], { env: { ...env, TERM: 'xterm', ...change }, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout.includes('\u001b[31merror\u001b[0m')).toBe(colored);
});

describe('at a terminal, the bundled command', () => {
  let rig: AccountRig;
  let account: NodeJS.ProcessEnv;
  beforeEach(async () => {
    rig = new AccountRig();
    account = { ...env, ...await rig.start() };
  });
  afterEach(async () => rig.stop());

  test('draws over what it drew, through a change of width, and Ctrl-C leaves a clean terminal', async () => {
    const asked = rig.ask(rig.stack('Lab'), 'GoldenImport');
    await rig.pass(asked);
    rig.clock.advance(8 * MINUTE);
    rig.ask(asked.stack, 'Second', { Revision: '2' });
    const { output, ...rest } = await atTerminal([command, 'status', '--watch'], account, [
      { until: 'Ctrl-C ends', columns: 30 }, { until: 'Ctrl-C ends' }, { until: 'Ctrl-C ends', type: '\u0003' },
    ]);
    expect(rest).toEqual({ status: 130, echo: true, left: [] });
    expect(output).toContain('\u001b[32m████████████\u001b[0m\u001b[2m░░░░░░░░░░░░░░░░░░\u001b[0m  40 % converting');
    const frames = output.split('\u001b[J');
    expect(frames.length).toBeGreaterThanOrEqual(4);
    // A terminal echoes Ctrl-C as ^C; the lines of the second frame were folded by the terminal before the third.
    const screen = new Screen(80).write(frames.slice(0, 2).join('\u001b[J').replaceAll('\r\n', '\n'));
    expect(screen).toMatchObject({ cursor: 'hidden', text: expect.stringMatching(/^Lab {2}Golden 1\.0\.0 {2}import-ami-[^]*\nCtrl-C ends\.$/) });
    expect(frames.at(-1)?.split('\n').every((row) => row.replace(/\u001b\[[0-9;]*[A-Za-z]|\r/g, '').length <= 30)).toBe(true);
    expect(output).toMatch(/\u001b\[\?25h$/);
  }, 300_000);

  test.each([34, 60, 120])('at %i columns never writes beyond the edge, whatever script the names are in', async (columns) => {
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport', { ImportVmImage: { name: '東京の仮想マシン 이미지 golden', semanticVersion: '1.0.0', platform: 'Linux' } });
    await rig.pass(asked);
    rig.clock.advance(8 * MINUTE);
    const watched = await atTerminal([command, 'status', '--watch'], account, [{ until: 'Ctrl-C ends', type: '\u0003' }], { columns });
    expect(watched).toMatchObject({ status: 130, left: [] });
    const rows = watched.output.split('\u001b[J').slice(1).join('').replace(/\u001b\[[?0-9;]*[A-Za-z]/g, '').split(/\r?\n/).map((row) => widthOf(line(row.replace(/\r|\^C/g, ''))));
    expect(Math.max(...rows)).toBeLessThanOrEqual(columns);
    expect(watched.output).toContain('%');
    const help = await atTerminal([command, 'help', 'status'], account, [], { columns });
    expect(help).toMatchObject({ status: 0, output: expect.stringContaining('Exit status') });
  }, 300_000);

  test('has no colors with NO_COLOR, and still draws over', async () => {
    rig.ask(rig.stack('Lab'), 'GoldenImport');
    const { output, status } = await atTerminal([command, 'status', '--watch'], { ...account, NO_COLOR: '1' }, [
      { until: 'Ctrl-C ends' }, { until: 'Ctrl-C ends', type: '\u0003' },
    ]);
    expect(status).toBe(130);
    expect(output).toMatch(/\u001b\[3A\r\u001b\[J/);
    expect(output).not.toMatch(/\u001b\[[0-9;]*m/);
  }, 300_000);

  test('asks before it deletes, and Ctrl-C is a no', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    rig.gone(stack);
    const before = await rig.cloud.remaining();
    const interrupted = await atTerminal([command, 'orphans', '--delete'], account, [{ until: 'Type yes: ', type: '\u0003' }]);
    expect(interrupted).toMatchObject({ status: 130, echo: true, left: [] });
    expect(await rig.cloud.remaining()).toEqual(before);
    const agreed = await atTerminal([command, 'orphans', '--delete'], account, [{ until: 'Type yes: ', type: 'yes\r' }]);
    expect(agreed).toMatchObject({ status: 0, output: expect.stringMatching(/image arn.* deleted\r\nAMI ami-.* deleted\r\nsnapshot snap-.* deleted\r\n$/) });
    expect(Object.values(await rig.cloud.remaining()).flat()).toEqual([]);
  }, 300_000);

  test('says plain lines where the output is no terminal, and ends when nobody reads any more', async () => {
    rig.ask(rig.stack('Lab'), 'GoldenImport');
    const once = await runCommand(command, ['status'], { env: account, timeoutMs: 30_000 });
    expect(once).toMatchObject({ code: 0, output: expect.stringMatching(/^Lab {2}Golden 1\.0\.0: queued for .*, about 1 of 1 in line\n$/) });
    const child = spawn(command, ['status', '--watch', '--json'], { env: account, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => {
      child.stdout.destroy();
      rig.ask(rig.stack('Other'), 'GoldenImport');
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  }, 300_000);

  test('says in one sentence what is missing', async () => {
    const { code, output } = await runCommand(command, ['status'], { env: { ...account, AWS_ACCESS_KEY_ID: '' }, timeoutMs: 30_000 });
    expect({ code, output }).toEqual({ code: 2, output: expect.stringMatching(/^No AWS credentials were found \(.*\): use --profile, .*\n$/) });
  }, 300_000);
});

test.each([['EPIPE', 0], ['EIO', undefined]])('an output that fails with %s ends the command with %p', (code, status) => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('ended');
  });
  const error = Object.assign(new Error('write failed'), { code });
  expect(() => endOfPipe(error)).toThrow(status === undefined ? error : 'ended');
  expect(exit.mock.calls).toEqual(status === undefined ? [] : [[status]]);
  exit.mockRestore();
});

test('the entry runs what the command line says, and sets the exit status', async () => {
  const [argv, write] = [process.argv, jest.spyOn(process.stdout, 'write').mockReturnValue(true)];
  process.argv = ['node', 'cdk-vm-import', '--help'];
  jest.requireActual('../../cli/index');
  await new Promise(setImmediate);
  process.argv = argv;
  expect(write).toHaveBeenCalledWith(expect.stringContaining('Usage: cdk-vm-import'));
  expect(process.exitCode).toBe(0);
  write.mockRestore();
  process.stdout.off('error', endOfPipe);
});
