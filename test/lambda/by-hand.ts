/** What somebody does by hand where CloudFormation has given up. */
import { physicalIdOf } from './ami/scheduled-amis';
import { BROKEN_TYPE, type StackRig } from './stack-rig';
import { amiFamilyOf } from '../../lambda/ami/identity';
import { AMI_RESOURCE_TYPE, parseAmiRequest } from '../../lambda/ami/request';
import type { CloudFormationRequest } from '../../lambda/cloudformation';
import { isOfFamily, parseImportId } from '../../lambda/identity';
import type { StackEvent, StackOutcome } from '../local-cloud/cloudformation-driver';

/**
 * "continue-update-rollback": what a rollback failed to do is asked for again. Of a replacement that was cancelled
 * CloudFormation knows no name, so that this Update is all that leads to it.
 */
export async function continueRollback(rig: StackRig, { status, events }: StackOutcome): Promise<void> {
  if (status !== 'UPDATE_ROLLBACK_FAILED') {
    return;
  }
  const since = events.findIndex((event) => event.status === 'UPDATE_ROLLBACK_IN_PROGRESS');
  const failed = events.slice(since).filter((event) => event.status === 'UPDATE_FAILED').map(({ logicalId }) => logicalId);
  const stackId = events[since]?.physicalId;
  for (const logicalId of failed) {
    const request = rig.driver.requests.filter((each) => each.StackId === stackId && each.LogicalResourceId === logicalId).at(-1);
    if (request && request.ResourceType !== BROKEN_TYPE) {
      await rig.byHand(request as unknown as CloudFormationRequest);
    }
  }
}

/** Deletes what CloudFormation lets stand: what it retains, and what it reported as not deleted and forgot. */
export async function deleteByHand(rig: StackRig, outcomes: readonly StackOutcome[]): Promise<void> {
  const events = outcomes.flatMap((outcome) => outcome.events);
  const left = new Set(events.filter(({ status }) => status === 'DELETE_SKIPPED' || status === 'DELETE_FAILED').map(({ physicalId }) => physicalId));
  // A rollback that fails leaves what the update made; CloudFormation goes on only when it is told to.
  const stopped = outcomes.filter(({ status }) => status === 'UPDATE_ROLLBACK_FAILED').flatMap((outcome) => outcome.events);
  stopped.forEach(({ physicalId }) => left.add(physicalId));
  const places = [...new Map(events.filter(({ physicalId }) => left.has(physicalId)).map((event) => [event.physicalId, event])).values()];
  // What is kept on an AMI goes before it.
  for (const requestsBehind of [amiRequestsBehind, importRequestsBehind]) {
    for (const event of places) {
      await deleteAll(rig, requestsBehind(rig, event), event.physicalId);
    }
  }
}

/** Deletes every import that was ever asked for. */
export async function deleteAllImports(rig: StackRig): Promise<void> {
  for (const request of importRequests(rig)) {
    await deleteAll(rig, [request], physicalIdOf(request));
  }
}

async function deleteAll(rig: StackRig, asked: readonly CloudFormationRequest[], PhysicalResourceId: string): Promise<void> {
  const different = new Map(asked.map((request) => [JSON.stringify([request.StackId, request.ResourceProperties]), request]));
  for (const request of different.values()) {
    await rig.byHand({ ...request, RequestType: 'Delete', PhysicalResourceId });
  }
}

function importRequestsBehind(rig: StackRig, { logicalId, physicalId }: StackEvent): CloudFormationRequest[] {
  return importRequests(rig)
    .filter((request) => request.LogicalResourceId === logicalId)
    .filter((request) => parseImportId(physicalId) === undefined || physicalIdOf(request) === physicalId);
}

function amiRequestsBehind(rig: StackRig, { logicalId, physicalId }: StackEvent): CloudFormationRequest[] {
  return requests(rig, AMI_RESOURCE_TYPE)
    .filter((request) => request.LogicalResourceId === logicalId)
    .filter((request) => parseImportId(physicalId) === undefined || isOfFamily(amiFamilyOf(request, parseAmiRequest(request)), physicalId));
}

/** What was asked of first segments, but for Deletes. */
function importRequests(rig: StackRig): CloudFormationRequest[] {
  return requests(rig, 'Custom::VmImportImage').filter((request) => request.ResourceProperties.ImportId === undefined);
}

function requests(rig: StackRig, type: string): CloudFormationRequest[] {
  return rig.driver.requests
    .filter(({ ResourceType, RequestType }) => ResourceType === type && RequestType !== 'Delete')
    .map((request) => request as unknown as CloudFormationRequest);
}
