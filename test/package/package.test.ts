import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

test('the README is short, names its pages by links that work on every registry, and every page exists', () => {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  expect(readme.split('\n').length).toBeLessThanOrEqual(250);
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !/^(https:\/\/|#)/.test(link))).toEqual([]);
  const paths = links.flatMap((link) => /(?:blob|tree)\/main\/([^#]+)|\/HEAD\/(.+)/.exec(link)?.slice(1).filter(Boolean) ?? []);
  expect(paths.length).toBeGreaterThan(30);
  expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  const anchors = new Set([...readme.matchAll(/^## (.*)$/gm)].map(([, title = '']) => `#${title.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')}`));
  expect(links.filter((link) => link.startsWith('#') && !anchors.has(link))).toEqual([]);
});

describe('the published package', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as Packed[];
  const files = (packed?.files ?? []).map((file) => file.path);

  test.each(['lib/index.js', 'lib/index.d.ts', 'lib/vm-import-image.js', 'assets/provider/index.js', 'assets/cli/index.js', 'docs/images/architecture.svg', 'docs/images/status.svg', '.jsii', 'README.md', 'API.md', 'LICENSE', 'package.json'])(
    'holds %s',
    (path) => expect(files).toContain(path),
  );

  test('holds nothing else: no test, handler source, example or tool', () => {
    expect(files.filter((path) => !/^(lib\/|assets\/|docs\/images\/|\.jsii$|README\.md$|API\.md$|LICENSE$|package\.json$)/.test(path))).toEqual([]);
    expect(files.filter((path) => /\.ts$/.test(path) && !/\.d\.ts$/.test(path))).toEqual([]);
  });

  test('has the command cdk-vm-import, which can be run', () => {
    const { bin } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { readonly bin: Readonly<Record<string, string>> };
    const command = join(REPOSITORY, bin['cdk-vm-import'] ?? '');
    expect(execFileSync(command, ['--help'], { encoding: 'utf8' })).toMatch(/^Usage: cdk-vm-import <command>.*^ {2}inspect .*^ {2}status .*^ {2}orphans /ms);
  });

  test('has no dependency but its peers', () => {
    const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;
    expect(Object.keys(manifest.peerDependencies ?? {}).sort()).toEqual(['aws-cdk-lib', 'constructs']);
    expect(manifest.dependencies ?? {}).toEqual({});
    expect(manifest.bundledDependencies ?? {}).toEqual({});
  });
});

test('every example in README and docstrings compiles', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vm-import-rosetta-'));
  try {
    const rosetta = join(REPOSITORY, 'node_modules', '.bin', 'jsii-rosetta');
    execFileSync(rosetta, ['extract', '--strict', '--fail', '--output', join(directory, 'tablet.json'), REPOSITORY], { encoding: 'utf8', stdio: 'pipe' });
    const { snippets } = JSON.parse(readFileSync(join(directory, 'tablet.json'), 'utf8')) as { snippets: Record<string, { didCompile?: boolean }> };
    const compiled = Object.values(snippets).map((snippet) => snippet.didCompile);
    const blocks = readFileSync(join(REPOSITORY, 'README.md'), 'utf8').match(/^```ts/gm) ?? [];
    expect(blocks.length).toBeGreaterThan(0);
    expect(compiled.length).toBeGreaterThanOrEqual(blocks.length);
    expect(compiled).not.toContain(false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
