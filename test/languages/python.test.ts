import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testWith } from './toolchain';
import { NEWEST_CDK, readmeInTypeScript, synthesizedInTypeScript, templates, Workshop } from './workshop';

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

/** Of the wheel, unpacked. */
const README = join('cdk_vm_import-0.0.0.dist-info', 'METADATA');

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

const environments = new Map<string, Promise<string>>();
/** A Python that has the wheel, and what a file of requirements pins. Each is made once for all tests. */
function pythonWith(requirements: string): Promise<string> {
  const python = environments.get(requirements) ?? makePython(requirements);
  environments.set(requirements, python);
  return python;
}

async function makePython(requirements: string): Promise<string> {
  const venv = `venv-${requirements}`;
  await workshop.run('python3', ['-m', 'venv', venv]);
  const python = join(workshop.folder, venv, 'bin', 'python');
  const pinned = ['--requirement', join(Workshop.apps, 'python', requirements)];
  await workshop.run(python, ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', ...pinned, await wheel()]);
  return python;
}

testWith(['python3'], 'the wheel brings the command as a script of the environment', async () => {
  const python = await pythonWith('requirements.txt');
  expect(await workshop.run(join(dirname(python), 'cdk-vm-import'), ['help', 'inspect'])).toContain('Usage: cdk-vm-import inspect');
}, 600_000);

testWith(['python3'], 'an app in Python synthesizes what the one in TypeScript does, from the wheel', async () => {
  const python = await pythonWith('requirements.txt');
  expect(await workshop.synthesize(python, [join(Workshop.apps, 'python', 'app.py')], '.')).toEqual(await synthesizedInTypeScript());
}, 600_000);

testWith(['python3'], 'every example in Python synthesizes what the one in TypeScript does, from the packages in a folder without the repository', async () => {
  await workshop.unpackForNode('examples-folder', NEWEST_CDK);
  const names = workshop.copyExamples('examples-folder');
  const python = await pythonWith('examples-requirements.txt');
  const apps = [join(Workshop.apps, 'python', 'all-examples.py'), ...names.map((name) => join('examples', name, 'python', 'app.py'))];
  const inPython = templates(await workshop.assembly(python, apps, 'examples-folder', { env: { PYTHONDONTWRITEBYTECODE: '1' }, context: CONTEXT }));
  const inTypeScript = templates(await workshop.runTypeScript('examples-folder', names.map((name) => `examples/${name}/app`), CONTEXT));

  expect(inTypeScript.size).toBe(names.length);
  expect(inPython).toEqual(inTypeScript);
}, 600_000);

/** The README in the wheel, and the module with its docstrings. */
async function textsOfTheWheel(): Promise<readonly string[]> {
  await workshop.run('python3', ['-m', 'zipfile', '--extract', await wheel(), 'wheel']);
  return [README, join('cdk_vm_import', '__init__.py')].map((path) => readFileSync(join(workshop.folder, 'wheel', path), 'utf8'));
}

testWith(['python3'], 'the wheel shows Python in its README and docstrings', async () => {
  const texts = await textsOfTheWheel();
  expect(texts[0]).toContain('golden = VmImportImage(stack, "Golden",\n    disk_containers=[DiskContainer.from_bucket(bucket, "rhel9.ova")],');
  texts.forEach((text) => {
    expect(text).not.toMatch(/new VmImport|DiskContainer\.from[A-Z]|\{this\./);
    expect(text).not.toContain('```ts');
  });
}, 600_000);

testWith(['python3'], 'every Python block of the README in the wheel synthesizes what the TypeScript block does, from the packages in empty folders', async () => {
  await textsOfTheWheel();
  const blocks = [join(Workshop.apps, 'python', 'readme-blocks.py'), join('wheel', README)];
  const inPython = templates(await workshop.assembly(await pythonWith('requirements.txt'), blocks, '.'));
  const inTypeScript = await readmeInTypeScript(workshop);
  const [first, part] = ['GoldenImage.template.json', 'README2.template.json'].map((name) => inTypeScript.get(name));
  expect([...inTypeScript.keys()]).toHaveLength(2);
  // The first block is there twice: as jsii translates it, and as the README writes it in Python.
  expect(Object.fromEntries(inPython)).toEqual({ '1-GoldenImage.template.json': first, '2-GoldenImage.template.json': first, '3-README2.template.json': part });
}, 600_000);
