import { Annotations, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { AmiParameterOptions } from '../../ami-options';
import { Platform } from '../../image-options';
import { grantLaunch } from '../permissions/launch-permissions';

/**
 * What all AMIs of this library can do: those that a stack creates, and those from attributes.
 *
 * @internal
 */
export abstract class MachineImage extends Resource {
  /** The id of the AMI. */
  public abstract readonly amiId: string;
  /** The operating system platform. */
  public abstract readonly platform: Platform;

  /**
   * Creates an SSM parameter of the data type `aws:ec2:image` that holds the id of the AMI. Launch templates
   * (`resolve:ssm:<name>`), `ec2.MachineImage.fromSsmParameter` and other stacks can use it. It changes when the AMI is replaced.
   *
   * @param id the id of the parameter, below this construct
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
   * Grants permission to launch instances of the AMI.
   *
   * @param grantee the principal that launches instances
   */
  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee);
  }

  /**
   * Returns the AMI as the `machineImage` of an instance or a launch template. Adds a warning if the stack of the instance is in
   * another Region, where the AMI does not exist.
   *
   * @param scope the construct that uses the AMI
   */
  public getImage(scope: Construct): ec2.MachineImageConfig {
    const { region } = Stack.of(scope);
    if (Token.compareStrings(region, this.env.region) === TokenComparison.DIFFERENT) {
      Annotations.of(scope).addWarningV2(
        'cdk-vm-import:amiRegion',
        `The AMI of ${this.node.path} is in ${this.env.region}, but is used in ${region}, where it does not exist: import the disk there, or copy the AMI.`,
      );
    }
    const windows = this.platform === Platform.WINDOWS;
    return {
      imageId: this.amiId,
      osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
      userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
    };
  }
}
