import { Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AmiOptions, ClientData, DiskContainer, DiskContainerOptions, DiskFormat, VmImportAmiProps, VmImportImageProps, VmImportSnapshotProps } from '../../src';

/** Parameters of a call to AWS, or properties of a resource. */
export type Made = Readonly<Record<string, unknown>>;
type Calls = readonly Made[];

/** A text that users give, and where it is to arrive. */
export interface HostileText {
  /** The property, or the parameter, that takes it. */
  readonly property: string;
  /** One that is fine. */
  readonly plain: string;
  readonly given: (value: string) => (stack: Stack) => Partial<VmImportImageProps>;
  /** Where it is in the calls to EC2 and Image Builder. */
  readonly seen: (calls: Calls) => readonly unknown[];
  /** What is to be seen of it, if not the very text. */
  readonly expected?: (value: string) => unknown;
}

/** The id of the task that somebody else ran in each account before: ids of the emulator are counted. */
export const TASK_OF_SOMEBODY = 'import-ami-00000000000000002';
const BUCKET = 'exports';
const KEY = 'golden.vmdk';

export function disk(stack: Stack, key: string, options: DiskContainerOptions = {}): DiskContainer {
  const bucket = (stack.node.tryFindChild('Disks') as s3.IBucket | undefined) ?? s3.Bucket.fromBucketName(stack, 'Disks', BUCKET);
  return DiskContainer.fromBucket(bucket, key, { format: DiskFormat.VMDK, ...options });
}

/** What calls have under a name. */
const at = (...path: readonly (string | number)[]) => (calls: Calls) =>
  calls.map((call) => path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], call));
const taskTags = (calls: Calls) => at('TagSpecifications', 0, 'Tags')(calls).flatMap((tags) => (tags ?? []) as readonly Made[]);
const added = (name: string) => (calls: Calls) => at('LaunchPermission', 'Add', 0, name)(calls);

const image = <T extends keyof VmImportImageProps>(name: T) => (value: VmImportImageProps[T]) => () => ({ [name]: value });
const uploaded = <T extends keyof ClientData>(name: T) => (value: ClientData[T]) => () => ({ clientData: { [name]: value } });
const ami = (options: (value: string) => AmiOptions) => (value: string) => () => ({ ami: options(value) });
const ofDisk = (options: (value: string) => DiskContainerOptions) => (value: string) => (stack: Stack) => ({
  diskContainers: [disk(stack, KEY, options(value))],
});
const inTime = (value: string) => new Date(value).toISOString();

/** The task that Image Builder was given; where EC2 did not know it, the one that EC2 was asked about. */
function idsOfTasks(calls: Calls): readonly unknown[] {
  const given = calls.flatMap(({ vmImportTaskId }) => vmImportTaskId ?? []);
  return given.length > 0 ? given : calls.flatMap(({ ImportTaskIds }) => ImportTaskIds ?? []);
}

const LICENSE_CONFIGURATION = 'arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef';

