import { EC2Client, ImportImageCommand } from '@aws-sdk/client-ec2';
import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AuditedStacks } from './audited-stacks';
import { ACCOUNT, REGION } from './resolve-template';
import { amiStackOf, BUCKET, disk, snapshotStackOf, stackOf } from './stacks';
import { demoDisk } from '../../scripts/demo-disk';
import { AmiOptions, DeregistrationProtection, DiskContainer, DiskFormat, Platform, VmImportAmiProps, VmImportImage, VmImportSnapshotProps } from '../../src';

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const BUCKET_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/5678abcd-12ab-34cd-56ef-1234567890ab`;
const LICENSE_CONFIGURATION = `arn:aws:license-manager:${REGION}:${ACCOUNT}:license-configuration:lic-0123456789abcdef0123456789abcdef`;

/** What stacks go through, and how it must end. */
export interface Lifecycle {
  readonly name: string;
  /** Runs it; returns the statuses that the stack had in turn. */
  readonly run: (stacks: AuditedStacks) => Promise<readonly string[]>;
  readonly ends: readonly string[];
  readonly settings?: ConstructorParameters<typeof AuditedStacks>[0];
}

/** A disk that is not there, so that its import fails. */
const MISSING = () => ({ diskContainers: [disk(undefined, 'missing.vmdk')] });

/** The broken import starts when the good one is done, so that what is rolled back is complete. */
function brokenAfterGolden(stack: Stack): Stack {
  stack.node.findChild('Broken').node.addDependency(stack.node.findChild('Golden'));
  return stack;
}

export const LIFECYCLES: readonly Lifecycle[] = [
  {
    name: 'create, change tags, replace, rename, drop one of two, delete',
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const versions = [
        stackOf('Life', { Golden: {}, Silver: {} }, { team: 'a', purpose: 'test' }),
        stackOf('Life', { Golden: {}, Silver: {} }, { team: 'b', stage: 'prod' }),
        stackOf('Life', { Golden: { description: 'another' }, Silver: {} }, { team: 'b' }),
        stackOf('Life', { Golden: { imageName: 'Renamed one' }, Silver: {} }, { team: 'b' }),
        stackOf('Life', { Golden: { imageName: 'Renamed one' } }, { team: 'b' }),
      ];
      const statuses: string[] = [];
      for (const version of versions) {
        statuses.push((await stacks.deploy(version)).status);
      }
      return [...statuses, (await stacks.destroy(versions[0] ?? stackOf('Life', {}))).status];
    },
  },
  {
    name: 'segments, one after another, with a task of 70 minutes',
    settings: { taskDurationMs: 70 * 60_000 },
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const version = (team: string) => stackOf('Long', { Golden: { timeout: Duration.hours(2) } }, { team });
      return [(await stacks.deploy(version('a'))).status, (await stacks.deploy(version('b'))).status, (await stacks.destroy(version('b'))).status];
    },
  },
  {
    name: 'an update that is rolled back from a replacement',
    ends: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const before = stackOf('Back', { Golden: {} }, { team: 'a' });
      const after = stackOf('Back', { Golden: { imageName: 'other', description: 'new' }, Broken: MISSING() }, { team: 'b' });
      return [(await stacks.deploy(before)).status, (await stacks.deploy(after)).status, (await stacks.destroy(before)).status];
    },
  },
  {
    name: 'an update that is rolled back after a replacement',
    ends: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const before = stackOf('Back', { Golden: {} }, { team: 'a' });
      const after = brokenAfterGolden(stackOf('Back', { Golden: { imageName: 'other', description: 'new' }, Broken: MISSING() }, { team: 'b' }));
      return [(await stacks.deploy(before)).status, (await stacks.deploy(after)).status, (await stacks.destroy(before)).status];
    },
  },
  {
    name: 'a create that is cancelled while its task runs',
    settings: { taskDurationMs: 20 * 60_000 },
    ends: ['ROLLBACK_COMPLETE'],
    async run(stacks) {
      return [(await stacks.deploy(stackOf('Cancelled', { Golden: {}, Broken: MISSING() }))).status];
    },
  },
  {
    name: 'a create that is cancelled while its image is made',
    settings: { imageDurationMs: 20 * 60_000 },
    ends: ['ROLLBACK_COMPLETE'],
    async run(stacks) {
      return [(await stacks.deploy(stackOf('Late', { Golden: {}, Broken: { timeout: Duration.minutes(3) } }))).status];
    },
  },
  {
    name: 'a queue',
    settings: { activeTaskQuota: 1 },
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const stack = stackOf('Queue', { A: {}, B: {}, C: {} });
      return [(await stacks.deploy(stack)).status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'the adoption of a task, its tags, its rename, its rollback',
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const importTaskId = await taskOfSomebody(stacks);
      const versions = [
        stackOf('Adopted', { Golden: { importTaskId } }, { team: 'a', purpose: 'test' }),
        stackOf('Adopted', { Golden: { importTaskId } }, { team: 'b' }),
        brokenAfterGolden(stackOf('Adopted', { Golden: { importTaskId, imageName: 'other' }, Broken: MISSING() }, { team: 'b' })),
        stackOf('Adopted', { Golden: { importTaskId, imageName: 'third' } }, { team: 'b' }),
      ];
      const statuses: string[] = [];
      for (const version of versions) {
        statuses.push((await stacks.deploy(version)).status);
      }
      return [...statuses, (await stacks.destroy(versions[3] ?? stackOf('Adopted', {}))).status];
    },
  },
  {
    name: 'another attempt after a failure of AWS that left snapshots',
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const outcome = { kind: 'fail', message: 'ServerError: an internal error', leaves: 'snapshots' } as const;
      stacks.cloud.addRule({ match: { action: 'ImportImage', call: 1 }, effect: { kind: 'task', outcome } });
      const stack = stackOf('Again', { Golden: {} });
      return [(await stacks.deploy(stack)).status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'a failure of the disk that left snapshots',
    ends: ['ROLLBACK_COMPLETE'],
    async run(stacks) {
      const outcome = { kind: 'fail', message: 'ClientError: Unknown OS', leaves: 'snapshots' } as const;
      stacks.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome } });
      return [(await stacks.deploy(stackOf('Left', { Golden: {} }))).status];
    },
  },
  {
    name: 'the import of a snapshot of the user\'s, which stays',
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const stack = stackOf('Snapshot', { Golden: { diskContainers: [DiskContainer.fromSnapshot(stacks.cloud.giveSnapshot())], preflight: true } });
      return [(await stacks.deploy(stack)).status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'a preflight that may not see the disk, in an account that encrypts by default',
    settings: { encryptionByDefault: true },
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const stack = stackOf('Look', { Golden: { preflight: true } });
      return [(await stacks.deploy(stack)).status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'a preflight that finds no disk',
    ends: ['ROLLBACK_COMPLETE'],
    async run(stacks) {
      Object.assign(stacks.s3Status, { object: 404, bucket: 200 });
      return [(await stacks.deploy(stackOf('None', { Golden: { preflight: true } }))).status];
    },
  },
  {
    name: 'a preflight and an import of all that takes a key or a license configuration',
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const snapshotId = stacks.cloud.giveSnapshot();
      const content = demoDisk('encrypted');
      stacks.bucketKeys.set('encrypted', BUCKET_KEY);
      stacks.disks.putObject('encrypted', 'golden.raw', content);
      stacks.s3.putObject('encrypted', 'golden.raw', content);
      Object.assign(stacks.s3Status, { object: 200, bucket: 200 });
      const stack = stackOf('Keys', (scope) => {
        const encryptionKey = kms.Key.fromKeyArn(scope, 'BucketKey', BUCKET_KEY);
        const bucket = s3.Bucket.fromBucketAttributes(scope, 'Encrypted', { bucketName: 'encrypted', encryptionKey });
        return {
          Golden: {
            diskContainers: [DiskContainer.fromBucket(bucket, 'golden.raw'), DiskContainer.fromSnapshot(snapshotId)],
            encryptionKey: kms.Key.fromKeyArn(scope, 'Key', KEY),
            licenseConfigurationArns: [LICENSE_CONFIGURATION],
            preflight: true,
          },
        };
      });
      return [(await stacks.deploy(stack)).status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'disks that are deleted after their import, one of them for both imports of it',
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      Object.assign(stacks.s3Status, { object: 200, bucket: 200 });
      stacks.s3.putObject(BUCKET, 'golden.vmdk', Buffer.from('a disk'));
      const stack = stackOf('Source', (scope) => {
        const bucket = s3.Bucket.fromBucketName(scope, 'Disks', BUCKET);
        const disks = (key: string) => [DiskContainer.fromBucket(bucket, key, { format: DiskFormat.VMDK, deleteSourceOnSuccess: true })];
        // The same object, where synthesis cannot know it.
        return { Golden: { diskContainers: disks('golden.vmdk') }, Silver: { diskContainers: disks(Lazy.string({ produce: () => 'golden.vmdk' })) } };
      });
      const { status } = await stacks.deploy(stack);
      return stacks.s3.objects.left(`${BUCKET}/golden.vmdk`).length > 0 ? ['NOT_DELETED'] : [status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'a disk that is deleted after its import from a bucket with versions',
    ends: ['CREATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      Object.assign(stacks.s3Status, { object: 200, bucket: 200 });
      stacks.s3.objects.versioning = 'on';
      stacks.s3.putObject(BUCKET, 'golden.vmdk', Buffer.from('a disk'));
      const stack = stackOf('Version', (scope) => ({
        Golden: { diskContainers: [DiskContainer.fromBucket(s3.Bucket.fromBucketName(scope, 'Disks', BUCKET), 'golden.vmdk', { deleteSourceOnSuccess: true })] },
      }));
      const { status } = await stacks.deploy(stack);
      return stacks.s3.objects.left(`${BUCKET}/golden.vmdk`).length > 0 ? ['NOT_DELETED'] : [status, (await stacks.destroy(stack)).status];
    },
  },
  {
    name: 'events on the end of an import, and on what the preflight refuses',
    ends: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      Object.assign(stacks.s3Status, { object: 404, bucket: 200 });
      const before = announced(stackOf('Events', { Golden: {} }));
      const after = announced(stackOf('Events', { Golden: { description: 'another', preflight: true } }));
      return [(await stacks.deploy(before)).status, (await stacks.deploy(after)).status, (await stacks.destroy(before)).status];
    },
  },
  {
    name: 'the properties of an AMI, and a copy of it under a key of one\'s own: create, change, rename, take out, delete',
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      const version = (ami: AmiOptions | undefined, team: string) => stackOf('Ami', (stack) => ({
        Golden: { ami, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY) }, Silver: { ami: ami && { ...ami, name: undefined } },
      }), { team });
      const shared: AmiOptions = {
        name: 'golden-1',
        description: 'mine',
        requireImdsv2: true,
        deprecateAt: '2030-01-31T09:30:00Z',
        launchPermissions: { accountIds: ['222233334444'] },
        deregistrationProtection: DeregistrationProtection.ENABLED,
        liftProtectionOnDelete: true,
      };
      const versions = [version(shared, 'a'), version({ name: 'golden-1', description: 'other' }, 'b'), version({ ...shared, name: 'golden-2' }, 'b'), version(undefined, 'b')];
      const statuses: string[] = [];
      for (const each of versions) {
        statuses.push((await stacks.deploy(each)).status);
      }
      return [...statuses, (await stacks.destroy(versions[0] ?? version(undefined, 'b'))).status];
    },
  },
  {
    name: 'disks that are copied, from an encrypted bucket into encrypted snapshots: create, change tags, replace, roll back, delete',
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      copyable(stacks, 'a.raw', 'b.raw');
      const versions = [
        snapshotStackOf('Copy', encryptedCopy('a.raw'), { team: 'a', purpose: 'test' }),
        snapshotStackOf('Copy', encryptedCopy('a.raw'), { team: 'b' }),
        snapshotStackOf('Copy', encryptedCopy('b.raw'), { team: 'b' }),
        brokenAfter(snapshotStackOf('Copy', encryptedCopy('a.raw'), { team: 'b' })),
      ];
      const statuses: string[] = [];
      for (const version of versions) {
        statuses.push((await stacks.deploy(version)).status);
      }
      return [...statuses, (await stacks.destroy(versions[2] ?? versions[0] ?? stackOf('Copy', {}))).status];
    },
  },
  {
    name: 'a copy that is cancelled while it runs',
    ends: ['ROLLBACK_COMPLETE'],
    async run(stacks) {
      copyable(stacks, 'a.raw');
      const stack = snapshotStackOf('CancelledCopy', encryptedCopy('a.raw'));
      addBroken(stack);
      return [(await stacks.deploy(stack)).status];
    },
  },
  {
    name: 'an AMI of encrypted disks: its properties in place, another disk, a rollback',
    ends: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'DELETE_COMPLETE'],
    async run(stacks) {
      copyable(stacks, 'boot.raw', 'data.raw', 'next.raw');
      const shared: Partial<VmImportAmiProps> = {
        deprecateAt: '2031-01-31T09:30:00Z',
        deregistrationProtection: DeregistrationProtection.ENABLED,
        description: 'shared',
        launchPermissions: { accountIds: ['222233334444'] },
        liftProtectionOnDelete: true,
      };
      const broken = amiStackOf('Fedora', encryptedAmi(['boot.raw', 'data.raw']));
      addBroken(broken).node.addDependency(broken.node.findChild('Fedora'));
      const versions = [
        amiStackOf('Fedora', encryptedAmi(['boot.raw', 'data.raw'], shared), { team: 'a', purpose: 'test' }),
        amiStackOf('Fedora', encryptedAmi(['boot.raw', 'data.raw']), { team: 'b' }),
        amiStackOf('Fedora', encryptedAmi(['boot.raw', 'next.raw'], { amiName: 'fedora-2' })),
        broken,
      ];
      const statuses: string[] = [];
      for (const version of versions) {
        statuses.push((await stacks.deploy(version)).status);
      }
      return [...statuses, (await stacks.destroy(versions[2] ?? broken)).status];
    },
  },
];

/** Puts disks that can be copied into an encrypted bucket. */
function copyable(stacks: AuditedStacks, ...keys: readonly string[]): void {
  stacks.bucketKeys.set('encrypted', BUCKET_KEY);
  Object.assign(stacks.s3Status, { object: 200, bucket: 200 });
  keys.forEach((key) => stacks.s3.putObject('encrypted', key, Buffer.alloc(1_048_576, key)));
}

function encryptedCopy(key: string): (stack: Stack) => VmImportSnapshotProps {
  return (stack) => ({
    diskContainer: DiskContainer.fromBucket(
      s3.Bucket.fromBucketAttributes(stack, 'Encrypted', { bucketName: 'encrypted', encryptionKey: kms.Key.fromKeyArn(stack, 'BucketKey', BUCKET_KEY) }), key,
    ),
    encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY),
  });
}

function encryptedAmi(keys: readonly string[], props: Partial<VmImportAmiProps> = {}): (stack: Stack) => VmImportAmiProps {
  return (stack) => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Encrypted', { bucketName: 'encrypted', encryptionKey: kms.Key.fromKeyArn(stack, 'BucketKey', BUCKET_KEY) });
    return {
      diskContainers: keys.map((key) => DiskContainer.fromBucket(bucket, key)),
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY),
      // The disks hold no boot loader.
      preflight: false,
      ...props,
    };
  };
}

/** Adds an import of a disk that is not there, which fails. */
function addBroken(stack: Stack): VmImportImage {
  return new VmImportImage(stack, 'Broken', { ...MISSING(), platform: Platform.LINUX, semanticVersion: '1.0.0', timeout: Duration.minutes(50), preflight: false });
}

/** The same stack, with an import that fails when the copy is complete. */
function brokenAfter(stack: Stack): Stack {
  addBroken(stack).node.addDependency(stack.node.findChild('Data'));
  return stack;
}

/** The same stack, with rules on how its import ends. */
function announced(stack: Stack): Stack {
  const golden = stack.node.findChild('Golden');
  if (golden instanceof VmImportImage) {
    golden.onImportSucceeded('Succeeded');
    golden.onImportFailed('Failed');
  }
  return stack;
}

async function taskOfSomebody(stacks: AuditedStacks): Promise<string> {
  const client = new EC2Client({
    region: REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, requestHandler: stacks.cloud.requestHandler(),
  });
  const { ImportTaskId = '' } = await client.send(
    new ImportImageCommand({ DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: BUCKET, S3Key: 'golden.vmdk' } }] }),
  );
  await stacks.clock.pause(60_000);
  return ImportTaskId;
}
