/** docs/performance.md quotes only what the last runs of the benchmarks printed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSection } from '../../bench/results-file';

const ROOT = join(__dirname, '..', '..');
const results = readFileSync(join(ROOT, 'bench', 'RESULTS.md'), 'utf8');
const page = readFileSync(join(ROOT, 'docs', 'performance.md'), 'utf8');
const sections = [...page.matchAll(/<!-- ([a-z-]+) -->/g)].map(([, name]) => name ?? '');

test('the page has sections for the results', () => {
  expect(sections).toEqual(expect.arrayContaining(['one-import-of-an-hour', 'costs', 'synthesis', 'many-imports-at-once']));
});

test.each(sections)('its section "%s" is the one of bench/RESULTS.md', (name) => {
  const section = readSection(page, name) ?? '';
  expect(section).not.toBe('');
  expect(results).toContain(section);
});
