import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequest } from './requests';
import { createClients, type AwsClients } from '../../lambda/aws/clients';
import type { LogFields } from '../../lambda/aws/log';
import { createHandlers } from '../../lambda/handlers';

/** What a function has left of its time: half a minute of it is kept for the answer. */
const REMAINING = 31_500;

describe('when AWS takes every call and answers none, a function ends in its time', () => {
  let server: Server;
  let clients: AwsClients;
  let taken: string[];
  let logs: LogFields[];

  beforeAll(async () => {
    server = createServer((request) => taken.push(String(request.headers.host)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: endpoint,
    });
    clients = createClients();
  });

  beforeEach(() => {
    taken = [];
    logs = [];
  });

  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    [clients.ec2, clients.imageBuilder, clients.cloudFormation].forEach((client) => client.destroy());
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const handlers = () => createHandlers({
    clients, now: Date.now, pause: async () => undefined, log: (fields) => logs.push(fields), pollInterval: 30,
  });
  const context = { getRemainingTimeInMillis: () => REMAINING };
  /** Of an import, asked for so many seconds ago. */
  const named = (age: number) => ({
    PhysicalResourceId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000',
    Data: { StartedAt: new Date(Date.now() - age * 1_000).toISOString() },
  });

  async function seconds(work: Promise<unknown>): Promise<number> {
    const began = performance.now();
    await work;
    return (performance.now() - began) / 1_000;
  }

  test('which names an import', async () => {
    expect(await seconds(handlers().onEvent(createRequest(), context))).toBeLessThan(15);
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['makes an image', { ...createRequest(), RequestType: 'Create' as const, ...named(0) }],
    ['makes an image of a task that was there', { ...createRequest({ ImportImage: undefined, ImportTaskId: 'import-ami-0123456789abcdef0' }), ...named(30) }],
    ['removes an import', { ...createRequest(), RequestType: 'Delete' as const, ...named(0) }],
  ])('which %s, and waits', async (_what, event) => {
    const pass = handlers().isComplete(event, context);
    expect(await seconds(pass)).toBeLessThan(15);
    expect(await pass).toEqual({ IsComplete: false });
    expect(logs.at(-1)?.status).toMatch(/^AWS to answer \((AbortError|TimeoutError)/);
    expect(taken.length).toBeGreaterThan(0);
  });
});
