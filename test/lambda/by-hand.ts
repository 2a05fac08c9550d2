/** What somebody does by hand where CloudFormation has given up. */
import { physicalIdOf } from './ami/scheduled-amis';
import { BROKEN_TYPE, type StackRig } from './stack-rig';
import { amiFamilyOf } from '../../lambda/ami/name';
import { parseAmiRequest } from '../../lambda/ami/request';
import { isOfFamily, parseImportId } from '../../lambda/cloudformation/physical-id';
import type { CloudFormationRequest, UpdateRequest } from '../../lambda/cloudformation/requests';
import { parseSnapshotRequest, snapshotFamilyOf } from '../../lambda/snapshot/request';
import { AMI_RESOURCE_TYPE, SNAPSHOT_RESOURCE_TYPE } from '../../src/shared/contract/names';
import type { StackEvent, StackOutcome } from '../local-cloud/cloudformation-driver';

/**
 * "continue-update-rollback": what a rollback failed to do is asked for again. Of a replacement that was cancelled
 * CloudFormation knows no name, so that this Update is all that leads to it. `mayFail` says whether a failure has a cause in the schedule, such
 * as an AMI that somebody deregistered: nobody asks for such an Update again.
 */
export async function continueRollback(rig: StackRig, { status, events }: StackOutcome, mayFail: (reason: string) => boolean): Promise<void> {
  if (status !== 'UPDATE_ROLLBACK_FAILED') {
    return;
  }
  const since = events.findIndex((event) => event.status === 'UPDATE_ROLLBACK_IN_PROGRESS');
  const [forward, back] = [events.slice(0, since), events.slice(since)];
  const failedIn = (part: readonly StackEvent[]) => part.filter((event) => event.status === 'UPDATE_FAILED').map(({ logicalId }) => logicalId);
  const stackId = events[since]?.physicalId;
  const lastRequest = (logicalId: string) => rig.driver.requests
    .filter(({ ResourceType }) => ResourceType !== BROKEN_TYPE)
    .filter((each) => each.StackId === stackId && each.LogicalResourceId === logicalId)
    .map((each) => each as unknown as CloudFormationRequest)
    .at(-1);
  const again = async (request: CloudFormationRequest) => {
    try {
      await rig.byHand(request);
    } catch (error) {
      if (!(error instanceof Error && mayFail(error.message))) {
        throw error;
      }
    }
  };
  for (const logicalId of failedIn(back)) {
    const request = lastRequest(logicalId);
    await (request && again(request));
  }
  // What the rollback did not get to, because it depends on what failed.
  for (const logicalId of failedIn(forward).filter((each) => !back.some((event) => event.logicalId === each))) {
    const request = lastRequest(logicalId);
    await (request?.RequestType === 'Update' && again(rollbackOf(request)));
  }
}

/** The Update that takes an Update back. */
function rollbackOf(request: UpdateRequest): UpdateRequest {
  const { ResourceProperties, OldResourceProperties } = request;
  return { ...request, RequestId: `${request.RequestId}-back`, ResourceProperties: OldResourceProperties, OldResourceProperties: ResourceProperties };
}

/**
 * Takes back what is kept on AMIs, where CloudFormation reported that as failed and forgot it: an AMI that stays protected
 * holds its import, whose Delete says so.
 */
export async function releaseByHand(rig: StackRig, outcomes: readonly StackOutcome[]): Promise<void> {
  for (const event of placesLeft(outcomes, ['DELETE_FAILED'])) {
    await deleteAll(rig, amiRequestsBehind(rig, event), event.physicalId);
  }
}

/** Deletes what CloudFormation lets stand: what it retains, and what it reported as not deleted and forgot. */
export async function deleteByHand(rig: StackRig, outcomes: readonly StackOutcome[]): Promise<void> {
  const places = placesLeft(outcomes, ['DELETE_SKIPPED', 'DELETE_FAILED']);
  // What is kept on an AMI goes before it.
  for (const requestsBehind of [amiRequestsBehind, importRequestsBehind, copyRequestsBehind]) {
    for (const event of places) {
      await deleteAll(rig, requestsBehind(rig, event), event.physicalId);
    }
  }
}

/** Where something is left: because an event of it says so, or because a rollback that failed leaves what the update made. */
function placesLeft(outcomes: readonly StackOutcome[], statuses: readonly string[]): StackEvent[] {
  const events = outcomes.flatMap((outcome) => outcome.events);
  const stopped = outcomes.filter(({ status }) => status === 'UPDATE_ROLLBACK_FAILED').flatMap((outcome) => outcome.events);
  const left = new Set([...events.filter(({ status }) => statuses.includes(status)), ...stopped].map(({ physicalId }) => physicalId));
  return [...new Map(events.filter(({ physicalId }) => left.has(physicalId)).map((event) => [event.physicalId, event])).values()];
}

/** Deletes every import that was ever asked for, and that of another delivery of the request, which the tags name. */
export async function deleteAllImports(rig: StackRig): Promise<void> {
  for (const request of importRequests(rig)) {
    const { amis, snapshots } = await rig.cloud.state();
    const tagged = [...amis, ...snapshots].flatMap(({ Tags = [] }) => Tags.flatMap(({ Key, Value = '' }) => (Key === 'cdk-vm-import:id' ? [Value] : [])));
    const id = physicalIdOf(request);
    for (const each of new Set([id, ...tagged.filter((other) => withoutRequest(other) === withoutRequest(id))])) {
      await deleteAll(rig, [request], each);
    }
  }
}

/** What was asked last goes first, as it says what may be lifted. */
async function deleteAll(rig: StackRig, asked: readonly CloudFormationRequest[], PhysicalResourceId: string): Promise<void> {
  const different = new Map([...asked].reverse().map((request) => [JSON.stringify([request.StackId, request.ResourceProperties]), request]));
  for (const request of different.values()) {
    await rig.byHand({ ...request, RequestType: 'Delete', PhysicalResourceId });
  }
}

function importRequestsBehind(rig: StackRig, { logicalId, physicalId }: StackEvent): CloudFormationRequest[] {
  return importRequests(rig)
    .filter((request) => request.LogicalResourceId === logicalId)
    .filter((request) => parseImportId(physicalId) === undefined || withoutRequest(physicalIdOf(request)) === withoutRequest(physicalId));
}

/** An import id without its last part: another delivery of a request may name its import by another ResponseURL. */
function withoutRequest(importId: string): string {
  return importId.replace(/-[^-]+$/, '');
}

function amiRequestsBehind(rig: StackRig, { logicalId, physicalId }: StackEvent): CloudFormationRequest[] {
  return requests(rig, AMI_RESOURCE_TYPE)
    .filter((request) => request.LogicalResourceId === logicalId)
    .filter((request) => parseImportId(physicalId) === undefined || isOfFamily(amiFamilyOf(request, parseAmiRequest(request)), physicalId));
}

function copyRequestsBehind(rig: StackRig, { logicalId, physicalId }: StackEvent): CloudFormationRequest[] {
  return requests(rig, SNAPSHOT_RESOURCE_TYPE)
    .filter((request) => request.LogicalResourceId === logicalId)
    .filter((request) => parseImportId(physicalId) === undefined || isOfFamily(snapshotFamilyOf(request, parseSnapshotRequest(request)), physicalId));
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
