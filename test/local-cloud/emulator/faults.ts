import { AwsError } from './aws-error';
import { checkRule } from './check-rule';
import { FaultEffect, FaultMatch, FaultRule, ResourceKind, Service } from './fault';

/** What a rule's match is held against. */
export interface CallFacts {
  readonly service: Service;
  readonly action: string;
  /** Every id and ARN that the call names. */
  readonly ids: ReadonlySet<string>;
  /** Tags that the call carries, filters by, or that the resources it names bear. */
  readonly tags: readonly (readonly [key: string, value: string])[];
}

/** A resource that an `invisible` rule may hide. */
export interface Hideable {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly createdAt: number;
  readonly tags: ReadonlyMap<string, string>;
}

export interface StandingRule extends FaultRule {
  readonly id: string;
  readonly since: number;
}

interface Entry {
  readonly rule: StandingRule;
  matched: number;
}

/** The rules that stand, and which of them a call meets. */
export class Faults {
  private readonly entries = new Map<string, Entry>();
  private made = 0;

  add(rule: FaultRule, now: number): StandingRule {
    checkRule(rule);
    const standing = { ...rule, id: rule.id ?? `rule-${++this.made}`, since: now };
    this.entries.set(standing.id, { rule: standing, matched: 0 });
    return standing;
  }

  remove(id: string): void {
    this.entries.delete(id);
  }

  clear(): void {
    this.entries.clear();
  }

  /** The rules with how many calls each has matched so far. */
  list(): readonly (StandingRule & { readonly matched: number })[] {
    return [...this.entries.values()].map(({ rule, matched }) => ({ ...rule, matched }));
  }

  /** Counts the call and gives the rules that take effect on it. Facts are worked out only when a rule asks for them. */
  meet(service: Service, action: string, facts: () => CallFacts): readonly StandingRule[] {
    if (this.entries.size === 0) {
      return [];
    }
    const met: StandingRule[] = [];
    let known: CallFacts | undefined;
    for (const entry of this.entries.values()) {
      const { match = {}, effect } = entry.rule;
      if ((match.service ?? service) !== service || (match.action ?? action) !== action) {
        continue;
      }
      if ((match.tag || match.id) && effect.kind !== 'invisible' && effect.kind !== 'lingering') {
        known ??= facts();
        if (!concerns(match, known)) {
          continue;
        }
      }
      entry.matched += 1;
      if (isTurn(match.call, entry.matched)) {
        met.push(entry.rule);
      }
    }
    return met;
  }
}

/** Whether a resource cannot be seen yet by a call that met these rules. */
export function isHidden(rules: readonly StandingRule[], via: 'list' | 'get', resource: Hideable, now: number): boolean {
  return rules.some(({ effect, match }) => (
    effect.kind === 'invisible'
    && now - resource.createdAt < ((via === 'list' ? effect.listMs : effect.getMs) ?? 0)
    && isChosen(resource, effect.of, match)
  ));
}

/** Whether a resource that was deleted is listed still to a call that met these rules. */
export function isLingering(rules: readonly StandingRule[], resource: Hideable, deletedAt: number, now: number): boolean {
  return rules.some(({ effect, match }) => (
    effect.kind === 'lingering' && now - deletedAt < effect.listMs && isChosen(resource, effect.of, match)
  ));
}

function isChosen(resource: Hideable, of: readonly ResourceKind[] | undefined, match: FaultMatch | undefined): boolean {
  return (of ?? [resource.kind]).includes(resource.kind)
    && (match === undefined || concerns(match, { ids: new Set([resource.id]), tags: [...resource.tags] }));
}

/** The first of these rules that has this kind of effect, and lasts still. */
export function effectOf<K extends FaultEffect['kind']>(
  rules: readonly StandingRule[], kind: K, now: number,
): Extract<FaultEffect, { kind: K }> | undefined {
  return rules
    .filter(({ effect, since }) => !('forMs' in effect) || effect.forMs === undefined || now - since < effect.forMs)
    .map(({ effect }) => effect)
    .find((effect): effect is Extract<FaultEffect, { kind: K }> => effect.kind === kind);
}

/** The error that these rules answer instead of doing anything, in the service's own codes. */
export function injectedError(rules: readonly StandingRule[], service: Service): AwsError | undefined {
  const { throttle, busy, broken } = CODES[service];
  for (const { effect } of rules) {
    switch (effect.kind) {
      case 'throttle':
        return new AwsError(...throttle);
      case 'serverError':
        return effect.status === 503
          ? new AwsError(busy, 'The server is overloaded and cannot handle the request', 503)
          : new AwsError(broken, 'An internal error has occurred', 500);
      case 'error':
        return new AwsError(effect.code, effect.message, effect.status ?? 400);
      default:
    }
  }
  return undefined;
}

/** What each service answers when it throttles (code, message, status), is too busy (503), or fails by itself (500). */
const CODES: Readonly<Record<Service, { readonly throttle: readonly [string, string, number]; readonly busy: string; readonly broken: string }>> = {
  ec2: { throttle: ['RequestLimitExceeded', 'Request limit exceeded.', 503], busy: 'Unavailable', broken: 'InternalError' },
  ebs: { throttle: ['ThrottlingException', 'Rate exceeded', 400], busy: 'ServiceUnavailable', broken: 'InternalServerException' },
  imagebuilder: { throttle: ['ThrottlingException', 'Rate exceeded', 429], busy: 'ServiceUnavailableException', broken: 'ServiceException' },
};

function concerns(match: FaultMatch, facts: Pick<CallFacts, 'ids' | 'tags'>): boolean {
  const { tag, id } = match;
  return (id === undefined || facts.ids.has(id))
    && (tag === undefined || facts.tags.some(([key, value]) => key === tag.key && value === (tag.value ?? value)));
}

function isTurn(call: FaultMatch['call'], count: number): boolean {
  if (call === undefined) {
    return true;
  }
  if (typeof call === 'number') {
    return count === call;
  }
  if ('every' in call) {
    return count % call.every === 0;
  }
  return count >= call.from && count <= (call.to ?? Infinity);
}
