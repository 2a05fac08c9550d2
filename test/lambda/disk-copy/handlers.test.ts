import { Hash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { createBlockClient, createSourceClient } from '../../../lambda/disk-copy/clients';
import type * as handlers from '../../../lambda/disk-copy/index';
import { BLOCK_SIZE } from '../../../src/shared/contract/disk-copy';
import { Ec2AndImageBuilder } from '../../local-cloud/emulator';
import { httpClients } from '../../local-cloud/emulator/sdk-clients';

const disk = Buffer.alloc(2 * BLOCK_SIZE, 'disk');
const environment = { ...process.env };
const emulator = new Ec2AndImageBuilder();
let server: Server;
let ebs = '';

test.each([['blocks', createBlockClient], ['the image', createSourceClient]])('a request for %s that has no answer for a minute is given up', async (_, create) => {
  const requestHandler: { readonly handle: (request: object) => Promise<unknown>; readonly httpHandlerConfigs: () => object } =
    create().config.requestHandler as never;
  // The handler reads its configuration with the first request.
  await requestHandler.handle({ protocol: 'http:', hostname: '127.0.0.1', port: 1, method: 'GET', path: '/', headers: {} }).catch(() => undefined);
  expect(requestHandler.httpHandlerConfigs()).toMatchObject({ connectionTimeout: 3_000, requestTimeout: 60_000, throwOnRequestTimeout: true });
});

test('a block is sent once by the client, because the writer sends it again', async () => {
  expect(await createBlockClient().config.maxAttempts()).toBe(1);
});

/** Answers GetObject with the range, and GetExecutionHistory with the result of one shard. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (request.method === 'GET') {
      const range = disk.subarray(Number(first), Number(last) + 1);
      response.writeHead(206, { 'content-length': range.length, 'content-range': `bytes ${first}-${last}/${disk.length}` }).end(range);
    } else {
      const output = JSON.stringify({ Payload: { shard: 0, blocksWritten: 2 } });
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ events: [{ id: 1, type: 'TaskSucceeded', timestamp: 0, taskSucceededEventDetails: { output } }] }));
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ebs = await emulator.listen();
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_SFN: url, AWS_ENDPOINT_URL_EBS: ebs,
  });
});

afterAll(async () => {
  process.env = environment;
  server.closeAllConnections();
  server.close();
  await emulator.close();
});

test('the two functions of the state machine copy a shard and add up the results, with clients of the environment', async () => {
  const { copyShardHandler, sumUpHandler } = jest.requireActual<typeof handlers>('../../../lambda/disk-copy');
  const hashed: number[] = [];
  const { update } = Hash.prototype;
  const spy = jest.spyOn(Hash.prototype, 'update').mockImplementation(function (this: Hash, data: string | NodeJS.ArrayBufferView) {
    hashed.push(typeof data === 'string' ? data.length : data.byteLength);
    return Reflect.apply(update, this, [data]) as Hash;
  });
  const { SnapshotId: snapshotId = '' } = await httpClients(emulator, ebs).ebs.send(new StartSnapshotCommand({ VolumeSize: 1 }));
  const source = { bucket: 'images', key: 'disk.raw', eTag: '"1"', size: disk.length };
  const copy = { source, format: 'RAW', snapshotId, blocks: 2, blocksPerShard: 512, unallocatedBlocks: 'write' } as const;
  // The emulator forgets the first write's answer: the worker pauses, and writes it again.
  emulator.addRule({ match: { action: 'PutSnapshotBlock', call: 1 }, effect: { kind: 'dropAfter' } });
  expect(await copyShardHandler({ copy, shard: 0 })).toMatchObject({ shard: 0, blocksWritten: 2 });
  // Each block once, however often it is sent: the signature takes the hash that the worker knows. The emulator hashes pieces as they arrive.
  expect(hashed.filter(length => length === BLOCK_SIZE)).toHaveLength(2);
  spy.mockRestore();
  expect(await sumUpHandler({ copy, executionArn: 'arn:aws:states:us-east-1:000000000000:execution:copy:1' })).toEqual({ blocksWritten: 2 });
});
