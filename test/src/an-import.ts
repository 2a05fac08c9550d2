import { App, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage, VmImportImageProps } from '../../src';

export const SNAPSHOT = 'snap-0123456789abcdef0';
export const TASK = 'import-ami-0123456789abcdef0';
export const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const LICENSE_ARN = 'arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef';

export function newStack(props: StackProps = {}): Stack {
  return new Stack(new App(), 'Stack', props);
}

/** An ARN in a policy of a role, as the template has it. `text` may refer to pseudo parameters as `${AWS::Region}`. */
export function arn(text: string): { 'Fn::Sub': string } {
  return { 'Fn::Sub': `arn:\${AWS::Partition}${text}` };
}

/** The least that makes an import without a warning: of one snapshot. */
export function anImport(scope: Construct, id: string, props: Partial<VmImportImageProps> = {}): VmImportImage {
  return new VmImportImage(scope, id, {
    diskContainers: [DiskContainer.fromSnapshot(SNAPSHOT)],
    licenseType: LicenseType.BYOL,
    platform: Platform.LINUX,
    semanticVersion: '1.0.0',
    ...props,
  });
}

/** An import of a task that somebody already ran. */
export function anAdoption(scope: Construct, id: string, props: Partial<VmImportImageProps> = {}): VmImportImage {
  return new VmImportImage(scope, id, { importTaskId: TASK, platform: Platform.LINUX, semanticVersion: '1.0.0', ...props });
}
