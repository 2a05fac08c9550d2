/** What the events of a stack say about imports that are over: when they ran, and what they are called. */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { ImportView } from './import-view';
import { readRequest } from './request';
import { text } from '../../lambda/aws/fields';
import { AMI_RESOURCE_TYPE, IMAGE_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE } from '../../src/shared/contract/names';
import { Account } from '../account/account';
import { eventsOf, Stack } from '../account/stacks';

/** One import that is over. */
export type Past = Pick<ImportView, 'logicalId' | 'imageName' | 'imageVersion' | 'startedAt' | 'finishedAt'>;

/** `names`: only for imports whose resources do not say what they are called; `times`: for all that are over. */
export type Wanted = 'names' | 'times';

/** Adds the past to views. Remembers it between looks, because it does not change. */
export class History {
  private readonly known = new Map<string, Past>();

  /** Returns the views with names and times added, as far as the events of their stacks still have them. */
  public async complete(account: Account, views: readonly ImportView[], stacks: readonly Stack[], wanted: Wanted): Promise<ImportView[]> {
    const lacking = views.filter((view) => isLacking(view, wanted));
    for (const stack of stacks) {
      const ids = lacking.flatMap(({ id, stackId }) => (id !== undefined && stackId === stack.id && !this.known.has(id) ? [id] : []));
      if (ids.length > 0) {
        const past = pastOf(stack, await eventsOf(account, stack.id, () => true));
        ids.forEach((id) => this.known.set(id, past.get(id) ?? {}));
      }
    }
    return views.map((view) => (isLacking(view, wanted) ? { ...this.known.get(text(view.id)), ...view } : view));
  }
}

function isLacking({ stage: { kind }, imageName, logicalId, snapshotId }: ImportView, wanted: Wanted): boolean {
  switch (wanted) {
    case 'names':
      // A copied disk has no image, and is called like its construct.
      return snapshotId === undefined ? imageName === undefined : logicalId === undefined;
    case 'times':
      return kind === 'available' || kind === 'failed';
  }
}

const TYPES: readonly string[] = [AMI_RESOURCE_TYPE, IMAGE_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE];

/** Returns the past of every import in the events, by import id. `events` are newest first. */
export function pastOf(stack: Stack, events: readonly StackEvent[]): ReadonlyMap<string, Past> {
  const past = new Map<string, Past>();
  const running = new Map<string, StackEvent>();
  const ended = new Set<string>();
  const ours = events.filter(({ ResourceType }) => TYPES.includes(text(ResourceType)));
  for (const event of ours.reverse()) {
    const logicalId = text(event.LogicalResourceId);
    const status = text(event.ResourceStatus);
    // All segments of an import have its id, the later ones with a number behind it.
    const id = text(event.PhysicalResourceId).replace(/\/.*$/, '');
    if (/^(CREATE|UPDATE)_IN_PROGRESS$/.test(status)) {
      running.set(logicalId, running.get(logicalId) ?? event);
    } else if (/^(CREATE|UPDATE)_(COMPLETE|FAILED)$/.test(status)) {
      const began = running.get(logicalId);
      running.delete(logicalId);
      // Only the first operation on a segment imports; later ones with the same id change tags.
      if (began !== undefined && !ended.has(`${id} ${logicalId}`)) {
        ended.add(`${id} ${logicalId}`);
        past.set(id, { ...pastOfSegment(stack, logicalId, began, event), ...earlier(past.get(id)) });
      }
    }
  }
  return past;
}

/** What the first segment of an import decides. */
function earlier({ finishedAt: _, ...first }: Past = {}): Past {
  return first;
}

function pastOfSegment(stack: Stack, logicalId: string, began: StackEvent, ended: StackEvent): Past {
  const image = readRequest(stack, logicalId, [began, ended])?.request.image;
  return {
    logicalId,
    ...(image === undefined ? {} : { imageName: image.name, imageVersion: image.semanticVersion }),
    startedAt: began.Timestamp?.getTime(),
    finishedAt: ended.Timestamp?.getTime(),
  };
}
