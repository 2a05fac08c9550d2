import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleCommand } from '../../scripts/bundle';
import { recordedImages } from '../disk-image/image-library';
import { S3Double } from '../lambda/s3-double';
import { runCommand } from '../local-cloud/command';

const folder = mkdtempSync(join(tmpdir(), 'bundled-command-'));
const command = join(folder, 'cli', 'index.js');
const disk = join(folder, 'disk.vmdk');
const env = { PATH: process.env.PATH, HOME: folder };

beforeAll(async () => {
  await bundleCommand(join(__dirname, '..', '..'), join(folder, 'cli'));
  writeFileSync(disk, recordedImages().find(({ name }) => name === 'gpt-uefi-qcow2')?.file.bytes() ?? '');
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawnSync(command, args, { env, encoding: 'utf8' });

test('the bundled command runs by itself, without anything around it and without colours in a file', () => {
  const { status, stdout, stderr } = run('inspect', disk);
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toContain('is a qcow2 image');
  expect(stdout).not.toContain('\u001b');
  expect(run('inspect', join(folder, 'nothing')).status).toBe(2);
  expect(run('--help').status).toBe(0);
});

test('the bundled command reads an object of Amazon S3', async () => {
  const s3 = new S3Double().putObject('exports', 'disk.vmdk', Buffer.alloc(4096));
  const endpoint = await s3.listen();
  try {
    const { code, output } = await runCommand(command, ['inspect', 's3://exports/disk.vmdk', '--json'], {
      env: { ...env, AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }, timeoutMs: 30_000,
    });
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ format: 'RAW', fileSize: 4096 });
  } finally {
    await s3.close();
  }
});

test.each([[{}, true], [{ NO_COLOR: '1' }, false]])('on a terminal with %j it has colours: %p', (change, colored) => {
  const terminal = 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)';
  const { stdout, status } = spawnSync('python3', ['-c', terminal, command, 'inspect', disk], { env: { ...env, TERM: 'xterm', ...change }, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout.includes('\u001b[31merror\u001b[0m')).toBe(colored);
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
});
