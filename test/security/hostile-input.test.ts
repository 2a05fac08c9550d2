import { ImportImageCommand } from '@aws-sdk/client-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { disk, HOSTILE_AMI_TEXTS, HOSTILE_SNAPSHOT_TEXTS, HOSTILE_TEXTS, Made } from './hostile-texts';
import { jsonLog } from '../../lambda/aws/log';
import type { CloudFormationRequest, Properties } from '../../lambda/cloudformation/requests';
import { parseRequest } from '../../lambda/import/request';
import {
  DiskContainer, DiskFormat, LicenseType, Platform, VmImportAmi, VmImportAmiProps, VmImportImage, VmImportImageProps, VmImportSnapshot,
  VmImportSnapshotProps,
} from '../../src';
import { AMI_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE } from '../../src/shared/contract/names';
import { Rig } from '../lambda/rig';

const RUNS = { numRuns: Number(process.env.HOSTILE_TEXTS ?? 8), seed: 20260101 };
/** The calls that say what users gave, or ask about it. */
const CALLS_WITH_TEXTS = /^(Import|CopyImage|Modify|EnableImageDeprecation|DescribeImportImageTasks$)/;
const IMAGE_RESOURCE_TYPE = 'Custom::VmImportImage';
jest.setTimeout(180_000);
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

/** The properties of the custom resources, in the order of their deployment, as CloudFormation delivers them; nothing where synthesis refuses. */
function synthesized(props: (stack: Stack) => Partial<VmImportImageProps>): readonly Made[] | undefined {
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
    const template = Template.fromStack(stack);
    return [IMAGE_RESOURCE_TYPE, AMI_RESOURCE_TYPE]
      .flatMap((type) => Object.values(template.findResources(type)))
      .map(({ Properties }) => delivered(Properties) as Made);
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

/** What the handlers make of them: all parameters of the calls that reached EC2 and Image Builder, and the last outcome. */
async function run([image, ami]: readonly Made[]) {
  const rig = new Rig();
  await rig.clients.ec2.send(new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] }));
  rig.clock.advance(3_600_000);
  rig.cloud.clearCalls();
  const imported = await rig.deliver(rig.create(image as Properties));
  const outcome = ami === undefined || imported.status === 'FAILED'
    ? imported
    : await rig.deliver({
      ...rig.create(),
      LogicalResourceId: 'GoldenAmi',
      ResourceType: AMI_RESOURCE_TYPE,
      ResourceProperties: { ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provider', ...ami, SourceImageId: imported.data.AmiId ?? '' } as Properties,
    });
  return { outcome, calls: rig.cloud.calls().filter(({ action }) => CALLS_WITH_TEXTS.test(action)).map(({ parameters }) => parameters) };
}

test.each(HOSTILE_TEXTS.map((text) => [text.property, text.plain, text] as const))('%s (like %s) is refused, or reaches AWS as it is', async (_property, plain, text) => {
  const { given, seen, expected = (value: string) => value } = text;
  await fc.assert(fc.asyncProperty(hostile, async (value) => {
    const template = synthesized(given(value));
    if (template === undefined) {
      return;
    }
    const { calls, outcome } = await run(template);
    const values = seen(calls).filter((each) => each !== undefined);
    if (values.length === 0) {
      // The request failed before the call that has it.
      expect(outcome.status).toBe('FAILED');
    } else {
      expect(values).toContain(expected(value));
    }
  }), RUNS);
  // What is refused proves nothing, if everything is.
  const template = synthesized(given(plain));
  expect(template).toBeDefined();
  expect(seen((await run(template ?? [])).calls)).toContain(expected(plain));
});

