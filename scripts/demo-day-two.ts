/**
 * What `npm run demo -- --tour` shows after the life of an import: the options that operators reach for next, in
 * examples/published-ami, and what is left behind by a stack.
 */
import { join, relative } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateTagsCommand, DescribeImageAttributeCommand, DescribeImagesCommand, EC2Client, type Image } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { demoDisk } from './demo-disk';
import { expect, say, tell } from './demo-talk';
import { show, watching } from './demo-tour';
import { descriptor, tar } from '../test/disk-image/archives';
import { streamVmdk } from '../test/disk-image/stream-vmdk';
import { jsonCall } from '../test/e2e/aws-call';
import { Inbox } from '../test/e2e/inbox';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

const ROOT = join(__dirname, '..');
const APP = join(ROOT, 'examples', 'published-ami');
const STACK = 'PublishedAmi';
const BUCKET = 'my-vm-exports';
const PARAMETER = '/images/golden';
const DEPLOY = ['deploy', '--require-approval', 'never', '-c'];

export async function showDayTwo(cloud: LocalCloud): Promise<void> {
  say(`8. Day two: cdk deploy of ${relative(ROOT, APP)}, whose AMI has a name, may be launched by others, and is in a parameter`);
  await putDisks(cloud);
  await watching(cloud, async () => cdk(cloud, [...DEPLOY, 'accounts=111122223333']));
  const first = await outputOf(cloud, 'AmiId');
  await tellAmi(cloud, first);
  const inbox = await Inbox.of(cloud, await outputOf(cloud, 'TopicArn'));

  say('9. cdk deploy with other accounts and a deprecation date: changed in place');
  const before = callsOf(cloud);
  await cdk(cloud, [...DEPLOY, 'accounts=111122223333,444455556666', '-c', 'deprecateAt=2028-01-31T00:00:00Z']);
  await tellAmi(cloud, first);
  tell(`calls of ImportImage and CopyImage: ${callsOf(cloud) - before}`);
  expect(callsOf(cloud) === before, 'nothing is imported or copied again');

  say('10. cdk deploy of the next version: the parameter moves, and a topic hears of it');
  await cdk(cloud, [...DEPLOY, 'version=1.1.0', '-c', 'accounts=111122223333,444455556666']);
  const second = await outputOf(cloud, 'AmiId');
  await tellAmi(cloud, second);
  expect((await amiOf(cloud, first)) === undefined, 'the AMI of before is gone');
  const [event] = await inbox.events();
  expect(event?.['detail-type'] === 'VM Import Succeeded', 'the topic hears of the import');
  tell(`event      ${event?.['detail-type']}: ${event?.detail.imageArn}`);

  say('11. cdk destroy; then somebody restores a snapshot from the Recycle Bin, and it comes with its tags');
  const importId = (await amiOf(cloud, second))?.Tags?.find(({ Key }) => Key === 'cdk-vm-import:id')?.Value ?? '';
  await cdk(cloud, ['destroy', '--force', '-c', 'version=1.1.0']);
  expect(Object.values(await cloud.emulator.remaining()).flat().length === 0, 'nothing is left');
  await show(cloud, ['status']);
  await restore(cloud, importId);
  await show(cloud, ['orphans']);
  await show(cloud, ['orphans', '--delete', '--yes']);
  expect(Object.values(await cloud.emulator.remaining()).flat().length === 0, 'nothing is left');
}

async function putDisks(cloud: LocalCloud): Promise<void> {
  await cloud.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const version of ['1.0.0', '1.1.0']) {
    const disk = streamVmdk(demoDisk(`golden ${version}`));
    const Body = tar([['rhel9.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', disk], ['rhel9-disk2.vmdk', disk]]);
    await cloud.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `golden-${version}.ova`, Body }));
  }
}

/** Tells of an AMI, and that others find it. */
async function tellAmi(cloud: LocalCloud, ImageId: string): Promise<void> {
  const ami = await amiOf(cloud, ImageId);
  const ec2 = ec2Of(cloud);
  const { LaunchPermissions = [] } = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }));
  ec2.destroy();
  const { Parameter } = await jsonCall(cloud, 'ssm', 'AmazonSSM.GetParameter', { Name: PARAMETER }) as { readonly Parameter: { readonly Value: string } };
  expect(Parameter.Value === ImageId, 'the parameter has the AMI');
  tell(`AMI        ${ImageId}, ${ami?.Name}: ${ami?.Description}`);
  tell(`launch     ${LaunchPermissions.map(({ UserId }) => UserId).join(', ') || 'this account only'}; IMDS ${ami?.ImdsSupport}; deprecated ${ami?.DeprecationTime ?? 'never'}`);
  tell(`parameter  ${PARAMETER} = ${Parameter.Value}`);
}

/** Nothing where it is gone. */
async function amiOf(cloud: LocalCloud, id: string): Promise<Image | undefined> {
  const ec2 = ec2Of(cloud);
  const { Images: [ami] = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'], Filters: [{ Name: 'image-id', Values: [id] }] }));
  ec2.destroy();
  return ami;
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-working-with-snaps.html */
async function restore(cloud: LocalCloud, importId: string): Promise<void> {
  const ec2 = ec2Of(cloud);
  await ec2.send(new CreateTagsCommand({ Resources: [cloud.emulator.giveSnapshot()], Tags: [{ Key: 'cdk-vm-import:id', Value: importId }] }));
  ec2.destroy();
}

function callsOf(cloud: LocalCloud): number {
  return cloud.emulator.calls().filter(({ action }) => action === 'ImportImage' || action === 'CopyImage').length;
}

async function outputOf(cloud: LocalCloud, key: string): Promise<string> {
  const { Stacks = [] } = await cloud.cloudformation.send(new DescribeStacksCommand({ StackName: STACK }));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
}

async function cdk(cloud: LocalCloud, args: readonly string[]): Promise<void> {
  tell(`$ cdk ${args.join(' ')}`);
  const { code, output } = await cloud.cdk(args, APP);
  if (code !== 0) {
    throw new Error(`"cdk ${args.join(' ')}" ended with ${code}.\n${output}`);
  }
}

function ec2Of(cloud: LocalCloud): EC2Client {
  return new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
}
