import { accessSync, appendFileSync, constants, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetStaging, App, Stack } from 'aws-cdk-lib';
import { bundle } from '../../scripts/bundle';

const REPOSITORY = join(__dirname, '..', '..');

describe('the bundle of the handlers', () => {
  let directory: string;
  let checkout: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vm-import-bundle-'));
    checkout = join(directory, 'another', 'checkout');
    ['lambda', 'cli', 'src'].forEach((sources) => cpSync(join(REPOSITORY, sources), join(checkout, sources), { recursive: true }));
    symlinkSync(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'));
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const assetHash = (sourcePath: string) => new AssetStaging(new Stack(new App()), 'Bundle', { sourcePath }).assetHash;

  test('is the same, byte for byte, wherever it is made, so that an untouched handler is never deployed again', async () => {
    await bundle('provider', REPOSITORY, join(directory, 'here'));
    await bundle('provider', checkout, join(directory, 'there'));
    expect(readdirSync(join(directory, 'here'))).toEqual(['index.js']);
    const [here, there] = ['here', 'there'].map((where) => readFileSync(join(directory, where, 'index.js')));
    expect(there?.equals(here ?? Buffer.alloc(0))).toBe(true);
    expect(here?.includes(REPOSITORY)).toBe(false);
    expect(assetHash(join(directory, 'here'))).toBe(assetHash(join(directory, 'there')));
  });

  test('has another asset hash when the code of a handler changes', async () => {
    await bundle('provider', checkout, join(directory, 'before'));
    appendFileSync(join(checkout, 'lambda', 'index.ts'), 'export const changed = true;\n');
    await bundle('provider', checkout, join(directory, 'after'));
    expect(assetHash(join(directory, 'after'))).not.toBe(assetHash(join(directory, 'before')));
  });

  test('loads without the node_modules around it, and holds the two handlers', async () => {
    await bundle('provider', REPOSITORY, join(directory, 'provider'));
    const handlers = jest.requireActual<object>(join(directory, 'provider', 'index.js'));
    expect(Object.keys(handlers).sort()).toEqual(['isComplete', 'onEvent']);
  });

  test('of the command is the same wherever it is made, too, and begins with the interpreter that runs it', async () => {
    await bundle('cli', REPOSITORY, join(directory, 'here'));
    await bundle('cli', checkout, join(directory, 'there'));
    const [here, there] = ['here', 'there'].map((where) => readFileSync(join(directory, where, 'index.js'), 'utf8'));
    expect(here).toBe(there);
    expect(here).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(() => accessSync(join(directory, 'here', 'index.js'), constants.X_OK)).not.toThrow();
  });
});
