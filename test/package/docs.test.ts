import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const DOCS = join(REPOSITORY, 'docs');

const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).sort();

/** rosetta compiles the examples of an assembly: one like ours, whose README is all pages. */
function compile(markdown: string): readonly { readonly didCompile?: boolean }[] {
  const folder = mkdtempSync(join(tmpdir(), 'vm-import-docs-'));
  try {
    const project = join(folder, 'project');
    mkdirSync(project);
    for (const name of ['lib', 'node_modules', 'package.json', 'rosetta']) {
      symlinkSync(join(REPOSITORY, name), join(project, name));
    }
    const assembly = JSON.parse(readFileSync(join(REPOSITORY, '.jsii'), 'utf8')) as object;
    writeFileSync(join(project, '.jsii'), JSON.stringify({ ...assembly, readme: { markdown }, types: {} }));
    const tablet = join(folder, 'tablet.json');
    const rosetta = join(REPOSITORY, 'node_modules', '.bin', 'jsii-rosetta');
    execFileSync(rosetta, ['extract', '--strict', '--fail', '--output', tablet, project], { encoding: 'utf8', stdio: 'pipe' });
    return Object.values((JSON.parse(readFileSync(tablet, 'utf8')) as { snippets: Record<string, { didCompile?: boolean }> }).snippets);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('every TypeScript example in docs compiles', () => {
  const text = pages.map((name) => `# ${name}\n\n${readFileSync(join(DOCS, name), 'utf8')}`).join('\n');
  // The same example on two pages is one snippet.
  const examples = new Set([...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example]) => example));
  expect(examples.size).toBeGreaterThanOrEqual(5);
  const compiled = compile(text).map(({ didCompile }) => didCompile);
  expect(compiled).toHaveLength(examples.size);
  expect(compiled).not.toContain(false);
}, 120_000);
