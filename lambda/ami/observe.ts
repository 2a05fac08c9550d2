/**
 * Observes the AMI of a `Custom::VmImportAmi` resource, with new questions to EC2 in every pass.
 */
import { DescribeImageAttributeCommand, type LaunchPermission } from '@aws-sdk/client-ec2';
import { amiChanges, isPossibleOnDisabled, type AmiChange } from './changes';
import type { AmiToRemove, TargetAmi } from './decide';
import type { AmiProperties, AmiRequest, AmiResource } from './request';
import type { AmiResourceAttributes } from '../../src/shared/contract/ami-resource';
import { DESCRIPTION_TAG, ID_TAG } from '../../src/shared/contract/names';
import { amiById, amisByImportId, exists, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { snapshotsByIds, snapshotsOfImport } from '../aws/snapshots';
import { tagChange, type TagChange } from '../aws/tags';

/** The observation, together with what the attributes of the resource need. */
export interface AmiSeen {
  readonly target: TargetAmi;
  /** The import id of the AMI, and what the resource answers, once the AMI is available. */
  readonly importId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export async function observeAmi(aws: Aws, resource: AmiResource, now: number): Promise<AmiSeen> {
  const { request } = resource;
  const ami = request.source.kind === 'imported' ? await amiById(aws, request.source.amiId) : (await copiesOf(aws, [resource.id]))[0];
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
      const tagChanges = await amiTagChanges(aws, resource, ami);
      return { target: { kind: ami.state, amiId: ami.id, changes, tagChanges }, importId: ami.importId, attributes: { ...attributesOf(ami) } };
    }
  }
}

function unavailable(target: TargetAmi): AmiSeen {
  return { target, importId: '', attributes: {} };
}

function attributesOf({ id, snapshotIds, architecture, bootMode, rootDeviceName }: Ami): AmiResourceAttributes {
  return { AmiId: id, SnapshotIds: snapshotIds.join(','), Architecture: architecture, BootMode: bootMode, RootDeviceName: rootDeviceName };
}

/** Returns the copies or registered AMIs with one of the ids. Lists show deregistered AMIs for a while. A read by id does not. */
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

async function changesOf(aws: Aws, ami: Ami, request: Pick<AmiRequest, 'source' | 'wanted' | 'retired'>, now: number): Promise<AmiChange[]> {
  const asksForSharing = request.wanted.launchPermissions !== undefined || request.retired.has('launchPermissions');
  const launchPermissions = asksForSharing ? await launchPermissionsOf(aws, ami.id) : undefined;
  // Only the app describes a registered AMI. There is no earlier description to record or to restore.
  const notedDescription = request.source.kind === 'registration' ? '' : ami.tags[DESCRIPTION_TAG];
  return amiChanges({ ...ami, launchPermissions, notedDescription }, request, now);
}

async function launchPermissionsOf(aws: Aws, ImageId: string): Promise<readonly LaunchPermission[] | undefined> {
  const { LaunchPermissions } = await aws.ec2.send(
    new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }),
    { abortSignal: aws.signal },
  );
  return LaunchPermissions;
}

/** An import tags its AMI itself, and the snapshots of a registered AMI are resources of their own. */
async function amiTagChanges(aws: Aws, { id, request }: AmiResource, ami: Ami): Promise<TagChange[]> {
  if (request.source.kind === 'imported') {
    return [];
  }
  const wanted = { ...request.tags, [ID_TAG]: id };
  const snapshots = request.source.kind === 'copy' ? await snapshotsByIds(aws, ami.snapshotIds) : [];
  const things = [
    { resource: 'ami' as const, id: ami.id, tags: ami.tags },
    ...snapshots.map((snapshot) => ({ resource: 'snapshot' as const, ...snapshot })),
  ];
  return things.flatMap((thing) => tagChange({ kind: 'ec2', resource: thing.resource, id: thing.id }, thing.tags, wanted, request.retiredTagKeys) ?? []);
}

/** Looks for what a resource has left: copies or registered AMIs with one of the ids, or changes to the imported AMI. */
export async function observeAmiRemoval(aws: Aws, request: AmiRequest, ids: readonly string[], now: number): Promise<AmiToRemove> {
  const { source } = request;
  if (source.kind === 'imported') {
    const ami = await amiById(aws, source.amiId);
    if (ami === undefined || !exists(ami)) {
      return { kind: 'nothing' };
    }
    const changes = await changesOf(aws, ami, { source, wanted: {}, retired: set(request.wanted) }, now);
    return { kind: 'imported', amiId: ami.id, changes: ami.state === 'disabled' ? changes.filter(isPossibleOnDisabled) : changes };
  }
  const copies = (await copiesOf(aws, ids)).filter((copy) => copy.state !== 'deregistered');
  return {
    kind: 'copies',
    copies: copies.map(({ id, state, protection }) => ({ amiId: id, state: exists({ state }) ? 'whole' : 'half-made', protection })),
    snapshotIds: source.kind === 'copy' ? await snapshotsOfCopies(aws, ids, copies) : [],
  };
}

async function snapshotsOfCopies(aws: Aws, ids: readonly string[], copies: readonly Ami[]): Promise<string[]> {
  const tagged = [];
  for (const id of ids) {
    tagged.push(...(await snapshotsOfImport(aws, id)));
  }
  return [...new Set([...tagged.map((snapshot) => snapshot.id), ...copies.flatMap((copy) => copy.snapshotIds)])];
}

function set(wanted: AmiProperties): ReadonlySet<keyof AmiProperties> {
  const names = Object.keys(wanted) as (keyof AmiProperties)[];
  return new Set(names.filter((name) => wanted[name] !== undefined));
}
