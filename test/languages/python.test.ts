import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testWith } from './toolchain';
import { blockOf, readmeInTypeScript, synthesizedInTypeScript, templates, templatesInTypeScript, Workshop } from './workshop';

const REPOSITORY = join(__dirname, '..', '..');
const EXAMPLES = join(REPOSITORY, 'examples');

/** What turns the options of the examples on. */
const CONTEXT = {
  accounts: '111122223333,444455556666',
  deleteDisk: 'true',
  deprecateAt: '2028-01-31T00:00:00Z',
  organizations: 'arn:aws:organizations::123456789012:organization/o-0123456789',
  protect: 'true',
  public: 'true',
  units: 'arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567',
};

const workshop = new Workshop();
afterAll(() => workshop.close());

let built: Promise<string> | undefined;
/** The wheel, built once for all tests. */
async function wheel(): Promise<string> {
  const folder = await (built ??= workshop.build('python'));
  const wheels = readdirSync(folder).filter((name) => name.endsWith('.whl'));
  expect(wheels).toEqual(['cdk_vm_import-0.0.0-py3-none-any.whl']);
  return join(folder, wheels.join());
}

/** A Python that has the wheel, and what a file of requirements pins. */
async function pythonWith(requirements: string): Promise<string> {
  const venv = `venv-${requirements}`;
  await workshop.run('python3', ['-m', 'venv', venv]);
  const python = join(workshop.folder, venv, 'bin', 'python');
  const pinned = ['--requirement', join(Workshop.apps, 'python', requirements)];
  await workshop.run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', ...pinned, await wheel()]);
  return python;
}

testWith(['python3'], 'an app in Python synthesizes what the one in TypeScript does, from the wheel', async () => {
  const python = await pythonWith('requirements.txt');
  expect(await workshop.synthesize(python, [join(Workshop.apps, 'python', 'app.py')], '.')).toEqual(await synthesizedInTypeScript());
}, 600_000);

testWith(['python3'], 'every example in Python synthesizes what the one in TypeScript does', async () => {
  const examples = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(EXAMPLES, name));
  const python = await pythonWith('examples-requirements.txt');
  const apps = [join(Workshop.apps, 'python', 'all-examples.py'), ...examples.map((example) => join(example, 'python', 'app.py'))];
  const inPython = templates(await workshop.assembly(python, apps, '.', { env: { PYTHONDONTWRITEBYTECODE: '1' }, context: CONTEXT }));
  const inTypeScript = await templatesInTypeScript(examples.map((example) => join(example, 'app.ts')), CONTEXT);

  expect(inTypeScript.size).toBe(examples.length);
  expect(inPython).toEqual(inTypeScript);
}, 600_000);

testWith(['python3'], 'the wheel shows Python in its README and docstrings', async () => {
  await workshop.run('python3', ['-m', 'zipfile', '--extract', await wheel(), 'wheel']);
  const read = (...path: string[]) => readFileSync(join(workshop.folder, 'wheel', ...path), 'utf8');
  const readme = read('cdk_vm_import-0.0.0.dist-info', 'METADATA');
  expect(readme).toContain('golden = VmImportImage(stack, "Golden",\n    disk_containers=[DiskContainer.from_bucket(exports, "rhel9.ova")],');
  const texts = [readme, read('cdk_vm_import', '__init__.py')];
  texts.forEach((text) => {
    expect(text).not.toMatch(/new VmImport|DiskContainer\.from[A-Z]|\{this\./);
    expect(text).not.toContain('```ts');
  });
}, 600_000);

testWith(['python3'], 'the first blocks of the README synthesize in empty folders, from the packages', async () => {
  const python = await pythonWith('requirements.txt');
  mkdirSync(join(workshop.folder, 'empty-python'));
  writeFileSync(join(workshop.folder, 'empty-python', 'app.py'), blockOf('README.md', 'python'));
  const inPython = templates(await workshop.assembly(python, ['app.py'], 'empty-python'));
  expect([...inPython.keys()]).toEqual(['GoldenImage.template.json']);
  expect(inPython.get('GoldenImage.template.json')).toEqual(await readmeInTypeScript(workshop));
}, 600_000);
