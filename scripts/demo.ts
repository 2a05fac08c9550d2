/**
 * The demo: a disk image becomes an Image Builder image through the real CDK CLI, on a loopback AWS. `npm run demo`, or
 * `npm run demo -- --tour` also shows the options of day two, `npm run demo -- --ami` boots a small system that became an AMI as it is,
 * `npm run demo -- --keep` leaves the loopback AWS running to play with.
 *
 * It needs no AWS account and no network but for the first time, when it installs MiniStack into .local-cloud/.
 */
import { statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateImageRecipeCommand, DeleteImageRecipeCommand, GetImageCommand } from '@aws-sdk/client-imagebuilder';
import { showAmi } from './demo-boot';
import { showDayTwo } from './demo-day-two';
import { demoDisk } from './demo-disk';
import { expect, say, tell } from './demo-talk';
import { show, watching } from './demo-tour';
import { LocalCloud } from '../test/local-cloud/local-cloud';

const ROOT = join(__dirname, '..');
const APP = join(ROOT, 'examples', 'getting-started');
const STACK = 'GettingStarted';
// Which Node.js the next versions of the SDK want is not what a demo is about.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** One minute of an import in a second. */
const TIME_SCALE = 60;
/** The page that the demo ends with. It stays when the loopback AWS is gone. */
const PAGE = join(ROOT, '.local-cloud', 'demo.html');

/** `tour` shows more; `ami` shows `VmImportAmi` only; `keep` leaves the loopback AWS running. */
const PROGRAMS = ['keep', 'tour', 'ami'] as const;
type Program = 'demo' | typeof PROGRAMS[number];

interface Deployed {
  readonly imageArn: string;
  readonly amiId: string;
}

async function main(program: Program): Promise<void> {
  const started = Date.now();
  say('1. A loopback AWS: MiniStack, and beside it an emulator of VM import and Image Builder (a minute there is a second here)');
  // The tour shares an AMI with everybody, which an account has to allow.
  const cloud = await LocalCloud.start({ timeScale: TIME_SCALE, imports: { blockPublicAccess: 'unblocked' } });
  try {
    await (program === 'ami' ? showAmi(cloud) : run(cloud, program));
    const page = program === 'ami' ? '' : ` Open ${relative(process.cwd(), PAGE)} in a browser to see the imports.`;
    say(`Done in ${Math.round((Date.now() - started) / 1000)} s.${page}`);
  } catch (error) {
    // A signal ends the cloud while a command runs; that is no failure to tell of.
    if (!cloud.stopped) {
      throw error;
    }
  } finally {
    await cloud.stop();
  }
}

async function run(cloud: LocalCloud, program: Program): Promise<void> {
  const disk = join(cloud.folder, 'disk.raw');
  writeFileSync(disk, demoDisk('the first disk'));
  tell(`a disk image of ${writtenSize(disk)} with a boot record and a FAT partition: ${disk}`);

  say('2. cdk bootstrap');
  await cloud.bootstrap();

  say('3. cdk deploy of a disk that EC2 would refuse: it fails in seconds');
  await showRefusal(cloud);

  say(`4. cdk deploy of ${relative(ROOT, APP)}: the disk is imported`);
  const first = await deployAndShow(cloud, disk, 'platform');
  tellImage(first);
  if (program === 'tour') {
    await show(cloud, ['status', '--stack', STACK]);
    await show(cloud, ['orphans']);
  }

  say('5. An Image Builder recipe whose parent is that image');
  const { imageRecipeArn } = await cloud.imagebuilder.send(new CreateImageRecipeCommand({
    name: 'demo',
    semanticVersion: '1.0.0',
    parentImage: first.imageArn,
    components: [{ componentArn: `arn:aws:imagebuilder:${cloud.region}:aws:component/update-linux/x.x.x` }],
  }));
  tell(`recipe  ${imageRecipeArn}`);
  await cloud.imagebuilder.send(new DeleteImageRecipeCommand({ imageRecipeArn }));
  tell('and deleted again: Image Builder keeps an image that a recipe uses');

  say('6. cdk deploy with another tag: changed in place');
  const before = importsOf(cloud);
  await deploy(cloud, disk, 'storage');
  const { image } = await cloud.imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: first.imageArn }));
  expect(importsOf(cloud) === before && image?.tags?.team === 'storage', 'a tag changed without another import');
  tell(`the image has team=${image?.tags?.team}; calls of ImportImage: ${importsOf(cloud) - before}`);

  say('7. cdk deploy with another disk: a new image, and the old one goes');
  writeFileSync(disk, demoDisk('the second disk'));
  const second = await deployAndShow(cloud, disk, 'storage');
  tellImage(second);
  const { images, amis } = await cloud.emulator.remaining();
  expect(images.join() === second.imageArn && amis.join() === second.amiId, 'the new image alone is left');
  tell(`gone    ${first.imageArn}, ${first.amiId}`);

  await show(cloud, ['status', '--html', PAGE]);
  if (program === 'keep') {
    await keepRunning(cloud);
    return;
  }

  say('8. cdk destroy');
  await cdk(cloud, ['destroy', '--force'], disk, 'storage');
  const remaining = await cloud.emulator.remaining();
  expect(Object.values(remaining).flat().length === 0, 'nothing is left');
  tell(Object.entries(remaining).map(([kind, ids]) => `${kind}: ${ids.length}`).join(', '));
  if (program === 'tour') {
    await showDayTwo(cloud);
  }
}

