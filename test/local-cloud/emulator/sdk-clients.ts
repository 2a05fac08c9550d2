import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { FakeClock } from './clock';
import { MemoryDiskSource } from './disk-source';
import { Ec2AndImageBuilder, EmulatorOptions } from './emulator';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface SdkClients {
  readonly ec2: EC2Client;
  readonly ebs: EBSClient;
  readonly imagebuilder: ImagebuilderClient;
}

/** SDK clients of an emulator in this process, without sockets and without the SDK's retries. */
export function sdkClients(emulator: Ec2AndImageBuilder): SdkClients {
  const config = { region: emulator.settings.region, credentials: CREDENTIALS, requestHandler: emulator.requestHandler(), maxAttempts: 1 };
  return { ec2: new EC2Client(config), ebs: new EBSClient(config), imagebuilder: new ImagebuilderClient(config) };
}

/** The same over HTTP. */
export function httpClients(emulator: Ec2AndImageBuilder, endpoint: string): SdkClients {
  const config = { region: emulator.settings.region, credentials: CREDENTIALS, endpoint, maxAttempts: 1 };
  return { ec2: new EC2Client(config), ebs: new EBSClient(config), imagebuilder: new ImagebuilderClient(config) };
}

/** An account with one disk, s3://bucket/disk.vmdk, at a time that stands still. */
export function accountWithDisk(settings: EmulatorOptions['settings'] = {}) {
  const clock = new FakeClock();
  const disks = new MemoryDiskSource().putObject('bucket', 'disk.vmdk', 'content of the disk');
  const emulator = new Ec2AndImageBuilder({ clock, disks, settings });
  return { clock, disks, emulator, ...sdkClients(emulator) };
}

/** The disk container of that disk. */
export const DISK = { Format: 'VMDK', UserBucket: { S3Bucket: 'bucket', S3Key: 'disk.vmdk' } };
