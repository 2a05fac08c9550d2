import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { anImport, newStack } from './an-import';
import { main } from '../../cli/main';
import { DiskContainer, DiskFormat } from '../../src';
import type { Finding } from '../../src/shared/disk-image';
import { formatOfName } from '../../src/shared/disk-image/import-format';
import { TerminalDouble } from '../cli/terminal-double';
import { DISK_CASES, DiskCase } from '../disk-images/cases';
import { importProperties } from '../lambda/requests';
import { Rig } from '../lambda/rig';

const folder = mkdtempSync(join(tmpdir(), 'disk-cases-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf({ fileName, content }: DiskCase): string {
  const path = join(folder, fileName);
  writeFileSync(path, content);
  return path;
}

/** The findings that the command prints. */
async function atTheCommand(path: string, { format }: DiskCase): Promise<{ status: number; findings: readonly Finding[] }> {
  const terminal = new TerminalDouble();
  const status = await main(['inspect', '--json', path, ...format === undefined ? [] : ['--format', format]], terminal);
  return { status, ...JSON.parse(terminal.said.stdout) as { findings: readonly Finding[] } };
}

/** The error that stops synthesis, and the warnings of one that goes on. */
function atSynthesis(path: string, { format }: DiskCase): { error: string; warnings: readonly string[] } {
  const stack = newStack();
  try {
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromAsset(path, { format: format && DiskFormat[format] })] });
  } catch (error) {
    return { error: String(error), warnings: [] };
  }
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  return { error: '', warnings };
}

/** The reason with which the deployment fails, and the lines of its log. */
async function atDeployment({ fileName, content, format }: DiskCase): Promise<{ error: string; log: string }> {
  const rig = new Rig();
  rig.s3.putObject('exports', fileName, content);
  const disk = { Format: format ?? String(formatOfName(fileName)), UserBucket: { S3Bucket: 'exports', S3Key: fileName } };
  const request = rig.create({ ...importProperties(), ImportImage: { DiskContainers: [disk], RoleName: 'vmimport' }, Preflight: undefined });
  const error = await rig.handlers.onEvent(request, { getRemainingTimeInMillis: () => 60_000 }).then(() => '', (reason: Error) => String(reason.stack));
  return { error, log: rig.logs.map(({ status }) => String(status)).join('\n') };
}

describe.each(DISK_CASES)('$name', (one) => {
  const codesOf = (findings: readonly Finding[], of: Finding['severity']) => findings.filter(({ severity }) => severity === of).map(({ code }) => code);

  test('has the same verdict at the command, at synthesis and at deployment', async () => {
    const path = fileOf(one);
    const { status, findings } = await atTheCommand(path, one);
    const { errors = [], warnings = [], infos = [] } = one;
    expect({ errors: codesOf(findings, 'error'), warnings: codesOf(findings, 'warning'), infos: codesOf(findings, 'info') }).toEqual({ errors, warnings, infos });
    expect(status).toBe(errors.length === 0 ? 0 : 1);

    const refusals = findings.filter(({ severity }) => severity === 'error');
    const synthesis = atSynthesis(path, one);
    expect(synthesis.error === '').toBe(refusals.length === 0);
    for (const { message, remedy } of refusals) expect(synthesis.error).toContain(`${message} ${remedy}`);
    const doubts = findings.filter(({ severity }) => severity === 'warning');
    if (refusals.length === 0) expect(synthesis.warnings).toEqual(doubts.map(({ code, message, remedy }) => expect.stringContaining(`${message} ${remedy} [ack: cdk-vm-import:${code}]`)));

    const deployment = await atDeployment(one);
    const there = ({ message }: Finding) => message.replaceAll(path, `s3://exports/${one.fileName}`);
    expect(deployment.error === '').toBe(refusals.length === 0);
    for (const refusal of refusals) expect(deployment.error).toContain(there(refusal));
    if (refusals.length === 0) for (const doubt of doubts) expect(deployment.log).toContain(there(doubt));
  });
});
