import type { FaultEffect, FaultMatch, FaultRule } from './fault';

/** The kinds of effects with the fields of each; a rule with a slip of the pen must not pass for one that never strikes. */
const EFFECTS: Readonly<Record<FaultEffect['kind'], readonly string[]>> = {
  throttle: [],
  serverError: ['status'],
  error: ['code', 'message', 'status'],
  delay: ['ms'],
  dropBefore: [],
  dropAfter: [],
  task: ['outcome'],
  invisible: ['of', 'listMs', 'getMs'],
  lingering: ['of', 'listMs'],
  quota: ['activeTasks'],
  roleNotPropagated: ['forMs'],
  recipeHoldsImage: ['forMs'],
  copyFails: ['reason'],
};

const CRITERIA: Readonly<Record<keyof FaultMatch, true>> = { service: true, action: true, call: true, tag: true, id: true };

/** Refuses what is no rule, for rules that come as JSON from another process. */
export function checkRule({ id: _id, match = {}, effect, ...rest }: FaultRule): void {
  const fields = Object.hasOwn(EFFECTS, effect?.kind) ? EFFECTS[effect.kind] : undefined;
  if (!fields) {
    throw new RangeError(`A fault rule's effect is one of ${Object.keys(EFFECTS).join(', ')}, got ${JSON.stringify(effect)}`);
  }
  const strays = [
    ...Object.keys(rest),
    ...Object.keys(match).filter((key) => !Object.hasOwn(CRITERIA, key)).map((key) => `match.${key}`),
    ...Object.keys(effect).filter((key) => key !== 'kind' && !fields.includes(key)).map((key) => `effect.${key}`),
  ];
  if (strays.length > 0) {
    throw new RangeError(`A fault rule has no ${strays.join(', ')}`);
  }
}
