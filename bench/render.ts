import type { Group, Table } from './figure';

/** Returns a page with one section for each group, and what it was measured on. */
export function render(groups: readonly Group[], circumstances: string): string {
  return [
    ...groups.flatMap((group) => [`## ${group.title}`, bodyOf(group)]),
    '## Measured on',
    circumstances,
  ].join('\n\n');
}

/** Returns the section of a group, without its title. */
export function bodyOf({ tables, notes }: Group): string {
  return [...tables.map(tableOf), ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')])].join('\n\n');
}

function tableOf({ head, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
