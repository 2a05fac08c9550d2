import { rounded, type Comparison, type Group, type Table } from './figure';

const MISSED = ' **missed**';

/** The figures as a page: ratios first, then each group by itself. */
export function render(groups: readonly Group[], circumstances: string): string {
  return [
    '## Ratios',
    ratios(groups),
    ...groups.flatMap((group) => [`## ${group.title}`, bodyOf(group)]),
    '## Measured on',
    circumstances,
  ].join('\n\n');
}

export function ratios(groups: readonly Group[]): string {
  return tableOf({
    head: ['What', 'Ratio', 'Limit', 'Here', 'Instead'],
    rows: groups.flatMap(({ comparisons }) => comparisons.map(ratioRow)),
  });
}

export function bodyOf({ tables, notes }: Group): string {
  return [...tables.map(tableOf), ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')])].join('\n\n');
}

function ratioRow(comparison: Comparison): readonly string[] {
  const { what, here, rival } = comparison;
  return [what, rounded(here.value / rival.value), limitOf(comparison), here.text, `${rival.text}, ${rival.name}`];
}

function limitOf({ here, rival, limit }: Comparison): string {
  switch (limit?.kind) {
    case undefined:
      return '';
    case 'ratio':
      return `${rounded(limit.atMost)}${here.value / rival.value <= limit.atMost ? '' : MISSED}`;
    case 'here':
      return `${limit.atMost.text}${here.value <= limit.atMost.value ? '' : MISSED}`;
  }
}


function tableOf({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
