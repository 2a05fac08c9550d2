import { Hideable, isHidden, StandingRule } from './faults';
import { World } from './world';

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
  return !isHidden(call.rules, via, resource, call.now);
}
