import { Readable } from 'node:stream';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { HttpRequest } from '@smithy/core/protocols';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { EventBridge } from '../../lambda/event-bridge';
import type { RequestConfiguration } from '../../lambda/signed-requests';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const EVENT = { source: 'cdk-vm-import', detailType: 'VM Import Failed', detail: { id: 'ä "quoted"', reason: 'x' } };
const signal = AbortSignal.timeout(30_000);

function recorder(answers: readonly { readonly status: number; readonly body: string }[] = [{ status: 200, body: '{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}' }]) {
  const sent: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    const { status, body } = answers[Math.min(sent.length, answers.length - 1)] ?? { status: 500, body: '' };
    sent.push(request);
    return { response: { statusCode: status, headers: {}, body: Readable.from([Buffer.from(body)]) } };
  };
  return { sent, requestHandler: { handle, destroy: jest.fn() } as unknown as RequestConfiguration['requestHandler'] };
}

function busWith(requestHandler: RequestConfiguration['requestHandler'], region = 'eu-west-1'): EventBridge {
  return new EventBridge({ region: async () => region, credentials: CREDENTIALS, requestHandler, retryStrategy: new ConfiguredRetryStrategy(3, 0) });
}

afterEach(() => {
  delete process.env.AWS_ENDPOINT_URL;
  delete process.env.AWS_ENDPOINT_URL_EVENTBRIDGE;
});

test.each(['eu-west-1', 'cn-north-1', 'us-gov-west-1'])('PutEvents is what the SDK client sends in %s, and signed for the service', async (region) => {
  const [theirs, ours] = [recorder(), recorder()];
  const client = new EventBridgeClient({ region, credentials: CREDENTIALS, requestHandler: theirs.requestHandler });
  const Entries = [{ Source: EVENT.source, DetailType: EVENT.detailType, Detail: JSON.stringify(EVENT.detail) }];
  await client.send(new PutEventsCommand({ Entries }));
  expect(await busWith(ours.requestHandler, region).put(EVENT, signal)).toBeUndefined();
  const [[expected], [actual]] = [theirs.sent, ours.sent];
  for (const field of ['method', 'protocol', 'hostname', 'path'] as const) {
    expect(actual?.[field]).toBe(expected?.[field]);
  }
  for (const header of ['content-type', 'x-amz-target', 'host', 'x-amz-security-token', 'x-amz-content-sha256']) {
    expect([header, actual?.headers[header]]).toStrictEqual([header, expected?.headers[header]]);
  }
  expect(JSON.parse(String(actual?.body))).toStrictEqual(JSON.parse(new TextDecoder().decode(expected?.body as Uint8Array)));
  expect(actual?.headers.authorization).toContain(`/${region}/events/aws4_request`);
});

test.each([
  ['a throttle is tried again', [{ status: 429, body: '' }, { status: 200, body: '{"FailedEntryCount": 0}' }], undefined, 2],
  ['a server error is tried as often as configured', [{ status: 500, body: 'broken' }], 'Amazon EventBridge answers HTTP 500: broken', 3],
  ['a refusal is final', [{ status: 400, body: '{"__type":"AccessDeniedException"}' }], 'Amazon EventBridge answers HTTP 400: {"__type":"AccessDeniedException"}', 1],
  ['an entry may be refused alone', [{ status: 200, body: '{"FailedEntryCount":1}' }], 'Amazon EventBridge answers HTTP 200: {"FailedEntryCount":1}', 1],
])('%s', async (_name, answers, refused, calls) => {
  const { sent, requestHandler } = recorder(answers);
  expect(await busWith(requestHandler).put(EVENT, signal)).toBe(refused);
  expect(sent.length).toBe(calls);
});

test.each([['AWS_ENDPOINT_URL'], ['AWS_ENDPOINT_URL_EVENTBRIDGE']])('%s says where it is', async (variable) => {
  process.env[variable] = 'http://127.0.0.1:4566';
  const { sent, requestHandler } = recorder();
  await busWith(requestHandler).put(EVENT, signal);
  expect(sent[0]).toMatchObject({ protocol: 'http:', hostname: '127.0.0.1', port: 4566, headers: { host: '127.0.0.1:4566' } });
});
