/** The demo of `VmImportAmi`: a small real system in a qcow2 becomes an AMI, and boots from what the loopback AWS stored. */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { amiOf } from './demo-ami';
import { expect, say, tell } from './demo-talk';
import { architectureOf, BootDisk, makeBootDisk } from '../test/disk-images/boot-disk';
import { bootFiles } from '../test/disk-images/debian-packages';
import { canStart, start } from '../test/disk-images/machine';
import { ExampleApp } from '../test/e2e/example-app';
import { ebsClient, restoreVolume } from '../test/e2e/snapshot-blocks';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

const BUCKET = 'my-cloud-images';
const KEY = 'small-linux.qcow2';
/** Everything on the console, until the system says how it booted. */
const CONSOLE = /[\s\S]*cdk-vm-import: this disk boots by .*/;
/** What firmware prints to clear the screen and to move on it. */
const SCREEN_CONTROL = new RegExp(`${String.fromCharCode(27)}\\[[=0-9;]*[A-Za-z]`, 'g');
const LAST_LINES = 12;

export async function showAmi(cloud: LocalCloud): Promise<void> {
  const name = bootableDisk();
  const raw = makeBootDisk(name, cloud.folder);
  if (raw === undefined) {
    throw new Error('This demo makes a disk of Debian packages: run it on Debian or Ubuntu, with QEMU and OVMF installed.');
  }
  const qcow2 = join(cloud.folder, KEY);
  convert(raw, qcow2);
  tell(`a system of Linux and busybox that boots by ${name}: ${size(raw)} as RAW, ${size(qcow2)} as qcow2`);

  say('2. cdk bootstrap, and the qcow2 in a bucket');
  await cloud.bootstrap();
  await cloud.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await cloud.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: readFileSync(qcow2) }));

  say('3. cdk deploy of examples/cloud-image-arm64: the disk becomes an AMI as it is');
  const example = new ExampleApp(cloud, 'cloud-image-arm64');
  const { AmiId = '', Architecture, BootMode } = await example.deploy({ bucket: BUCKET, key: KEY });
  const ami = await amiOf(cloud, AmiId);
  const [device] = ami?.BlockDeviceMappings ?? [];
  tell(`AMI       ${AmiId}: ${Architecture}, ${BootMode}, both as the preflight found them on the disk`);
  tell(`root      ${device?.DeviceName}, ${device?.Ebs?.SnapshotId}, ${device?.Ebs?.VolumeSize} GiB ${device?.Ebs?.VolumeType}`);
  tell(`blocks    ${cloud.emulator.calls({ action: 'PutSnapshotBlock' }).length} calls of PutSnapshotBlock, ${cloud.emulator.calls({ action: 'ImportImage' }).length} of ImportImage`);

  say('4. A machine boots from the blocks of the snapshot, under QEMU');
  const volume = join(cloud.folder, 'volume.raw');
  const ebs = ebsClient(cloud);
  tell(`${await restoreVolume(ebs, device?.Ebs?.SnapshotId ?? '', volume)} blocks read from ${device?.Ebs?.SnapshotId}`);
  ebs.destroy();
  const printed = await start(volume, architectureOf(name), 'UEFI', CONSOLE);
  const lines = (printed ?? '').replaceAll(SCREEN_CONTROL, '').split(/\r?\n/).filter((line) => line.trim() !== '');
  lines.slice(-LAST_LINES).forEach((line) => tell(`| ${line}`));
  expect(lines.at(-1)?.includes('cdk-vm-import: this disk boots by UEFI') === true, 'the system booted by UEFI');

  say('5. cdk destroy');
  await example.destroy({ bucket: BUCKET, key: KEY });
  const remaining = await cloud.emulator.remaining();
  expect(Object.values(remaining).flat().length === 0, 'nothing is left');
  tell(Object.entries(remaining).map(([kind, ids]) => `${kind}: ${ids.length}`).join(', '));
}

/** arm64, which EC2's import refuses, if its packages and its machine are at hand. */
function bootableDisk(): BootDisk {
  return canStart('arm64') === 'yes' && bootFiles('arm64') !== undefined ? 'UEFI on arm64' : 'UEFI on x86_64';
}

function convert(raw: string, qcow2: string): void {
  const { status, stderr } = spawnSync('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, qcow2], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`qemu-img did not convert the disk: ${stderr}`);
  }
}

function size(path: string): string {
  return `${(statSync(path).size / 1024 / 1024).toFixed(1)} MiB`;
}
