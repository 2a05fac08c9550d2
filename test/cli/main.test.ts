import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalDouble } from './terminal-double';
import { parseCall } from '../../cli/arguments';
import { COMMANDS } from '../../cli/help';
import { main } from '../../cli/main';
import { paintFor } from '../../cli/screen/paint';
import { version } from '../../package.json';
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
      stdout: expect.stringMatching(/^.*disk\.vmdk\n {2}format {5}VMDK \(streamOptimized\)\n {2}size .*, a disk of 6 MiB\n {2}partitions GPT, efi system FAT 2 MiB, .*\n {2}boot {7}boots by UEFI on x86_64\n {2}system {5}Debian\n {2}looked at .* in \d reads\n\ninfo boot-mode-undeclared\n[^]*\n\nImportable: nothing was found that EC2 documents as refused\.\n$/),
    });
  });

  test.each([
    ['a qcow2', 'gpt-uefi-qcow2', /error format-not-importable\n {2}.* is a qcow2 image, which VM Import\/Export does not import\.\n {2}Convert it: qemu-img convert .*\n {2}https:.*\n[^]*\nNot importable by VmImportImage\. VmImportAmi and VmImportSnapshot take it as it is\.\n$/],
    ['a disk without partitions as hypervisors run it', 'blank-vmdk-sparse', /Not importable by VmImportImage\. VmImportSnapshot takes it as a data disk\.\n$/],
    ['an encrypted qcow2', 'special-qcow2-encrypted', /\n\nNot importable\.\n$/],
    ['a VMDK as hypervisors run it', 'mbr-vmdk-sparse', /error vmdk-not-stream-optimized/],
  ])('%s is not importable', async (name, kind, text) => {
    expect(await run('inspect', fileOf(name, image(kind)))).toEqual({ status: 1, stderr: '', stdout: expect.stringMatching(text) });
  });

  test.each([
    ['blank.raw', Buffer.alloc(4096), /partitions none\n {2}boot {7}does not boot on EC2: it has no partition table\n {2}looked at {2}.* in 1 read\n/],
    ['odd.raw', Buffer.alloc(1500), /size {7}1\.5 KiB/],
    ['blank.vmdk', image('blank-vmdk-stream'), /\n\nImportable: nothing was found that EC2 documents as refused\. As it is, the disk does not boot on EC2\.\n$/],
    ['empty.raw', Buffer.alloc(0), /size {7}0 bytes\n {2}looked/],
    ['disk.qcow2', image('gpt-uefi-qcow2'), /format {5}qcow2\n/],
    ['cut.raw', image('gpt-uefi-raw').subarray(0, 2 ** 21), /boot {7}not known whether it boots on EC2\n[^]*error image-truncated\n/],
    ['descriptor.vmdk', image('mbr-vmdk-flat'), /partitions not seen/],
    ['mbr.vhd', image('mbr-vhd-dynamic'), /VHD \(dynamic\)[^]*partitions MBR, ext 4 MiB, 1 MiB\n {2}boot {7}boots by BIOS on x86_64\n {2}system {5}Linux\n/],
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
    expect(await run('inspect', join(folder, 'nothing'))).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(/^.*nothing cannot be read: there is no such file; check the path\.\n$/) });
  });
});

test('several disks are reported one after another, and the worst of them decides the exit status', async () => {
  const good = fileOf('several-good.raw', image('mbr-raw'));
  const bad = fileOf('several-bad.vmdk', image('gpt-uefi-qcow2'));
  const missing = join(folder, 'several-missing');
  const { status, stdout, stderr } = await run('inspect', missing, bad, good);
  expect({ status, stderr }).toEqual({ status: 2, stderr: `${missing} cannot be read: there is no such file; check the path.\n` });
  expect(stdout).toMatch(/several-bad\.vmdk\n[^]*\nNot importable\.\n\n.*several-good\.raw\n[^]*\nImportable: .*\n\n$/);
  expect((await run('inspect', bad, good)).status).toBe(1);
  const json = await run('inspect', '--json', bad, good);
  expect(json.stdout.trimEnd().split('\n').map((text) => (JSON.parse(text) as { readonly disk: string }).disk)).toEqual([bad, good]);
});

