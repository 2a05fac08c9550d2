/**
 * The two handlers behind `Custom::VmImportImage`. `onEvent` names the import, checks the request and looks at the disks,
 * and changes nothing in AWS, so that there is a name before anything exists under it; `isComplete` is one pass of the
 * reconcile.
 */
import { requireFreeName } from './ami/copy';
import { amiPass, isAmiRequest, nameAmi } from './ami/handlers';
import { announce, type End } from './announce';
import type { Aws, AwsClients } from './aws';
import type { CloudFormationRequest, InvocationContext, IsCompleteRequest, IsCompleteResponse, OnEventResponse } from './cloudformation';
import { DELETE_SETTLES_AFTER } from './decide';
import { Failure } from './failure';
import { findAbandonedImports, isOnlyTakenUp, madeOf } from './family';
import { familyOf, importIdOfSegment, parseImportId } from './identity';
import type { Import } from './import';
import type { Log } from './log';
import { nameImport, type NamedImport } from './name-import';
import { answerOf, GOES_ON, outcomeIn } from './outcome';
import { phaseOf } from './phase';
import { LOOKS_WITHIN, preflight } from './preflight/preflight';
import { reconcileImport, reconcileRemoval, waitOutErrors, type PassResult } from './reconcile';
import { parsePreviousRequest, parseRequest, type ImportRequest, type Segment } from './request';
import { requestedAt, type Time } from './requested-at';
import { locationOf } from './stack-location';
import { operationBeganAt } from './stack-operation';
import { isStillWanted } from './still-wanted';
import { turnOf } from './turn';

/** What the handlers need from the outside; tests pass their own. */
export interface Dependencies extends Time {
  readonly clients: AwsClients;
  readonly log: Log;
  /** Seconds between two passes of an import. */
  readonly pollInterval: number;
}

export interface Handlers {
  readonly onEvent: (event: CloudFormationRequest, context: InvocationContext) => Promise<OnEventResponse>;
  readonly isComplete: (event: IsCompleteRequest, context: InvocationContext) => Promise<IsCompleteResponse>;
}

/** Seconds that a Delete may take, so that it is answered well within CloudFormation's hour. */
const DELETE_BUDGET = 50 * 60;

/** What a pass leaves of its function's time, for an SDK retry that sleeps when the time is up. */
const TIME_TO_ANSWER = 30_000;

