import { createHash } from 'node:crypto';
import { EBSClient, RequestThrottledException, ResourceNotFoundException, ServiceQuotaExceededException, ValidationException } from '@aws-sdk/client-ebs';
import { BlockWriter } from '../../../lambda/disk-copy/block-writer';
import { Pace } from '../../../lambda/disk-copy/pace';
import { BLOCK_SIZE } from '../../../src/shared/contract/disk-copy';

const MINUTE = 60_000;
const $metadata = {};
const data = new Uint8Array(BLOCK_SIZE);
const block = { index: 7, data, sha256: createHash('sha256').update(data).digest() };

const throttled = new RequestThrottledException({ message: 'slow down', $metadata });
const notFound = new ResourceNotFoundException({ message: 'The snapshot snap-1 does not exist.', Reason: 'SNAPSHOT_NOT_FOUND', $metadata });
const invalid = (Reason: 'CONFLICTING_BLOCK_UPDATE' | 'WRITE_REQUEST_TIMEOUT' | 'INVALID_SNAPSHOT_ID') => new ValidationException({ message: 'The snapshot is not pending.', Reason, $metadata });
const dropped = new Error('socket hang up');
const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });

/** A pace that holds nobody up. */
const anyPace = () => new Pace({ now: () => 0, pause: async () => {} });

/** A service that answers with these errors one after the other, and then takes everything, or fails with the last one for ever. */
function writing(errors: readonly unknown[], then: 'succeeds' | 'fails' = 'succeeds') {
  const stop = new AbortController();
  const calls: object[] = [];
  const pauses: number[] = [];
  let time = 0;
  const send = async ({ input }: { readonly input: object }) => {
    calls.push(input);
    const error = errors[calls.length - 1] ?? (then === 'fails' ? errors.at(-1) : undefined);
    if (error !== undefined) throw error;
  };
  const writer = new BlockWriter('snap-1', {
    ebs: Object.assign(new EBSClient({ region: 'us-east-1' }), { send }),
    pace: anyPace(),
    signal: stop.signal,
    now: () => time,
    random: () => 0.5,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      time += milliseconds;
    },
  });
  return { writer, calls, pauses, stop, elapsed: () => time };
}

describe('the writer of blocks', () => {
  test('writes a block with its checksum in one call', async () => {
    const { writer, calls, pauses } = writing([]);
    await writer.write(block);
    expect(calls).toEqual([{
      SnapshotId: 'snap-1', BlockIndex: 7, BlockData: data, DataLength: 524_288, Checksum: block.sha256.toString('base64'), ChecksumAlgorithm: 'SHA256',
    }]);
    expect(pauses).toEqual([]);
  });

  test.each([
    ['a throttle', throttled],
    ['a conflict with another writer', invalid('CONFLICTING_BLOCK_UPDATE')],
    ['a write that took too long', invalid('WRITE_REQUEST_TIMEOUT')],
    ['a snapshot that cannot be found yet', notFound],
    ['a full quota of the key', new ServiceQuotaExceededException({ message: 'quota', $metadata })],
    ['a dropped connection', dropped],
    ['a failure of the service', Object.assign(new Error('internal'), { name: 'InternalServerException', $metadata: { httpStatusCode: 500 } })],
  ])('tries again after %s', async (_, error) => {
    const { writer, calls } = writing([error, error]);
    await writer.write(block);
    expect(calls).toHaveLength(3);
  });

  test('waits longer each time, up to 5 s, and a random part of it', async () => {
    const { writer, pauses } = writing(Array.from({ length: 10 }, () => throttled));
    await writer.write(block);
    expect(pauses).toEqual([37.5, 75, 150, 300, 600, 1_200, 2_400, 3_750, 3_750, 3_750]);
  });

  test('tries a block again for longer than 5 minutes as long as other blocks get through', async () => {
    let time = 0;
    const writer: BlockWriter = new BlockWriter('snap-1', {
      ebs: Object.assign(new EBSClient({ region: 'us-east-1' }), {
        send: async ({ input }: { readonly input: { readonly BlockIndex?: number } }) => {
          if (input.BlockIndex === 7 && time < 12 * MINUTE) throw throttled;
        },
      }),
      pace: anyPace(),
      signal: new AbortController().signal,
      now: () => time,
      random: () => 1,
      pause: async (milliseconds) => {
        time += milliseconds;
        await writer.write({ ...block, index: 8 });
      },
    });
    await writer.write(block);
    expect(time).toBeGreaterThanOrEqual(12 * MINUTE);
  });

  test.each([
    ['that cannot be found', notFound, { name: 'SnapshotNotWritable', message: 'Snapshot snap-1 does not take blocks: The snapshot snap-1 does not exist.' }],
    ['that throttles', throttled, throttled],
    ['without an answer', dropped, dropped],
    ['with a conflict', invalid('CONFLICTING_BLOCK_UPDATE'), { name: 'ValidationException' }],
  ])('gives up on a snapshot %s after 5 minutes', async (_, error, expected) => {
    const { writer, elapsed } = writing([error], 'fails');
    await expect(writer.write(block)).rejects.toMatchObject(expected);
    expect(elapsed()).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(elapsed()).toBeLessThan(6 * MINUTE);
  });

  test.each([
    ['a snapshot that is not pending', invalid('INVALID_SNAPSHOT_ID'), { name: 'SnapshotNotWritable', message: 'Snapshot snap-1 does not take blocks: The snapshot is not pending.' }],
    ['a reason that is not known', new ValidationException({ message: 'no', Reason: undefined, $metadata }), { name: 'SnapshotNotWritable' }],
    ['a missing permission', denied, denied],
  ])('fails at once at %s', async (_, error, expected) => {
    const { writer, calls } = writing([error], 'fails');
    await expect(writer.write(block)).rejects.toMatchObject(expected);
    expect(calls).toHaveLength(1);
  });

  test('passes on what is no error', async () => {
    const { writer } = writing(['text']);
    await expect(writer.write(block)).rejects.toBe('text');
  });

  test('stops when the copy has failed elsewhere', async () => {
    const { writer, calls, stop } = writing([throttled], 'fails');
    const reason = new Error('elsewhere');
    stop.abort(reason);
    await expect(writer.write(block)).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });
});
