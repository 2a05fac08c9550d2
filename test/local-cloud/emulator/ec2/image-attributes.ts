import type {
  DescribeImageAttributeRequest, ImageAttribute, LaunchPermission, ModifyImageAttributeRequest,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { canonical } from '../client-token';
import { AmiResource } from '../world';
import { checkDryRun } from './dry-run';
import { amiNamed } from './images';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImageAttribute.html */
export function describeImageAttribute(request: DescribeImageAttributeRequest, call: Call): ImageAttribute {
  const { id, description, launchPermissions } = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  call.touched.add(id);
  switch (request.Attribute) {
    case 'launchPermission':
      return { ImageId: id, LaunchPermissions: [...launchPermissions] };
    case 'description':
      return { ImageId: id, Description: { Value: description.Description } };
    case 'imdsSupport':
      return { ImageId: id, ImdsSupport: { Value: description.ImdsSupport } };
    default:
      throw new AwsError('InvalidParameterValue', `Value (${request.Attribute}) for parameter attribute is invalid`);
  }
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html */
export function modifyImageAttribute(request: ModifyImageAttributeRequest, call: Call): undefined {
  const ami = amiNamed(request.ImageId ?? '', call);
  const { Description, ImdsSupport, LaunchPermission: change } = request;
  if ([Description, ImdsSupport, change].filter((given) => given !== undefined).length !== 1) {
    throw new AwsError('InvalidParameterCombination', 'Exactly one attribute must be specified');
  }
  checkDryRun(request.DryRun);
  if (ami.description.State !== 'available') {
    throw new AwsError('IncorrectState', `The image ${ami.id} is ${ami.description.State}`);
  }
  if (Description) {
    ami.description = { ...ami.description, Description: checkedDescription(Description.Value) };
  } else if (ImdsSupport) {
    if (ImdsSupport.Value !== 'v2.0') {
      throw new AwsError('InvalidParameterValue', `Value (${ImdsSupport.Value}) for parameter imdsSupport is invalid. Valid values: v2.0`);
    }
    ami.description = { ...ami.description, ImdsSupport: 'v2.0' };
  } else {
    share(ami, change?.Add ?? [], change?.Remove ?? [], call);
  }
  call.touched.add(ami.id);
  return undefined;
}

function checkedDescription(value: string | undefined): string {
  if (!value || value.length > 255) {
    throw new AwsError('InvalidParameterValue', 'The description must have 1 to 255 characters');
  }
  return value;
}

function share(ami: AmiResource, add: readonly LaunchPermission[], remove: readonly LaunchPermission[], call: Call): void {
  [...add, ...remove].forEach(checkPermission);
  checkSharing(ami, add, call);
  const gone = new Set(remove.map(canonical));
  const kept = ami.launchPermissions.filter((permission) => !gone.has(canonical(permission)));
  const known = new Set(kept.map(canonical));
  ami.launchPermissions = [...kept, ...add.filter((permission) => !known.has(canonical(permission)))];
  ami.description = { ...ami.description, Public: ami.launchPermissions.some(({ Group }) => Group === 'all') };
}

const FORMS: readonly (readonly [keyof LaunchPermission, RegExp])[] = [
  ['Group', /^all$/],
  ['UserId', /^[0-9]{12}$/],
  ['OrganizationArn', /^arn:aws[^:]*:organizations::[0-9]{12}:organization\/o-[a-z0-9]{10,32}$/],
  ['OrganizationalUnitArn', /^arn:aws[^:]*:organizations::[0-9]{12}:ou\/o-[a-z0-9]{10,32}\/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$/],
];

function checkPermission(permission: LaunchPermission): void {
  const given = FORMS.filter(([name]) => permission[name] !== undefined);
  const [form] = given;
  if (given.length !== 1 || form === undefined || !form[1].test(permission[form[0]] ?? '')) {
    throw new AwsError('InvalidAMIAttributeItemValue', `Invalid attribute item value "${canonical(permission)}" for launchPermission`);
  }
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharingamis-explicit.html */
function checkSharing(ami: AmiResource, add: readonly LaunchPermission[], call: Call): void {
  const encrypted = ami.snapshotIds.flatMap((id) => call.world.snapshots.get(id)?.description ?? []).filter(({ Encrypted }) => Encrypted);
  const openly = add.some(({ Group }) => Group === 'all');
  if (openly && encrypted.length > 0) {
    throw new AwsError('InvalidParameter', 'AMIs with encrypted snapshots cannot be made public');
  }
  if (openly && call.world.settings.blockPublicAccess !== 'unblocked') {
    throw new AwsError('OperationNotPermitted', 'You can\'t publicly share this image because block public access for AMIs is enabled for this account');
  }
  if (add.length > 0 && encrypted.some(({ KmsKeyId }) => KmsKeyId === undefined)) {
    throw new AwsError('InvalidParameter', 'Snapshots encrypted with the AWS managed key cannot be shared');
  }
}
