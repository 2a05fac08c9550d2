import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { IConstruct } from 'constructs';
import { scopeOf } from './key-scope';

/** An image with its AMI. */
interface ILaunchable extends IConstruct {
  readonly amiId: string;
}

/**
 * Lets somebody launch instances of the AMI of an image, and have EBS decrypt its snapshots.
 *
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
 */
export function grantLaunch(image: ILaunchable, grantee: iam.IGrantable, encryptionKey?: kms.IKey): iam.Grant {
  const ami = Stack.of(image).formatArn({ service: 'ec2', account: '', resource: 'image', resourceName: image.amiId });
  const launch = iam.Grant.addToPrincipal({ grantee, actions: ['ec2:RunInstances'], resourceArns: [ami] });
  return encryptionKey === undefined ? launch : launch.combine(grantThroughEc2(grantee, encryptionKey, Stack.of(image)));
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions */
function grantThroughEc2(grantee: iam.IGrantable, key: kms.IKey, stack: Stack): iam.Grant {
  // Its name in China ends with another suffix.
  const viaEc2 = { StringLike: { 'kms:ViaService': `ec2.${stack.region}.amazonaws.com*` } };
  const { arns: resourceArns, conditions } = scopeOf(stack, key, viaEc2);
  const volumes = iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    resourceArns,
    conditions,
  });
  const grants = iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:CreateGrant'],
    resourceArns,
    conditions: { ...conditions, Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  });
  return volumes.combine(grants);
}
