import type { AuditedCall } from './audited-stacks';
import { ACCOUNT, REGION } from './resolve-template';

/** What IAM is asked for one resource of one call. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
}

/** A disk container of ImportImage. */
export interface Disk {
  readonly UserBucket?: { readonly S3Bucket: string; readonly S3Key: string };
}

type Tags = Readonly<Record<string, string>>;

export const IMAGE_BUILDER_ROLE = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder`;

export function ec2Arn(id: string): string {
  if (id.startsWith('import-ami-')) {
    return `arn:aws:ec2:${REGION}:${ACCOUNT}:import-image-task/${id}`;
  }
  return `arn:aws:ec2:${REGION}::${id.startsWith('ami-') ? 'image' : 'snapshot'}/${id}`;
}

export const imageBuilderArn = (path: string) => `arn:aws:imagebuilder:${REGION}:${ACCOUNT}:image/${path}`;

export function request(action: string, resource: string, context: IamRequest['context'] = {}): IamRequest {
  return { action, resource, context };
}

export const onResource = (tags: Tags) => prefixed('aws:ResourceTag', tags);
export const inRequest = (tags: Tags) => ({ ...prefixed('aws:RequestTag', tags), 'aws:TagKeys': Object.keys(tags) });

function prefixed(prefix: string, tags: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}/${key}`, value]));
}

/**
 * What AWS asks IAM for a call that the handlers made: action, resources and condition keys as the service authorization
 * reference has them, and what the call does to others on the way (tags on what is created, roles passed).
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticblockstore.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2imagebuilder.html
 */
export function iamRequestsOf({ service, action, parameters, tagsOf }: AuditedCall, bucketKeys: ReadonlyMap<string, string>): readonly IamRequest[] {
  const name = `${service}:${action}`;
  const text = (key: string) => String(parameters[key]);
  const tagged = (resource: string, id: string, more: IamRequest['context'] = {}) => request(name, resource, { ...onResource(tagsOf(id)), ...more });
  switch (name) {
    case 'cloudformation:DescribeStackEvents':
    case 'cloudformation:DescribeStackResource':
      return [request(name, text('StackName'))];
    case 'ec2:DescribeImages':
    case 'ec2:DescribeImportImageTasks':
    case 'ec2:DescribeSnapshots':
    case 'ec2:GetEbsDefaultKmsKeyId':
    case 'ec2:GetEbsEncryptionByDefault':
      return [request(name, '*')];
    case 'ec2:RegisterImage':
      return registerImage(parameters, tagsOf);
    case 'ec2:CopyImage':
      return copyImage(parameters);
    case 'ec2:ImportImage':
      return [...importImage(parameters), ...disksRead(parameters, bucketKeys)];
    case 'ec2:CreateTags': {
      const tags = fromList(parameters.Tags);
      return strings(parameters.Resources).map((id) => tagged(ec2Arn(id), id, inRequest(tags)));
    }
    case 'ec2:DeleteTags': {
      const keys = Object.keys(fromList(parameters.Tags));
      return strings(parameters.Resources).map((id) => tagged(ec2Arn(id), id, { 'aws:TagKeys': keys }));
    }
    case 'ec2:CancelImportTask':
      return [tagged(ec2Arn(text('ImportTaskId')), text('ImportTaskId'))];
    case 'ec2:DeregisterImage':
    case 'ec2:DescribeImageAttribute':
    case 'ec2:DisableImageDeprecation':
    case 'ec2:DisableImageDeregistrationProtection':
    case 'ec2:EnableImageDeprecation':
    case 'ec2:EnableImageDeregistrationProtection':
    case 'ec2:ModifyImageAttribute':
      return [tagged(ec2Arn(text('ImageId')), text('ImageId'))];
    case 'ec2:DeleteSnapshot':
      return [tagged(ec2Arn(text('SnapshotId')), text('SnapshotId'))];
    case 'states:StartExecution':
      return [request(name, text('stateMachineArn'))];
    case 'states:DescribeExecution':
    case 'states:GetExecutionHistory':
    case 'states:StopExecution':
      return [request(name, text('executionArn'))];
    case 'ebs:StartSnapshot':
      return startSnapshot(parameters);
    case 'ebs:PutSnapshotBlock':
    case 'ebs:CompleteSnapshot':
      return [tagged(ec2Arn(text('SnapshotId')), text('SnapshotId'))];
    case 'imagebuilder:ImportVmImage':
      return importVmImage(parameters);
    case 'imagebuilder:GetImage':
    case 'imagebuilder:DeleteImage':
      return [tagged(text('imageBuildVersionArn'), text('imageBuildVersionArn'))];
    case 'imagebuilder:ListImageBuildVersions':
      return [request(name, `${text('imageVersionArn')}/*`)];
    case 'imagebuilder:TagResource':
      return [tagged(text('resourceArn'), text('resourceArn'), inRequest(parameters.tags as Tags))];
    case 'imagebuilder:UntagResource':
      return [tagged(text('resourceArn'), text('resourceArn'), { 'aws:TagKeys': strings(parameters.tagKeys) })];
    case 'events:PutEvents':
      return [putEvents(text('source'), text('detailType'))];
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, API_HeadBucket.html
    case 's3:HEAD object':
      return [
        request('s3:GetObject', objectArn(text('bucket'), text('key'))),
        ...(parameters.stands ? [] : [request('s3:ListBucket', `arn:aws:s3:::${text('bucket')}`)]),
      ];
    case 's3:GET object':
      return getObject(text('bucket'), text('key'), parameters.encryptionKey);
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
    case 's3:DELETE object':
      return text('versionId') === ''
        ? [deleteObject(text('bucket'), text('key'), text('ifMatch')), request('s3:GetObject', objectArn(text('bucket'), text('key')))]
        : [request('s3:DeleteObjectVersion', objectArn(text('bucket'), text('key')), { 's3:versionid': text('versionId') })];
    case 's3:HEAD bucket':
      return [request('s3:ListBucket', `arn:aws:s3:::${text('bucket')}`)];
    default:
      throw new Error(`It is not known what IAM is asked for ${name}`);
  }
}

