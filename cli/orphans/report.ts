/** Formats orphans for people and for scripts. Pure. */
import { AmiFacts, countOf, Orphan, Origin } from './leftovers';
import { Line, line, Span } from '../screen/line';
import { printable } from '../screen/printable';

const SECTIONS: readonly (readonly [Origin, string])[] = [
  ['left-behind', 'Left behind by stacks that were deleted:'],
  ['retained', 'Retained on purpose, by removalPolicy or when the stack was deleted:'],
  ['unknown', 'Retained or left behind by stacks unknown to CloudFormation (deleted more than 90 days ago, or in another account or Region):'],
];

/** Returns the lines of all orphans, grouped by origin. */
export function linesOf(orphans: readonly Orphan[]): Line[] {
  return SECTIONS.flatMap(([origin, title]) => {
    const found = orphans.filter((orphan) => orphan.origin === origin);
    return found.length === 0 ? [] : [line(title, 'bold'), ...found.flatMap(orphanLines), line('')];
  });
}

/** Returns how many there are, as in `3 things`. */
export function things(orphans: readonly Orphan[]): string {
  const count = orphans.reduce((sum, { leftovers }) => sum + countOf(leftovers), 0);
  return count === 1 ? '1 thing' : `${count} things`;
}

function orphanLines({ leftovers: { stack, taskIds, imageArns, snapshotIds }, amis }: Orphan): Line[] {
  const when = stack?.deletedAt === undefined ? '' : `, deleted on ${new Date(stack.deletedAt).toISOString().slice(0, 10)}`;
  return [
    [{ text: `  ${printable(stack?.name ?? '(unknown stack)')}` }, { text: when, color: 'dim' }],
    ...taskIds.map((id) => thing('task', id)),
    ...imageArns.map((arn) => thing('image', arn)),
    ...[...amis].map(([id, facts]): Line => [...thing('AMI', id), ...amiNotes(facts)]),
    ...snapshotIds.map((id) => thing('snapshot', id)),
  ];
}

function thing(kind: string, id: string): Line {
  return [{ text: `    ${kind.padEnd(9)}`, color: 'dim' }, { text: printable(id) }];
}

function amiNotes({ name, protection, usedBy }: AmiFacts): Span[] {
  const notes = [
    ...(protection === undefined ? [] : [`protected from deregistration (${protection})`]),
    ...(usedBy.length === 0 ? [] : [`used by ${usedBy.join(', ')}`]),
  ];
  return [
    ...(name === undefined ? [] : [{ text: `  ${printable(name)}` }]),
    ...notes.map((text): Span => ({ text: `  ${printable(text)}`, color: 'yellow' })),
  ];
}

/** Returns the JSON documented in docs/command.md. Fields are only added, never renamed or removed. */
export function orphansJson(region: string, orphans: readonly Orphan[]): object {
  return {
    region,
    orphans: orphans.map(({ origin, leftovers: { stack, ...leftovers }, amis }) => ({
      origin,
      ...(stack === undefined ? {} : {
        stackName: stack.name,
        stackId: stack.id,
        stackDeletedAt: stack.deletedAt === undefined ? undefined : new Date(stack.deletedAt).toISOString(),
      }),
      ...leftovers,
      amis: Object.fromEntries(amis),
    })),
  };
}
