import { Resource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { AmiParameterOptions } from '../../ami-parameter-options';
import { Platform } from '../../image-options';
import { IVmImportImage } from '../../vm-import-image-interface';
import { grantLaunch } from '../permissions/launch-permissions';

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
   * An SSM parameter of the data type `aws:ec2:image` with the id of the AMI, for launch templates
   * (`resolve:ssm:<name>`), `ec2.MachineImage.fromSsmParameter`, and other stacks. It follows the image.
   *
   * @param id the id of the parameter in the image
   * @param options its name and description
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
   */
  public addAmiParameter(id: string, options: AmiParameterOptions = {}): ssm.StringParameter {
    return new ssm.StringParameter(this, id, {
      ...options,
      dataType: ssm.ParameterDataType.AWS_EC2_IMAGE,
      stringValue: this.amiId,
    });
  }

  /**
   * Lets somebody launch instances of the AMI.
   *
   * @param grantee who may launch it
   */
  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee);
  }

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