/** Putting one event on the default bus; the conditions are about all entries of a call. */
export function putEvents(source: string, detailType: string): IamRequest {
  return request('events:PutEvents', `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`, { 'events:source': [source], 'events:detail-type': [detailType] });
}

/** Deleting an object, on the condition that it has an ETag where one is given. */
export function deleteObject(bucket: string, key: string, ifMatch: string): IamRequest {
  return request('s3:DeleteObject', objectArn(bucket, key), ifMatch === '' ? {} : { 's3:if-match': ifMatch });
}

const objectArn = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;

/** Reading an object; S3 decrypts it with the caller's permissions: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
export function getObject(bucket: string, key: string, encryptionKey: unknown): readonly IamRequest[] {
  const read = request('s3:GetObject', objectArn(bucket, key));
  return typeof encryptionKey === 'string'
    ? [read, request('kms:Decrypt', encryptionKey, { 'kms:ViaService': `s3.${REGION}.amazonaws.com` })]
    : [read];
}

function importImage(parameters: AuditedCall['parameters']): readonly IamRequest[] {
  const specifications = parameters.TagSpecifications as readonly { readonly Tags: unknown }[];
  const tags = inRequest(fromList(specifications[0]?.Tags));
  const task = ec2Arn('import-ami-0123456789abcdef0');
  const snapshots = (parameters.DiskContainers as readonly { readonly SnapshotId?: string }[]).flatMap(({ SnapshotId }) => SnapshotId ?? []);
  return [
    request('ec2:ImportImage', ec2Arn('ami-0123456789abcdef0')),
    request('ec2:ImportImage', task, tags),
    ...snapshots.map((id) => request('ec2:ImportImage', ec2Arn(id))),
    request('ec2:CreateTags', task, { ...tags, 'ec2:CreateAction': 'ImportImage' }),
    request('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${String(parameters.RoleName)}`, { 'iam:PassedToService': 'vmie.amazonaws.com' }),
  ];
}

/**
 * EC2 reads the disks with the rights of the caller, too: s3:GetBucketLocation and s3:GetObject.
 *
 * https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#iam-permissions-image
 */
function disksRead(parameters: AuditedCall['parameters'], bucketKeys: ReadonlyMap<string, string>): readonly IamRequest[] {
  const objects = (parameters.DiskContainers as readonly Disk[]).flatMap(({ UserBucket }) => UserBucket ?? []);
  return objects.flatMap(({ S3Bucket, S3Key }) =>
    [request('s3:GetBucketLocation', `arn:aws:s3:::${S3Bucket}`), ...getObject(S3Bucket, S3Key, bucketKeys.get(S3Bucket))]);
}

