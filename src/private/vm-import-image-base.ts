import { Resource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { Platform } from '../image-options';
import { IVmImportImage } from '../vm-import-image-interface';

/**
 * What images made here and elsewhere have in common.
 *
 * @internal
 */
export abstract class VmImportImageBase extends Resource implements IVmImportImage {
  public abstract readonly amiId: string;
  public abstract readonly imageArn: string;
  public abstract readonly imageName: string;
  public abstract readonly imageVersion: string;
  /** The operating system platform. */
  public abstract readonly platform: Platform;

  /**
   * The AMI as `machineImage` of an instance or a launch template.
   *
   * @param _scope not used
   */
  public getImage(_scope: Construct): ec2.MachineImageConfig {
    const windows = this.platform === Platform.WINDOWS;
    return {
      imageId: this.amiId,
      osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
      userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
    };
  }
}
