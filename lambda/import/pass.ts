/** One pass of a segment towards the image. */
import { outcomeIn } from './outcome';
import type { Pass, SegmentResult } from '../pass';
import { phaseOf } from './phase';
import { reconcileImport } from './reconcile';
import { parsePreviousRequest, parseRequest, type Segment } from './request';
import { turnOf } from './turn';
import type { Aws } from '../aws/clients';
import type { PassResult } from '../aws/wait-out-errors';
import { formatDuration } from '../cloudformation/duration';
import { importIdOfSegment } from '../cloudformation/physical-id';
import type { IsCompleteRequest } from '../cloudformation/requests';
import { locationOf } from '../cloudformation/stack-location';
import { isStillWanted } from '../cloudformation/still-wanted';
import { DELETE_BUDGET, removeAbandoned } from '../removal/pass';

export async function importPass(aws: Aws, event: IsCompleteRequest, { elapsed, now, pollInterval, imagesInProgress }: Pass): Promise<SegmentResult> {
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
    before: phase === 'creating' && (segment.previous === undefined || event.Data.StandsBefore === 'nothing') ? 'nothing' : 'anything',
    imagesInProgress,
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
