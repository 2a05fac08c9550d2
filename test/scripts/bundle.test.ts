import { accessSync, appendFileSync, constants, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetStaging, App, Stack } from 'aws-cdk-lib';
import { bundle } from '../../scripts/bundle';

const REPOSITORY = join(__dirname, '..', '..');

describe('the bundle of the handlers', () => {
  let directory: string;
  let checkout: string;
  let commandOutputs: Awaited<ReturnType<typeof bundle>>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vm-import-bundle-'));
    checkout = join(directory, 'another', 'checkout');
    ['lambda', 'cli', 'src', 'package.json'].forEach((sources) => cpSync(join(REPOSITORY, sources), join(checkout, sources), { recursive: true }));
    symlinkSync(join(REPOSITORY, 'node_modules'), join(checkout, 'node_modules'));
    await bundle('provider', REPOSITORY, join(directory, 'here'));
    await bundle('provider', checkout, join(directory, 'there'));
    commandOutputs = await bundle('cli', REPOSITORY, join(directory, 'command-here'));
    await bundle('cli', checkout, join(directory, 'command-there'));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const assetHash = (sourcePath: string) => new AssetStaging(new Stack(new App()), 'Bundle', { sourcePath }).assetHash;

  test('is the same, byte for byte, wherever it is made, so that an untouched handler is never deployed again', () => {
    expect(readdirSync(join(directory, 'here'))).toEqual(['index.js']);
    const [here, there] = ['here', 'there'].map((where) => readFileSync(join(directory, where, 'index.js')));
    expect(there?.equals(here ?? Buffer.alloc(0))).toBe(true);
    expect(here?.includes(REPOSITORY)).toBe(false);
    expect(assetHash(join(directory, 'here'))).toBe(assetHash(join(directory, 'there')));
  });

  test('has another asset hash when the code of a handler changes', async () => {
    appendFileSync(join(checkout, 'lambda', 'index.ts'), 'export const changed = true;\n');
    await bundle('provider', checkout, join(directory, 'after'));
    expect(assetHash(join(directory, 'after'))).not.toBe(assetHash(join(directory, 'there')));
  });

  test('loads without the node_modules around it, and holds the two handlers', () => {
    const handlers = jest.requireActual<object>(join(directory, 'here', 'index.js'));
    expect(Object.keys(handlers).sort()).toEqual(['isComplete', 'onEvent']);
  });

  test('of the command is the same, byte for byte, wherever it is made, names no folder, and begins with the interpreter that runs it', () => {
    const [here, there] = ['command-here', 'command-there'].map((name) => {
      const folder = join(directory, name);
      return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    });
    expect(Object.keys(here ?? {})).toEqual(Object.keys(there ?? {}));
    expect(Object.entries(here ?? {}).filter(([file, text]) => text !== there?.[file] || text.includes(REPOSITORY))).toEqual([]);
    expect(here?.['index.js']).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(() => accessSync(join(directory, 'command-here', 'index.js'), constants.X_OK)).not.toThrow();
  });

  test('of the command loads one file without the AWS SDK, and the SDK only for the commands that need it', () => {
    const importsOf = (file: string, wanted: 'import-statement' | 'dynamic-import') =>
      (commandOutputs[file]?.imports ?? []).flatMap(({ kind, path }) => (kind === wanted && !path.startsWith('node:') ? [path] : []));
    const loaded = (file: string): string[] => [file, ...importsOf(file, 'import-statement').flatMap(loaded)];
    const sdkIn = (entry: string) => loaded(fileNamed(entry)).flatMap((file) => Object.keys(commandOutputs[file]?.inputs ?? {}))
      .filter((input) => /node_modules\/@(aws-sdk|smithy)\//.test(input));
    const fileNamed = (name: string) => Object.keys(commandOutputs).find((file) => file.endsWith(`/${name}`)) ?? name;

    expect(loaded(fileNamed('index.js'))).toHaveLength(1);
    expect(sdkIn('index.js')).toEqual([]);
    const withSdk = importsOf(fileNamed('index.js'), 'dynamic-import').map((path) => path.replace('./', ''));
    expect(withSdk.sort()).toEqual(['look.mjs', 'orphans.mjs', 'status.mjs']);
    withSdk.forEach((file) => expect(sdkIn(file)).not.toEqual([]));
  });
});
