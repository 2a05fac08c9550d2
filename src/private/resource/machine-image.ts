import { Annotations, IResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { Platform } from '../../image-options';

/** An AMI of this library. */
interface IAmi extends IResource {
  readonly amiId: string;
  readonly platform: Platform;
}

/** Returns an AMI as `machineImage`. Adds a warning if the construct that uses it is in another Region. */
export function machineImageOf(ami: IAmi, usedBy: IConstruct): ec2.MachineImageConfig {
  const { region } = Stack.of(usedBy);
  if (Token.compareStrings(region, ami.env.region) === TokenComparison.DIFFERENT) {
    Annotations.of(usedBy).addWarningV2(
      'cdk-vm-import:amiRegion',
      `The AMI of ${ami.node.path} is in ${ami.env.region}, but is used in ${region}, where it does not exist: import the disk there, or copy the AMI.`,
    );
  }
  const windows = ami.platform === Platform.WINDOWS;
  return {
    imageId: ami.amiId,
    osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
    userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
  };
}
