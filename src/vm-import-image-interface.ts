import { IResource } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Platform } from './image-options';

/**
 * An Image Builder image made of an imported virtual machine.
 *
 * It can be the `machineImage` of instances and launch templates, and its ARN the parent image of a recipe.
 */
export interface IVmImportImage extends IResource, ec2.IMachineImage {
  /**
   * The id of the AMI.
   *
   * @attribute
   */
  readonly amiId: string;

  /**
   * The ARN of the image, of the very build:
   * `arn:<partition>:imagebuilder:<region>:<account>:image/<name>/<x.y.z>/<build>`.
   *
   * @attribute
   */
  readonly imageArn: string;

  /**
   * The name of the image.
   *
   * @attribute
   */
  readonly imageName: string;

  /**
   * The version of the image with the build number that Image Builder gave it, `<x.y.z>/<build>`.
   *
   * @attribute
   */
  readonly imageVersion: string;

  /**
   * Lets somebody launch instances of the AMI: `ec2:RunInstances` on the AMI, and, where the `encryptionKey` is known, the
   * use of that key through EC2. RunInstances also takes permissions on what else a launch uses, which is not known here:
   * instance, volume, network interface, subnet, security groups, key pair, launch template, and `iam:PassRole` for an
   * instance profile. The policy of the key must let IAM policies of the account decide, as that of the CDK's keys does.
   *
   * @param grantee who may launch it
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;
}

/**
 * Attributes of an image that was made elsewhere.
 */
export interface VmImportImageAttributes {
  /**
   * The id of the AMI. Without it, `amiId` and `getImage` throw an error.
   *
   * @default - not known
   */
  readonly amiId?: string;

  /**
   * The ARN of the image: `arn:<partition>:imagebuilder:<region>:<account>:image/<name>/<x.y.z>/<build>`.
   */
  readonly imageArn: string;

  /**
   * The operating system platform, which instances take the type of their user data from.
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;
}
