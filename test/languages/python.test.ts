import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { testWith } from './toolchain';
import { synthesizedInTypeScript, Workshop } from './workshop';

const workshop = new Workshop();
afterAll(() => workshop.close());

testWith(['python3'], 'an app in Python synthesizes what the one in TypeScript does, from the wheel', async () => {
  const built = await workshop.build('python');
  const wheels = readdirSync(built).filter((name) => name.endsWith('.whl'));
  expect(wheels).toEqual(['cdk_vm_import-0.0.0-py3-none-any.whl']);

  await workshop.run('python3', ['-m', 'venv', 'venv']);
  const python = join(workshop.folder, 'venv', 'bin', 'python');
  const pinned = ['--requirement', join(Workshop.apps, 'python', 'requirements.txt')];
  await workshop.run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', ...pinned, ...wheels.map((wheel) => join(built, wheel))]);

  expect(await workshop.synthesize(python, [join(Workshop.apps, 'python', 'app.py')], '.')).toEqual(await synthesizedInTypeScript());
}, 600_000);
