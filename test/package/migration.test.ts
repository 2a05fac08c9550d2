import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from './assembly';

interface Recorded {
  readonly source: string;
  readonly options: readonly string[];
}

const DOCS = join(__dirname, '..', '..', 'docs', 'migration');
const recorded = JSON.parse(readFileSync(join(__dirname, 'recorded', 'migration-options.json'), 'utf8')) as Readonly<Record<string, Recorded>>;

/** What users write of this library: properties, and DiskContainer's static methods. */
const names = new Set([
  'Tags.of()',
  ...types.flatMap((type) => (type.properties ?? []).map(({ name }) => name)),
  ...types.flatMap((type) => (type.methods ?? []).filter((method) => method.static).map(({ name }) => `${type.name}.${name}`)),
]);

interface Row {
  readonly theirs: string;
  readonly ours: string;
  readonly remarks: string;
}

/** The rows of the table of options, without its head. */
function rowsOf(page: string): readonly Row[] {
  const [, section = ''] = readFileSync(join(DOCS, page), 'utf8').split(/^## Every option.*$/m);
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.+?) \|(.*)\|$/gm)].map(
    ([, theirs = '', ours = '', remarks = '']) => ({ theirs, ours, remarks: remarks.trim() }),
  );
  return rows.filter(({ ours }) => ours !== 'Here');
}

describe.each(Object.entries(recorded))('the page %s', (page, { options }) => {
  const rows = rowsOf(page);

  test('sets each option of the other tool against ours, once', () => {
    expect(rows.map(({ theirs }) => theirs).sort()).toEqual([...options].sort());
    expect(new Set(rows.map(({ theirs }) => theirs)).size).toBe(rows.length);
  });

  test('names properties and methods that exist', () => {
    const named = rows.flatMap(({ ours }) => [...ours.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => (names.has(name) ? [name] : name.split('.'))));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  test('says why where there is nothing of ours', () => {
    const silent = rows.filter(({ ours, remarks }) => ours === 'none' && remarks === '').map(({ theirs }) => theirs);
    expect(silent).toEqual([]);
  });
});
