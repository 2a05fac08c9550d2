/**
 * What a disk copy talks to, in a process of its own: one object of a loopback Amazon S3, and the EBS direct APIs of the emulator, which verify
 * every checksum, and keep no block. `tsx bench/disk-copy-server.ts FILE` prints the addresses of both as one line of JSON, and what its work
 * took as another one when it is told to end (SIGTERM).
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ec2AndImageBuilder } from '../test/local-cloud/emulator';

export interface DiskCopyServers {
  readonly s3: string;
  readonly ebs: string;
}

export interface ServerCost {
  readonly putSnapshotBlockCalls: number;
  readonly cpuSeconds: number;
}

const UNLIMITED = 1_000_000;

async function main(file: string): Promise<void> {
  const emulator = new Ec2AndImageBuilder({ settings: { blocks: 'counted', putSnapshotBlocksPerSecond: UNLIMITED, snapshotWritesPerSecond: UNLIMITED } });
  const { size } = statSync(file);
  const s3 = createServer((request, response) => {
    const [, first = '0', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const [start, end] = [Number(first), Math.min(Number(last), size - 1)];
    response.writeHead(206, { 'content-length': end - start + 1, 'content-range': `bytes ${start}-${end}/${size}`, 'etag': '"1"' });
    createReadStream(file, { start, end, highWaterMark: 1024 * 1024 }).pipe(response);
  });
  await new Promise<void>(resolve => s3.listen(0, '127.0.0.1', resolve));
  const servers: DiskCopyServers = { s3: `http://127.0.0.1:${(s3.address() as AddressInfo).port}`, ebs: await emulator.listen() };
  const started = process.cpuUsage();
  process.once('SIGTERM', () => {
    const { user, system } = process.cpuUsage(started);
    const cost: ServerCost = { putSnapshotBlockCalls: emulator.calls({ action: 'PutSnapshotBlock' }).length, cpuSeconds: (user + system) / 1e6 };
    process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit());
  });
  console.log(JSON.stringify(servers));
}

void main(process.argv[2] ?? '');
