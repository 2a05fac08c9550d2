import { CloudFormationClient, DescribeStackEventsCommand, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudFormationDriver } from './cloudformation-driver';
import { CloudFormationEndpoint } from './cloudformation-endpoint';
import { IdleClock } from './idle-clock';

describe('the endpoint of the CloudFormation driver', () => {
  const endpoint = new CloudFormationEndpoint();
  const clock = new IdleClock();
  let client: CloudFormationClient;

  beforeAll(async () => {
    client = new CloudFormationClient({ endpoint: await endpoint.listen(), region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  });

  afterAll(async () => {
    client.destroy();
    await endpoint.close();
  });

  const describeA = async (stack: string) => client.send(new DescribeStackResourceCommand({ StackName: stack, LogicalResourceId: 'A' }));

  test('describes a resource while it is made, when it stands, and when it is gone', async () => {
    const seen: unknown[] = [];
    const driver = new CloudFormationDriver({
      clock,
      handlers: {
        onEvent: async ({ StackId }: { readonly StackId: string }) => {
          seen.push((await describeA(StackId)).StackResourceDetail?.ResourceStatus);
          return { PhysicalResourceId: 'a' };
        },
      },
    });
    endpoint.describe(driver);
    await driver.createStack('S', { A: { Type: 'Custom::Thing' } });
    const { StackResourceDetail } = await describeA('S');
    expect(StackResourceDetail).toMatchObject({ PhysicalResourceId: 'a', ResourceStatus: 'CREATE_COMPLETE', LastUpdatedTimestamp: new Date(clock.now()) });
    const id = driver.requests[0]?.StackId ?? '';
    await driver.deleteStack('S');
    seen.push((await describeA(id)).StackResourceDetail?.ResourceStatus);
    expect(seen).toEqual(['CREATE_IN_PROGRESS', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
  });

  test('knows no resource that never was', async () => {
    await expect(describeA('Nowhere')).rejects.toMatchObject({ name: 'ValidationError', message: 'Resource A does not exist for stack Nowhere' });
  });

  test('tells what has happened to a stack, the newest first, in pages', async () => {
    const driver = new CloudFormationDriver({ clock, handlers: { onEvent: async () => ({ PhysicalResourceId: 'a' }) } });
    endpoint.describe(driver);
    const names = ['A', 'B', 'C', 'D', 'E'];
    await driver.createStack('S', Object.fromEntries(names.map((name) => [name, { Type: 'Custom::Thing' }])));
    const first = await client.send(new DescribeStackEventsCommand({ StackName: 'S' }));
    const second = await client.send(new DescribeStackEventsCommand({ StackName: 'S', NextToken: first.NextToken }));
    const events = [...(first.StackEvents ?? []), ...(second.StackEvents ?? [])];
    expect(events).toHaveLength(2 + 2 * names.length);
    expect(events.at(0)).toMatchObject({ LogicalResourceId: 'S', ResourceStatus: 'CREATE_COMPLETE' });
    expect(events.at(-1)).toMatchObject({ PhysicalResourceId: driver.requests[0]?.StackId, ResourceStatus: 'CREATE_IN_PROGRESS' });
    expect(second.NextToken).toBeUndefined();
    await expect(client.send(new DescribeStackEventsCommand({ StackName: 'Nowhere' }))).rejects.toMatchObject({ name: 'ValidationError' });
  });

  test('knows no other action', async () => {
    await expect(client.send(new DescribeStacksCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
  });
});
