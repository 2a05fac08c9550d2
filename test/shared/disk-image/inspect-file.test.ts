import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { inspect } from './look';
import { inspectFile } from '../../../src/shared/disk-image/inspect-file';
import { recordedImages } from '../../disk-images/image-library';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inspect-file-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('a local file', () => {
  test.each(['gpt-uefi-vmdk-stream', 'mbr-vhd-fixed', 'gpt-uefi-qcow2'])('holding %s is seen as the same bytes are', name => {
    const file = path.join(folder, name);
    const image = recordedImages().find(candidate => candidate.name === name);
    fs.writeFileSync(file, image?.file.bytes() ?? '');
    expect(inspectFile(file, { fileName: 'disk.img', role: 'image' })).toEqual(image && inspect(image.file));
  });

  test('of a terabyte is seen at once', () => {
    const file = path.join(folder, 'sparse.raw');
    fs.writeFileSync(file, '');
    fs.truncateSync(file, 2 ** 40);
    expect(inspectFile(file, { fileName: file, role: 'data disk' })).toMatchObject({ format: 'RAW', virtualSize: 2 ** 40, findings: [], cost: { reads: 2 } });
  });

  test('that is not there is an error of the file system', () => {
    expect(() => inspectFile(path.join(folder, 'nothing'), { fileName: 'nothing', role: 'image' })).toThrow(/ENOENT/);
  });
});
