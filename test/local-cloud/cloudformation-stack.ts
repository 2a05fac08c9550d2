import { dependencyOrder, ResolvedProperties, TemplateResource, TemplateResources } from './cloudformation-template';

export interface StackEvent {
  /** On the driver's clock. */
  readonly time: number;
  /** The stack's own events carry its name. */
  readonly logicalId: string;
  readonly physicalId: string;
  readonly status: string;
  readonly reason?: string;
}

export interface StackOutcome {
  readonly status: string;
  /** The events of this operation, oldest first. */
  readonly events: readonly StackEvent[];
}

export interface StackResource {
  readonly physicalId: string;
  readonly attributes: { readonly [name: string]: unknown };
}

/** A custom resource that CloudFormation knows. */
export interface Live extends StackResource {
  readonly properties: ResolvedProperties;
  readonly template: TemplateResource;
}

/** A physical id that CloudFormation will ask to delete, with the properties that it had. */
export interface Leftover extends Pick<Live, 'physicalId' | 'properties' | 'template'> {
  readonly logicalId: string;
  readonly policy: 'Delete' | 'Retain';
}

export interface Stack {
  readonly name: string;
  readonly id: string;
  template: TemplateResources;
  status: string;
  resources: Map<string, Live>;
  readonly events: StackEvent[];
  /** What an update had made whose rollback failed. */
  unfinished: readonly Leftover[];
}

/** A stack as it was before an update. */
export type Before = Pick<Stack, 'template' | 'resources'>;

/** What a stack holds, in the given order. */
export function standingLeftovers(stack: Stack, logicalIds: readonly string[], decide: (policy: string) => Leftover['policy']): Leftover[] {
  return logicalIds.flatMap((logicalId) => {
    const live = stack.resources.get(logicalId);
    return live ? [{ logicalId, ...live, policy: decide(live.template.DeletionPolicy ?? 'Delete') }] : [];
  });
}

/** What an update replaced or removed. */
export function updateLeftovers(stack: Stack, before: Before): Leftover[] {
  return dependencyOrder(before.template).flatMap((logicalId): Leftover[] => {
    const former = before.resources.get(logicalId);
    const replacement = stack.template[logicalId];
    if (!former || (replacement && former.physicalId === stack.resources.get(logicalId)?.physicalId)) {
      return [];
    }
    const retains = replacement ? replacement.UpdateReplacePolicy === 'Retain' : (former.template.DeletionPolicy ?? 'Delete') !== 'Delete';
    return [{ logicalId, ...former, policy: retains ? 'Retain' : 'Delete' }];
  });
}

/** What an update made, or tried to make, that is not part of the stack after its rollback. `retains` says which deletion policies leave it. */
export function rollbackLeftovers(
  stack: Stack, before: Before, attempted: ReadonlyMap<string, Live>, retains: (policy: string) => boolean,
): Leftover[] {
  return [...attempted].flatMap(([logicalId, live]): Leftover[] => {
    const current = logicalId in before.template ? stack.resources.get(logicalId) : undefined;
    const known = [live, before.resources.get(logicalId)].filter((one) => one !== undefined);
    const gone = new Map(known.filter(({ physicalId }) => physicalId !== current?.physicalId).map((one) => [one.physicalId, one]));
    return [...gone.values()].map((one) => ({ logicalId, ...one, policy: retains(one.template.DeletionPolicy ?? 'Delete') ? 'Retain' : 'Delete' }));
  });
}
