import { Match } from 'aws-cdk-lib/assertions';
import { AnExample } from './an-example';
import { AuditedStacks } from '../security/audited-stacks';

const MACHINES = 24;
/** What EC2 imports at once in a Region, unless Service Quotas say otherwise. */
const QUOTA = 20;
const HOUR = 3_600_000;

const example = new AnExample('fleet', { context: { bucket: 'exports' } });

test('there is an import for each machine, and none depends on another', () => {
  const names = example.imports.map(({ ImportVmImage: { name } }) => name);
  expect(new Set(names).size).toBe(MACHINES);
  expect(names).toEqual(expect.arrayContaining(['web-1', 'web-12', 'app-8', 'db-4']));
  for (const [id, { DependsOn = [] }] of Object.entries(example.template.findResources('Custom::VmImportImage', { Properties: { Segment: 1 } }))) {
    expect([id, ([DependsOn].flat() as string[]).filter((other) => example.logicalIds('Custom::VmImportImage').includes(other))]).toEqual([id, []]);
  }
});

test('a fleet of other machines is imported by their names', () => {
  const { imports } = new AnExample('fleet', { context: { machines: 'crm,wiki' } });
  expect(imports).toMatchObject(['crm', 'wiki'].map((name) => (
    { ImportImage: { DiskContainers: [{ UserBucket: { S3Key: `fleet/${name}.vmdk` } }] }, ImportVmImage: { name } }
  )));
});

test('all of them share one service role, which reads their disks and no other object', () => {
  expect(new Set(example.imports.map(({ ImportImage }) => ImportImage?.RoleName)).size).toBe(1);
  const reading = example.serviceRoleMay('s3').filter(({ Action }) => Action === 's3:GetObject').flatMap(({ Resource }) => Resource);
  expect(reading).toHaveLength(MACHINES);
  expect(reading.every((arn) => /^arn:aws:s3:::exports\/fleet\/(web|app|db)-\d+\.vmdk$/.test(arn))).toBe(true);
});

test('an alarm tells the topic that is given of failed imports', () => {
  const { template } = new AnExample('fleet', { context: { topic: 'ops', machines: 'crm' } });
  template.resourceCountIs('AWS::Logs::MetricFilter', 2);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'FailedImports', AlarmActions: [{ 'Fn::Join': ['', Match.arrayWith([':ops'])] }] });
});

test('the stack stays below the 500 resources that CloudFormation takes', () => {
  expect(Object.keys(example.template.toJSON().Resources).length).toBeLessThan(500);
});

// The real handlers under a CloudFormation that starts all resources at once, in fake time.
test('twenty are imported at once, the others wait in line, and all of them arrive within two imports\' time', async () => {
  const stacks = new AuditedStacks({ activeTaskQuota: QUOTA, taskDurationMs: HOUR });
  for (const { ImportImage } of example.imports) {
    const [, key = ''] = /"S3Key":"([^"]+)"/.exec(JSON.stringify(ImportImage?.DiskContainers)) ?? [];
    stacks.disks.putObject('exports', key, key);
  }
  const started = stacks.clock.now();
  const outcome = await stacks.deploy(example.stack);
  expect(outcome.status).toBe('CREATE_COMPLETE');

  const { tasks } = await stacks.cloud.state();
  expect(tasks).toHaveLength(MACHINES);
  expect((await stacks.cloud.remaining()).images).toHaveLength(MACHINES);
  const refused = stacks.cloud.calls({ action: 'ImportImage' }).filter(({ outcome: answer }) => answer?.kind === 'answered' && answer.errorCode === 'ResourceLimitExceeded');
  expect(refused.length).toBeGreaterThan(0);
  expect((stacks.clock.now() - started) / HOUR).toBeLessThan(2.25);
  expect((await stacks.destroy(example.stack)).status).toBe('DELETE_COMPLETE');
  expect(Object.values(await stacks.cloud.remaining()).flat()).toEqual([]);
}, 120_000);
