import { blocksOfShard, planDiskCopy } from '../../../lambda/disk-copy/plan';
import { FEWEST_BLOCKS_PER_SHARD, MOST_HASHED_BLOCKS, MOST_SHARDS } from '../../../src/shared/contract/disk-copy';

const GIB = 2 ** 30;
const disk = {
  source: { bucket: 'images', key: 'disk.raw', eTag: '"1"', size: 1 }, format: 'RAW', snapshotId: 'snap-1', unallocatedBlocks: 'write',
} as const;

describe('the plan of a disk copy', () => {
  test.each([
    [1, 1, 1, FEWEST_BLOCKS_PER_SHARD],
    [524_288, 1, 1, FEWEST_BLOCKS_PER_SHARD],
    [524_289, 2, 1, FEWEST_BLOCKS_PER_SHARD],
    [GIB, 2_048, 4, FEWEST_BLOCKS_PER_SHARD],
    [GIB + 1, 2_049, 5, FEWEST_BLOCKS_PER_SHARD],
    [8 * GIB, 16_384, 32, FEWEST_BLOCKS_PER_SHARD],
    [1024 * GIB, 2_097_152, 1_000, 2_098],
    [16 * 1024 * GIB, 33_554_432, 1_000, 33_555],
  ])('%d bytes are %d blocks in %d shards of %d', (virtualSize, blocks, shards, blocksPerShard) => {
    const plan = planDiskCopy({ ...disk, virtualSize });
    expect(plan.copy).toEqual({ ...disk, blocks, blocksPerShard });
    expect(plan.shards).toEqual(Array.from({ length: shards }, (_, index) => index));
  });

  test('every block is in exactly one shard', () => {
    const { copy, shards } = planDiskCopy({ ...disk, virtualSize: 1500 * GIB + 7 });
    const ranges = shards.map(shard => blocksOfShard(copy, shard));
    expect(ranges[0]?.first).toBe(0);
    expect(ranges.at(-1)?.end).toBe(copy.blocks);
    ranges.slice(1).forEach(({ first }, at) => expect(first).toBe(ranges[at]?.end));
    expect(shards.length).toBeLessThanOrEqual(MOST_SHARDS);
  });

  test('a disk of 2.8 TiB still has shards whose hashes fit a result', () => {
    expect(planDiskCopy({ ...disk, virtualSize: 2.8 * 1024 * GIB }).copy.blocksPerShard).toBeLessThanOrEqual(MOST_HASHED_BLOCKS);
  });

  test('an empty disk and one above 16 TiB are refused with a sentence', () => {
    expect(() => planDiskCopy({ ...disk, virtualSize: 0 })).toThrow('The disk has a size of 0 bytes: there is nothing to copy.');
    expect(() => planDiskCopy({ ...disk, virtualSize: 16 * 1024 * GIB + 1 })).toThrow('The disk has 17592186044417 bytes, more than the 16 TiB that a copy takes.');
  });
});
