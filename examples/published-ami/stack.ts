import { CfnOutput, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DeregistrationProtection, DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** An AMI that others find by its name, or in a parameter, may launch, and hear of. */
export class PublishedAmiStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const version = this.node.tryGetContext('version') ?? '1.0.0';
    const accounts: string | undefined = this.node.tryGetContext('accounts');
    const organizations: string | undefined = this.node.tryGetContext('organizations');
    const units: string | undefined = this.node.tryGetContext('units');
    const protect = this.node.tryGetContext('protect') === 'true';

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, `golden-${version}.ova`, {
        // After the import, when the image is there. A bucket with versions keeps the others.
        deleteSourceOnSuccess: this.node.tryGetContext('deleteDisk') === 'true',
      })],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'golden',
      semanticVersion: version,
      // All of these are changed in place, without a new import.
      ami: {
        // Names are unique, and the old AMI stands until the new one does: the version tells them apart.
        name: `golden-${version}`,
        description: `The golden image, version ${version}`,
        launchPermissions: {
          accountIds: accounts?.split(','),
          organizationArns: organizations?.split(','),
          organizationalUnitArns: units?.split(','),
          // Everybody with an AWS account: synthesis warns.
          publicAccess: this.node.tryGetContext('public') === 'true',
        },
        requireImdsv2: true,
        deprecateAt: this.node.tryGetContext('deprecateAt'),
        deregistrationProtection: protect ? DeregistrationProtection.ENABLED : undefined,
        // The next version replaces this one: that is ours to say, nobody else's.
        liftProtectionOnDelete: protect,
      },
    });
    // Launch templates take it as resolve:ssm:/images/golden.
    const parameter = golden.addAmiParameter('Parameter', { parameterName: '/images/golden', description: 'The AMI of the golden image' });

    // Who assumes the role may launch this AMI; on what network, and as what, is yours to allow.
    const launcher = new iam.Role(this, 'Launcher', { assumedBy: new iam.AccountRootPrincipal() });
    golden.grantLaunch(launcher);

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
