import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pastedBlocks } from './pasted-blocks';
import { NEWEST_CDK, templates, Workshop } from './workshop';
import { recordedImages } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';

const REPOSITORY = join(__dirname, '..', '..');
/** What `cdk init app --language typescript` writes. */
const TSCONFIG = join(REPOSITORY, 'node_modules', 'aws-cdk', 'lib', 'init-templates', 'app', 'typescript', 'tsconfig.json');

const workshop = new Workshop();
const folder = join(workshop.folder, 'empty');
const apps = () => pastedBlocks(join(folder, 'node_modules', 'cdk-vm-import'));

beforeAll(async () => {
  await workshop.unpackForNode('empty', { ...NEWEST_CDK, '@types/node': '@types/node' });
  workshop.copyExamples('empty');
  copyFileSync(TSCONFIG, join(folder, 'tsconfig.json'));
  mkdirSync(join(folder, 'blocks'));
  apps().forEach(({ name, app }) => writeFileSync(join(folder, 'blocks', `${name}.ts`), app));
}, 120_000);
afterAll(() => workshop.close());

test('every example, and every TypeScript block of README, docs and API, compiles against the types of the npm package in an empty folder', async () => {
  await expect(workshop.run(join(Workshop.commands, 'tsc'), ['--preserveSymlinks', '--types', 'node', '--noEmit', 'false', '--outDir', 'compiled'], 'empty')).resolves.toBe('');
}, 300_000);

test('every TypeScript block of README, docs and API synthesizes in an empty folder, from the npm package', async () => {
  const disk = streamVmdk(recordedImages().find(({ name }) => name === 'gpt-bios-raw')?.file.bytes() ?? new Uint8Array());
  for (const path of ['output/golden.vmdk', 'images/appliance.vmdk']) {
    mkdirSync(join(folder, dirname(path)));
    writeFileSync(join(folder, path), disk);
  }
  const blocks = apps();
  const written = templates(await workshop.runTypeScript('empty', blocks.map(({ name }) => `blocks/${name}`)));
  expect([...written.keys()].sort()).toEqual(blocks.map(({ name }) => `${name === 'README1' ? 'GoldenImage' : name}.template.json`).sort());
  expect(blocks.length).toBeGreaterThan(25);
}, 300_000);
