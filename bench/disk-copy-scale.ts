/** How long copies take, and what they cost, on EBS's documented quotas: the writer and the plan of the worker, on a simulated clock. */
import type { EBSClient } from '@aws-sdk/client-ebs';
import { PRICES } from './costs';
import { rounded, type Group } from './figure';
import { BlockWriter } from '../lambda/disk-copy/block-writer';
import { Pace } from '../lambda/disk-copy/pace';
import { blocksOfShard, planDiskCopy } from '../lambda/disk-copy/plan';
import { WORKERS } from '../src/shared/contract/disk-copy';
import { TokenBucket } from '../test/local-cloud/emulator/token-bucket';

/** https://docs.aws.amazon.com/general/latest/gr/ebs-service.html#limits_ebs: PutSnapshotBlock requests a second. */
const QUOTA = 1_000;
/** https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-performance.html: milliseconds of a request. */
const LATENCY = 100;
/** Dollars of a PutSnapshotBlock request: https://aws.amazon.com/ebs/pricing/ */
const PUT_BLOCK = 0.006 / 1_000;
/** GB of the worker, and milliseconds before it begins its first shard, and each later one. */
const WORKER = { gigabytes: 1_769 / 1_024, coldStart: 1_000, warmStart: 100 };
/** Blocks that a worker has in hand: six windows of 16. */
const IN_HAND = 96;
const GIB = 2 ** 30;

export interface CopyLoad {
  readonly disks: number;
  readonly gib: number;
  readonly seconds: number;
  readonly calls: number;
  readonly throttled: number;
  readonly dollars: number;
}

/** Milliseconds of simulated time, which passes when nobody has anything to do before. */
class Timeline {
  public now = 0;
  private readonly due = new Map<number, (() => void)[]>();

  public readonly wait = async (milliseconds: number): Promise<void> => new Promise((resolve) => {
    const at = this.now + Math.max(1, Math.round(milliseconds));
    this.due.set(at, [...this.due.get(at) ?? [], resolve]);
  });

  public async run(work: Promise<unknown>): Promise<void> {
    let working = true;
    void work.finally(() => { working = false; });
    while (working) {
      await new Promise(setImmediate);
      const next = Math.min(...this.due.keys());
      if (next === Infinity) continue;
      this.now = next;
      this.due.get(next)?.forEach((resume) => resume());
      this.due.delete(next);
    }
  }
}

/** Copies so many disks at once. Functions and reading cost no time beyond their start: EBS's quota is slower than both. */
export async function runCopies(disks: number, gib: number): Promise<CopyLoad> {
  const time = new Timeline();
  const bucket = new TokenBucket(QUOTA, QUOTA, 0);
  const random = randomNumbers();
  const counted = { calls: 0, throttled: 0, workerMilliseconds: 0 };
  const send = async () => {
    counted.calls += 1;
    await time.wait(LATENCY * (0.5 + random()));
    if (!bucket.take(time.now)) {
      counted.throttled += 1;
      throw Object.assign(new Error('throttled'), { name: 'RequestThrottledException' });
    }
  };
  const clock = { now: () => time.now, pause: time.wait };
  const runtime = { ebs: { send } as unknown as EBSClient, signal: new AbortController().signal, ...clock, random };
  const source = { bucket: 'b', key: 'k', eTag: '"1"', size: gib * GIB };
  const { copy, shards } = planDiskCopy({ source, format: 'RAW', snapshotId: 'snap-1', unallocatedBlocks: 'write', virtualSize: gib * GIB });
  const copyDisk = async () => {
    const left = [...shards];
    const worker = async () => {
      // A function that has run before knows the pace of its last shard.
      const pace = new Pace(clock);
      for (let shard = left.shift(); shard !== undefined; shard = left.shift()) {
        const began = time.now;
        await time.wait(shard < WORKERS ? WORKER.coldStart : WORKER.warmStart);
        await writeShard(new BlockWriter('snap-1', { ...runtime, pace }), blocksOfShard(copy, shard));
        counted.workerMilliseconds += time.now - began;
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, worker));
  };
  await time.run(Promise.all(Array.from({ length: disks }, copyDisk)));
  const lambda = (counted.workerMilliseconds / 1_000) * WORKER.gigabytes * PRICES.lambdaGigabyteSecond;
  return {
    disks,
    gib,
    seconds: time.now / 1_000,
    calls: counted.calls,
    throttled: counted.throttled,
    dollars: disks * (copy.blocks * PUT_BLOCK + 2 * shards.length * PRICES.stateTransition) + lambda,
  };
}

/** The same numbers from 0 to 1 each time: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

async function writeShard(writer: BlockWriter, { first, end }: { readonly first: number; readonly end: number }): Promise<void> {
  let next = first;
  const data = new Uint8Array(0);
  const sha256 = Buffer.alloc(32);
  await Promise.all(Array.from({ length: IN_HAND }, async () => {
    while (next < end) {
      next += 1;
      await writer.write({ index: next - 1, data, sha256 });
    }
  }));
}

export function copyScaleGroup(loads: readonly CopyLoad[]): Group {
  return {
    title: 'Copies on the quotas of EBS',
    tables: [{
      head: ['Disks at once', 'GiB each', 'Minutes', 'PutSnapshotBlock calls', 'throttled', 'Cost'],
      rows: loads.map(({ disks, gib, seconds, calls, throttled, dollars }) =>
        [rounded(disks), rounded(gib), rounded(seconds / 60), rounded(calls), rounded(throttled), `$${dollars.toFixed(2)}`]),
    }],
    notes: [
      `Simulated: the writer of the worker, ${WORKERS} workers for each disk, 50 to 150 ms for each request, and EBS's default quota of ${QUOTA} requests a second for the account.`,
      `The cost is that of PutSnapshotBlock, Lambda and Step Functions in us-east-1 (${PRICES.asOf}), without the storage of the snapshot. A throttled call is sent again and not billed by EBS.`,
    ],
  };
}
