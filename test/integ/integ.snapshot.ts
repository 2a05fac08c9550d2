/**
 * An EBS snapshot becomes an encrypted image. docs/integration-tests.md says how to run it on AWS.
 */
import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { expectImage } from './expect-image';
import { DiskContainer, LicenseType, Platform, VmImportImage } from '../../src';

const app = new App();
const stack = new Stack(app, 'VmImportIntegSnapshot');

const key = new kms.Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY });
const golden = new VmImportImage(stack, 'Golden', {
  diskContainers: [DiskContainer.fromSnapshot(process.env.VM_IMPORT_SNAPSHOT ?? 'snap-0123456789abcdef0')],
  encryptionKey: key,
  platform: Platform.LINUX,
  licenseType: LicenseType.BYOL,
  imageName: 'vm-import-integ-snapshot',
  semanticVersion: '1.0.0',
});

const test = new IntegTest(app, 'Snapshot', {
  testCases: [stack],
  // What is committed names no snapshot of yours, so there is nothing to deploy before.
  stackUpdateWorkflow: false,
  cdkCommandOptions: { deploy: { args: { rollback: true } } },
});
expectImage(test, golden);
test.assertions.awsApiCall('ec2', 'DescribeSnapshots', { SnapshotIds: [Fn.select(0, golden.snapshotIds)] }).expect(ExpectedResult.objectLike({
  Snapshots: [{ Encrypted: true, KmsKeyId: key.keyArn }],
}));
