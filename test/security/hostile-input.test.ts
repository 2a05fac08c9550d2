import { ImportImageCommand } from '@aws-sdk/client-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as fc from 'fast-check';
import { jsonLog } from '../../lambda/log';
import { DiskContainer, DiskContainerOptions, DiskFormat, LicenseType, Platform, VmImportImage, VmImportImageProps } from '../../src';
import { Rig } from '../lambda/rig';

const RUNS = { numRuns: 25, seed: 20260101 };
jest.setTimeout(120_000);
// The CDK says of each template what it thinks of it.
beforeEach(() => jest.spyOn(console, 'error').mockImplementation());
afterEach(() => jest.restoreAllMocks());

/** Control characters, unicode, quotes, injection-shaped, huge. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('\u0000', '\r\nX: y', '${AWS::StackId}', '{"Ref":"AWS::StackId"}', '"; rm -rf / #', '<!--', ']]>', '&Action=DeregisterImage', '__proto__', '${aws:username}', '*', ' ', '\ud800'),
  fc.stringMatching(/^import-ami-[0-9a-z]{8,17}$/),
  fc.integer({ min: 1, max: 3 }).map((thousands) => 'x'.repeat(thousands * 1000)),
);

type Made = Readonly<Record<string, unknown>>;

function disk(stack: Stack, key: string, options: DiskContainerOptions = {}): DiskContainer {
  const bucket = (stack.node.tryFindChild('Disks') as s3.IBucket | undefined) ?? s3.Bucket.fromBucketName(stack, 'Disks', 'exports');
  return DiskContainer.fromBucket(bucket, key, { format: DiskFormat.VMDK, ...options });
}

/** The properties of the custom resource, as CloudFormation delivers them; nothing where synthesis refuses. */
function synthesized(props: (stack: Stack) => Partial<VmImportImageProps>): Made | undefined {
  try {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    new VmImportImage(stack, 'Golden', {
      diskContainers: [disk(stack, 'golden.vmdk')],
      imageName: 'golden',
      licenseType: LicenseType.BYOL,
      platform: Platform.LINUX,
      preflight: false,
      semanticVersion: '1.0.0',
      timeout: Duration.minutes(50),
      ...props(stack),
    });
    const resources = Template.fromStack(stack).findResources('Custom::VmImportImage', { Properties: { Segment: 1 } });
    const [resource] = Object.values(resources) as { Properties: Made }[];
    return delivered(resource?.Properties) as Made;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

/** CloudFormation makes a string of every scalar, and leaves the rest of the template's references to itself. */
function delivered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(delivered);
  }
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  return 'Ref' in value || 'Fn::GetAtt' in value ? 'vmimport' : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, delivered(item)]));
}

/** What the handlers make of it: all parameters of the calls that reached EC2 and Image Builder, and the outcome. */
async function run(properties: Made) {
  const rig = new Rig();
  await rig.clients.ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] }));
  rig.clock.advance(3_600_000);
  rig.cloud.clearCalls();
  const outcome = await rig.deliver(rig.create(properties as Parameters<Rig['create']>[0]));
  return { outcome, calls: rig.cloud.calls().filter(({ action }) => /^(Import|DescribeImportImageTasks$)/.test(action)).map(({ parameters }) => parameters) };
}

/** The id of the task that somebody else ran in each account before: ids of the emulator are counted. */
const TASK_OF_SOMEBODY = 'import-ami-00000000000000002';

type Given = (value: string) => (stack: Stack) => Partial<VmImportImageProps>;
type Seen = (calls: readonly Made[]) => unknown[];

/** The task that Image Builder was given; where EC2 did not know it, the one that EC2 was asked about. */
const idsOfTasks: Seen = (calls) => {
  const given = calls.flatMap(({ vmImportTaskId }) => vmImportTaskId ?? []);
  return given.length > 0 ? given : calls.flatMap(({ ImportTaskIds }) => ImportTaskIds ?? []);
};

