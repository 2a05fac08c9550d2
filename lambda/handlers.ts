/**
 * The two handlers behind `Custom::VmImportImage`. `onEvent` names the import, checks the request and looks at the disks,
 * and changes nothing in AWS, so that there is a name before anything exists under it; `isComplete` is one pass of the
 * reconcile.
 */
import { requireFreeName } from './ami/copy';
import { isAmiRequest, nameAmi } from './ami/handlers';
import type { Aws, AwsClients } from './aws/clients';
import type { Log } from './aws/log';
import { Failure } from './cloudformation/failure';
import { requestedAt, type Time } from './cloudformation/requested-at';
import type { CloudFormationRequest, InvocationContext, IsCompleteRequest, IsCompleteResponse, OnEventResponse } from './cloudformation/requests';
import { announce } from './import/announce';
import { nameImport, type NamedImport } from './import/name-import';
import { answerOf, GOES_ON } from './import/outcome';
import type { ImagesInProgress } from './import/reconcile';
import { isEnd, takePass, type SegmentResult } from './pass';
import { LOOKS_WITHIN, preflight } from './preflight/preflight';

/** What the handlers need from the outside; tests pass their own. */
export interface Dependencies extends Time {
  readonly clients: AwsClients;
  readonly log: Log;
  /** Seconds between two passes of an import. */
  readonly pollInterval: number;
  /** As long as the function lives. */
  readonly imagesInProgress?: ImagesInProgress;
}

export interface Handlers {
  readonly onEvent: (event: CloudFormationRequest, context: InvocationContext) => Promise<OnEventResponse>;
  readonly isComplete: (event: IsCompleteRequest, context: InvocationContext) => Promise<IsCompleteResponse>;
}

/** What a pass leaves of its function's time, for an SDK retry that sleeps when the time is up. */
const TIME_TO_ANSWER = 30_000;

export function createHandlers({ clients, now, pause, log, pollInterval, imagesInProgress = new Map() }: Dependencies): Handlers {
  const bound = (context: InvocationContext): Aws => ({
    ...clients,
    signal: AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - TIME_TO_ANSWER)),
  });

  return {
    async onEvent(event, context) {
      const aws = bound(context);
      const { id, rollsBack, begins, endedAt, standsBefore: StandsBefore }: NamedImport = await (isAmiRequest(event) ? nameAmi(event, aws) : nameImport(event, aws));
      log({ id, request: event.RequestType, action: 'named' });
      const requested = endedAt ?? await requestedAt(aws, event, { now, pause });
      const refuse = async (error: Error) => {
        log({ id, request: event.RequestType, action: 'fail', status: error.message });
        await announce(aws, { ...event, PhysicalResourceId: id }, { kind: 'fail', reason: error.message }, log);
        throw error;
      };
      if (begins?.amiName !== undefined) {
        await requireFreeName(aws, begins.amiName, requested).catch(refuse);
      }
      if (begins?.source.kind === 'import' && begins.preflight === 'on') {
        const within = Math.min(LOOKS_WITHIN, context.getRemainingTimeInMillis() - TIME_TO_ANSWER);
        const noted: Log = (fields) => log({ id, request: event.RequestType, ...fields });
        await preflight({ clients, parameters: begins.source.parameters, within, log: noted }).catch(refuse);
      }
      const StartedAt = new Date(requested).toISOString();
      return { PhysicalResourceId: id, Data: { StartedAt, ...(rollsBack && { RollsBack: 'true' }), ...(StandsBefore && { StandsBefore }) } };
    },

    async isComplete(event, context) {
      const elapsed = (now() - Date.parse(event.Data.StartedAt)) / 1_000;
      const result = await takePass(bound(context), event, { elapsed, now: now(), pollInterval, imagesInProgress });
      log({
        id: event.PhysicalResourceId,
        request: event.RequestType,
        segment: segmentOf(event),
        elapsed: Math.round(elapsed),
        ...logFieldsOf(result),
      });
      if (isEnd(result)) {
        await announce(bound(context), event, result, log);
      }
      switch (result.kind) {
        case 'done':
          return { IsComplete: true, Data: answerOf(event, { endedAt: now(), attributes: result.attributes }) };
        case 'hand-over':
          return { IsComplete: true, Data: GOES_ON };
        case 'wait':
          return { IsComplete: false };
        case 'fail':
          throw new Failure(result.reason);
      }
    },
  };
}

/** For the log; AMIs have no segments. */
function segmentOf({ ResourceProperties: { Segment, Segments } }: IsCompleteRequest): string | undefined {
  return Segment === undefined ? undefined : `${String(Segment)}/${String(Segments)}`;
}

function logFieldsOf(result: SegmentResult): Record<string, string | undefined> {
  switch (result.kind) {
    case 'done':
      return { action: 'done', imageArn: result.attributes.ImageArn, amiId: result.attributes.AmiId, sources: result.sources };
    case 'hand-over':
      return { action: 'hand-over', status: result.on };
    case 'wait':
      return { action: 'wait', taskId: result.taskId, status: result.on, progress: result.progress };
    case 'fail':
      return { action: 'fail', status: result.reason };
  }
}
