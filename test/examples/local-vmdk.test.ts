import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnExample } from './an-example';
import { demoDisk } from '../../scripts/demo-disk';
import { recordedImage } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';

const folder = mkdtempSync(join(tmpdir(), 'local-vmdk-'));
const disk = join(folder, 'disk.vmdk');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withDisk(content: Uint8Array): AnExample {
  writeFileSync(disk, content);
  return new AnExample('local-vmdk', { context: { disk } });
}

const keyOf = ({ imports }: AnExample) => JSON.stringify(imports[0]?.ImportImage?.DiskContainers);

test('the VMDK is uploaded as it is, and imported from the bucket of the bootstrap', () => {
  expect(withDisk(streamVmdk(demoDisk('one'))).imports).toMatchObject([{
    ImportImage: {
      DiskContainers: [{
        Format: 'VMDK',
        UserBucket: { S3Bucket: expect.stringMatching(/^cdk-[a-z0-9]+-assets-/), S3Key: expect.stringMatching(/^[0-9a-f]{64}\.vmdk$/) },
      }],
    },
  }]);
});

test('new content is a new import; the same content is not', () => {
  const [one, again, two] = ['one', 'one', 'two'].map((label) => keyOf(withDisk(streamVmdk(demoDisk(label)))));
  expect(again).toBe(one);
  expect(two).not.toBe(one);
});

test('another format that is only called VMDK stops synthesis, with the command that helps', () => {
  const qcow2 = recordedImage('gpt-uefi-qcow2');
  expect(() => withDisk(qcow2)).toThrow(/subformat=streamOptimized/);
});
