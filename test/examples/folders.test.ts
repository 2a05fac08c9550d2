import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE_NAMES } from '../security/example-stacks';

const REPOSITORY = join(__dirname, '..', '..');
const read = (...path: readonly string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8');

test('there is an example for each of the scenarios that the library is made for', () => {
  expect(EXAMPLE_NAMES).toEqual(expect.arrayContaining([
    'adopt-task', 'cloud-image-arm64', 'cross-account-bucket', 'customer-key', 'data-disk-snapshot', 'ebs-snapshot', 'fleet', 'getting-started',
    'imagebuilder-alpha', 'local-vmdk',
    'ova-to-pipeline', 'published-ami', 'rolling-replacement', 'shared-provider-in-vpc', 'windows-byol',
  ]));
});

describe.each(EXAMPLE_NAMES)('the example %s', (name) => {
  test.each(['README.md', 'app.ts', 'cdk.json', 'stack.ts', 'python/app.py', 'python/cdk.json', 'python/requirements.txt'])('has its %s', (path) => {
    expect(existsSync(join(REPOSITORY, 'examples', name, path))).toBe(true);
  });

  test('is linked in both READMEs', () => {
    expect(read('README.md')).toContain(`[${name}](https://github.com/cdk-vm-import/cdk-vm-import/tree/main/examples/${name})`);
    expect(read('examples', 'README.md')).toContain(`| [${name}](${name}) |`);
  });

  test('has the same stack by the same name in both languages', () => {
    const [, stackClass, id] = /new (\w+)\(new App\(\), '(\w+)'/.exec(read('examples', name, 'app.ts')) ?? [];
    expect(id).toMatch(/^\w+$/);
    expect(read('examples', name, 'stack.ts')).toContain(`export class ${stackClass} extends Stack {`);
    const python = read('examples', name, 'python', 'app.py');
    expect(python).toContain(`class ${stackClass}(Stack):`);
    expect(python).toContain(`${stackClass}(app, "${id}"`);
  });

  test('is run with the context that its stack asks for, and no other', () => {
    const asked = new Set([...read('examples', name, 'stack.ts').matchAll(/tryGetContext\('(\w+)'\)/g)].map(([, key]) => key));
    const told = new Set([...read('examples', name, 'README.md').matchAll(/-c (\w+)=/g), ...read('examples', name, 'README.md').matchAll(/`(topic)`/g)].map(([, key]) => key));
    expect([...told].filter((key) => !asked.has(key))).toEqual([]);
    expect([...read('examples', name, 'python', 'app.py').matchAll(/try_get_context\("(\w+)"\)/g)].map(([, key]) => key).sort())
      .toEqual([...read('examples', name, 'stack.ts').matchAll(/tryGetContext\('(\w+)'\)/g)].map(([, key]) => key).sort());
  });
});
