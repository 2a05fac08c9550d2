/**
 * Observes the AMI of a `Custom::VmImportAmi` resource, with new questions to EC2 in every pass.
 */
import { DescribeImageAttributeCommand, type LaunchPermission } from '@aws-sdk/client-ec2';
import { amiChanges, type AmiChange } from './changes';
import type { AmiToRemove, TargetAmi } from './decide';
import type { AmiProperties, AmiRequest, AmiResource } from './request';
import { DESCRIPTION_TAG, ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByImportId, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { snapshotsByIds, snapshotsOfImport } from '../aws/snapshots';
import { tagChange, type TagChange } from '../aws/tags';

/** The observation, together with what the attributes of the resource need. */
export interface AmiSeen {
  readonly target: TargetAmi;
  /** The import id of the AMI, and its snapshots, once it is available. */
  readonly importId: string;
  readonly snapshotIds: readonly string[];
}

export async function observeAmi(aws: Aws, resource: AmiResource, now: number): Promise<AmiSeen> {
  const { request } = resource;
  const ami = request.name === undefined ? await amiById(aws, request.sourceAmiId) : (await copiesOf(aws, [resource.id]))[0];
  if (ami === undefined) {
    return unavailable({ kind: 'none' });
  }
  switch (ami.state) {
    case 'deregistered':
      return unavailable({ kind: 'none' });
    case 'pending':
      return unavailable({ kind: 'pending', amiId: ami.id });
    case 'failed':
      return unavailable({ kind: 'failed', amiId: ami.id, reason: ami.stateReason });
    case 'available':
    case 'disabled': {
      const changes = await changesOf(aws, ami, request, now);
      return { ...ami, target: { kind: 'available', amiId: ami.id, changes, tagChanges: await copyTagChanges(aws, resource, ami) } };
    }
  }
}

function unavailable(target: TargetAmi): AmiSeen {
  return { target, importId: '', snapshotIds: [] };
}

/** Returns the copies with one of the ids. Lists show deregistered AMIs for a while. A read by id does not. */
async function copiesOf(aws: Aws, ids: readonly string[]): Promise<Ami[]> {
  const copies: Ami[] = [];
  for (const id of ids) {
    for (const listed of await amisByImportId(aws, id)) {
      const copy = listed.importId === id ? await amiById(aws, listed.id) : undefined;
      copies.push(...(copy ? [copy] : []));
    }
  }
  return copies;
}

async function changesOf(aws: Aws, ami: Ami, request: Pick<AmiRequest, 'wanted' | 'retired'>, now: number): Promise<AmiChange[]> {
  const asksForSharing = request.wanted.launchPermissions !== undefined || request.retired.has('launchPermissions');
  const launchPermissions = asksForSharing ? await launchPermissionsOf(aws, ami.id) : undefined;
  return amiChanges({ ...ami, launchPermissions, notedDescription: ami.tags[DESCRIPTION_TAG] }, request, now);
}

async function launchPermissionsOf(aws: Aws, ImageId: string): Promise<readonly LaunchPermission[] | undefined> {
  const { LaunchPermissions } = await aws.ec2.send(
    new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }),
    { abortSignal: aws.signal },
  );
  return LaunchPermissions;
}

/** The import itself tags an imported AMI. */
async function copyTagChanges(aws: Aws, { id, request }: AmiResource, copy: Ami): Promise<TagChange[]> {
  if (request.name === undefined) {
    return [];
  }
  const wanted = { ...request.tags, [ID_TAG]: id };
  const things = [
    { resource: 'ami' as const, id: copy.id, tags: copy.tags },
    ...(await snapshotsByIds(aws, copy.snapshotIds)).map((snapshot) => ({ resource: 'snapshot' as const, ...snapshot })),
  ];
  return things.flatMap((thing) => tagChange({ kind: 'ec2', resource: thing.resource, id: thing.id }, thing.tags, wanted, request.retiredTagKeys) ?? []);
}

/** Looks for what a resource has left: copies with one of the ids, or changes to the imported AMI. */
export async function observeAmiRemoval(aws: Aws, request: AmiRequest, ids: readonly string[], now: number): Promise<AmiToRemove> {
  if (request.name === undefined) {
    const ami = await amiById(aws, request.sourceAmiId);
    return ami?.state === 'available'
      ? { kind: 'imported', amiId: ami.id, changes: await changesOf(aws, ami, { wanted: {}, retired: set(request.wanted) }, now) }
      : { kind: 'nothing' };
  }
  const copies = (await copiesOf(aws, ids)).filter((copy) => copy.state !== 'deregistered');
  const tagged = [];
  for (const id of ids) {
    tagged.push(...(await snapshotsOfImport(aws, id)));
  }
  return {
    kind: 'copies',
    copies: copies.map(({ id, state, protection }) => ({ amiId: id, state: state === 'available' ? 'whole' : 'half-made', protection })),
    snapshotIds: [...new Set([...tagged.map((snapshot) => snapshot.id), ...copies.flatMap((copy) => copy.snapshotIds)])],
  };
}

function set(wanted: AmiProperties): ReadonlySet<keyof AmiProperties> {
  const names = Object.keys(wanted) as (keyof AmiProperties)[];
  return new Set(names.filter((name) => wanted[name] !== undefined));
}
