import type {
  DeregisterImageRequest, DeregisterImageResult, DescribeImagesRequest, DescribeImagesResult, Image,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call, isVisible, listed } from '../call';
import { AmiResource } from '../world';
import { checkPaging, describePage } from './describe-page';
import { checkDryRun } from './dry-run';
import { filterBy } from './filters';
import { tagList } from './tags';

const FILTERS = [
  'architecture', 'boot-mode', 'creation-date', 'description', 'image-id', 'image-type', 'is-public', 'name', 'owner-id', 'platform',
  'root-device-name', 'root-device-type', 'state', 'virtualization-type', 'block-device-mapping.snapshot-id',
];

export function describeImages(request: DescribeImagesRequest, call: Call): DescribeImagesResult {
  checkDryRun(request.DryRun);
  const { ImageIds: ids, Owners: owners } = request;
  checkPaging(request, ids, { min: 1, max: 1000 });
  const named = ids?.length
    ? [...new Set(ids)].map((id) => amiNamed(id, call))
    : listed(call, call.world.amis, call.world.deletedAmis);
  const shown = named.filter(({ description }) => request.IncludeDisabled || description.State !== 'disabled');
  const owned = shown.filter(() => !owners?.length || owners.some((owner) => owner === 'self' || owner === call.world.settings.account));
  const found = filterBy(owned, request.Filters, FILTERS, (ami) => ({ tags: ami.tags, fields: fieldsOf(ami) }));
  const page = describePage(found, request, call);
  page.items.forEach(({ id }) => call.touched.add(id));
  return { Images: page.items.map(describe), NextToken: page.nextToken };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html */
export function deregisterImage(request: DeregisterImageRequest, call: Call): DeregisterImageResult {
  const ami = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  checkProtection(ami, call);
  call.world.deleteAmi(ami);
  call.touched.add(ami.id);
  return {
    Return: true,
    DeleteSnapshotResults: request.DeleteAssociatedSnapshots ? ami.snapshotIds.map((id) => deleteAssociated(id, call)) : [],
  };
}

/** Refuses to deregister what is protected. The API reference names no code. */
function checkProtection({ id, description, cooldownUntil = 0 }: AmiResource, { world, now }: Call): void {
  const code = world.answer('protectedAmi');
  if (description.DeregistrationProtection?.startsWith('enabled')) {
    throw new AwsError(code, `The image ${id} cannot be deregistered because deregistration protection is enabled`);
  }
  if (now < cooldownUntil) {
    throw new AwsError(code, `The image ${id} cannot be deregistered during its deregistration protection cooldown period`);
  }
}

/** The AMI that stands and uses the snapshot, if any. */
export function amiUsing(snapshotId: string, call: Call): AmiResource | undefined {
  return [...call.world.amis.values()].find((ami) => ami.snapshotIds.includes(snapshotId));
}

function deleteAssociated(id: string, call: Call): { SnapshotId: string; ReturnCode: 'success' | 'skipped' } {
  if (amiUsing(id, call)) {
    return { SnapshotId: id, ReturnCode: 'skipped' };
  }
  const snapshot = call.world.snapshots.get(id);
  if (snapshot) {
    call.touched.add(id);
    call.world.deleteSnapshot(snapshot);
  }
  return { SnapshotId: id, ReturnCode: 'success' };
}

export function amiNamed(id: string, call: Call): AmiResource {
  if (!/^ami-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)) {
    throw new AwsError('InvalidAMIID.Malformed', `Invalid id: "${id}" (expecting "ami-...")`);
  }
  if (call.world.deletedAmis.has(id)) {
    throw call.world.answer('goneAmi') === 'NotFound'
      ? amiNotFound(id)
      : new AwsError('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
  }
  const ami = call.world.amis.get(id);
  if (!ami || !isVisible(call, 'get', ami)) {
    throw amiNotFound(id);
  }
  return ami;
}

function amiNotFound(id: string): AwsError {
  return new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

function describe({ id, description, tags }: AmiResource): Image {
  return { ImageId: id, ...description, Tags: tagList(tags) };
}

function fieldsOf({ id, description, snapshotIds }: AmiResource): Record<string, readonly string[]> {
  const fields: Record<string, string | undefined> = {
    'architecture': description.Architecture,
    'boot-mode': description.BootMode,
    'creation-date': description.CreationDate,
    'description': description.Description,
    'image-id': id,
    'image-type': description.ImageType,
    'is-public': String(description.Public),
    'name': description.Name,
    'owner-id': description.OwnerId,
    'platform': description.Platform,
    'root-device-name': description.RootDeviceName,
    'root-device-type': description.RootDeviceType,
    'state': description.State,
    'virtualization-type': description.VirtualizationType,
  };
  const known = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]] as const]));
  return { ...Object.fromEntries(known), 'block-device-mapping.snapshot-id': snapshotIds };
}
