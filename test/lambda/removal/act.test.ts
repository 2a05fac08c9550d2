import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import type { Aws } from '../../../lambda/aws/clients';
import { deleteLeftovers } from '../../../lambda/import/act';
import { parseRequest } from '../../../lambda/import/request';
import { cancelTasks, removeImport } from '../../../lambda/removal/act';
import { createRequest } from '../requests';

/** EC2 with one snapshot, which answers every change with an error. */
function refusing(name: string, status: number): Aws {
  const send = async (command: object) => {
    if (command instanceof DescribeSnapshotsCommand) {
      return { Snapshots: [{ SnapshotId: 'snap-1', Tags: [{ Key: 'cdk-vm-import:id', Value: 'vm-import-1' }] }] };
    }
    throw Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
  };
  return { ec2: { send }, signal: AbortSignal.timeout(60_000) } as unknown as Aws;
}

const import_ = { id: 'vm-import-1', request: parseRequest(createRequest()), location: { partition: 'aws', region: 'eu-west-1', account: '1', uuid: '1' } };

describe('what a failed attempt left', () => {
  test('stays if AWS refuses its deletion: the Delete of the import follows', async () => {
    await expect(deleteLeftovers(refusing('UnauthorizedOperation', 403), import_, ['snap-1'])).resolves.toBeUndefined();
  });

  test('is deleted in a later pass if AWS does not answer', async () => {
    await expect(deleteLeftovers(refusing('InternalError', 500), import_, ['snap-1'])).rejects.toMatchObject({ name: 'InternalError' });
  });
});

describe('the removal of an import', () => {
  test.each([[[], ['DeregisterImage']], [['ami-1'], ['CreateTags', 'DeregisterImage']]])(
    'tags what lacks the id tag (%j) before it deletes: the function may delete only what carries it', async (untaggedIds, expected) => {
      const sent: string[] = [];
      const client = {
        send: async (command: object) => {
          sent.push(command.constructor.name.replace('Command', ''));
          return {};
        },
      };
      const aws = { ec2: client, imageBuilder: client, signal: AbortSignal.timeout(60_000) } as unknown as Aws;
      await removeImport(aws, 'vm-import-1', { kind: 'remove', imageArns: [], amiIds: ['ami-1'], snapshotIds: [], untaggedIds, then: 'look-again' });
      expect(sent).toEqual(expected);
    });
});

describe('cancelling a task', () => {
  test('is done if EC2 says that it cannot be cancelled any more', async () => {
    await expect(cancelTasks(refusing('InvalidParameter', 400), ['import-ami-1'])).resolves.toBeUndefined();
  });

  test('is tried again in a later pass if EC2 does not answer', async () => {
    await expect(cancelTasks(refusing('RequestLimitExceeded', 503), ['import-ami-1'])).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
  });
});
