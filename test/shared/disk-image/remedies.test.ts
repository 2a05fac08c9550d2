import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { inspectFile } from '../../../src/shared/disk-image/inspect-file';
import { descriptor, tar } from '../../disk-images/archives';
import { recordedImages } from '../../disk-images/image-library';
import { patched } from '../../disk-images/patch';
import { canMakeImages } from '../../disk-images/qemu';
import { streamVmdk } from '../../disk-images/stream-vmdk';

const recorded = new Map(recordedImages().map(({ name, file }) => [name, file]));
const bytesOf = (name: string) => recorded.get(name)?.bytes() ?? new Uint8Array(0);
const sparse = bytesOf('mbr-vmdk-sparse');
const server = (disk: Uint8Array) => tar([['server.ovf', descriptor('virtualbox')], ['server-disk001.vmdk', disk]]);

/** A file with an error, and the file that its remedy makes. */
const CASES: readonly (readonly [string, Uint8Array, string])[] = [
  ['my disk.vmdk', sparse, 'my disk-importable.vmdk'],
  ['-odd.vmdk', sparse, '-odd-importable.vmdk'],
  ['qcow2 as.vmdk', bytesOf('gpt-uefi-qcow2'), 'qcow2 as-importable.vmdk'],
  ['disk.qcow', bytesOf('gpt-uefi-qcow'), 'disk-importable.vmdk'],
  ['disk.vdi', bytesOf('gpt-uefi-vdi'), 'disk-importable.vmdk'],
  ['disk.hdd', bytesOf('gpt-uefi-parallels'), 'disk-importable.vmdk'],
  ['disk.vhd', patched(bytesOf('mbr-vhd-dynamic'), [-512 + 30, 'xx']), 'disk-importable.vmdk'],
  ['disk.raw.gz', gzipSync(bytesOf('mbr-raw')), 'disk.raw'],
  ['sparse.ova', server(sparse), 'server-disk001-importable.vmdk'],
  ['zipped.ova', server(gzipSync(streamVmdk(bytesOf('mbr-raw')))), 'server-disk001-importable.vmdk'],
];

// The remedies are commands of qemu-img: without it there is nothing to run.
(canMakeImages() === 'yes' ? describe : describe.skip)('the remedy', () => {
  test.each(CASES)('for %s, run in a shell, makes a disk without a finding', (name, content, result) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'remedy-'));
    try {
      fs.writeFileSync(path.join(folder, name), content);
      const [first] = inspectFile(path.join(folder, name), { fileName: name, role: 'data disk' }).findings;
      execFileSync('sh', ['-c', first?.remedy.replace(/^[^:]*: /, '') ?? 'false'], { cwd: folder, stdio: 'pipe' });
      const after = inspectFile(path.join(folder, result), { fileName: result, role: 'data disk' });
      expect(after).toMatchObject({ findings: [], partitionTable: { kind: expect.stringMatching(/^(gpt|mbr)$/) } });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
