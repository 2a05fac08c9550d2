import { App, Duration, Stack, Tags } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { ACCOUNT, REGION } from './resolve-template';
import {
  DiskContainer, LicenseType, Platform, VmImportAmi, VmImportAmiProps, VmImportImage, VmImportImageProps, VmImportSnapshot, VmImportSnapshotProps,
} from '../../src';

/** The bucket that the disks of the tests are in. */
export const BUCKET = 'disks';

/** What a stack imports, by construct id. */
type Imports = Readonly<Record<string, Partial<VmImportImageProps>>>;

/** One version of a stack. */
export function stackOf(name: string, given: Imports | ((stack: Stack) => Imports), tags: Readonly<Record<string, string>> = {}): Stack {
  const stack = new Stack(new App(), name, { env: { account: ACCOUNT, region: REGION } });
  const imports = typeof given === 'function' ? given(stack) : given;
  for (const [id, props] of Object.entries(imports)) {
    new VmImportImage(stack, id, {
      ...(props.importTaskId === undefined ? { diskContainers: [disk(stack, 'golden.vmdk')], licenseType: LicenseType.BYOL } : {}),
      imageName: id,
      platform: Platform.LINUX,
      semanticVersion: '1.0.0',
      timeout: Duration.minutes(50),
      preflight: false,
      ...props,
    });
  }
  Object.entries(tags).forEach(([key, value]) => Tags.of(stack).add(key, value));
  return stack;
}

/** One version of a stack that copies a disk. */
export function snapshotStackOf(name: string, given: (stack: Stack) => VmImportSnapshotProps, tags: Readonly<Record<string, string>> = {}): Stack {
  const stack = new Stack(new App(), name, { env: { account: ACCOUNT, region: REGION } });
  new VmImportSnapshot(stack, 'Data', given(stack));
  Object.entries(tags).forEach(([key, value]) => Tags.of(stack).add(key, value));
  return stack;
}

/** One version of a stack that registers an AMI of disks. */
export function amiStackOf(name: string, given: (stack: Stack) => VmImportAmiProps, tags: Readonly<Record<string, string>> = {}): Stack {
  const stack = new Stack(new App(), name, { env: { account: ACCOUNT, region: REGION } });
  const ami = new VmImportAmi(stack, 'Fedora', given(stack));
  ami.onImportSucceeded('Succeeded');
  Object.entries(tags).forEach(([key, value]) => Tags.of(stack).add(key, value));
  return stack;
}

/** An object of the bucket, as a disk. */
export function disk(stack: Stack | undefined, key: string): DiskContainer {
  const scope = stack ?? new Stack();
  return DiskContainer.fromBucket(
    (scope.node.tryFindChild('Disks') as s3.IBucket | undefined) ?? s3.Bucket.fromBucketName(scope, 'Disks', BUCKET), key,
  );
}
