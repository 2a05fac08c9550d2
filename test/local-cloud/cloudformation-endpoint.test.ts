import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
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

  test('knows no other action', async () => {
    await expect(client.send(new DescribeStacksCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
  });
});
