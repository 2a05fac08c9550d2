/**
 * Sends an event to Amazon EventBridge when an import ends, if the app listens. The event is sent before CloudFormation gets its
 * answer, so that no end is lost if the function dies in between. It may then be sent twice.
 */
import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { phaseOf } from './handover';
import { parseRequest } from './request';
import { AMI_RESOURCE_TYPE, DETAIL_TYPES, EVENT_SOURCE, SNAPSHOT_RESOURCE_TYPE } from '../../src/shared/contract/names';
import type { Aws } from '../aws/clients';
import { describeError } from '../aws/errors';
import type { Log } from '../aws/log';
import { withoutSecrets } from '../cloudformation/failure';
import { importIdOfSegment } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';

/** A request with the name of its import. */
type NamedRequest = CloudFormationRequest & { readonly PhysicalResourceId: string };

/** How an import ended. */
export type End =
  | { readonly kind: 'done'; readonly attributes: Readonly<Record<string, string>>; readonly sources?: string }
  | { readonly kind: 'fail'; readonly reason: string };

/**
 * Announces the end of an import. No error here fails the import or keeps it waiting: after the retries of one call, the log has
 * the reason.
 */
export async function announce(aws: Aws, event: NamedRequest, end: End, log: Log): Promise<void> {
  const announced = announcementOf(event, end);
  if (announced === undefined) {
    return;
  }
  const refused = await refusalOf(aws, announced).catch(describeError);
  log({ id: event.PhysicalResourceId, request: event.RequestType, action: 'announce', event: announced.DetailType, status: refused ?? 'sent' });
}

/** Sends an event to the default event bus. Returns why EventBridge refused it, or undefined if it did not. */
async function refusalOf({ eventBridge, signal }: Aws, event: PutEventsRequestEntry): Promise<string | undefined> {
  const { FailedEntryCount, Entries: [entry] = [] } = await eventBridge.send(new PutEventsCommand({ Entries: [event] }), { abortSignal: signal });
  // An entry may be refused in an answer that is a success: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
  return FailedEntryCount === 0 ? undefined : `${entry?.ErrorCode}: ${entry?.ErrorMessage}`;
}

/** Returns the event, or undefined if nobody listens or if the request is not the end of an import. */
function announcementOf(event: NamedRequest, end: End): PutEventsRequestEntry | undefined {
  const { Events } = event.ResourceProperties;
  if (event.RequestType === 'Delete' || Events === undefined || phaseOf(event) === 'updating' || (end.kind === 'done' && goesOn(event))) {
    return undefined;
  }
  const of = {
    id: importIdOfSegment(event.PhysicalResourceId),
    stackId: event.StackId,
    stackName: event.StackId.split('/')[1],
    logicalId: String(Events),
  };
  if (end.kind === 'fail') {
    return eventOf(DETAIL_TYPES.failed, { ...of, reason: withoutSecrets(end.reason) });
  }
  const { ImageArn, AmiId, ImportTaskId } = end.attributes;
  const made = { imageArn: ImageArn, amiId: AmiId, importTaskId: ImportTaskId, sources: end.sources };
  return eventOf(DETAIL_TYPES.succeeded, { ...of, ...made });
}

/** Returns whether the success of a resource is only a part of its import. */
function goesOn(event: NamedRequest): boolean {
  switch (event.ResourceType) {
    case SNAPSHOT_RESOURCE_TYPE:
      // The AMI of the disk follows.
      return true;
    case AMI_RESOURCE_TYPE:
      return false;
    default: {
      const { segment } = parseRequest(event);
      return segment.index < segment.count;
    }
  }
}

function eventOf(DetailType: string, detail: Readonly<Record<string, string | undefined>>): PutEventsRequestEntry {
  return { Source: EVENT_SOURCE, DetailType, Detail: JSON.stringify(detail) };
}
