/** Writes the table of findings in docs/preflight.md anew from their catalogue. With `--check` it only says whether the table is up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, severityOf, type FindingCode } from '../src/shared/disk-image/judge/catalogue';

const PAGE = join(__dirname, '..', 'docs', 'preflight.md');
const BEGIN = '<!-- findings: written by npm run docs:preflight -->';
const END = '<!-- findings end -->';

/** Returns the page with its table of findings as the catalogue has them. */
export function withFindings(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error('docs/preflight.md has no place for the findings.');
  }
  return `${page.slice(0, begin)}${BEGIN}\n${table()}\n${page.slice(end)}`;
}

function table(): string {
  const codes = Object.keys(CATALOGUE) as FindingCode[];
  const rows = codes.map((code) => {
    const { cause, remedy, source } = CATALOGUE[code];
    return `| \`${code}\` | ${severityOf(code, 'converted')} | ${severityOf(code, 'as it is')} | ${cause} | ${remedy} | [source](${source}) |`;
  });
  return ['| code | VmImportImage | VmImportAmi | cause | what to do | source |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

if (require.main === module) {
  const before = readFileSync(PAGE, 'utf8');
  const after = withFindings(before);
  if (process.argv.includes('--check') && after !== before) {
    throw new Error('docs/preflight.md is out of date: run npm run docs:preflight.');
  }
  writeFileSync(PAGE, after);
}
