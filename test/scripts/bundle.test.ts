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
    ['lambda', 'cli', 'src', 'package.json'].forEach((sources) => cpSync(join(REPOSITORY, sources), join(checkout, sources), { recursive: true }));
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

  test('of the command is the same, byte for byte, wherever it is made, names no folder, and begins with the interpreter that runs it', async () => {
    const [here, there] = await Promise.all([REPOSITORY, checkout].map(async (root, index) => {
      const folder = join(directory, `command-${index}`);
      await bundle('cli', root, folder);
      return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    }));
    expect(Object.keys(here ?? {})).toEqual(Object.keys(there ?? {}));
    expect(Object.entries(here ?? {}).filter(([file, text]) => text !== there?.[file] || text.includes(REPOSITORY))).toEqual([]);
    expect(here?.['index.js']).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(() => accessSync(join(directory, 'command-0', 'index.js'), constants.X_OK)).not.toThrow();
  });

  test('of the command loads one file without the AWS SDK, and the SDK only for the commands that need it', async () => {
    const outputs = await bundle('cli', REPOSITORY, join(directory, 'cli'));
    const importsOf = (file: string, wanted: 'import-statement' | 'dynamic-import') =>
      (outputs[file]?.imports ?? []).flatMap(({ kind, path }) => (kind === wanted && !path.startsWith('node:') ? [path] : []));
    const loaded = (file: string): string[] => [file, ...importsOf(file, 'import-statement').flatMap(loaded)];
    const sdkIn = (entry: string) => loaded(fileNamed(entry)).flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}))
      .filter((input) => /node_modules\/@(aws-sdk|smithy)\//.test(input));
    const fileNamed = (name: string) => Object.keys(outputs).find((file) => file.endsWith(`/${name}`)) ?? name;

    expect(loaded(fileNamed('index.js'))).toHaveLength(1);
    expect(sdkIn('index.js')).toEqual([]);
    const withSdk = importsOf(fileNamed('index.js'), 'dynamic-import').map((path) => path.replace('./', ''));
    expect(withSdk.sort()).toEqual(['look.mjs', 'orphans.mjs', 'status.mjs']);
    withSdk.forEach((file) => expect(sdkIn(file)).not.toEqual([]));
  });
});
