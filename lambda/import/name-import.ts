import { findStandingImport } from './family';
import { standsBefore } from './observe';
import { outcomeIn } from './outcome';
import { parsePreviousRequest, parseRequest, type ImportRequest } from './request';
import type { Aws } from '../aws/clients';
import { unlessTransient } from '../aws/unless-transient';
import { contentOf, importIdOf, importIdOfSegment, isOfFamily, newImportName, segmentId } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';
import { locationOf } from '../cloudformation/stack-location';

export interface NamedImport {
  readonly id: string;
  readonly rollsBack: boolean;
  /** The import that the request begins; none where it goes on with one, or changes or removes it. */
  readonly begins?: ImportRequest;
  /** When the segment before this one saw the import end, in milliseconds since the epoch; none where it goes on. */
  readonly endedAt?: number;
  /** `nothing` if a later segment found nothing of the import: so its passes do not look for more than the task. */
  readonly standsBefore?: 'nothing';
}

/** The physical id of a request: names the import, or finds the one that stands. Changes nothing in AWS. */
export async function nameImport(event: CloudFormationRequest, aws: Aws): Promise<NamedImport> {
  if (event.RequestType === 'Delete') {
    return { id: event.PhysicalResourceId, rollsBack: false };
  }
  const request = parseRequest(event);
  const { index, previous, previousOutcome } = request.segment;
  if (previous !== undefined) {
    const importId = importIdOfSegment(previous);
    const named = { id: segmentId(importId, index), rollsBack: false };
    const outcome = outcomeIn(previousOutcome, importId);
    if (outcome !== undefined) {
      return { ...named, endedAt: outcome.endedAt };
    }
    const before = await standsBefore(aws, { id: importId, request, location: locationOf(event.StackId) });
    return before === 'nothing' ? { ...named, standsBefore: before } : named;
  }
  const name = newImportName(event, request);
  if (event.RequestType === 'Create') {
    return { id: importIdOf(name), rollsBack: false, begins: request };
  }
  if (isOfFamily(name, event.PhysicalResourceId)) {
    return { id: event.PhysicalResourceId, rollsBack: contentOf(parsePreviousRequest(event)) !== name.content };
  }
  // Without an answer the disk is imported once more, which costs time, but fails nothing.
  const standing = await unlessTransient(findStandingImport(aws, name, { request, location: locationOf(event.StackId) }));
  return standing === undefined ? { id: importIdOf(name), rollsBack: false, begins: request } : { id: standing, rollsBack: false };
}