export function createHandlers({ clients, now, pause, log, pollInterval }: Dependencies): Handlers {
  const bound = (context: InvocationContext): Aws => ({
    ...clients,
    signal: AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - TIME_TO_ANSWER)),
  });

  return {
    async onEvent(event, context) {
      const aws = bound(context);
      const { id, rollsBack, begins, endedAt }: NamedImport = await (isAmiRequest(event) ? nameAmi(event, aws) : nameImport(event, aws));
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
      return { PhysicalResourceId: id, Data: rollsBack ? { StartedAt, RollsBack: 'true' } : { StartedAt } };
    },

    async isComplete(event, context) {
      const elapsed = (now() - Date.parse(event.Data.StartedAt)) / 1_000;
      const result = await passOf(event)(bound(context), event, { elapsed, now: now(), pollInterval });
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

type SegmentResult = PassResult | { readonly kind: 'hand-over'; readonly on: string };

/** Whether the import ended with this pass. */
function isEnd(result: SegmentResult): result is End & SegmentResult {
  return result.kind === 'done' || result.kind === 'fail';
}

interface Pass {
  /** Seconds since this segment was asked for. */
  readonly elapsed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly pollInterval: number;
}

function passOf(event: IsCompleteRequest): (aws: Aws, event: IsCompleteRequest, pass: Pass) => Promise<SegmentResult> {
  if (isAmiRequest(event)) {
    return amiPass;
  }
  return event.RequestType === 'Delete' ? removalPass : importPass;
}

async function importPass(aws: Aws, event: IsCompleteRequest, { elapsed, now, pollInterval }: Pass): Promise<SegmentResult> {
  const request = parseRequest(event);
  const { segment } = request;
  const id = importIdOfSegment(event.PhysicalResourceId);
  const outcome = outcomeIn(segment.previousOutcome, id);
  if (outcome) {
    return { kind: 'done', attributes: outcome.attributes };
  }
  const phase = phaseOf(event);
  if (phase === 'creating' && elapsed >= segment.budget && segment.index < segment.count) {
    // The next one looks at once.
    return { kind: 'hand-over', on: 'the next segment' };
  }
  const result = await reconcileImport(aws, { id, request, location: locationOf(event.StackId) }, {
    phase,
    before: phase === 'creating' && segment.previous === undefined ? 'nothing' : 'anything',
    turn: turnOf({ id, age: elapsed + (segment.index - 1) * segment.budget, pollInterval }),
    elapsed,
    isStillWanted: () => isStillWanted(aws, event),
  });
  if (result.kind === 'done' && event.RequestType === 'Update' && event.Data.RollsBack === 'true') {
    const removal = await removeAbandoned(aws, event, parsePreviousRequest(event), elapsed, now);
    // What cannot be removed in time must not keep the stack from rolling back; the log says what holds it.
    return removal.kind === 'fail' || (removal.kind === 'wait' && elapsed < DELETE_BUDGET) ? removal : result;
  }
  return result.kind === 'wait' && elapsed >= segment.budget ? outOfTime(segment, result) : result;
}

/** A segment that has used up its time hands over to the next; the last one fails. */
function outOfTime({ index, count, timeout }: Segment, { on, progress }: PassResult & { readonly kind: 'wait' }): SegmentResult {
  return index < count
    ? { kind: 'hand-over', on }
    : {
      kind: 'fail',
      reason:
        `The VM import did not finish within its timeout of ${formatDuration(timeout)}; it was last waiting for: ${on}` +
        `${progress ? ` (${progress} %)` : ''}; set a longer "timeout" (up to 48 hours)`,
    };
}

async function removalPass(aws: Aws, event: IsCompleteRequest, { elapsed, now }: Pass): Promise<SegmentResult> {
  const request = parseRequest(event);
  // Only the first segment owns the import.
  if (request.segment.previous !== undefined) {
    return { kind: 'done', attributes: {} };
  }
  const id = event.PhysicalResourceId;
  const result = parseImportId(id) === undefined
    // CloudFormation made this id up, because it gave up on the Create before it was answered.
    ? await removeAbandoned(aws, event, request, elapsed, now)
    : await removeNamed(aws, event, { id, request, location: locationOf(event.StackId) }, { elapsed, now });
  return result.kind === 'wait' && elapsed >= DELETE_BUDGET
    ? { kind: 'fail', reason: `The VM import ${id} could not be deleted within ${formatDuration(DELETE_BUDGET)}: ${result.on}` }
    : result;
}

async function removeNamed(aws: Aws, event: IsCompleteRequest, import_: Import, { elapsed, now }: Omit<Pass, 'pollInterval'>): Promise<PassResult> {
  return waitOutErrors(elapsed, async () => (
    (await isOnlyTakenUp(aws, event, { now, elapsed }, () => madeOf(aws, import_)))
      ? { kind: 'done', attributes: {} }
      : reconcileRemoval(aws, import_, elapsed)));
}

/** Removes the imports that CloudFormation gave up on before it learned their names. */
async function removeAbandoned(aws: Aws, event: IsCompleteRequest, request: ImportRequest, elapsed: number, now: number): Promise<PassResult> {
  const import_ = { request, location: locationOf(event.StackId) };
  return waitOutErrors(elapsed, async () => {
    const ids = await findAbandonedImports(aws, familyOf(event, request), import_, () => operationBeganAt(aws, event, now));
    for (const id of ids) {
      const result = await reconcileRemoval(aws, { ...import_, id }, elapsed);
      if (result.kind !== 'done') {
        return result;
      }
    }
    return elapsed < DELETE_SETTLES_AFTER ? { kind: 'wait', on: 'a second look, whether anything was started' } : { kind: 'done', attributes: {} };
  });
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

function formatDuration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.round(seconds / 60)} min`;
}
