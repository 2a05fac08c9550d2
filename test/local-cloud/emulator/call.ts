import type { ResourceKind } from './fault';
import { Hideable, isHidden, isLingering, StandingRule } from './faults';
import { Deleted, World } from './world';

/** One call on its way through a handler. */
export interface Call {
  readonly world: World;
  readonly now: number;
  /** The fault rules that take effect on it. */
  readonly rules: readonly StandingRule[];
  /** Ids and ARNs that the call made, changed or showed. */
  readonly touched: Set<string>;
}

/** Whether the call can see the resource: `list` when it asks what there is, `get` when it names it. */
export function isVisible(call: Call, via: 'list' | 'get', resource: Hideable): boolean {
  return !isHidden(call.rules, via, resource, call.now) && !(via === 'list' && call.now < resource.createdAt + lagOf(resource, call));
}

/** How late lists are about a kind of resource. */
function lagOf({ kind }: Hideable, { world }: Call): number {
  return world.answer('listLag') === 'late' ? LAG_MS[kind] : 0;
}

const LAG_MS: Readonly<Record<ResourceKind, number>> = { task: 20_000, ami: 20_000, snapshot: 20_000, image: 120_000 };

/** What a list shows of one kind of resource: what stands and can be seen, and what lingers; in the order it was made. */
export function listed<T extends Hideable & { readonly serial: number }>(
  call: Call, standing: ReadonlyMap<string, T>, deleted: ReadonlyMap<string, Deleted<T>>,
): readonly T[] {
  const visible = [...standing.values()].filter((resource) => isVisible(call, 'list', resource));
  const lingering = [...deleted.values()].filter(({ resource, at }) => (
    isLingering(call.rules, resource, at, call.now) || call.now < at + lagOf(resource, call)
  ));
  return lingering.length === 0
    ? visible
    : [...visible, ...lingering.map(({ resource }) => resource)].sort((a, b) => a.serial - b.serial);
}
