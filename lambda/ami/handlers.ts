/**
 * `Custom::VmImportAmi`: the properties of the AMI of an import, and the copy that a name of one's own takes. It is a
 * resource apart, so that an update of it is no import, and CloudFormation's cleanup takes the copy of before.
 */
import { amiContentOf, amiFamilyOf, amiIdOf } from './identity';
import { reconcileAmi, reconcileAmiRemoval, type AmiRemovalPass } from './reconcile';
import { parseAmiRequest, parsePreviousAmiRequest, type AmiRequest } from './request';
import { AMI_RESOURCE_TYPE, ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByImportId, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { snapshotsOfImport } from '../aws/snapshots';
import { unlessTransient } from '../aws/unless-transient';
import { waitOutErrors, type PassResult } from '../aws/wait-out-errors';
import type { PassTime } from '../cloudformation/pass-time';
import { importIdPattern, isNamedBy, isOfFamily, parseImportId, type ImportFamily } from '../cloudformation/physical-id';
import type { CloudFormationRequest, IsCompleteRequest } from '../cloudformation/requests';
import { locationOf } from '../cloudformation/stack-location';
import { operationBeganAt } from '../cloudformation/stack-operation';
import { isStillWanted } from '../cloudformation/still-wanted';
import { isOnlyTakenUp, madeSince } from '../import/family';

export function isAmiRequest({ ResourceType }: CloudFormationRequest): boolean {
  return ResourceType === AMI_RESOURCE_TYPE;
}

/** Seconds that a request may take, so that it is answered well within CloudFormation's hour. */
const BUDGET = 50 * 60;

/** The physical id of a request: names the AMI resource, or finds the copy that stands. Changes nothing in AWS. */
export async function nameAmi(event: CloudFormationRequest, aws: Aws): Promise<{ readonly id: string; readonly rollsBack: boolean }> {
  if (event.RequestType === 'Delete') {
    return { id: event.PhysicalResourceId, rollsBack: false };
  }
  const request = parseAmiRequest(event);
  const family = amiFamilyOf(event, request);
  if (event.RequestType === 'Create') {
    return { id: amiIdOf(event, request), rollsBack: false };
  }
  if (isOfFamily(family, event.PhysicalResourceId)) {
    return { id: event.PhysicalResourceId, rollsBack: amiContentOf(parsePreviousAmiRequest(event)) !== family.content };
  }
  const standing = request.name === undefined
    ? undefined
    // Without an answer it is copied once more, which fails on the name where the copy of before stands.
    : await unlessTransient(findStandingCopy(aws, family));
  return { id: standing ?? amiIdOf(event, request), rollsBack: false };
}

/** The copy of a content that stands already: the one that a rollback goes back to. */
async function findStandingCopy(aws: Aws, family: ImportFamily): Promise<string | undefined> {
  for (const { id, importId } of await copiesOfFamily(aws, family)) {
    if ((await amiById(aws, id))?.state === 'available') {
      return importId;
    }
  }
  return undefined;
}

async function copiesOfFamily(aws: Aws, family: ImportFamily): Promise<Ami[]> {
  return (await amisByImportId(aws, importIdPattern(family))).filter((copy) => isOfFamily(family, copy.importId));
}

export async function amiPass(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const result = event.RequestType === 'Delete' ? await removalPass(aws, event, { elapsed, now }) : await keepingPass(aws, event, { elapsed, now });
  return result.kind === 'wait' && elapsed >= BUDGET
    ? { kind: 'fail', reason: `The AMI was not ${event.RequestType === 'Delete' ? 'removed' : 'ready'} within ${BUDGET / 60} min; it was last waiting for: ${result.on}` }
    : result;
}

async function keepingPass(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const id = event.PhysicalResourceId;
  const phase = event.RequestType === 'Update' && !isNamedBy(event, id) ? 'updating' : 'creating';
  const result = await reconcileAmi(
    aws,
    { id, request: parseAmiRequest(event), location: locationOf(event.StackId) },
    { phase, elapsed, now, isStillWanted: () => isStillWanted(aws, event) },
  );
  if (result.kind === 'done' && event.RequestType === 'Update' && event.Data.RollsBack === 'true') {
    const removal = await removeAbandoned(aws, event, parsePreviousAmiRequest(event), { elapsed, now, after: 'no-answer' });
    // What cannot be removed must not keep the stack from rolling back.
    return removal.kind === 'wait' && elapsed < BUDGET ? removal : result;
  }
  return result;
}

async function removalPass(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  const request = parseAmiRequest(event);
  const id = event.PhysicalResourceId;
  if (parseImportId(id) === undefined) {
    // CloudFormation made this id up, because it gave up on the Create before it was answered.
    return removeAbandoned(aws, event, request, { elapsed, now, after: 'no-answer' });
  }
  return waitOutErrors(elapsed, async () => (
    request.name !== undefined && (await isOnlyTakenUp(aws, event, { now, elapsed }, () => amisByImportId(aws, id)))
      ? { kind: 'done', attributes: {} }
      : reconcileAmiRemoval(aws, { request, ids: [id] }, { elapsed, now, after: 'an-answer' })));
}

/** Removes the copy of a request that was never answered. */
export async function removeCopy(aws: Aws, event: IsCompleteRequest, { elapsed, now }: PassTime): Promise<PassResult> {
  return reconcileAmiRemoval(aws, { request: parseAmiRequest(event), ids: [event.PhysicalResourceId] }, { elapsed, now, after: 'no-answer' });
}

/** Removes the copies that CloudFormation gave up on before it learned their names. */
async function removeAbandoned(aws: Aws, event: IsCompleteRequest, request: AmiRequest, circumstances: AmiRemovalPass): Promise<PassResult> {
  return waitOutErrors(circumstances.elapsed, async () => {
    const began = () => operationBeganAt(aws, event, circumstances.now);
    const ids = request.name === undefined ? [] : await abandonedIds(aws, amiFamilyOf(event, request), began);
    return reconcileAmiRemoval(aws, { request, ids }, circumstances);
  });
}

/** Also the ids of snapshots whose AMI is gone already. What was retained from an earlier life of the resource is older. */
async function abandonedIds(aws: Aws, family: ImportFamily, began: () => Promise<number>): Promise<string[]> {
  const copies = await copiesOfFamily(aws, family);
  const snapshots = await snapshotsOfImport(aws, importIdPattern(family));
  const undated = snapshots.map((snapshot) => ({ importId: String(snapshot.tags[ID_TAG]) })).filter(({ importId }) => isOfFamily(family, importId));
  return [...(await madeSince(began, copies, undated))];
}