/** The properties of a `VmImportSnapshot`, as CloudFormation delivers them; nothing where synthesis refuses. */
function synthesizedSnapshot(props: Partial<VmImportSnapshotProps>): Properties | undefined {
  try {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    new VmImportSnapshot(stack, 'Data', { diskContainer: disk(stack, 'data.raw', { format: DiskFormat.RAW }), ...props });
    const [resource] = Object.values(Template.fromStack(stack).findResources(SNAPSHOT_RESOURCE_TYPE));
    return { ...delivered(resource?.Properties) as Properties, StateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:DiskCopier' };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

async function runSnapshot(ResourceProperties: Properties) {
  const rig = new Rig();
  rig.s3.putObject('exports', 'data.raw', Buffer.alloc(512 * 1024), { etag: '"1"' });
  const outcome = await rig.deliver({ ...rig.create(), ResourceType: SNAPSHOT_RESOURCE_TYPE, ResourceProperties });
  return { outcome, calls: rig.cloud.calls({ action: 'StartSnapshot' }).map(({ parameters }) => parameters) };
}

test.each(HOSTILE_SNAPSHOT_TEXTS.map((text) => [text.property, text] as const))('%s is refused, or reaches EBS as it is', async (_property, { plain, given, seen }) => {
  await fc.assert(fc.asyncProperty(hostile, async (value) => {
    const properties = synthesizedSnapshot(given(value));
    if (properties === undefined) {
      return;
    }
    const { calls, outcome } = await runSnapshot(properties);
    if (calls.length === 0) {
      expect(outcome.status).toBe('FAILED');
    } else {
      expect(seen(calls)).toContain(value);
    }
  }), RUNS);
  // What is refused proves nothing, if everything is.
  const { calls, outcome } = await runSnapshot(synthesizedSnapshot(given(plain)) ?? {});
  expect(outcome.status).toBe('SUCCESS');
  expect(seen(calls)).toContain(plain);
});

/** The properties of the resource that registers a `VmImportAmi`, as CloudFormation delivers them; nothing where synthesis refuses. */
function synthesizedAmi(props: Partial<VmImportAmiProps>): Properties | undefined {
  try {
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    new VmImportAmi(stack, 'Fedora', { diskContainers: [disk(stack, 'boot.raw', { format: DiskFormat.RAW })], ...props });
    const [resource] = Object.values(Template.fromStack(stack).findResources(AMI_RESOURCE_TYPE));
    return delivered(resource?.Properties) as Properties;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

/** Registers the AMI of a snapshot. */
async function runAmi({ Registration, ...properties }: Properties) {
  const rig = new Rig();
  const registration = Registration as Properties;
  const mappings = registration.BlockDeviceMappings as readonly Properties[];
  const BlockDeviceMappings = mappings.map((mapping) => ({ ...mapping, SnapshotId: rig.cloud.giveSnapshot() }));
  const ResourceProperties = { ...properties, Registration: { ...registration, Architecture: 'x86_64', BootMode: 'uefi', BlockDeviceMappings } };
  const outcome = await rig.deliver({ ...rig.create(), ResourceType: AMI_RESOURCE_TYPE, ResourceProperties });
  return { outcome, calls: rig.cloud.calls({ service: 'ec2' }).map(({ parameters }) => parameters) };
}

test.each(HOSTILE_AMI_TEXTS.map((text) => [text.property, text] as const))('%s is refused, or reaches EC2 as it is', async (_property, text) => {
  const { plain, given, seen, expected = (value: string) => value } = text;
  await fc.assert(fc.asyncProperty(hostile, async (value) => {
    const properties = synthesizedAmi(given(value));
    if (properties === undefined) {
      return;
    }
    const { calls, outcome } = await runAmi(properties);
    expect(outcome.status).toBe('SUCCESS');
    expect(seen(calls)).toContain(expected(value));
  }), RUNS);
  // What is refused proves nothing, if everything is.
  const { calls, outcome } = await runAmi(synthesizedAmi(given(plain)) ?? {});
  expect(outcome.status).toBe('SUCCESS');
  expect(seen(calls)).toContain(expected(plain));
});

test('a revision of any text is refused, or is the very text that tells one import from another', async () => {
  await fc.assert(fc.property(hostile, (revision) => {
    const [properties] = synthesized(() => ({ revision })) ?? [];
    if (properties !== undefined) {
      expect(parseRequest({ ...new Rig().create(), ResourceProperties: properties } as CloudFormationRequest).revision).toBe(revision);
    }
  }), RUNS);
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
    }), { ...RUNS, numRuns: 300 });
  });

  test('is in no log, no failure, no attribute and no event, even where AWS repeats the URL', async () => {
    let reached = 0;
    await fc.assert(fc.asyncProperty(all, fc.constantFrom('failure', 'refusal'), async (url, kind) => {
      const [properties] = synthesized(() => ({ diskContainers: [DiskContainer.fromUrl(url, { format: DiskFormat.OVA })] })) ?? [];
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
      const outcome = await rig.deliver(rig.create({ ...properties, Events: 'Golden' } as Properties));
      rig.logs.forEach(write);
      expect(outcome.status).toBe('FAILED');
      expect(rig.eventBus.events).toHaveLength(1);
      expect(JSON.stringify([outcome, rig.eventBus.events])).not.toContain(SIGNATURE);
      expect(lines.join('\n')).not.toContain(SIGNATURE);
      reached += 1;
    }), { ...RUNS, numRuns: 60 });
    expect(reached).toBeGreaterThan(0);
  });
});
