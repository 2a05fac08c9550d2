import { AnExample } from './an-example';
import { ExampleDisks } from '../security/example-stacks';

const disks = new ExampleDisks();
afterAll(() => disks.delete());
const withTeam = (team?: string) => new AnExample('getting-started', { context: { disk: disks.path, ...(team === undefined ? {} : { team }) } });

test('the disk beside the app is uploaded, and imported from the bucket of the bootstrap', () => {
  expect(withTeam().imports).toMatchObject([{
    ImportImage: {
      DiskContainers: [{
        Format: 'RAW', UserBucket: { S3Bucket: expect.stringMatching(/^cdk-[a-z0-9]+-assets-/), S3Key: expect.stringMatching(/^[0-9a-f]{64}\.raw$/) },
      }],
    },
    ImportVmImage: { name: 'golden', semanticVersion: '1.0.0' },
    Tags: { team: 'platform' },
  }]);
});

test('another team is a change of tags alone', () => {
  const [platform, storage] = [withTeam(), withTeam('storage')].map(({ imports }) => imports[0]);
  expect(storage).toEqual({ ...platform, Tags: { team: 'storage' } });
});
