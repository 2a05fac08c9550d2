import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalDouble } from './terminal-double';
import { main } from '../../cli/main';
import { paintFor } from '../../cli/screen/paint';
import { descriptor, tar } from '../disk-images/archives';
import { recordedImages } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';
import { S3Double } from '../lambda/s3-double';

const images = new Map(recordedImages().map(({ name, file }) => [name, file]));
const image = (name: string) => images.get(name)?.bytes() ?? Buffer.from(`there is no image ${name}`);
const folder = mkdtempSync(join(tmpdir(), 'command-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function run(...args: string[]) {
  const terminal = new TerminalDouble();
  return { status: await main(args, terminal), ...terminal.said };
}

describe('a local disk', () => {
  test('that EC2 imports is reported with its partitions', async () => {
    const path = fileOf('disk.vmdk', image('gpt-uefi-vmdk-stream'));
    expect(await run('inspect', path)).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^.*disk\.vmdk\n {2}format {5}VMDK \(streamOptimized\)\n {2}size .*, a disk of 6 MiB\n {2}partitions GPT, efi system 2 MiB, .*\n {2}looked at .* in \d reads\n\ninfo boot-mode-undeclared\n[^]*\n\nImportable: /),
    });
  });

  test.each([
    ['a qcow2', 'gpt-uefi-qcow2', /error format-not-importable\n {2}.* is a qcow2 image, which VM Import\/Export does not import\.\n {2}Convert it: qemu-img convert .*\n {2}https:.*\n\nNot importable\.\n$/],
    ['a VMDK as hypervisors run it', 'mbr-vmdk-sparse', /error vmdk-not-stream-optimized/],
  ])('%s is not importable', async (name, kind, text) => {
    expect(await run('inspect', fileOf(name, image(kind)))).toEqual({ status: 1, stderr: '', stdout: expect.stringMatching(text) });
  });

  test.each([
    ['blank.raw', Buffer.alloc(4096), /partitions none\n {2}looked at {2}.* in 1 read\n/],
    ['odd.raw', Buffer.alloc(1500), /size {7}1\.5 KiB/],
    ['empty.raw', Buffer.alloc(0), /size {7}0 bytes/],
    ['descriptor.vmdk', image('mbr-vmdk-flat'), /partitions not seen/],
    ['mbr.vhd', image('mbr-vhd-dynamic'), /VHD \(dynamic\)[^]*partitions MBR, 4 MiB, 1 MiB/],
    ['mbr.vhdx', image('mbr-vhdx-dynamic'), /VHDX \(dynamic\)/],
  ])('%s is described', async (name, content, text) => {
    expect((await run('inspect', fileOf(name, content))).stdout).toMatch(text);
  });

  test('an OVA is reported with its disks', async () => {
    const disk = streamVmdk(image('mbr-raw'));
    const whole = await run('inspect', fileOf('whole.ova', tar([['vm.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', disk]])));
    expect(whole.stdout).toMatch(/OVA \(ovf first\)[^]*disk .*\.vmdk, (in archive|missing)/);
    const text = `<Envelope xmlns:ovf="o"><References><File ovf:id="f" ovf:href="a.vmdk"/></References>
      <DiskSection><Disk ovf:diskId="one" ovf:fileRef="f"/><Disk ovf:diskId="blank"/></DiskSection><VirtualSystem/></Envelope>`;
    const made = await run('inspect', fileOf('made.ova', tar([['vm.ovf', text], ['a.vmdk', disk]])));
    expect(made.stdout).toMatch(/disk {7}a\.vmdk, in archive, VMDK \(streamOptimized\)[^]*disk {7}blank, blank, /);
  });

  test('is compared with what is declared', async () => {
    const path = fileOf('declared.vmdk', image('gpt-uefi-vmdk-stream'));
    expect((await run('inspect', path, '--format', 'vhd')).stdout).toMatch(/declared as VHD but is a VMDK/);
    expect((await run('inspect', path, '--boot-mode', 'legacy-bios')).stdout).toMatch(/warning boot-mode-legacy-on-gpt/);
  });

  test.each([['good', 'mbr-raw', 0], ['bad', 'gpt-uefi-qcow2', 1]])('is told as JSON: %s', async (name, kind, status) => {
    const path = fileOf(name, image(kind));
    const { stdout, ...rest } = await run('inspect', '--json', path);
    expect(rest).toEqual({ status, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      disk: path, importable: status === 0, fileSize: expect.any(Number), findings: expect.any(Array), cost: { reads: expect.any(Number) },
    });
  });

  test('cannot steer the terminal by what it is called', async () => {
    const { stdout, stderr } = await run('inspect', fileOf('\u001b[2J.vmdk', image('gpt-uefi-qcow2')));
    expect(stdout + stderr).not.toContain('\u001b');
    expect((await run('inspect', '\u001b[2J')).stderr).not.toContain('\u001b');
  });

  test('that is not there cannot be read, which one sentence says', async () => {
    expect(await run('inspect', join(folder, 'nothing'))).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(/^.*nothing cannot be read: ENOENT: .*\n$/) });
  });
});

