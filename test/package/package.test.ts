import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

describe('the published package', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: REPOSITORY, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as Packed[];
  const files = (packed?.files ?? []).map((file) => file.path);

  test.each(['lib/index.js', 'lib/index.d.ts', 'lib/vm-import-image.js', 'assets/provider/index.js', 'assets/cli/index.mjs', 'docs/images/architecture.svg', '.jsii', 'README.md', 'API.md', 'LICENSE', 'package.json'])(
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
    expect(compiled.length).toBeGreaterThanOrEqual(13);
    expect(compiled).not.toContain(false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);
