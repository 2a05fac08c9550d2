/**
 * The provider's two functions, in call order. `onEvent` names an import, checks the request, looks at the disks and changes
 * nothing in AWS, so that the name exists before anything is created under it. `isComplete` runs every poll interval; each call is
 * one pass: observe, decide, act.
 */
import { nameAmi } from './ami/name';
import { amiPass, removeCopy } from './ami/passes';
import { requireFreeName } from './ami/unique-name';
import type { Aws, AwsClients } from './aws/clients';
import type { Log } from './aws/log';
import { waitOutErrors, type PassResult, type Refusals, type Wait } from './aws/wait-out-errors';
import { Failure } from './cloudformation/failure';
import { idsToDelete, removeEach } from './cloudformation/made-since';
import { importIdOfSegment, locationOf, parseImportId } from './cloudformation/physical-id';
import { givenUpAt, isStillWanted, requestedAt, type Time } from './cloudformation/request-state';
import type { CloudFormationRequest, InvocationContext, IsCompleteRequest, IsCompleteResponse, OnEventResponse, PassTime } from './cloudformation/requests';
import { isRollingBack, secondsSinceWork } from './cloudformation/stack';
import { announce } from './import/announce';
import { answerAtEnd, CONTINUES, parseOutcome, phaseOf } from './import/handover';
import { nameImport, type NamedImport } from './import/name';
import { reconcileImport, type ImagesInProgress } from './import/reconcile';
import { parsePreviousRequest, parseRequest, type Segment } from './import/request';
import { turnOf } from './import/turn';
import { preflight } from './preflight/preflight';
import { importsSince, madeBy, removeAbandonedImports } from './removal/abandoned';
import { reconcileRemoval } from './removal/reconcile';
import { checkDisk, nameSnapshot, snapshotPass, takeBackSnapshot, type NamedSnapshot } from './snapshot/passes';
import { CANCELLED_NO_SOONER, IMAGE_BUILDER_SETTLES_AFTER, LOOKS_WITHIN_MS, TIME_TO_ANSWER_MS } from './timing';
import { ANSWERED_WITHIN } from '../src/shared/contract/limits';
import { AMI_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE } from '../src/shared/contract/names';
import { formatDuration } from '../src/shared/duration';

/** What the handlers need from outside. Tests pass their own. */
export interface Dependencies extends Time {
  readonly clients: AwsClients;
  readonly log: Log;
  /** Seconds between two passes of an import. */
  readonly pollInterval: number;
  readonly memory?: FunctionMemory;
}

/** What a function remembers from pass to pass. It lives as long as the function. */
export interface FunctionMemory {
  readonly imagesInProgress: ImagesInProgress;
  readonly refusals: Refusals;
}

export function newMemory(): FunctionMemory {
  return { imagesInProgress: new Map(), refusals: new Map() };
}

export interface Handlers {
  readonly onEvent: (event: CloudFormationRequest, context: InvocationContext) => Promise<OnEventResponse>;
  readonly isComplete: (event: IsCompleteRequest, context: InvocationContext) => Promise<IsCompleteResponse>;
}