describe('a wrong call', () => {
  test.each<[readonly string[], RegExp]>([
    [[], /^There is no command: use inspect, status or orphans\.\n\nUsage: /],
    [['look'], /^There is no command look: use inspect, status or orphans\./],
    [['inspect'], /^There are 0 disks: give one file or s3:\/\/bucket\/key\./],
    [['inspect', 'a', 'b'], /^There are 2 disks/],
    [['inspect', 'a', '--format', 'qcow2'], /^--format is QCOW2: give OVA, RAW, VHD, VHDX, VMDK\./],
    [['inspect', 'a', '--boot-mode', 'bios'], /^--boot-mode is bios: give legacy-bios, uefi\./],
    [['inspect', 'a', '--nothing'], /^Unknown option '--nothing'/],
    [['status', '--stack'], /^Option '--stack <value>' argument missing/],
    [['status', 'Stack'], /^Unexpected argument 'Stack'/],
    [['status', '--delete'], /^Unknown option '--delete'/],
    [['orphans', '--yes'], /^--yes and --include-retained are about what is deleted: give --delete as well\./],
    [['orphans', '--include-retained'], /^--yes and --include-retained are/],
    [['orphans', '--delete', '--json'], /^--json lists, and does not delete: give --json or --delete\./],
  ])('%j is explained', async (args, text) => {
    expect(await run(...args)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(text) });
  });

  test.each([['--help'], ['-h'], ['inspect', '-h'], ['status', '--help'], ['orphans', '--help']])('a call for help (%s) is none', async (...args) => {
    expect(await run(...args)).toEqual({ status: 0, stderr: '', stdout: expect.stringMatching(/^Usage: cdk-vm-import <command>[^]*inspect[^]*status[^]*orphans/) });
  });
});

describe('an object in Amazon S3', () => {
  const s3 = new S3Double().putObject('exports', 'a folder/good.vmdk', streamVmdk(image('mbr-raw'))).putObject('exports', 'qcow2.vmdk', image('gpt-uefi-qcow2'));
  const environment = { ...process.env };
  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: await s3.listen(), AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_CONFIG_FILE: '/dev/null', AWS_REGION: 'us-east-1', AWS_MAX_ATTEMPTS: '1',
    });
  });
  afterAll(async () => {
    process.env = environment;
    await s3.close();
  });

  test.each([['s3://exports/a folder/good.vmdk', 0, /VMDK \(streamOptimized\)/], ['s3://exports/qcow2.vmdk', 1, /is a qcow2 image/]])('%s', async (url, status, text) => {
    expect(await run('inspect', url)).toEqual({ status, stderr: '', stdout: expect.stringMatching(text) });
  });

  test('is looked for in any Region where none is configured', async () => {
    delete process.env.AWS_REGION;
    expect((await run('inspect', 's3://exports/qcow2.vmdk')).status).toBe(1);
    process.env.AWS_REGION = 'us-east-1';
  });

  test.each([
    ['s3://exports/nothing.vmdk', /^s3:\/\/exports\/nothing\.vmdk cannot be read: There is no object s3:\/\/exports\/nothing\.vmdk: upload it, or check its key\.\n$/],
    ['s3://exports', /^s3:\/\/exports cannot be read: it is no URL of an object: give s3:\/\/bucket\/key\n$/],
  ])('%s cannot be read', async (url, text) => {
    expect(await run('inspect', url)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(text) });
  });

  test.each<[string, string, RegExp]>([
    ['HEAD', 'at all', /^s3:\/\/exports\/qcow2\.vmdk cannot be read: Amazon S3 answers HTTP 403, access denied\n$/],
    ['GET', 'though it is seen', /^s3:\/\/exports\/qcow2\.vmdk cannot be read: AccessDenied: No\.\n$/],
  ])('that must not be read (%s), %s, one line says why', async (refused, _, text) => {
    const body = refused === 'HEAD' ? undefined : Buffer.from('<Error><Code>AccessDenied</Code><Message>No.</Message></Error>');
    s3.answerWith(({ method }) => (method === refused ? { status: 403, body } : undefined));
    expect(await run('inspect', 's3://exports/qcow2.vmdk')).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(text) });
  });
});

describe('colours', () => {
  test.each<[string, { readonly isTTY?: boolean }, NodeJS.ProcessEnv, string]>([
    ['on a terminal', { isTTY: true }, {}, '\u001b[31mno\u001b[0m'],
    ['on a terminal where NO_COLOR is empty', { isTTY: true }, { NO_COLOR: '' }, '\u001b[31mno\u001b[0m'],
    ['not with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, 'no'],
    ['not on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, 'no'],
    ['not in a file', {}, {}, 'no'],
  ])('%s', (_, stream, env, text) => expect(paintFor(stream, env)('red', 'no')).toBe(text));
});
