/**
 * What CloudFormation asks for right now: the imports of a stack operation that is under way, read from its events. They
 * alone know of an import that has no task yet, and since when it was asked for.
 */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { familyOf, type ImportFamily } from '../../lambda/identity';
import { parseRequest, type ImportRequest } from '../../lambda/request';
import { list, text } from '../account/said';
import { Stack } from '../account/stacks';

export interface RequestUnderWay {
  readonly stack: Stack;
  readonly logicalId: string;
  /** When CloudFormation asked for it, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** `failed`: CloudFormation took the answer for a failure and rolls back. */
  readonly state: { readonly kind: 'waiting' } | { readonly kind: 'done' } | { readonly kind: 'failed'; readonly reason: string };
  /** How its imports are called. */
  readonly family: ImportFamily;
  readonly request: ImportRequest;
}

const RESOURCE_TYPE = 'Custom::VmImportImage';
const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Whether a stack operation begins in these events: what is older belongs to an earlier one. */
export function beginsHere(stack: Stack, events: readonly StackEvent[]): boolean {
  return events.some((event) => isBeginning(stack, event));
}

/** A stack's own event. A rollback and a cleanup have other statuses: they are part of what was asked for. */
function isBeginning({ id }: Stack, { ResourceType, PhysicalResourceId, ResourceStatus }: StackEvent): boolean {
  return ResourceType === STACK_TYPE && PhysicalResourceId === id && /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/.test(text(ResourceStatus));
}

/** The imports that the newest operation asks for; `events` are newest first. */
export function requestsUnderWay(stack: Stack, events: readonly StackEvent[]): RequestUnderWay[] {
  const beginning = events.findIndex((event) => isBeginning(stack, event));
  const operation = (beginning < 0 ? [...events] : events.slice(0, beginning)).reverse();
  const byLogicalId = new Map<string, StackEvent[]>();
  for (const event of operation) {
    const logicalId = text(event.LogicalResourceId);
    if (event.ResourceType === RESOURCE_TYPE && /^(CREATE|UPDATE)_/.test(text(event.ResourceStatus))) {
      byLogicalId.set(logicalId, [...list(byLogicalId.get(logicalId)), event]);
    }
  }
  const segments = [...byLogicalId].flatMap(([logicalId, of]) => segmentOf(stack, logicalId, of) ?? []);
  const waitsFor = new Set(segments.filter(({ state }) => state.kind === 'waiting').map(keyOf));
  return segments
    .filter(({ request }) => request.segment.previous === undefined)
    // A later segment waits for the import of the first one, which has given its answer long ago.
    .map((first) => (waitsFor.has(keyOf(first)) ? { ...first, state: { kind: 'waiting' } } : first));
}

/** The same for all segments of an import: they say the same of it. */
function keyOf({ request: { source, image, revision } }: RequestUnderWay): string {
  return JSON.stringify([source, image, revision]);
}

function segmentOf(stack: Stack, logicalId: string, events: readonly StackEvent[]): RequestUnderWay | undefined {
  const properties = text(events.find(({ ResourceProperties }) => ResourceProperties)?.ResourceProperties);
  try {
    const event = {
      RequestType: 'Create',
      RequestId: '',
      StackId: stack.id,
      LogicalResourceId: logicalId,
      ResourceType: RESOURCE_TYPE,
      ResourceProperties: JSON.parse(properties, asText),
    } as const;
    const request = parseRequest(event);
    return {
      stack, logicalId, request, family: familyOf(event, request), startedAt: Number(events[0]?.Timestamp), state: stateOf(events.at(-1)),
    };
  } catch {
    // Of another version of the library, or cut off: its import is found by its tags, once there is something to tag.
    return undefined;
  }
}

function stateOf(last: StackEvent | undefined): RequestUnderWay['state'] {
  const status = text(last?.ResourceStatus);
  if (status.endsWith('_IN_PROGRESS')) {
    return { kind: 'waiting' };
  }
  return status.endsWith('_FAILED') ? { kind: 'failed', reason: text(last?.ResourceStatusReason) } : { kind: 'done' };
}

/** CloudFormation hands every scalar to a custom resource as a string, and the import is named by those. */
function asText(_key: string, value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
