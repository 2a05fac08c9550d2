/**
 * What `npm run demo -- --tour` shows after the life of an import: the options that operators reach for next, in
 * examples/published-ami, and what is left behind by a stack.
 */
import { join, relative } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { amiOf, deregister, restoreSnapshot, tellAmi } from './demo-ami';
import { DemoBucket } from './demo-bucket';
import { expect, say, tell } from './demo-talk';
import { show, watching } from './demo-tour';
import { jsonCall } from '../test/e2e/aws-call';
import { Inbox } from '../test/e2e/inbox';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

const ROOT = join(__dirname, '..');
const APP = join(ROOT, 'examples', 'published-ami');
const STACK = 'PublishedAmi';
const PARAMETER = '/images/golden';
const DISK = 'golden-1.0.0.ova';

/** What is yours in the app. */
const ACCOUNTS = 'accounts=111122223333';
const ORGANIZATIONS = 'organizations=arn:aws:organizations::123456789012:organization/o-0123456789';
const UNITS = 'units=arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567';

export async function showDayTwo(cloud: LocalCloud): Promise<void> {
  say(`8. Day two: cdk deploy of ${relative(ROOT, APP)}: an AMI with a name that others may launch, in a parameter; its disk goes`);
  const bucket = await DemoBucket.named(cloud, 'my-vm-exports');
  await bucket.upload(DISK, 'golden, and wrong');
  await bucket.upload(DISK, 'golden 1.0.0');
  await bucket.upload('golden-1.1.0.ova', 'golden 1.1.0');
  const [imported = '', older] = await bucket.versions(DISK);
  await watching(cloud, async () => deploy(cloud, [ACCOUNTS, 'deleteDisk=true']));
  const first = await outputOf(cloud, 'AmiId');
  await tellPublished(cloud, first);
  expect((await bucket.versions(DISK)).join() === older, 'the version that was imported is gone, and nothing else');
  tell(`disk       ${DISK}: version ${imported} was imported and is deleted; the one before it, ${older}, is left`);
  const inbox = await Inbox.of(cloud, await outputOf(cloud, 'TopicArn'));

  say('9. cdk deploy with more who may launch it, a deprecation date and protection: changed in place');
  const before = callsOf(cloud);
  await deploy(cloud, [ACCOUNTS, ORGANIZATIONS, UNITS, 'deprecateAt=2028-01-31T00:00:00Z', 'protect=true', 'deleteDisk=true']);
  await tellPublished(cloud, first);
  tell(`calls of ImportImage and CopyImage: ${callsOf(cloud) - before}`);
  expect(callsOf(cloud) === before, 'nothing is imported or copied again');
  const refusal = await deregister(cloud, first);
  expect(refusal !== undefined, 'the AMI is protected');
  tell(`somebody deregisters it: ${refusal}`);

  say('10. cdk deploy of the next version, which is for everybody: the parameter moves, and a topic hears of it');
  const warning = await deploy(cloud, ['version=1.1.0', 'public=true', 'protect=true', 'deleteDisk=true']);
  expect(warning !== undefined, 'synthesis warns of a public AMI');
  tell(`synthesis  ${warning}`);
  const second = await outputOf(cloud, 'AmiId');
  await tellPublished(cloud, second);
  expect((await amiOf(cloud, first)) === undefined, 'the AMI of before is gone');
  const [event] = await inbox.events();
  expect(event?.['detail-type'] === 'VM Import Succeeded', 'the topic hears of the import');
  tell(`event      ${event?.['detail-type']}: ${event?.detail.imageArn}; ${event?.detail.sources}`);

  say('11. cdk destroy; then somebody restores a snapshot from the Recycle Bin, and it comes with its tags');
  const importId = (await amiOf(cloud, second))?.Tags?.find(({ Key }) => Key === 'cdk-vm-import:id')?.Value ?? '';
  await cdk(cloud, ['destroy', '--force', '-c', 'version=1.1.0']);
  expect(Object.values(await cloud.emulator.remaining()).flat().length === 0, 'nothing is left');
  await show(cloud, ['status']);
  await restoreSnapshot(cloud, importId);
  await show(cloud, ['orphans']);
  await show(cloud, ['orphans', '--delete', '--yes']);
  expect(Object.values(await cloud.emulator.remaining()).flat().length === 0, 'nothing is left');
}

/** Tells of an AMI, and that others find it. */
async function tellPublished(cloud: LocalCloud, ami: string): Promise<void> {
  const { Parameter } = await jsonCall(cloud, 'ssm', 'AmazonSSM.GetParameter', { Name: PARAMETER }) as { readonly Parameter: { readonly Value: string } };
  expect(Parameter.Value === ami, 'the parameter has the AMI');
  await tellAmi(cloud, ami);
  tell(`parameter  ${PARAMETER} = ${Parameter.Value}`);
}

function callsOf(cloud: LocalCloud): number {
  return cloud.emulator.calls().filter(({ action }) => action === 'ImportImage' || action === 'CopyImage').length;
}

async function outputOf(cloud: LocalCloud, key: string): Promise<string> {
  const { Stacks = [] } = await cloud.cloudformation.send(new DescribeStacksCommand({ StackName: STACK }));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
}

/** Gives the warning of synthesis, if there is one. */
async function deploy(cloud: LocalCloud, context: readonly string[]): Promise<string | undefined> {
  const output = await cdk(cloud, ['deploy', '--require-approval', 'never', ...context.flatMap((each) => ['-c', each])]);
  return /^WARNING (.*)$/m.exec(output)?.[1];
}

async function cdk(cloud: LocalCloud, args: readonly string[]): Promise<string> {
  tell(`$ cdk ${args.join(' ')}`);
  const { code, output } = await cloud.cdk(args, APP);
  if (code !== 0) {
    throw new Error(`"cdk ${args.join(' ')}" ended with ${code}.\n${output}`);
  }
  return output;
}
