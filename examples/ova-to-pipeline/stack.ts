import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import * as imagebuilder from 'aws-cdk-lib/aws-imagebuilder';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

/** An OVA in a bucket becomes the parent image of a recipe, and a pipeline builds from it every Sunday. */
export class OvaToPipelineStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    // A recipe never changes: what builds on another image is another version of it.
    const version = this.node.tryGetContext('version') ?? '1.0.0';

    const exports = s3.Bucket.fromBucketName(this, 'Exports', this.node.tryGetContext('bucket') ?? 'my-vm-exports');
    const golden = new VmImportImage(this, 'Golden', {
      diskContainers: [DiskContainer.fromBucket(exports, `rhel9-${version}.ova`)],
      platform: Platform.LINUX,
      osVersion: 'Red Hat Enterprise Linux 9',
      licenseType: LicenseType.BYOL,
      imageName: 'rhel9',
      semanticVersion: version,
    });

    const recipe = new imagebuilder.CfnImageRecipe(this, 'Recipe', {
      name: 'rhel9-patched',
      version,
      parentImage: golden.imageArn,
      components: [{
        componentArn: this.formatArn({ service: 'imagebuilder', account: 'aws', resource: 'component', resourceName: 'update-linux/x.x.x' }),
      }],
    });
    const infrastructure = new imagebuilder.CfnInfrastructureConfiguration(this, 'Infrastructure', {
      name: 'rhel9-patched',
      // https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-setting-up.html
      instanceProfileName: this.node.tryGetContext('instanceProfile') ?? 'EC2InstanceProfileForImageBuilder',
      instanceMetadataOptions: { httpTokens: 'required' },
    });
    const pipeline = new imagebuilder.CfnImagePipeline(this, 'Pipeline', {
      name: 'rhel9-patched',
      imageRecipeArn: recipe.attrArn,
      infrastructureConfigurationArn: infrastructure.attrArn,
      schedule: { scheduleExpression: 'cron(0 3 ? * sun *)' },
    });

    new CfnOutput(this, 'ImageArn', { value: golden.imageArn });
    new CfnOutput(this, 'AmiId', { value: golden.amiId });
    new CfnOutput(this, 'PipelineArn', { value: pipeline.attrArn });
  }
}