export const HOSTILE_TEXTS: readonly HostileText[] = [
  { property: 'VmImportImageProps.description', plain: 'plain', given: image('description'), seen: at('description') },
  { property: 'VmImportImageProps.imageName', plain: 'plain', given: image('imageName'), seen: at('name') },
  { property: 'VmImportImageProps.importDescription', plain: 'plain', given: image('importDescription'), seen: at('Description') },
  {
    property: 'VmImportImageProps.importTaskId',
    plain: TASK_OF_SOMEBODY,
    given: (importTaskId) => () => ({ diskContainers: undefined, importTaskId, licenseType: undefined }),
    seen: idsOfTasks,
  },
  {
    property: 'VmImportImageProps.licenseConfigurationArns',
    plain: LICENSE_CONFIGURATION,
    given: (arn) => () => ({ licenseConfigurationArns: [arn] }),
    seen: at('LicenseSpecifications', 0, 'LicenseConfigurationArn'),
  },
  {
    property: 'VmImportImageProps.logGroup',
    plain: '/aws/imagebuilder/plain',
    given: (name) => (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', name) }),
    seen: at('loggingConfiguration', 'logGroupName'),
  },
  { property: 'VmImportImageProps.osVersion', plain: 'plain', given: image('osVersion'), seen: at('osVersion') },
  { property: 'VmImportImageProps.semanticVersion', plain: '1.2.3', given: image('semanticVersion'), seen: at('semanticVersion') },
  {
    property: 'VmImportImageProps.tags',
    plain: 'plain',
    given: (team) => () => ({ tags: { team } }),
    seen: (calls) => taskTags(calls).flatMap(({ Key, Value }) => (Key === 'team' ? [Value] : [])),
  },
  { property: 'VmImportImageProps.tags (key)', plain: 'plain', given: (key) => () => ({ tags: { [key]: 'v' } }), seen: (calls) => taskTags(calls).map(({ Key }) => Key) },
  {
    property: 'VmImportImageProps.usageOperation',
    plain: 'RunInstances:0002',
    given: (usageOperation) => () => ({ licenseType: undefined, usageOperation }),
    seen: at('UsageOperation'),
  },
  { property: 'ClientData.comment', plain: 'plain', given: uploaded('comment'), seen: at('ClientData', 'Comment') },
  ...(['Start', 'End'] as const).map((end): HostileText => ({
    property: `ClientData.upload${end}`,
    plain: '2026-01-02T03:04:05Z',
    given: uploaded(`upload${end}`),
    seen: (calls) => at('ClientData', `Upload${end}`)(calls).flatMap((time) => (time === undefined ? [] : [inTime(String(time))])),
    expected: inTime,
  })),
  { property: 'AmiOptions.name', plain: 'plain', given: ami((name) => ({ name })), seen: at('Name') },
  { property: 'AmiOptions.description', plain: 'plain', given: ami((description) => ({ description })), seen: at('Description', 'Value') },
  {
    property: 'AmiOptions.deprecateAt',
    plain: '2030-01-02T03:04:00Z',
    given: ami((deprecateAt) => ({ deprecateAt })),
    seen: (calls) => at('DeprecateAt')(calls).flatMap((time) => (time === undefined ? [] : [inTime(String(time))])),
    expected: inTime,
  },
  {
    property: 'LaunchPermissions.accountIds',
    plain: '222233334444',
    given: ami((account) => ({ launchPermissions: { accountIds: [account] } })),
    seen: added('UserId'),
  },
  {
    property: 'LaunchPermissions.organizationArns',
    plain: 'arn:aws:organizations::111122223333:organization/o-0123456789',
    given: ami((arn) => ({ launchPermissions: { organizationArns: [arn] } })),
    seen: added('OrganizationArn'),
  },
  {
    property: 'LaunchPermissions.organizationalUnitArns',
    plain: 'arn:aws:organizations::111122223333:ou/o-0123456789/ou-0123-01234567',
    given: ami((arn) => ({ launchPermissions: { organizationalUnitArns: [arn] } })),
    seen: added('OrganizationalUnitArn'),
  },
  {
    property: 'DiskContainer.fromBucket(key)',
    plain: KEY,
    given: (key) => (stack) => ({ diskContainers: [disk(stack, key)] }),
    seen: at('DiskContainers', 0, 'UserBucket', 'S3Key'),
  },
  {
    property: 'DiskContainer.fromBucket(bucket)',
    plain: BUCKET,
    given: (name) => (stack) => ({ diskContainers: [DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Named', name), KEY)] }),
    seen: at('DiskContainers', 0, 'UserBucket', 'S3Bucket'),
  },
  {
    property: 'DiskContainer.fromSnapshot(snapshotId)',
    plain: 'snap-0123456789abcdef0',
    given: (id) => () => ({ diskContainers: [DiskContainer.fromSnapshot(id)] }),
    seen: at('DiskContainers', 0, 'SnapshotId'),
  },
  {
    property: 'DiskContainer.fromUrl(url)',
    plain: 'https://example.com/plain.raw',
    given: (url) => () => ({ diskContainers: [DiskContainer.fromUrl(url, { format: DiskFormat.RAW })] }),
    seen: at('DiskContainers', 0, 'Url'),
  },
  {
    property: 'DiskContainerOptions.description', plain: 'plain', given: ofDisk((description) => ({ description })), seen: at('DiskContainers', 0, 'Description'),
  },
  {
    property: 'DiskContainerOptions.deviceName', plain: '/dev/sda1', given: ofDisk((deviceName) => ({ deviceName })), seen: at('DiskContainers', 0, 'DeviceName'),
  },
];

/** A text that users give a `VmImportSnapshot`, and where it arrives in the calls to EBS. */
export interface HostileSnapshotText {
  readonly property: string;
  readonly plain: string;
  readonly given: (value: string) => Partial<VmImportSnapshotProps>;
  readonly seen: (calls: Calls) => readonly unknown[];
}

const snapshotTags = (calls: Calls) => at('Tags')(calls).flatMap((tags) => (tags ?? []) as readonly Made[]);

export const HOSTILE_SNAPSHOT_TEXTS: readonly HostileSnapshotText[] = [
  { property: 'VmImportSnapshotProps.description', plain: 'plain', given: (description) => ({ description }), seen: at('Description') },
  {
    property: 'DiskCopyOptions.tags',
    plain: 'plain',
    given: (team) => ({ tags: { team } }),
    seen: (calls) => snapshotTags(calls).flatMap(({ Key, Value }) => (Key === 'team' ? [Value] : [])),
  },
  { property: 'DiskCopyOptions.tags (key)', plain: 'plain', given: (key) => ({ tags: { [key]: 'v' } }), seen: (calls) => snapshotTags(calls).map(({ Key }) => Key) },
];

/** A text that users give a `VmImportAmi`, and where it arrives in the calls to EC2. */
export interface HostileAmiText {
  readonly property: string;
  readonly plain: string;
  readonly given: (value: string) => Partial<VmImportAmiProps>;
  readonly seen: (calls: Calls) => readonly unknown[];
  /** @default - the text itself */
  readonly expected?: (value: string) => unknown;
}

export const HOSTILE_AMI_TEXTS: readonly HostileAmiText[] = [
  { property: 'VmImportAmiProps.amiName', plain: 'fedora-1', given: (amiName) => ({ amiName }), seen: at('Name') },
  {
    property: 'VmImportAmiProps.deprecateAt',
    plain: '2027-01-31T09:30:00Z',
    given: (deprecateAt) => ({ deprecateAt }),
    seen: (calls) => at('DeprecateAt')(calls).map((time) => time && new Date(String(time)).toISOString()),
    expected: inTime,
  },
  { property: 'VmImportAmiProps.description', plain: 'plain', given: (description) => ({ description }), seen: at('Description') },
  { property: 'VmImportAmiProps.rootDeviceName', plain: '/dev/sda1', given: (rootDeviceName) => ({ rootDeviceName }), seen: at('RootDeviceName') },
  { property: 'VmImportAmiProps.uefiData', plain: 'AAAA', given: (uefiData) => ({ uefiData }), seen: at('UefiData') },
];

/** Texts that no call to EC2, EBS or Image Builder has, and why not. */
export const NOT_SENT: Readonly<Record<string, string>> = {
  'AmiParameterOptions.description': 'of a resource of CloudFormation',
  'AmiParameterOptions.parameterName': 'of a resource of CloudFormation',
  'DiskCopyOptions.revision': 'only compared with the one before',
  'AssetDiskContainerOptions.assetHash': 'the CDK puts its SHA-256 into the key',
  'DiskContainer.fromAsset(path)': 'the name of a file; its key is made of its content',
  'DiskContainerConfig.objectKey': 'what the disk containers above are bound to',
  'DiskContainerConfig.snapshotId': 'what the disk containers above are bound to',
  'DiskContainerConfig.url': 'what the disk containers above are bound to',
  'VmImportImageAttributes.amiId': 'of an image that was made elsewhere',
  'VmImportImageAttributes.imageArn': 'of an image that was made elsewhere',
  'VmImportAmiAttributes.amiId': 'of an AMI that was made elsewhere',
  'VmImportImageProps.revision': 'only compared with the one before',
  'VmImportRoleProps.description': 'of a resource of CloudFormation',
  'VmImportRoleProps.roleName': 'of a resource of CloudFormation',
  'VmImportSnapshotAttributes.snapshotId': 'of a snapshot that was made elsewhere',
};