const PROPS: readonly (readonly [name: string, plain: string, given: Given, seen: Seen])[] = [
  ['description', 'plain', (description) => () => ({ description }), (calls) => calls.map(({ description }) => description)],
  ['imageName', 'plain', (imageName) => () => ({ imageName }), (calls) => calls.map(({ name }) => name)],
  ['importDescription', 'plain', (importDescription) => () => ({ importDescription }), (calls) => calls.map(({ Description }) => Description)],
  ['osVersion', 'plain', (osVersion) => () => ({ osVersion }), (calls) => calls.map(({ osVersion }) => osVersion)],
  ['semanticVersion', '1.2.3', (semanticVersion) => () => ({ semanticVersion }), (calls) => calls.map((call) => call.semanticVersion)],
  ['usageOperation', 'RunInstances:0002', (usageOperation) => () => ({ licenseType: undefined, usageOperation }), (calls) => calls.map(({ UsageOperation }) => UsageOperation)],
  ['importTaskId', TASK_OF_SOMEBODY, (importTaskId) => () => ({ diskContainers: undefined, importTaskId, licenseType: undefined }), idsOfTasks],
  ['licenseConfigurationArns', 'arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef', (arn) => () => ({ licenseConfigurationArns: [arn] }), (calls) => calls.map((call) => (call.LicenseSpecifications as Made[] | undefined)?.[0]?.LicenseConfigurationArn)],
  ['clientData.comment', 'plain', (comment) => () => ({ clientData: { comment } }), (calls) => calls.map(({ ClientData }) => (ClientData as Made | undefined)?.Comment)],
  ['a tag\'s value', 'plain', (team) => () => ({ tags: { team } }), (calls) => calls.flatMap(({ TagSpecifications }) => ((TagSpecifications as { Tags: Made[] }[] | undefined)?.[0]?.Tags ?? []).filter(({ Key }) => Key === 'team').map(({ Value }) => Value))],
  ['a tag\'s key', 'plain', (key) => () => ({ tags: { [key]: 'v' } }), (calls) => calls.flatMap(({ TagSpecifications }) => ((TagSpecifications as { Tags: Made[] }[] | undefined)?.[0]?.Tags ?? []).map(({ Key }) => Key))],
  ['an object\'s key', 'golden.vmdk', (key) => (stack) => ({ diskContainers: [disk(stack, key)] }), (calls) => calls.map(({ DiskContainers }) => ((DiskContainers as { UserBucket?: Made }[] | undefined)?.[0])?.UserBucket?.S3Key)],
  ['a disk\'s description', 'plain', (description) => (stack) => ({ diskContainers: [disk(stack, 'golden.vmdk', { description })] }), (calls) => calls.map(({ DiskContainers }) => (DiskContainers as Made[] | undefined)?.[0]?.Description)],
  ['a disk\'s deviceName', '/dev/sda1', (deviceName) => (stack) => ({ diskContainers: [disk(stack, 'golden.vmdk', { deviceName })] }), (calls) => calls.map(({ DiskContainers }) => (DiskContainers as Made[] | undefined)?.[0]?.DeviceName)],
  ['a snapshot\'s id', 'snap-0123456789abcdef0', (id) => () => ({ diskContainers: [DiskContainer.fromSnapshot(id)] }), (calls) => calls.map(({ DiskContainers }) => (DiskContainers as Made[] | undefined)?.[0]?.SnapshotId)],
  ['a URL', 'https://example.com/plain.raw', (url) => () => ({ diskContainers: [DiskContainer.fromUrl(url, { format: DiskFormat.RAW })] }), (calls) => calls.map(({ DiskContainers }) => (DiskContainers as Made[] | undefined)?.[0]?.Url)],
];

test.each(PROPS)('%s (like %s) is refused, or reaches AWS as it is', async (_name, plain, props, seen) => {
  await fc.assert(fc.asyncProperty(hostile, async (value) => {
    const properties = synthesized(props(value));
    if (properties === undefined) {
      return;
    }
    const { calls, outcome } = await run(properties);
    const values = seen(calls).filter((each) => each !== undefined);
    if (values.length === 0) {
      // The request failed before the call that has it.
      expect(outcome.status).toBe('FAILED');
    } else {
      expect(values).toContain(value);
    }
  }), RUNS);
  // What is refused proves nothing, if everything is.
  const properties = synthesized(props(plain));
  expect(properties).toBeDefined();
  expect(seen((await run(properties ?? {})).calls)).toContain(plain);
});

describe('the signature of a presigned URL', () => {
  const SIGNATURE = 'c0ffee0123456789c0ffee0123456789';
  const presigned = (host: string, path: string) => `https://${host}/${path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=${SIGNATURE}`;
  const paths = fc.oneof(fc.constantFrom('a.ova', 'a b.ova', 'a\'b.ova', 'a"b.ova', 'a%27b.ova', 'ä.ova', 'a?b.ova', 'a#b.ova', 'a.txt', ''), fc.string({ unit: 'binary', maxLength: 20 }));
  const hosts = fc.constantFrom('disks.s3.eu-west-1.amazonaws.com', 'example.com', 's3.amazonaws.com', 'user:pass@example.com', 'not a host');
  const all = fc.tuple(hosts, paths).map(([host, path]) => presigned(host, path));

  test('is in no error and no warning of synthesis', () => {
    fc.assert(fc.property(all, (url) => {
      const stack = new Stack(new App(), 'Stack');
      let said = '';
      try {
        new VmImportImage(stack, 'Golden', { diskContainers: [DiskContainer.fromUrl(url)], platform: Platform.LINUX, semanticVersion: '1.0.0' });
      } catch (error) {
        said = String(error);
      }
      said += JSON.stringify(stack.node.findAll().flatMap((node) => node.node.metadata.filter(({ type }) => /^aws:cdk:(warning|error|info)$/.test(type))));
      expect(said).not.toContain(SIGNATURE);
    }), { numRuns: 300 });
  });

  test('is in no log, no failure and no attribute, even where AWS repeats the URL', async () => {
    let reached = 0;
    await fc.assert(fc.asyncProperty(all, fc.constantFrom('failure', 'refusal'), async (url, kind) => {
      const properties = synthesized(() => ({ diskContainers: [DiskContainer.fromUrl(url, { format: DiskFormat.OVA })] }));
      if (properties === undefined) {
        return;
      }
      const rig = new Rig();
      const message = `ClientError: cannot read '${url}' or ${url}, or (${url})`;
      rig.cloud.addRule(kind === 'failure'
        ? { match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message } } }
        : { match: { action: 'ImportImage' }, effect: { kind: 'error', code: 'InvalidParameterValue', message } });
      const lines: string[] = [];
      const write = jsonLog((line) => lines.push(line));
      const outcome = await rig.deliver(rig.create(properties as Parameters<Rig['create']>[0]));
      rig.logs.forEach(write);
      expect(outcome.status).toBe('FAILED');
      expect(JSON.stringify(outcome)).not.toContain(SIGNATURE);
      expect(lines.join('\n')).not.toContain(SIGNATURE);
      reached += 1;
    }), { numRuns: 60 });
    expect(reached).toBeGreaterThan(0);
  });
});
