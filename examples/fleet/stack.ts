import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage, VmImportProvider, VmImportRole } from 'cdk-vm-import';

/** 24 machines: more than the 20 that EC2 imports at once in a Region. */
const MACHINES = [numbered('web', 12), numbered('app', 8), numbered('db', 4)].flat();

/** A fleet moves at once. What finds no free place in EC2's quota waits in line for one. */
export class FleetStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    // One service role for all of them.
    const role = new VmImportRole(this, 'ImportRole');

    const machines: string | undefined = this.node.tryGetContext('machines');
    for (const name of machines?.split(',') ?? MACHINES) {
      const image = new VmImportImage(this, name, {
        diskContainers: [DiskContainer.fromBucket(exports, `fleet/${name}.vmdk`)],
        role,
        // Waiting in line counts. No import is to be made dependent on another: the quota alone says who is next.
        timeout: Duration.hours(8),
        platform: Platform.LINUX,
        licenseType: LicenseType.BYOL,
        imageName: name,
        semanticVersion: '1.0.0',
      });
      new CfnOutput(this, `${name}-ami`, { value: image.amiId });
    }

    // Nobody looks on for hours: an alarm says that an import failed.
    const topicArn = this.formatArn({ service: 'sns', resource: this.node.tryGetContext('topic') ?? 'operations' });
    const topic = sns.Topic.fromTopicArn(this, 'Operations', topicArn);
    VmImportProvider.getOrCreate(this).addFailedImportsAlarm('Alarm').addAlarmAction(new actions.SnsAction(topic));
  }
}

function numbered(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
}
