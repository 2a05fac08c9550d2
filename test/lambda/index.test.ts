import { createRequest } from './requests';
import { createClients } from '../../lambda/aws/clients';
import type * as handlers from '../../lambda/index';

test('the clients give up on a call soon, and try again gently', async () => {
  process.env.AWS_REGION = 'eu-west-1';
  const { ec2, imageBuilder, cloudFormation } = createClients();
  for (const client of [ec2, imageBuilder, cloudFormation]) {
    expect(await client.config.maxAttempts()).toBe(4);
    expect((await client.config.retryStrategy()).constructor.name).toBe('AdaptiveRetryStrategy');
  }
});

test('the handlers write their log lines to standard output', async () => {
  process.env.AWS_REGION = 'eu-west-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  // Nobody listens there: CloudFormation does not answer.
  process.env.AWS_ENDPOINT_URL_CLOUDFORMATION = 'http://127.0.0.1:9';
  const { onEvent } = jest.requireActual<typeof handlers>('../../lambda/index');
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const answer = await onEvent(createRequest(), { getRemainingTimeInMillis: () => 60_000 });
  const lines = write.mock.calls.map(([line]) => String(line));
  write.mockRestore();
  expect(lines).toEqual([`{"id":"${answer.PhysicalResourceId}","request":"Create","action":"named"}\n`]);
  expect(Date.parse(answer.Data.StartedAt)).toBeLessThanOrEqual(Date.now());
});
