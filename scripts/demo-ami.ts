/** What the tour sees of AMIs, and what others do to them beside the stack. */
import {
  CreateTagsCommand, DeregisterImageCommand, DescribeImageAttributeCommand, DescribeImagesCommand, EC2Client, type Image,
} from '@aws-sdk/client-ec2';
import { tell } from './demo-talk';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

/** Nothing where it is gone. */
export async function amiOf(cloud: LocalCloud, id: string): Promise<Image | undefined> {
  const { Images: [ami] = [] } = await asking(cloud, async (ec2) =>
    ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'image-id', Values: [id] }] })));
  return ami;
}

export async function tellAmi(cloud: LocalCloud, ImageId: string): Promise<void> {
  const ami = await amiOf(cloud, ImageId);
  const { LaunchPermissions = [] } = await asking(cloud, async (ec2) =>
    ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' })));
  const others = LaunchPermissions.map(({ Group, UserId, OrganizationArn, OrganizationalUnitArn }) =>
    (Group === 'all' ? 'everybody' : UserId ?? (OrganizationArn ?? OrganizationalUnitArn)?.split(':').at(-1)));
  tell(`AMI        ${ImageId}, ${ami?.Name}: ${ami?.Description}`);
  tell(`launch     ${others.join(', ') || 'this account only'}; IMDS ${ami?.ImdsSupport}`);
  tell(`life       deprecated ${ami?.DeprecationTime ?? 'never'}; protection from deregistration ${ami?.DeregistrationProtection ?? 'disabled'}`);
}

/** What EC2 says to somebody who deregisters an AMI by hand; nothing where it does. */
export async function deregister(cloud: LocalCloud, ImageId: string): Promise<string | undefined> {
  try {
    await asking(cloud, async (ec2) => ec2.send(new DeregisterImageCommand({ ImageId })));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-working-with-snaps.html */
export async function restoreSnapshot(cloud: LocalCloud, importId: string): Promise<void> {
  const Tags = [{ Key: 'cdk-vm-import:id', Value: importId }];
  await asking(cloud, async (ec2) => ec2.send(new CreateTagsCommand({ Resources: [cloud.emulator.giveSnapshot()], Tags })));
}

async function asking<T>(cloud: LocalCloud, ask: (ec2: EC2Client) => Promise<T>): Promise<T> {
  const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
  try {
    return await ask(ec2);
  } finally {
    ec2.destroy();
  }
}
