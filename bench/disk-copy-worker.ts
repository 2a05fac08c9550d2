/**
 * The bundled worker of a disk copy in a process of its own: `node disk-copy-worker.js BUNDLE` reads a `DiskCopyInput` from its standard
 * input, copies all shards one after the other, and prints what that took as one line of JSON. The first shard is not measured: it warms the
 * function up, as Lambda calls a function many times.
 */
import { readFileSync } from 'node:fs';
import type { DiskCopyInput, ShardResult, ShardTask } from '../src/shared/contract/disk-copy';

export interface WorkerCost {
  /** Without those of the first shard. */
  readonly blocks: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most that was resident at any time. */
  readonly maxRssMiB: number;
}

async function main(bundle: string): Promise<void> {
  const { copyShardHandler } = await import(bundle) as { readonly copyShardHandler: (task: ShardTask) => Promise<ShardResult> };
  const { copy, shards } = JSON.parse(readFileSync(0, 'utf8')) as DiskCopyInput;
  const [first, ...rest] = shards;
  if (first !== undefined) await copyShardHandler({ copy, shard: first });
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  let blocks = 0;
  for (const shard of rest) {
    blocks += (await copyShardHandler({ copy, shard })).blocksWritten;
  }
  const { user, system } = process.cpuUsage(cpu);
  const cost: WorkerCost = {
    blocks, seconds: (performance.now() - started) / 1_000, cpuSeconds: (user + system) / 1e6, maxRssMiB: process.resourceUsage().maxRSS / 1024,
  };
  console.log(JSON.stringify(cost));
}

void main(process.argv[2] ?? '');
