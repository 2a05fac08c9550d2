import { createHash } from 'node:crypto';
import { SFNClient, type GetExecutionHistoryInput, type HistoryEvent } from '@aws-sdk/client-sfn';
import { sumUp } from '../../../lambda/disk-copy/sum-up';
import type { ShardResult } from '../../../src/shared/contract/disk-copy';

const copy = {
  source: { bucket: 'images', key: 'disk', eTag: '"1"', size: 1 }, format: 'RAW', snapshotId: 'snap-1', blocks: 5, blocksPerShard: 2, unallocatedBlocks: 'write',
} as const;
const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:copy:1';
const hash = (text: string) => createHash('sha256').update(text).digest();
const hashes = [0, 1, 2, 3, 4].map(index => hash(`block ${index}`));
const base64 = (from: number, to: number) => Buffer.concat(hashes.slice(from, to)).toString('base64');

function succeeded(Payload: object): HistoryEvent {
  const output = JSON.stringify({ StatusCode: 200, Payload });
  return { timestamp: undefined, type: 'TaskSucceeded', id: 1, taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output } };
}

const entered: HistoryEvent = { timestamp: undefined, type: 'MapStateEntered', id: 1 };
const results: readonly ShardResult[] = [
  { shard: 2, blocksWritten: 1, hashes: base64(4, 5) },
  { shard: 0, blocksWritten: 2, hashes: base64(0, 2) },
  { shard: 1, blocksWritten: 2, hashes: base64(2, 4) },
];

/** An execution whose history has so many events on each page. */
function history(events: readonly HistoryEvent[], pageSize = 2): { readonly sfn: SFNClient; readonly requests: GetExecutionHistoryInput[] } {
  const requests: GetExecutionHistoryInput[] = [];
  const send = async ({ input }: { readonly input: GetExecutionHistoryInput }) => {
    requests.push({ ...input });
    const at = Number(input.nextToken ?? 0);
    return { events: events.slice(at, at + pageSize), nextToken: at + pageSize < events.length ? String(at + pageSize) : undefined };
  };
  return { sfn: Object.assign(new SFNClient({ region: 'us-east-1' }), { send }), requests };
}

describe('the sum of all shards', () => {
  test('is the number of blocks, and the checksum over their hashes in the order of the index', async () => {
    const { sfn, requests } = history([entered, ...results.map(succeeded)]);
    expect(await sumUp({ copy, executionArn }, sfn)).toEqual({
      blocksWritten: 5, checksum: createHash('sha256').update(Buffer.concat(hashes)).digest('base64'),
    });
    expect(requests).toEqual([
      { executionArn, maxResults: 200 }, { executionArn, maxResults: 200, nextToken: '2' },
    ]);
  });

  test('counts a shard once that succeeded twice, and nothing that another task returned', async () => {
    const { sfn } = history([succeeded({ shard: 0 }), succeeded({ blocksWritten: 9 }), ...results.map(succeeded), ...results.map(succeeded)]);
    expect(await sumUp({ copy, executionArn }, sfn)).toMatchObject({ blocksWritten: 5 });
  });

  test('has no checksum if a shard returned no hashes', async () => {
    const { sfn } = history([...results.slice(1), { shard: 2, blocksWritten: 1 }].map(succeeded));
    expect(await sumUp({ copy, executionArn }, sfn)).toEqual({ blocksWritten: 5 });
  });

  test('fails so that it is tried again if a result is missing', async () => {
    const { sfn } = history(results.slice(1).map(succeeded));
    await expect(sumUp({ copy, executionArn }, sfn)).rejects.toMatchObject({
      name: 'HistoryIncomplete', message: `the history of ${executionArn} does not have the result of shard 2`,
    });
  });

  test('fails so that it is tried again if the history is empty', async () => {
    const send = async () => ({});
    await expect(sumUp({ copy, executionArn }, Object.assign(new SFNClient({ region: 'us-east-1' }), { send }))).rejects.toMatchObject({ name: 'HistoryIncomplete' });
  });
});
