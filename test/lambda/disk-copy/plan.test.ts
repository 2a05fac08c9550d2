import { blocksOfShard, checkSize, planDiskCopy } from '../../../lambda/disk-copy/plan';
import { FEWEST_BLOCKS_PER_SHARD, MOST_HASHED_BLOCKS, MOST_SHARDS } from '../../../src/shared/contract/disk-copy';
import { VirtualDiskError } from '../../../src/shared/disk-image/virtual-disk';

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
});

describe('the size of a disk', () => {
  const MIB = 2 ** 20;
  const inMinutes = (minutes: number) => minutes * 60 * 500 * MIB;
  const wanted = { unallocatedBlocks: 'write', timeout: 3_000 } as const;

  test.each([
    ['one byte', { ...wanted, virtualSize: 1 }],
    ['all that EBS accepts in 50 minutes', { ...wanted, virtualSize: inMinutes(50) }],
    ['all that EBS accepts in a timeout of 1 minute', { ...wanted, virtualSize: inMinutes(1), timeout: 60 }],
    ['16 TiB, of which only the allocated blocks are written', { ...wanted, unallocatedBlocks: 'omit', virtualSize: 16 * 1024 * GIB }],
  ] as const)('may be %s', (_, effort) => {
    expect(() => checkSize(effort)).not.toThrow();
  });

  test.each([
    ['that is empty', { ...wanted, virtualSize: 0 }, 'The disk has a size of 0 bytes: there is nothing to copy.'],
    ['that does not fit in 50 minutes', { ...wanted, virtualSize: inMinutes(50) + 1 },
      'The disk has 1465 GiB, and EBS accepts 1000 blocks of 512 KiB a second, so that the copy takes at least 51 minutes. ' +
      'It may take 50 minutes: shrink the disk, move data to further disks, or use VmImportImage.'],
    ['that does not fit in its timeout', { ...wanted, virtualSize: inMinutes(1) + 1, timeout: 60 },
      'The disk has 30 GiB, and EBS accepts 1000 blocks of 512 KiB a second, so that the copy takes at least 2 minutes. ' +
      'Its timeout is 60 seconds: set timeout to 50 minutes.'],
    ['of more than 16 TiB', { ...wanted, unallocatedBlocks: 'omit', virtualSize: 16 * 1024 * GIB + 1 },
      'The disk has 16385 GiB, and a copy takes at most 16 TiB: shrink the disk, or move data to further disks.'],
  ] as const)('%s is refused with a sentence', (_, effort, sentence) => {
    expect(() => checkSize(effort)).toThrow(new VirtualDiskError(sentence));
  });
});
