import { objectOfHttpsUrl, objectOfS3Url } from '../../src/shared/s3-object-url';

test.each([
  ['disks.s3.eu-west-1.amazonaws.com', 'exports/a b.vhd', { bucketName: 'disks', key: 'exports/a b.vhd' }],
  ['my.disks.s3.amazonaws.com', 'a.vhdx', { bucketName: 'my.disks', key: 'a.vhdx' }],
  ['s3.eu-west-1.amazonaws.com', 'disks/exports/a.raw', { bucketName: 'disks', key: 'exports/a.raw' }],
  ['s3-eu-west-1.amazonaws.com', 'disks/a.raw', { bucketName: 'disks', key: 'a.raw' }],
  ['disks.s3.cn-north-1.amazonaws.com.cn', 'a.raw', { bucketName: 'disks', key: 'a.raw' }],
  ['s3.eu-west-1.amazonaws.com', 'a.raw', undefined],
  ['example.com', 'disks/a.raw', undefined],
])('https://%s/%s names an object only if it names a bucket of Amazon S3 and a key', (host, path, object) => {
  expect(objectOfHttpsUrl(host, path)).toEqual(object);
});

test.each([
  ['s3://disks/exports/a.raw', { bucketName: 'disks', key: 'exports/a.raw' }],
  ['s3://disks/', undefined],
  ['https://disks/a.raw', undefined],
])('%s names an object only if it has the scheme, a bucket and a key', (url, object) => {
  expect(objectOfS3Url(url)).toEqual(object);
});
