import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testWith } from './toolchain';
import { blockOf, readmeInTypeScript, synthesizedInTypeScript, templates, Workshop } from './workshop';

const ASSET_PACKAGE = join(__dirname, '..', '..', 'node_modules', '@aws-cdk', 'asset-node-proxy-agent-v6');

const workshop = new Workshop();
afterAll(() => workshop.close());

testWith(['go'], 'an app in Go, and the block of docs/languages.md, synthesize what those in TypeScript do, with the module that the compiler takes', async () => {
  const modules = await workshop.generate('go');
  // A module of aws-cdk-lib's that not every module proxy has, made as its publisher makes it: from the npm package.
  await workshop.generate('go', ASSET_PACKAGE);
  cpSync(join(Workshop.apps, 'go'), join(modules, 'app'), { recursive: true });

  const app = join(workshop.folder, 'app');
  await workshop.run('go', ['build', '-o', app, '.'], 'go/app');
  expect(await workshop.synthesize(app, [], '.')).toEqual(await synthesizedInTypeScript());

  mkdirSync(join(modules, 'app', 'golden'));
  writeFileSync(join(modules, 'app', 'golden', 'main.go'), blockOf('docs/languages.md', 'go'));
  const golden = join(workshop.folder, 'golden');
  await workshop.run('go', ['build', '-o', golden, './golden'], 'go/app');
  expect(templates(await workshop.assembly(golden, [], '.')).get('GoldenImage.template.json')).toEqual((await readmeInTypeScript(workshop)).get('GoldenImage.template.json'));
}, 600_000);
