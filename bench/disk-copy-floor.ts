/**
 * The least that a worker in Node.js does with a RAW disk: it reads each window by GetObject, hashes its blocks, and writes them by
 * PutSnapshotBlock. Nothing is signed, paced, checked or tried again. It takes as many windows at a time as the worker.
 */
import { hash } from 'node:crypto';
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { blocksOfShard } from '../lambda/disk-copy/plan';
import { BLOCK_SIZE, type ShardResult, type ShardTask } from '../src/shared/contract/disk-copy';

const [WINDOW, LANES] = [16, 6];
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
const spare: Uint8Array[] = [];

export interface RawBlock {
  readonly snapshotId: string;
  readonly index: number;
  readonly data: Uint8Array;
  /** SHA-256 in base64. */
  readonly checksum: string;
}

/** Copies one shard, and writes its blocks by the given function. */
export async function copyShardBy(put: (block: RawBlock) => Promise<unknown>, { copy, shard }: ShardTask): Promise<ShardResult> {
  const { snapshotId } = copy;
  const { first, end } = blocksOfShard(copy, shard);
  let next = first;
  const lane = async () => {
    const memory = spare.pop() ?? new Uint8Array(WINDOW * BLOCK_SIZE);
    while (next < end) {
      const from = next;
      next = Math.min(end, from + WINDOW);
      const count = next - from;
      await readInto(memory, from * BLOCK_SIZE, count * BLOCK_SIZE);
      await Promise.all(Array.from({ length: count }, async (_, index) => {
        const data = memory.subarray(index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE);
        return put({ snapshotId, index: from + index, data, checksum: hash('sha256', data, 'base64') });
      }));
    }
    spare.push(memory);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { shard, blocksWritten: end - first };
}

/** The handler of the worker, by `node:http` alone. */
export async function copyShardHandler(task: ShardTask): Promise<ShardResult> {
  return copyShardBy(async ({ snapshotId, index, data, checksum }) => {
    const answer = await send(process.env.AWS_ENDPOINT_URL_EBS, `/snapshots/${snapshotId}/blocks/${index}`, {
      method: 'PUT',
      headers: {
        'content-length': BLOCK_SIZE,
        'x-amz-data-length': BLOCK_SIZE,
        'x-amz-checksum': checksum,
        'x-amz-checksum-algorithm': 'SHA256',
        'authorization': 'AWS4-HMAC-SHA256 Credential=test/20000101/us-east-1/ebs/aws4_request, SignedHeaders=host, Signature=0',
      },
    }, data);
    answer.resume();
    await new Promise((resolve) => answer.once('end', resolve));
  }, task);
}

async function readInto(memory: Uint8Array, offset: number, length: number): Promise<void> {
  const answer = await send(process.env.AWS_ENDPOINT_URL_S3, '/images/disk', { headers: { range: `bytes=${offset}-${offset + length - 1}` } });
  let at = 0;
  answer.on('data', (chunk: Buffer) => {
    memory.set(chunk, at);
    at += chunk.length;
  });
  await new Promise((resolve) => answer.once('end', resolve));
}

async function send(endpoint: string | undefined, path: string, options: RequestOptions, body?: Uint8Array): Promise<IncomingMessage> {
  const { hostname, port } = new URL(endpoint ?? '');
  return new Promise((resolve, reject) => {
    request({ ...options, hostname, port, path, agent }, (answer) => {
      if (answer.statusCode === 201 || answer.statusCode === 206) resolve(answer);
      else reject(new Error(`${path}: ${answer.statusCode}`));
    }).once('error', reject).end(body);
  });
}