/** The AMI that is copied, the copy, and its snapshots; the reference has no tags of the first. */
function copyImage(parameters: AuditedCall['parameters']): readonly IamRequest[] {
  const specifications = parameters.TagSpecifications as readonly { readonly ResourceType: string; readonly Tags: unknown }[];
  const key = parameters.KmsKeyId;
  const viaEc2 = { 'kms:ViaService': `ec2.${REGION}.amazonaws.com` };
  return [
    request('ec2:CopyImage', ec2Arn(String(parameters.SourceImageId))),
    ...specifications.flatMap(({ ResourceType, Tags }) => {
      const resource = ec2Arn(ResourceType === 'image' ? 'ami-0123456789abcdef0' : 'snap-0123456789abcdef0');
      const tags = inRequest(fromList(Tags));
      return [request('ec2:CopyImage', resource, tags), request('ec2:CreateTags', resource, { ...tags, 'ec2:CreateAction': 'CopyImage' })];
    }),
    // https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions
    ...(key === undefined ? [] : ['CreateGrant', 'Decrypt', 'DescribeKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom']
      .map((action) => request(`kms:${action}`, String(key), viaEc2))),
  ];
}

/**
 * A new snapshot, its tags, and the key that encrypts it.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-permissions.html#ebsapi-kms-permissions
 */
function startSnapshot({ Tags, VolumeSize, Description, KmsKeyArn }: AuditedCall['parameters']): readonly IamRequest[] {
  const snapshot = ec2Arn('snap-0123456789abcdef0');
  const about = { 'ebs:VolumeSize': String(VolumeSize), ...(Description === undefined ? {} : { 'ebs:Description': String(Description) }) };
  const key = (action: string, context: IamRequest['context'] = {}) =>
    request(`kms:${action}`, String(KmsKeyArn), { 'kms:ViaService': `ec2.${REGION}.amazonaws.com`, ...context });
  return [
    request('ebs:StartSnapshot', snapshot, { ...inRequest(fromList(Tags)), ...about }),
    // https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-permissions.html has this action where StartSnapshot sets tags.
    request('ec2:CreateTags', snapshot, inRequest(fromList(Tags))),
    ...(KmsKeyArn === undefined ? [] : [
      key('DescribeKey'), key('GenerateDataKeyWithoutPlaintext'), key('CreateGrant', { 'kms:GrantIsForAWSResource': 'true' }),
    ]),
  ];
}

/** The AMI and its tags, and the snapshots that it is made of. */
function registerImage({ TagSpecifications, BlockDeviceMappings }: AuditedCall['parameters'], tagsOf: AuditedCall['tagsOf']): readonly IamRequest[] {
  const specifications = (TagSpecifications ?? []) as readonly { readonly Tags: unknown }[];
  const tags = inRequest(fromList(specifications[0]?.Tags));
  const image = ec2Arn('ami-0123456789abcdef0');
  const mappings = (BlockDeviceMappings ?? []) as readonly { readonly Ebs?: { readonly SnapshotId?: string } }[];
  const snapshots = mappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
  return [
    request('ec2:RegisterImage', image, tags),
    ...snapshots.map((id) => request('ec2:RegisterImage', ec2Arn(id), onResource(tagsOf(id)))),
    ...(specifications.length === 0 ? [] : [request('ec2:CreateTags', image, { ...tags, 'ec2:CreateAction': 'RegisterImage' })]),
  ];
}

function importVmImage({ name, semanticVersion, tags }: AuditedCall['parameters']): readonly IamRequest[] {
  const version = imageBuilderArn(`${String(name).toLowerCase().replace(/[ _]/g, '-')}/${String(semanticVersion)}`);
  const asked = inRequest(tags as Tags);
  return [
    request('imagebuilder:ImportVmImage', version, asked),
    request('imagebuilder:TagResource', `${version}/1`, asked),
    // The first import of an account makes the role.
    request('iam:CreateServiceLinkedRole', IMAGE_BUILDER_ROLE, { 'iam:AWSServiceName': 'imagebuilder.amazonaws.com' }),
  ];
}

function fromList(tags: unknown): Tags {
  const list = (tags ?? []) as readonly { readonly Key?: string; readonly Value?: string }[];
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
}

function strings(value: unknown): string[] {
  return ((value ?? []) as readonly unknown[]).map(String);
}
