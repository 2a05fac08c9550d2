import { createRequest } from './requests';
import { sourceSnapshotIds } from '../../lambda/import';
import { parseRequest } from '../../lambda/request';

const sources = (change: object) =>
  [...sourceSnapshotIds({ id: 'vm-import', request: parseRequest(createRequest({ ...change })), location: { partition: 'aws', region: 'r', account: 'a' } })];

test('the snapshots that the disks are made from are known, so that they are never touched', () => {
  expect(sources({ ImportImage: { RoleName: 'r', DiskContainers: [{ SnapshotId: 'snap-1' }, { Url: 's3://b/k.raw' }, { SnapshotId: 'snap-2' }] } })).toEqual(['snap-1', 'snap-2']);
  expect(sources({ ImportImage: undefined, ImportTaskId: 'import-ami-1' })).toEqual([]);
});
