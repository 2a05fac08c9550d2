import * as imagebuilder from '@aws-cdk/aws-imagebuilder-alpha';
import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** The imported image in a recipe and a pipeline of the CDK's own module for Image Builder. */
export class ImagebuilderAlphaStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    // A recipe never changes: what builds on another image is another version of it.
    const version = this.node.tryGetContext('version') ?? '1.0.0';

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, `debian12-${version}.vmdk`)],
      platform: Platform.LINUX,
      licenseType: LicenseType.BYOL,
      imageName: 'debian12',
      semanticVersion: version,
    });

    const recipe = new imagebuilder.ImageRecipe(this, 'Recipe', {
      imageRecipeVersion: version,
      baseImage: imagebuilder.BaseImage.fromString(golden.imageArn),
      components: [{ component: imagebuilder.AmazonManagedComponent.updateOs(this, 'UpdateOs', { platform: imagebuilder.Platform.LINUX }) }],
    });
    const pipeline = new imagebuilder.ImagePipeline(this, 'Pipeline', {
      recipe,
      schedule: { expression: events.Schedule.cron({ weekDay: 'sun', hour: '3', minute: '0' }) },
      infrastructureConfiguration: new imagebuilder.InfrastructureConfiguration(this, 'Infrastructure', {
        // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
        instanceProfile: iam.InstanceProfile.fromInstanceProfileName(
          this, 'InstanceProfile', this.node.tryGetContext('instanceProfile') ?? 'EC2InstanceProfileForImageBuilder',
        ),
      }),
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'PipelineArn', { value: pipeline.imagePipelineArn });
  }
}