export function createHandlers({ clients, now, pause, log, pollInterval, memory = newMemory() }: Dependencies): Handlers {
  const withinTimeOf = (context: InvocationContext): Aws => ({
    ...clients,
    signal: AbortSignal.timeout(Math.max(1_000, context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS)),
  });

  return {
    async onEvent(event, context) {
      const aws = withinTimeOf(context);
      const named: NamedImport & NamedSnapshot = await nameOf(event)(event, aws);
      const { id, rollsBack, begins, copies, endedAt, existsBefore: ExistsBefore } = named;
      log({ id, request: event.RequestType, action: 'named' });
      const requested = endedAt ?? await requestedAt(aws, event, { now, pause });
      const refuse = async (error: Error) => {
        log({ id, request: event.RequestType, action: 'fail', status: error.message });
        await announce(aws, { ...event, PhysicalResourceId: id }, { kind: 'fail', reason: error.message }, log);
        throw error;
      };
      const amiName = begins?.amiName ?? copies?.amiName;
      if (amiName !== undefined) {
        await requireFreeName(aws, amiName, requested).catch(refuse);
      }
      if (begins?.source.kind === 'import' && begins.preflight === 'on') {
        const within = Math.min(LOOKS_WITHIN_MS, context.getRemainingTimeInMillis() - TIME_TO_ANSWER_MS);
        const diskLog: Log = (fields) => log({ id, request: event.RequestType, ...fields });
        await preflight({ clients, parameters: begins.source.parameters, within, log: diskLog }).catch(refuse);
      }
      if (copies?.preflight === 'on') {
        await checkDisk(aws, copies, (fields) => log({ id, request: event.RequestType, ...fields })).catch(refuse);
      }
      const StartedAt = new Date(requested).toISOString();
      return { PhysicalResourceId: id, Data: { StartedAt, ...(rollsBack && { RollsBack: 'true' }), ...(ExistsBefore && { ExistsBefore }) } };
    },

    async isComplete(event, context) {
      const elapsed = (now() - Date.parse(event.Data.StartedAt)) / 1_000;
      const result = await runPass(withinTimeOf(context), event, { elapsed, now: now(), pollInterval, ...memory });
      log({
        id: event.PhysicalResourceId,
        request: event.RequestType,
        segment: segmentOf(event),
        elapsed: Math.round(elapsed),
        ...logFieldsOf(result),
      });
      switch (result.kind) {
        case 'done':
          await announce(withinTimeOf(context), event, result, log);
          return { IsComplete: true, Data: answerAtEnd(event, { endedAt: now(), attributes: result.attributes }) };
        case 'hand-over':
          return { IsComplete: true, Data: CONTINUES };
        case 'wait':
          return { IsComplete: false };
        case 'fail':
          await announce(withinTimeOf(context), event, result, log);
          throw new Failure(result.reason);
      }
    },
  };
}

function nameOf({ ResourceType }: CloudFormationRequest): (event: CloudFormationRequest, aws: Aws) => Promise<NamedImport & NamedSnapshot> {
  switch (ResourceType) {
    case AMI_RESOURCE_TYPE:
      return nameAmi;
    case SNAPSHOT_RESOURCE_TYPE:
      return nameSnapshot;
    default:
      return nameImport;
  }
}

interface Pass extends PassTime, FunctionMemory {
  /** Seconds between two passes. */
  readonly pollInterval: number;
}

type SegmentResult = PassResult | { readonly kind: 'hand-over'; readonly on: string };

/** Runs one pass. If CloudFormation gave up on the request for good, the pass removes what the request created instead. */
async function runPass(aws: Aws, event: IsCompleteRequest, pass: Pass): Promise<SegmentResult> {
  const result = await settledPass(aws, event, pass);
  const givenUp = result.kind !== 'wait' && pass.elapsed >= CANCELLED_NO_SOONER ? await givenUpAt(aws, event) : undefined;
  if (givenUp === 'unclear') {
    return { kind: 'wait', on: 'CloudFormation to end another update of this resource' };
  }
  return givenUp === undefined ? result : takeBack(aws, event, { ...pass, elapsed: (pass.now - givenUp) / 1_000 });
}

/**
 * Runs one pass. A Delete that only waits for AWS to show late what was started counts from the end of the last Create or Update, because
 * a pass asks CloudFormation before it starts anything.
 */
async function settledPass(aws: Aws, event: IsCompleteRequest, pass: Pass): Promise<SegmentResult> {
  const result = await passOf(event)(aws, event, pass);
  if (event.RequestType !== 'Delete' || result.kind !== 'wait' || !result.settles) {
    return result;
  }
  const since = await secondsSinceWork(aws, event, pass.now, IMAGE_BUILDER_SETTLES_AFTER).catch(() => 0);
  return since > pass.elapsed ? passOf(event)(aws, event, { ...pass, elapsed: since }) : result;
}

function passOf({ ResourceType, RequestType }: IsCompleteRequest): (aws: Aws, event: IsCompleteRequest, pass: Pass) => Promise<SegmentResult> {
  switch (ResourceType) {
    case AMI_RESOURCE_TYPE:
      return amiPass;
    case SNAPSHOT_RESOURCE_TYPE:
      return snapshotPass;
    default:
      return RequestType === 'Delete' ? removalPass : importPass;
  }
}

