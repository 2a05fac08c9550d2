import * as fs from 'node:fs';
import * as path from 'node:path';
import { withFindings } from '../../../scripts/preflight-docs';
import { CATALOGUE, LIMITS } from '../../../src/shared/disk-image';

const page = fs.readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'preflight.md'), 'utf8');

describe('docs/preflight.md', () => {
  test('has the table of findings that npm run docs:preflight writes', () => {
    expect(withFindings(page)).toBe(page);
  });

  test('explains every finding with its severities, cause, remedy and source', () => {
    const rows = page.split('\n').filter(line => /^\| `/.test(line)).map(line => line.split(' | '));
    expect(rows.map(([code]) => code?.replace(/^\| `|`$/g, ''))).toEqual(Object.keys(CATALOGUE));
    expect(rows.every(row => row.length === 6 && row.every(cell => cell.trim().length > 3))).toBe(true);
  });

  test('without a place for the table is refused', () => {
    expect(() => withFindings('# Preflight')).toThrow('docs/preflight.md has no place for the findings.');
  });

  test('states the bound of what is read', () => {
    expect(page).toContain(`never more than ${LIMITS.bytes / 2 ** 20} MiB`);
  });
});
