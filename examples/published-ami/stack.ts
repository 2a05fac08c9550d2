import { CfnOutput, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** An AMI that others find by its name, or in a parameter, may launch, and hear of. */
export class PublishedAmiStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const version = this.node.tryGetContext('version') ?? '1.0.0';
    const accounts: string | undefined = this.node.tryGetContext('accounts');

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, `golden-${version}.ova`)],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'golden',
      semanticVersion: version,
      // All of these are changed in place, without a new import.
      ami: {
        // Names are unique, and the old AMI stands until the new one does: the version tells them apart.
        name: `golden-${version}`,
        description: `The golden image, version ${version}`,
        launchPermissions: accounts === undefined ? undefined : { accountIds: accounts.split(',') },
        requireImdsv2: true,
        deprecateAt: this.node.tryGetContext('deprecateAt'),
      },
    });
    // Launch templates take it as resolve:ssm:/images/golden.
    const parameter = golden.addAmiParameter('Parameter', { parameterName: '/images/golden', description: 'The AMI of the golden image' });

    const key = new kms.Key(this, 'Key', { description: 'News of images', enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
    const topic = new sns.Topic(this, 'News', { masterKey: key, enforceSSL: true });
    golden.onImportSucceeded('Succeeded', { target: new targets.SnsTopic(topic) });
    golden.onImportFailed('Failed', { target: new targets.SnsTopic(topic) });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'ParameterName', { value: parameter.parameterName });
    new CfnOutput(this, 'TopicArn', { value: topic.topicArn });
  }
}
