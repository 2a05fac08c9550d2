import { locationOf } from '../../../lambda/cloudformation/physical-id';
import { imageVersionArn, sourceSnapshotIds, parseRequest } from '../../../lambda/import/request';
import { createRequest } from '../requests';

const sources = (change: object) =>
  [...sourceSnapshotIds({ request: parseRequest(createRequest({ ...change })) })];

test('the snapshots that the disks are made from are known, so that they are never touched', () => {
  expect(sources({ ImportImage: { RoleName: 'r', DiskContainers: [{ SnapshotId: 'snap-1' }, { Url: 's3://b/k.raw' }, { SnapshotId: 'snap-2' }] } })).toEqual(['snap-1', 'snap-2']);
  expect(sources({ ImportImage: undefined, ImportTaskId: 'import-ami-1' })).toEqual([]);
});

test('an image version is listed under its name in lower case, blanks and underscores as hyphens, in the partition of the stack', () => {
  const request = parseRequest(createRequest({ ImportVmImage: { name: 'My Golden_Image', semanticVersion: '1.2.3', platform: 'Linux' } }));
  const location = locationOf('arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/S/51af3dc0-da77-11e4-872e-1234567abcdb');
  expect(imageVersionArn({ request, location })).toBe('arn:aws-cn:imagebuilder:cn-north-1:111122223333:image/my-golden-image/1.2.3');
});