/** Deploys, with `status --watch` beside it. */
async function deployAndShow(cloud: LocalCloud, disk: string, team: string): Promise<Deployed> {
  return watching(cloud, async () => deploy(cloud, disk, team));
}

/** A disk in a format that EC2 refuses, with the name of one that it imports. */
async function showRefusal(cloud: LocalCloud): Promise<void> {
  const disk = join(cloud.folder, 'appliance.vmdk');
  const qcow2 = Buffer.alloc(64 * 1024);
  qcow2.write('QFI\xfb', 'latin1');
  qcow2.writeUInt32BE(3, 4);
  writeFileSync(disk, qcow2);
  const { code, output } = await cloud.cdk(['deploy', '-c', `disk=${disk}`], APP);
  const refusal = output.split('\n').find((text) => text.includes('qcow2')) ?? '';
  expect(code !== 0 && refusal !== '', 'the disk is refused');
  tell(refusal.trim());
}

/** Leaves the loopback AWS running until Ctrl-C, and says how to talk to it. */
async function keepRunning(cloud: LocalCloud): Promise<void> {
  say(`The loopback AWS keeps running until Ctrl-C. Open ${relative(process.cwd(), PAGE)} in a browser, or look around in another terminal:`);
  Object.entries(cloud.env).filter(([name]) => name.startsWith('AWS_')).forEach(([name, value]) => tell(`export ${name}=${JSON.stringify(value)}`));
  tell('npx tsx cli/index.ts status');
  while (!cloud.stopped) {
    await sleep(500);
  }
}

async function deploy(cloud: LocalCloud, disk: string, team: string): Promise<Deployed> {
  await cdk(cloud, ['deploy', '--require-approval', 'never'], disk, team);
  const { Stacks = [] } = await cloud.cloudformation.send(new DescribeStacksCommand({ StackName: STACK }));
  const output = (key: string) => Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
  return { imageArn: output('ImageArn'), amiId: output('AmiId') };
}

async function cdk(cloud: LocalCloud, args: readonly string[], disk: string, team: string): Promise<void> {
  const all = [...args, '-c', `disk=${disk}`, '-c', `team=${team}`];
  tell(`$ cdk ${all.join(' ')}`);
  const { code, output } = await cloud.cdk(all, APP);
  if (code !== 0) {
    throw new Error(`"cdk ${all.join(' ')}" ended with ${code}.\n${output}`);
  }
}

function importsOf(cloud: LocalCloud): number {
  return cloud.emulator.calls({ action: 'ImportImage' }).length;
}

function tellImage({ imageArn, amiId }: Deployed): void {
  tell(`image   ${imageArn}`);
  tell(`AMI     ${amiId}`);
}

function writtenSize(path: string): string {
  return `${Math.round(statSync(path).size / 1024 / 1024)} MiB`;
}

main(PROGRAMS.find((program) => process.argv.includes(`--${program}`)) ?? 'demo').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