/** Runs one pass of a segment towards the image. */
async function importPass(
  aws: Aws, event: IsCompleteRequest, { elapsed, now, pollInterval, imagesInProgress, refusals }: Pass,
): Promise<SegmentResult> {
  const request = parseRequest(event);
  const { segment } = request;
  const id = importIdOfSegment(event.PhysicalResourceId);
  const end = parseOutcome(segment.previousOutcome, id);
  if (end) {
    return { kind: 'done', attributes: end.attributes };
  }
  const phase = phaseOf(event);
  if (phase === 'creating' && elapsed >= segment.budget && segment.index < segment.count) {
    // The next segment observes at once.
    return { kind: 'hand-over', on: 'the next segment' };
  }
  const patience = { id, now, refusals };
  const age = elapsed + (segment.index - 1) * segment.budget;
  const result = await waitOutErrors(patience, () => reconcileImport(aws, { id, request, location: locationOf(event.StackId) }, {
    phase,
    before: phase === 'creating' && (segment.previous === undefined || event.Data.ExistsBefore === 'nothing') ? 'nothing' : 'anything',
    imagesInProgress,
    turn: turnOf({ id, age, pollInterval }),
    elapsed,
    isStillWanted: () => isStillWanted(aws, event),
    isRollingBack: () => isRollingBack(aws, event),
  }));
  if (result.kind === 'done' && event.RequestType === 'Update' && event.Data.RollsBack === 'true') {
    const removal = await waitOutErrors(patience, () => removeAbandonedImports(aws, event, parsePreviousRequest(event), { elapsed, now }));
    // What cannot be removed in time must not keep the stack from rolling back. The log names what holds it.
    return removal.kind === 'fail' || (removal.kind === 'wait' && elapsed < ANSWERED_WITHIN) ? removal : result;
  }
  if (result.kind !== 'wait') {
    return result;
  }
  return elapsed >= segment.budget ? outOfTime(segment, result) : withTimeInQueue(segment, result, age);
}

/** The queue counts towards the timeout, so its log shows both. */
function withTimeInQueue({ timeout }: Segment, wait: Wait, age: number): SegmentResult {
  return wait.queued === undefined ? wait : { ...wait, on: `${wait.on}; requested ${Math.round(age / 60)} min ago, times out after ${formatDuration(timeout)}` };
}

/** A segment that has used up its time hands over to the next one. The last segment fails. */
function outOfTime({ index, count, timeout }: Segment, { on, progress }: Wait): SegmentResult {
  return index < count
    ? { kind: 'hand-over', on }
    : {
      kind: 'fail',
      reason:
        `The VM import did not finish within its timeout of ${formatDuration(timeout)}; it was last waiting for: ${on}` +
        `${progress ? ` (${progress} %)` : ''}. Set a longer "timeout" (up to 48 hours).`,
    };
}

/** Runs one pass of a Delete. Only the first segment owns the import. */
async function removalPass(aws: Aws, event: IsCompleteRequest, { elapsed, now, refusals }: Pass): Promise<PassResult> {
  const request = parseRequest(event);
  if (request.segment.previous !== undefined) {
    return { kind: 'done', attributes: {} };
  }
  const id = event.PhysicalResourceId;
  const import_ = { id, request, location: locationOf(event.StackId) };
  const result = await waitOutErrors({ id, now, refusals }, async () => {
    if (parseImportId(id) === undefined) {
      // CloudFormation gave up on the Create before it was answered, and made this id up.
      return removeAbandonedImports(aws, event, request, { elapsed, now });
    }
    const ids = await idsToDelete(aws, event, { now, elapsed }, {
      made: () => madeBy(aws, import_), idsSince: (owner, began) => importsSince(aws, owner, import_, began),
    });
    return removeEach(ids, (each) => reconcileRemoval(aws, { ...import_, id: each }, elapsed));
  });
  return result.kind === 'wait' && elapsed >= ANSWERED_WITHIN
    ? { kind: 'fail', reason: `The VM import ${id} could not be deleted within ${formatDuration(ANSWERED_WITHIN)}: ${result.on}` }
    : result;
}

/** Removes what a request created that CloudFormation gave up on, as its Delete would: no Delete will follow. */
async function takeBack(aws: Aws, event: IsCompleteRequest, { elapsed, now, refusals }: Pass): Promise<PassResult> {
  const removal = await waitOutErrors({ id: event.PhysicalResourceId, now, refusals }, () => {
    switch (event.ResourceType) {
      case AMI_RESOURCE_TYPE:
        return removeCopy(aws, event, { elapsed, now });
      case SNAPSHOT_RESOURCE_TYPE:
        return takeBackSnapshot(aws, event, elapsed);
      default:
        return reconcileRemoval(aws, { id: event.PhysicalResourceId, request: parseRequest(event), location: locationOf(event.StackId) }, elapsed);
    }
  });
  return removal.kind === 'done'
    ? { kind: 'fail', reason: 'CloudFormation no longer waits for this request, so everything it created was removed' }
    : removal;
}

/** Returns the segment for the log. AMIs have none. */
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
