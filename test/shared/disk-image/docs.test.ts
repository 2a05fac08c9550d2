import * as fs from 'node:fs';
import * as path from 'node:path';
import { CATALOGUE, LIMITS } from '../../../src/shared/disk-image';

const page = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'preflight.md'), 'utf8');
const rows = page.split('\n').filter(line => /^\| `/.test(line)).map(line => line.split(' | '));

describe('docs/preflight.md', () => {
  test('explains every finding with its severity and its source, in the order of the catalogue', () => {
    expect(rows.map(([code, severity]) => [code?.replace(/^\| `|`$/g, ''), severity])).toEqual(Object.entries(CATALOGUE).map(([code, { severity }]) => [code, severity]));
    expect(rows.map(row => /\((https:[^)]*)\)/.exec(row[4] ?? '')?.[1])).toEqual(Object.values(CATALOGUE).map(({ source }) => source));
  });

  test('gives every finding a cause and a remedy', () => {
    expect(rows.every(row => row.length === 5 && row.every(cell => cell.trim().length > 3))).toBe(true);
  });

  test('states the bound of what is read', () => {
    expect(page).toContain(`never more than ${LIMITS.bytes / 2 ** 20} MiB`);
  });
});
