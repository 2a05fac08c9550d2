import type { Ami } from '../../../lambda/aws/amis';
import type { Image } from '../../../lambda/aws/images';
import type { Task } from '../../../lambda/aws/tasks';
import { locationOf } from '../../../lambda/cloudformation/physical-id';
import type { ImportObserved } from '../../../lambda/import/decide';
import { answerAtEnd } from '../../../lambda/import/handover';
import { attributesOf } from '../../../lambda/import/reconcile';
import type { Import } from '../../../lambda/import/request';
import { parseRequest } from '../../../lambda/import/request';
import { createRequest } from '../requests';

const OBSERVED: ImportObserved = { task: { kind: 'none' }, ami: { kind: 'none' }, image: { kind: 'none' }, tagChanges: [] };
const ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/3';
const task: Task = { id: 'import-ami-1', importId: 'vm-import', state: 'completed', status: 'completed', statusMessage: '', progress: '', snapshotIds: [], licenseType: 'AWS', tags: {} };
const ami: Ami = {
  id: 'ami-1',
  name: 'import-ami-1',
  createdAt: 0,
  state: 'available',
  stateReason: '',
  snapshotIds: ['snap-1', 'snap-2'],
  architecture: 'x86_64',
  rootDeviceName: '/dev/sda1',
  bootMode: 'uefi',
  usageOperation: 'RunInstances',
  importId: 'vm-import',
  taskId: 'import-ami-1',
  licenseType: 'AWS',
  description: '',
  protection: 'disabled',
  tags: {},
};
const image: Image = { arn: ARN, state: 'available', status: 'AVAILABLE', reason: '', amiId: 'ami-1', tags: {} };

function importOf(change: object = {}): Import {
  return { id: 'vm-import', request: parseRequest(createRequest({ ...change })), location: locationOf(createRequest().StackId) };
}

describe('the attributes', () => {
  const full = {
    ImageArn: ARN,
    AmiId: 'ami-1',
    ImportTaskId: 'import-ami-1',
    SnapshotIds: 'snap-1,snap-2',
    ImageName: 'Golden',
    ImageVersion: '1.0.0/3',
    Architecture: 'x86_64',
    LicenseType: 'AWS',
    UsageOperation: 'RunInstances',
    BootMode: 'uefi',
  };

  test('say what was made', () => {
    expect(attributesOf(importOf(), { observed: OBSERVED, task, ami, image })).toEqual(full);
  });

  test('stay the same when EC2 has forgotten the task', () => {
    expect(attributesOf(importOf(), { observed: OBSERVED, ami, image })).toEqual(full);
  });

  test('are all there, and strings, even where somebody has removed the AMI by hand', () => {
    const change = { ImportImage: { DiskContainers: [], RoleName: 'r', LicenseType: 'BYOL' } };
    expect(attributesOf(importOf(change), { observed: OBSERVED, image })).toEqual({
      ...full, ImportTaskId: '', SnapshotIds: '', Architecture: '', LicenseType: 'BYOL', UsageOperation: '', BootMode: '',
    });
    expect(Object.values(attributesOf(importOf(), { observed: OBSERVED })).every((value) => typeof value === 'string')).toBe(true);
  });

  test('name the task that was adopted', () => {
    const adopting = importOf({ ImportImage: undefined, ImportTaskId: 'import-ami-9' });
    expect(attributesOf(adopting, { observed: OBSERVED, ami: { ...ami, taskId: undefined, licenseType: undefined }, image })).toMatchObject({
      ImportTaskId: 'import-ami-9', LicenseType: '',
    });
  });

  test('of 21 disks and the longest image name fit into the 4,096 bytes of an answer to CloudFormation', () => {
    const name = 'n'.repeat(1024);
    const largest = attributesOf(importOf({ ImportVmImage: { name, semanticVersion: '1073741823.1073741823.1073741823', platform: 'Linux' } }), {
      observed: OBSERVED,
      task,
      ami: { ...ami, snapshotIds: Array.from({ length: 21 }, (_, index) => `snap-0123456789abcde${index.toString(16).padStart(2, '0')}`) },
      image: { ...image, arn: `arn:aws-us-gov:imagebuilder:us-gov-west-1:111122223333:image/${name}/1073741823.1073741823.1073741823/1073741823` },
    });
    const answer = {
      Status: 'SUCCESS',
      Reason: 'SUCCESS',
      StackId: `arn:aws-us-gov:cloudformation:us-gov-west-1:111122223333:stack/${'s'.repeat(128)}/11111111-2222-3333-4444-555555555555`,
      RequestId: '11111111-2222-3333-4444-555555555555',
      PhysicalResourceId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000/58',
      LogicalResourceId: 'L'.repeat(255),
    };
    const size = (data: object) => Buffer.byteLength(JSON.stringify({ ...answer, Data: { StartedAt: '2026-01-01T00:00:00.000Z', ...data } }));
    expect(largest.SnapshotIds?.split(',')).toHaveLength(21);
    expect(size(largest)).toBeLessThanOrEqual(4096);
    const follower = { ...createRequest({ Segment: '58', Segments: '59' }), PhysicalResourceId: answer.PhysicalResourceId, Data: { StartedAt: '' } };
    const told = answerAtEnd(follower, { endedAt: 1_800_000_000_000, attributes: largest });
    expect(Object.keys(told)).toEqual(['Outcome']);
    expect(size(told)).toBeLessThanOrEqual(4096);
  });
});
