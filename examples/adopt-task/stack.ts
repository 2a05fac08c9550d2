import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Platform, VmImportImage } from 'cdk-vm-import';

/** An import task that somebody already ran becomes an Image Builder image. Its AMI and snapshots stay theirs. */
export class AdoptTaskStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const adopted = new VmImportImage(this, 'Adopted', {
      importTaskId: this.node.tryGetContext('task') ?? 'import-ami-0123456789abcdef0',
      platform: Platform.LINUX,
      imageName: 'adopted',
      semanticVersion: '1.0.0',
    });

    new CfnOutput(this, 'ImageArn', { value: adopted.imageArn });
    new CfnOutput(this, 'AmiId', { value: adopted.amiId });
  }
}
