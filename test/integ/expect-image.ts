import { ExpectedResult, IntegTest } from '@aws-cdk/integ-tests-alpha';
import { VmImportImage } from '../../src';

/** Asks AWS, once the stack stands, whether image and AMI are what the stack says. */
export function expectImage({ assertions }: IntegTest, image: VmImportImage): void {
  assertions.awsApiCall('imagebuilder', 'GetImage', { imageBuildVersionArn: image.imageArn }).expect(ExpectedResult.objectLike({
    image: { state: { status: 'AVAILABLE' }, outputResources: { amis: [{ image: image.amiId }] } },
  }));
  assertions.awsApiCall('ec2', 'DescribeImages', { ImageIds: [image.amiId] }).expect(ExpectedResult.objectLike({
    Images: [{ ImageId: image.amiId, State: 'available' }],
  }));
}
