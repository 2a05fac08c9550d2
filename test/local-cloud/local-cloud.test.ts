import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EC2Client, ImportImageCommand } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { LocalCloud } from './local-cloud';

/** Generous: on first use MiniStack is installed. */
const TIMEOUT_MS = 300_000;

const STARTER = `
const { LocalCloud } = require(${JSON.stringify(join(__dirname, 'local-cloud.ts'))});
LocalCloud.start().then((cloud) => {
  console.log(JSON.stringify({ folder: cloud.folder, endpoint: cloud.env.AWS_ENDPOINT_URL }));
  setInterval(() => undefined, 1000);
});
`;

async function answers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) }).then(() => true, () => false);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the loopback AWS', () => {
  test('looks for the service role in the account that it serves, and is gone when stopped', async () => {
    const cloud = await LocalCloud.start({ timeScale: 1000 });
    try {
      await cloud.s3.send(new CreateBucketCommand({ Bucket: 'exports' }));
      await cloud.s3.send(new PutObjectCommand({ Bucket: 'exports', Key: 'disk.raw', Body: 'a disk' }));
      const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
      const request = new ImportImageCommand({ DiskContainers: [{ Format: 'RAW', UserBucket: { S3Bucket: 'exports', S3Key: 'disk.raw' } }] });
      await expect(ec2.send(request)).rejects.toThrow('The service role vmimport provided does not exist or does not have sufficient permissions');
      ec2.destroy();
    } finally {
      await cloud.stop();
    }
    expect(existsSync(cloud.folder)).toBe(false);
    expect(await answers(String(cloud.env.AWS_ENDPOINT_URL))).toBe(false);
  }, TIMEOUT_MS);

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('leaves no process and no file when its process ends by %s', async (signal) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '-e', STARTER], { cwd: __dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
    const { folder, endpoint } = JSON.parse(line) as { readonly folder: string; readonly endpoint: string };
    expect(existsSync(folder)).toBe(true);
    expect(await answers(endpoint)).toBe(true);
    const ended = new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
    child.kill(signal);
    expect(await ended).toBe(signal);
    await until(async () => !existsSync(folder) && !(await answers(endpoint)));
  }, TIMEOUT_MS);
});
