import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { testWith } from './toolchain';
import { synthesizedInTypeScript, Workshop } from './workshop';

const ASSET_PACKAGE = join(__dirname, '..', '..', 'node_modules', '@aws-cdk', 'asset-node-proxy-agent-v6');

const workshop = new Workshop();
afterAll(() => workshop.close());

testWith(['go'], 'an app in Go synthesizes what the one in TypeScript does, with the module that the compiler takes', async () => {
  const modules = await workshop.generate('go');
  // A module of aws-cdk-lib's that not every module proxy has, made as its publisher makes it: from the npm package.
  await workshop.generate('go', ASSET_PACKAGE);
  cpSync(join(Workshop.apps, 'go'), join(modules, 'app'), { recursive: true });

  const app = join(workshop.folder, 'app');
  await workshop.run('go', ['build', '-o', app, '.'], 'go/app');
  expect(await workshop.synthesize(app, [], '.')).toEqual(await synthesizedInTypeScript());
}, 600_000);