describe('a URL', () => {
  const disk = image('mbr-raw');
  const server = createServer(({ url = '', headers }, response) => {
    const [, from = '', to = ''] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    if (url.startsWith('/whole')) response.end(disk);
    else if (url.startsWith('/gone')) response.writeHead(404).end();
    else response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${disk.length}` }).end(disk.subarray(Number(from), Number(to) + 1));
  });
  let origin = '';
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('is read by ranges, and its extension declares the format', async () => {
    const good = await run('inspect', `${origin}/disk.raw?signature=x`);
    expect(good).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('boots by BIOS on x86_64') });
    expect((await run('inspect', `${origin}/disk.vmdk?signature=x`)).stdout).toContain('is declared as VMDK but is no OVA, VMDK, VHD or VHDX: it can only be RAW.');
  });

  test.each([
    ['where nothing is', '/gone.raw', 'There is nothing at '],
    ['whose server gives no ranges', '/whole.raw', 'its server gives no ranges; download the file and inspect it here.'],
  ])('%s is told in one sentence', async (_, path, sentence) => {
    const { status, stdout, stderr } = await run('inspect', origin + path);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`cannot be read: ${sentence}`);
  });
});

test.each([
  ['refuses the connection', new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:9') }), 'connect ECONNREFUSED 127.0.0.1:9'],
  ['takes too long', new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'TimeoutError: The operation was aborted due to timeout'],
])('a URL whose server %s is told in one sentence that does not speak of AWS', async (_, error, reason) => {
  const fetch = jest.spyOn(globalThis, 'fetch').mockRejectedValueOnce(error);
  const { status, stderr } = await run('inspect', 'https://127.0.0.1:9/disk.raw');
  fetch.mockRestore();
  expect({ status, stderr }).toEqual({ status: 2, stderr: `https://127.0.0.1:9/disk.raw cannot be read: its server does not answer (${reason}); check the URL and the network.\n` });
});

describe('what is not a disk image', () => {
  test.each([
    ['a folder', () => folder, 'it is a folder; name the disk images in it.'],
    ['a file in a file', () => join(fileOf('a-file', Buffer.alloc(1)), 'b'), 'there is no such file; check the path.'],
    ['a name that no file can have', () => 'a'.repeat(300), 'ENAMETOOLONG: name too long, stat '],
  ])('%s is told in one sentence', async (_, path, sentence) => {
    const { status, stdout, stderr } = await run('inspect', path());
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${path()} cannot be read: ${sentence}`);
    expect(stderr).toMatch(/^[^\n]*\n$/);
  });

  test.each(['EACCES', 'EPERM'])('a file that must not be read (%s) says so', async (code) => {
    const stat = jest.spyOn(jest.requireActual<typeof import('node:fs')>('node:fs'), 'statSync').mockImplementation(() => {
      throw Object.assign(new Error('no'), { code });
    });
    const { stderr } = await run('inspect', 'secret.vmdk');
    stat.mockRestore();
    expect(stderr).toBe('secret.vmdk cannot be read: access is denied; check the permissions of the file and its folders.\n');
  });
});

describe('a usage error is one sentence, alone, and names the help:', () => {
  test.each<[readonly string[], string]>([
    [[], 'The command is missing: use inspect, status, orphans, help or version. "cdk-vm-import help" shows what is possible.'],
    [['look'], 'There is no command look: use inspect, status, orphans, help or version. "cdk-vm-import help" shows what is possible.'],
    [['help', 'look'], 'There is no command look: ask for help on inspect, status, orphans. "cdk-vm-import help" shows what is possible.'],
    [['inspect'], 'The disk is missing: name one or more files or s3://bucket/key. "cdk-vm-import help inspect" shows what is possible.'],
    [['inspect', 'a', '--format', 'qcow2'], '--format is QCOW2: use OVA, RAW, VHD, VHDX, VMDK. "cdk-vm-import help inspect" shows what is possible.'],
    [['inspect', 'a', '--boot-mode', 'bios'], '--boot-mode is bios: use legacy-bios, uefi. "cdk-vm-import help inspect" shows what is possible.'],
    [['inspect', 'a', '--nothing'], 'Unknown option \'--nothing\'. "cdk-vm-import help inspect" shows what is possible.'],
    [['status', '--stack'], 'Option \'--stack <value>\' argument missing. "cdk-vm-import help status" shows what is possible.'],
    [['status', 'Lab'], 'status takes no argument Lab: use --stack Lab for the imports of one stack. "cdk-vm-import help status" shows what is possible.'],
    [['status', '--delete'], 'Unknown option \'--delete\'. "cdk-vm-import help status" shows what is possible.'],
    [['status', '--json', '--html', 'a.html'], '--json and --html exclude each other: use one of them. "cdk-vm-import help status" shows what is possible.'],
    [['orphans', '--yes'], '--yes and --include-retained only work together with --delete: add --delete. "cdk-vm-import help orphans" shows what is possible.'],
    [['orphans', '--include-retained'], '--yes and --include-retained only work together with --delete: add --delete. "cdk-vm-import help orphans" shows what is possible.'],
    [['orphans', '--delete', '--json'], '--json lists and does not delete: use --json or --delete. "cdk-vm-import help orphans" shows what is possible.'],
  ])('%j', async (args, sentence) => {
    expect(await run(...args)).toEqual({ status: 2, stdout: '', stderr: `${sentence}\n` });
  });
});

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('%s lists the commands', async (...args) => {
    expect(await run(...args)).toEqual({ status: 0, stderr: '', stdout: expect.stringMatching(/^Usage: cdk-vm-import <command>[^]*\n {2}inspect [^]*\n {2}status [^]*\n {2}orphans [^]*\nExamples:\n[^]*\nhttps:\/\/.*\n$/) });
  });

  test.each(COMMANDS)('on %s has every option, examples, exit statuses and a link, by all three ways to ask', async (command) => {
    const { status, stdout, stderr } = await run('help', command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: cdk-vm-import ${command} [^]*\nOptions:\n[^]*--json[^]*\nExamples:\n {2}cdk-vm-import ${command}[^]*\nExit status: 0 [^]*\nhttps://github\\.com/.*/docs/.*\n$`));
    expect((await run(command, '--help')).stdout).toBe(stdout);
    expect((await run(command, '-h')).stdout).toBe(stdout);
  });

  test.each(COMMANDS)('on %s fits a terminal of 140 columns, and every example parses', async (command) => {
    const lines = (await run('help', command)).stdout.split('\n');
    expect(lines.filter((text) => text.length > 140)).toEqual([]);
    const examples = lines.filter((text) => text.startsWith('  cdk-vm-import ')).map((text) => text.trim().split(' ').slice(1));
    expect(examples.length).toBeGreaterThanOrEqual(3);
    expect(examples.map((args) => parseCall(args).kind)).toEqual(examples.map(() => command));
  });

  test.each([['version'], ['--version'], ['-V']])('%s prints the version of the package', async (...args) => {
    expect(await run(...args)).toEqual({ status: 0, stderr: '', stdout: `${version}\n` });
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
    ['s3://exports', /^s3:\/\/exports cannot be read: it is not the URL of an object; use s3:\/\/bucket\/key\.\n$/],
  ])('%s cannot be read', async (url, text) => {
    expect(await run('inspect', url)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(text) });
  });

  test('that the credentials must not read names the permission', async () => {
    const body = Buffer.from('<Error><Code>AccessDenied</Code><Message>No.</Message></Error>');
    s3.answerWith(({ method }) => ({ status: 403, body: method === 'GET' ? body : undefined }));
    const denied = 's3://exports/qcow2.vmdk cannot be read: The AWS credentials lack the permission s3:GetObject on arn:aws:s3:::exports/qcow2.vmdk (AccessDenied: No): add it to the IAM policy; https://';
    expect(await run('inspect', 's3://exports/qcow2.vmdk')).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining(denied) });
    s3.answerWith(({ method }) => (method === 'HEAD' ? undefined : { status: 403, body }));
    expect(await run('inspect', 's3://exports/qcow2.vmdk')).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining(denied) });
  });

  test('whose HEAD alone is refused is told with the answer of Amazon S3', async () => {
    s3.answerWith(({ method }) => (method === 'HEAD' ? { status: 403 } : undefined));
    expect(await run('inspect', 's3://exports/qcow2.vmdk')).toEqual({
      status: 2, stdout: '', stderr: 's3://exports/qcow2.vmdk cannot be read: Amazon S3 answers HTTP 403, access denied.\n',
    });
  });

  test('cannot be read with a profile that does not exist', async () => {
    expect(await run('inspect', 's3://exports/qcow2.vmdk', '--profile', 'nope')).toEqual({
      status: 2, stdout: '', stderr: 's3://exports/qcow2.vmdk cannot be read: There is no AWS profile nope (none are configured): check --profile and AWS_PROFILE.\n',
    });
  });
});

describe('colors', () => {
  test.each<[string, { readonly isTTY?: boolean }, NodeJS.ProcessEnv, string]>([
    ['on a terminal', { isTTY: true }, {}, '\u001b[31mno\u001b[0m'],
    ['on a terminal where NO_COLOR is empty', { isTTY: true }, { NO_COLOR: '' }, '\u001b[31mno\u001b[0m'],
    ['not with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, 'no'],
    ['not on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, 'no'],
    ['not in a file', {}, {}, 'no'],
  ])('%s', (_, stream, env, text) => expect(paintFor(stream, env)('red', 'no')).toBe(text));
});
