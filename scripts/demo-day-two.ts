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
import type { FaultRule } from '../test/local-cloud/emulator';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

const ROOT = join(__dirname, '..');
const APP = join(ROOT, 'examples', 'published-ami');
const STACK = 'PublishedAmi';
const PARAMETER = '/images/golden';
const DISK = 'golden-1.0.0.ova';
const DEPLOY = ['deploy', '--require-approval', 'never'];

/** As of a VMDK that is not stream-optimized. */
const UNREADABLE: FaultRule = {
  match: { action: 'ImportImage' },
  effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Disk validation failed [Unsupported VMDK File Format]' } },
};

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
  tell(`event      ${await told(inbox, 'VM Import Succeeded')}`);

  say('11. cdk deploy of a version whose disk EC2 cannot read: what stands stays, and the command says what to do');
  await bucket.upload('golden-1.2.0.ova', 'golden 1.2.0');
  cloud.emulator.addRule(UNREADABLE);
  const args = [...DEPLOY, '-c', 'version=1.2.0'];
  tell(`$ cdk ${args.join(' ')}`);
  const { code } = await cloud.cdk(args, APP);
  expect(code !== 0, 'the deployment fails');
  await show(cloud, ['status']);
  tell(`event      ${await told(inbox, 'VM Import Failed')}`);
  expect((await amiOf(cloud, second)) !== undefined, 'the AMI of before stands');

  say('12. cdk destroy; then somebody restores a snapshot from the Recycle Bin, and it comes with its tags');
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

/** The one event that came since the last look. */
async function told(inbox: Inbox, detailType: string): Promise<string> {
  const events = await inbox.events();
  expect(events.map((event) => event['detail-type']).join() === detailType, `the topic hears "${detailType}"`);
  return events.map(({ detail: { imageArn, sources, reason } }) => `${detailType}: ${reason ?? `${imageArn}; ${sources}`}`).join();
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
  const output = await cdk(cloud, [...DEPLOY, ...context.flatMap((each) => ['-c', each])]);
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
