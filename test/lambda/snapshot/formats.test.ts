import { blocksOf } from './copied-disks';
import { SnapshotRig } from './snapshot-rig';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { descriptor, tar } from '../../disk-images/archives';
import { recordedImage } from '../../disk-images/image-library';
import { streamVmdk } from '../../disk-images/stream-vmdk';

const DISK = recordedImage('gpt-uefi-raw');
const OVA = tar([
  ['server.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', recordedImage('mbr-vmdk-stream')], ['rhel9-disk2.vmdk', recordedImage('gpt-uefi-vmdk-stream')],
]);

const IMAGES: readonly (readonly [name: string, disk: Properties, image: Uint8Array])[] = [
  ['a RAW image', { Format: 'RAW' }, DISK],
  ['a sparse VMDK of qemu-img', { Format: 'VMDK' }, recordedImage('gpt-uefi-vmdk-sparse')],
  ['a stream-optimized VMDK of qemu-img', { Format: 'VMDK' }, recordedImage('gpt-uefi-vmdk-stream')],
  ['a stream-optimized VMDK as VMware writes it', { Format: 'VMDK' }, streamVmdk(DISK)],
  ['a dynamic VHD', { Format: 'VHD' }, recordedImage('gpt-uefi-vhd-dynamic')],
  ['a fixed VHD', { Format: 'VHD' }, recordedImage('gpt-uefi-vhd-fixed')],
  ['a dynamic VHDX', { Format: 'VHDX' }, recordedImage('gpt-uefi-vhdx-dynamic')],
  ['a fixed VHDX', { Format: 'VHDX' }, recordedImage('gpt-uefi-vhdx-fixed')],
  ['a qcow2', { Format: 'QCOW2' }, recordedImage('gpt-uefi-qcow2')],
  ['the second disk of an OVA', { Format: 'OVA', OvaDisk: '1' }, OVA],
];

test.each(IMAGES)('every block of %s reaches the snapshot, through the whole path', async (_name, disk, image) => {
  const rig = new SnapshotRig(image);
  const result = await rig.end({ Disk: { S3Bucket: 'exports', S3Key: 'data.raw', ...disk } });
  expect(result).toMatchObject({ kind: 'done', attributes: { VolumeSize: '1' } });
  const [snapshot] = await rig.snapshots();
  const written = [...rig.rig.cloud.writtenBlocks(snapshot?.SnapshotId ?? '')].sort(([a], [b]) => a - b);
  expect(written).toEqual(blocksOf(DISK).map((sha256, index) => [index, sha256]));
});
