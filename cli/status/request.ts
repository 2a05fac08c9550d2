/**
 * The imports that CloudFormation requests right now, read from the events of running stack operations. Only these events
 * show an import that has no task yet, and when it was requested.
 */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { list, text } from '../../lambda/aws/fields';
import type { ImportFamily } from '../../lambda/cloudformation/physical-id';
import type { CreateRequest } from '../../lambda/cloudformation/requests';
import { importFamilyOf } from '../../lambda/import/name';
import { parseRequest, type ImportRequest } from '../../lambda/import/request';
import { IMAGE_RESOURCE_TYPE } from '../../src/shared/contract/names';
import { Stack } from '../account/stacks';

export interface RequestUnderWay {
  readonly stack: Stack;
  readonly logicalId: string;
  /** When CloudFormation requested it, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** `failed`: the resource failed, and CloudFormation rolls back. */
  readonly state: { readonly kind: 'waiting' } | { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string };
  /** The part that the ids of its imports share. */
  readonly family: ImportFamily;
  readonly request: ImportRequest;
}

const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Returns whether a stack operation begins in these events. Older events belong to an earlier operation. */
export function beginsHere(stack: Stack, events: readonly StackEvent[]): boolean {
  return events.some((event) => isBeginning(stack, event));
}

/** Matches the stack's own event. Rollback and cleanup have other statuses and belong to the same operation. */
function isBeginning({ id }: Stack, { ResourceType, PhysicalResourceId, ResourceStatus }: StackEvent): boolean {
  return ResourceType === STACK_TYPE && PhysicalResourceId === id && /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/.test(text(ResourceStatus));
}

/**
 * Returns what the newest operation of a stack creates or updates of a resource type: the events of each resource by its logical id, oldest first.
 *
 * @param events newest first
 */
export function changesUnderWay(stack: Stack, events: readonly StackEvent[], resourceType: string): ReadonlyMap<string, readonly StackEvent[]> {
  const beginning = events.findIndex((event) => isBeginning(stack, event));
  const operation = (beginning < 0 ? [...events] : events.slice(0, beginning)).reverse();
  const byLogicalId = new Map<string, StackEvent[]>();
  for (const event of operation) {
    const logicalId = text(event.LogicalResourceId);
    if (event.ResourceType === resourceType && /^(CREATE|UPDATE)_/.test(text(event.ResourceStatus))) {
      byLogicalId.set(logicalId, [...list(byLogicalId.get(logicalId)), event]);
    }
  }
  return byLogicalId;
}

/** Returns the imports that the newest operation requests. `events` are newest first. */
export function requestsUnderWay(stack: Stack, events: readonly StackEvent[]): RequestUnderWay[] {
  const segments = [...changesUnderWay(stack, events, IMAGE_RESOURCE_TYPE)].flatMap(([logicalId, of]) => readRequest(stack, logicalId, of) ?? []);
  const waitsFor = new Set(segments.filter(({ state }) => state.kind === 'waiting').map(keyOf));
  return segments
    .filter(({ request }) => request.segment.previous === undefined)
    // While a later segment waits, the import runs, even though the first segment is already complete.
    .map((first) => (waitsFor.has(keyOf(first)) ? { ...first, state: { kind: 'waiting' } } : first));
}

/** Returns the same key for all segments of an import. */
function keyOf({ request: { source, image, revision } }: RequestUnderWay): string {
  return JSON.stringify([source, image, revision]);
}

/** Reads the request of one segment from its events; undefined if they do not carry it. */
export function readRequest(stack: Stack, logicalId: string, events: readonly StackEvent[]): RequestUnderWay | undefined {
  return readProperties(stack, logicalId, events, (event) => {
    const request = parseRequest(event);
    return {
      stack, logicalId, request, family: importFamilyOf(event, request), startedAt: Number(events[0]?.Timestamp), state: stateOf(events.at(-1)),
    };
  });
}

/** Reads the properties in the events of a resource as the request that the provider gets; undefined if the events do not carry them. */
export function readProperties<T>(
  stack: Stack, logicalId: string, events: readonly StackEvent[], read: (request: CreateRequest) => T,
): T | undefined {
  const carrier = events.find(({ ResourceProperties }) => ResourceProperties);
  try {
    return read({
      RequestType: 'Create',
      RequestId: '',
      ResponseURL: '',
      StackId: stack.id,
      LogicalResourceId: logicalId,
      ResourceType: text(carrier?.ResourceType),
      ResourceProperties: JSON.parse(text(carrier?.ResourceProperties), asText),
    });
  } catch {
    // The properties are cut off, or from another version of the library. The import shows up by its tags later.
    return undefined;
  }
}

export function stateOf(last: StackEvent | undefined): RequestUnderWay['state'] {
  const status = text(last?.ResourceStatus);
  if (status.endsWith('_IN_PROGRESS')) {
    return { kind: 'waiting' };
  }
  return status.endsWith('_FAILED') ? { kind: 'failed', reason: text(last?.ResourceStatusReason) } : { kind: 'done' };
}

/** Converts every scalar to a string, as CloudFormation does before it calls the provider. The import id depends on it. */
function asText(_key: string, value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
