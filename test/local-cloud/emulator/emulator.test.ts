import {
  CreateTagsCommand, DeleteSnapshotCommand, DeregisterImageCommand, DescribeImagesCommand, DescribeImportImageTasksCommand,
  DescribeSnapshotsCommand, EC2Client, ImportImageCommand,
} from '@aws-sdk/client-ec2';
import {
  DeleteImageCommand, GetImageCommand, ImagebuilderClient, ImportVmImageCommand, ListImageBuildVersionsCommand, TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-imagebuilder';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource } from './index';

const MINUTE = 60_000;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

describe.each(['over HTTP', 'through requestHandler()'] as const)('An import from request to nothing left, %s', (door) => {
  test('walks its states, makes AMI, snapshots and image, and goes when told', async () => {
    const clock = new FakeClock();
    const disks = new MemoryDiskSource().putObject('bucket', 'disk.vmdk', 'content of the disk');
    const emulator = new Ec2AndImageBuilder({ clock, disks });
    const config = door === 'over HTTP'
      ? { region: 'us-east-1', credentials, endpoint: await emulator.listen() }
      : { region: 'us-east-1', credentials, requestHandler: emulator.requestHandler() };
    const ec2 = new EC2Client(config);
    const imagebuilder = new ImagebuilderClient(config);
    try {
      const { ImportTaskId } = await ec2.send(new ImportImageCommand({
        Platform: 'Linux',
        DiskContainers: [{ Format: 'vmdk', UserBucket: { S3Bucket: 'bucket', S3Key: 'disk.vmdk' } }],
        TagSpecifications: [{ ResourceType: 'import-image-task', Tags: [{ Key: 'cdk-vm-import:id', Value: 'one' }] }],
      }));
      const describe = async () => (await ec2.send(new DescribeImportImageTasksCommand({
        Filters: [{ Name: 'tag:cdk-vm-import:id', Values: ['one'] }],
      }))).ImportImageTasks?.[0];
      expect(await describe()).toMatchObject({ ImportTaskId, Status: 'active', StatusMessage: 'pending', Progress: '1' });
      clock.advance(8 * MINUTE);
      expect(await describe()).toMatchObject({ Status: 'active', StatusMessage: 'converting', Progress: '40' });
      clock.advance(12 * MINUTE);
      const done = await describe();
      expect(done).toMatchObject({ Status: 'completed', Tags: [{ Key: 'cdk-vm-import:id', Value: 'one' }] });

      const ami = (await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'name', Values: [ImportTaskId ?? ''] }] }))).Images?.[0];
      expect(ami).toMatchObject({ ImageId: done?.ImageId, Architecture: 'x86_64', State: 'available', Tags: [] });
      const snapshotId = ami?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
      expect(done?.SnapshotDetails?.[0]?.SnapshotId).toBe(snapshotId);

      await ec2.send(new CreateTagsCommand({ Resources: [snapshotId], Tags: [{ Key: 'a', Value: '<b> & "c"\n' }] }));
      const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:a', Values: ['*'] }] }));
      expect(Snapshots).toMatchObject([{ SnapshotId: snapshotId, Tags: [{ Key: 'a', Value: '<b> & "c"\n' }] }]);

      const { imageArn } = await imagebuilder.send(new ImportVmImageCommand({
        name: 'My golden_image', semanticVersion: '1.2.3', platform: 'Linux', vmImportTaskId: ImportTaskId, tags: { team: 'one' },
      }));
      expect(imageArn).toBe('arn:aws:imagebuilder:us-east-1:000000000000:image/my-golden-image/1.2.3/1');
      const get = async () => (await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: imageArn }))).image;
      expect((await get())?.state?.status).toBe('PENDING');
      clock.advance(2 * MINUTE);
      expect(await get()).toMatchObject({
        state: { status: 'AVAILABLE' },
        version: '1.2.3/1',
        tags: { team: 'one' },
        outputResources: { amis: [{ image: ami?.ImageId, region: 'us-east-1', accountId: '000000000000' }] },
      });
      await imagebuilder.send(new TagResourceCommand({ resourceArn: imageArn, tags: { more: 'two' } }));
      await imagebuilder.send(new UntagResourceCommand({ resourceArn: imageArn, tagKeys: ['team'] }));
      const list = await imagebuilder.send(new ListImageBuildVersionsCommand({ imageVersionArn: imageArn?.replace(/\/1$/, '') }));
      expect(list.imageSummaryList).toMatchObject([{ arn: imageArn, tags: { more: 'two' } }]);

      await imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn: imageArn }));
      await ec2.send(new DeregisterImageCommand({ ImageId: ami?.ImageId }));
      await ec2.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
      expect(await emulator.remaining()).toEqual({ tasks: [], amis: [], snapshots: [], images: [], recipes: [] });
    } finally {
      ec2.destroy();
      imagebuilder.destroy();
      await emulator.close();
    }
  });
});
