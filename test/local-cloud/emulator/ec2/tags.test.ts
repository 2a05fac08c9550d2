import { CreateTagsCommand, DeleteTagsCommand, DescribeImagesCommand, DescribeImportImageTasksCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import type { Tag } from '@aws-sdk/client-ec2';
import { accountWithDisk, DISK } from '../sdk-clients';

async function imported() {
  const account = accountWithDisk();
  const { ImportTaskId: task = '' } = await account.ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
  account.clock.advance(20 * 60_000);
  const { amis: [ami = ''], snapshots: [snapshot = ''] } = await account.emulator.remaining();
  const tagsOf = async () => (await account.ec2.send(new DescribeImagesCommand({ ImageIds: [ami] }))).Images?.[0]?.Tags;
  return { ...account, task, ami, snapshot, tagsOf };
}

describe('CreateTags', () => {
  test('tags task, AMI and snapshot at once, and replaces values', async () => {
    const { ec2, task, ami, snapshot, emulator } = await imported();
    const Resources = [task, ami, snapshot];
    await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '' }] }));
    await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '2' }] }));
    const Tags = [{ Key: 'a', Value: '2' }, { Key: 'b', Value: '' }];
    expect(await emulator.state()).toMatchObject({ tasks: [{ Tags }], amis: [{ Tags }], snapshots: [{ Tags }] });
  });

  test.each([
    ['ami-0123456789abcdef0', 'InvalidAMIID.NotFound'],
    ['snap-0123456789abcdef0', 'InvalidSnapshot.NotFound'],
    ['import-ami-0123456789abcdef0', 'InvalidConversionTaskId.Malformed'],
    ['nonsense', 'InvalidID'],
  ])('of %s beside an AMI that stands answers %s and tags nothing', async (unknown, code) => {
    const { ec2, ami, tagsOf } = await imported();
    await expect(ec2.send(new CreateTagsCommand({ Resources: [ami, unknown], Tags: [{ Key: 'a', Value: '1' }] }))).rejects.toMatchObject({ name: code });
    await expect(ec2.send(new DeleteTagsCommand({ Resources: [unknown], Tags: [{ Key: 'a' }] }))).rejects.toMatchObject({ name: code });
    expect(await tagsOf()).toEqual([]);
  });

  const refused: [string, Tag[], string][] = [
    ['a key of 128 characters', [{ Key: 'k'.repeat(128), Value: '' }], 'InvalidParameterValue'],
    ['a reserved key', [{ Key: 'aws:cloudformation:stack-name', Value: '' }], 'InvalidParameterValue'],
    ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidParameterValue'],
    ['the same key twice', [{ Key: 'k', Value: '1' }, { Key: 'k', Value: '2' }], 'InvalidParameterValue'],
    ['51 tags', Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })), 'TagLimitExceeded'],
  ];
  test.each(refused)('refuses %s', async (_, Tags, code) => {
    const { ec2, ami, tagsOf } = await imported();
    await expect(ec2.send(new CreateTagsCommand({ Resources: [ami], Tags }))).rejects.toMatchObject({ name: code });
    expect(await tagsOf()).toEqual([]);
  });

  test('refuses the 51st tag of a resource', async () => {
    const { ec2, ami } = await imported();
    const create = async (from: number) => ec2.send(new CreateTagsCommand({
      Resources: [ami], Tags: Array.from({ length: 26 }, (_, index) => ({ Key: `k${from + index}`, Value: '' })),
    }));
    await create(0);
    await expect(create(26)).rejects.toMatchObject({ name: 'TagLimitExceeded' });
    await expect(create(0)).resolves.toBeDefined();
  });
});

describe('DeleteTags', () => {
  test('takes a key away whatever its value, a pair only if the value fits, and never minds what is not there', async () => {
    const { ec2, ami, tagsOf } = await imported();
    await ec2.send(new CreateTagsCommand({ Resources: [ami], Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }, { Key: 'c', Value: '3' }] }));
    await ec2.send(new DeleteTagsCommand({ Resources: [ami], Tags: [{ Key: 'a' }, { Key: 'b', Value: 'other' }, { Key: 'c', Value: '3' }, { Key: 'd' }] }));
    expect(await tagsOf()).toEqual([{ Key: 'b', Value: '2' }]);
    await ec2.send(new DeleteTagsCommand({ Resources: [ami] }));
    expect(await tagsOf()).toEqual([]);
  });

  test('of a task shows in its description', async () => {
    const { ec2, task } = await imported();
    await ec2.send(new CreateTagsCommand({ Resources: [task], Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] }));
    await ec2.send(new DeleteTagsCommand({ Resources: [task], Tags: [{ Key: 'a' }] }));
    const { ImportImageTasks } = await ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [task] }));
    expect(ImportImageTasks).toMatchObject([{ Tags: [{ Key: 'b', Value: '2' }] }]);
  });
});
