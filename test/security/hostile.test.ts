import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { statementsOf, Who } from './deployed-roles';
import { deleteObject, ec2Arn, IamRequest, IMAGE_BUILDER_ROLE, imageBuilderArn, inRequest, onResource, putEvents, request } from './iam-request';
import { PolicySimulator } from './policy-simulator';
import { ACCOUNT, REGION, TemplateJson } from './resolve-template';
import { BUCKET, snapshotStackOf, stackOf } from './stacks';
import { DiskContainer, VmImportImage, VmImportRole } from '../../src';

const AMI = 'ami-0aaaaaaaaaaaaaaaa';
const SNAPSHOT = 'snap-0aaaaaaaaaaaaaaaa';
const SOURCE = 'snap-0bbbbbbbbbbbbbbbb';
const TASK = 'import-ami-0aaaaaaaaaaaaaaaa';
const UUID = '00000000-0000-4000-8000-000000000001';
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Hostile/${UUID}`;
const idIn = (uuid: string) => ({ 'cdk-vm-import:id': `vm-import-${uuid}-0123456789ab-0123456789ab-0123456789ab` });
const OURS = idIn(UUID);
/** What an import of another stack carries. */
const THEIRS = idIn('00000000-0000-4000-8000-000000000002');
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const BUCKET_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/5678abcd-12ab-34cd-56ef-1234567890ab`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const image = (name: string) => imageBuilderArn(`${name}/1.0.0/1`);
const instance = `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0aaaaaaaaaaaaaaaa`;

const stack = stackOf('Hostile', (scope) => {
  const encryptionKey = kms.Key.fromKeyArn(scope, 'BucketKey', BUCKET_KEY);
  const bucket = s3.Bucket.fromBucketAttributes(scope, 'Encrypted', { bucketName: BUCKET, encryptionKey });
  return {
    Golden: {
      ami: { name: 'golden', launchPermissions: { accountIds: ['222233334444'] } },
      diskContainers: [DiskContainer.fromBucket(bucket, 'a*.vmdk', { deleteSourceOnSuccess: true }), DiskContainer.fromSnapshot(SOURCE)],
      encryptionKey: kms.Key.fromKeyArn(scope, 'Key', KEY),
      role: new VmImportRole(scope, 'Role', { roleName: 'golden' }),
    },
  };
});
const golden = stack.node.findChild('Golden');
if (golden instanceof VmImportImage) {
  golden.onImportFailed('Failed');
}
const template = Template.fromStack(stack).toJSON() as TemplateJson;
const simulator = new PolicySimulator();

const ownedBy = (who: Who) => statementsOf(template, STACK_ID, who);

const HOSTILE: readonly (readonly [Who, string, IamRequest])[] = [
  // What is somebody else's, and what was ours to destroy.
  ['isComplete', 'deregister a foreign AMI', request('ec2:DeregisterImage', ec2Arn(AMI))],
  ['isComplete', 'deregister an AMI with somebody\'s tag of our key', request('ec2:DeregisterImage', ec2Arn(AMI), onResource({ 'cdk-vm-import:id': 'mine' }))],
  ['isComplete', 'deregister the AMI of another stack\'s import', request('ec2:DeregisterImage', ec2Arn(AMI), onResource(THEIRS))],
  ['isComplete', 'delete the snapshot of another stack\'s import', request('ec2:DeleteSnapshot', ec2Arn(SNAPSHOT), onResource(THEIRS))],
  ['isComplete', 'cancel the task of another stack\'s import', request('ec2:CancelImportTask', ec2Arn(TASK), onResource(THEIRS))],
  ['isComplete', 'delete the image of another stack\'s import', request('imagebuilder:DeleteImage', image('golden'), onResource(THEIRS))],
  ['isComplete', 'claim the AMI of another stack\'s import', request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest(OURS), ...onResource(THEIRS) })],
  ['isComplete', 'give away an AMI of ours', request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest(THEIRS), ...onResource(OURS) })],
  ['isComplete', 'start a task in the name of another stack', request('ec2:ImportImage', ec2Arn(TASK), inRequest(THEIRS))],
  ['isComplete', 'share a foreign AMI', request('ec2:ModifyImageAttribute', ec2Arn(AMI))],
  ['isComplete', 'lift the protection of a foreign AMI', request('ec2:DisableImageDeregistrationProtection', ec2Arn(AMI))],
  ['isComplete', 'deprecate a foreign AMI', request('ec2:EnableImageDeprecation', ec2Arn(AMI))],
  ['isComplete', 'copy into what carries another tag', request('ec2:CopyImage', ec2Arn(AMI), inRequest({ 'cdk-vm-import:id': 'mine' }))],
  ['isComplete', 'copy with a key that is not through EC2', request('kms:Decrypt', KEY, { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` })],
  ['isComplete', 'delete a foreign snapshot', request('ec2:DeleteSnapshot', ec2Arn(SNAPSHOT))],
  ['isComplete', 'cancel a foreign task', request('ec2:CancelImportTask', ec2Arn(TASK))],
  ['isComplete', 'delete a foreign image', request('imagebuilder:DeleteImage', image('other'))],
  ['isComplete', 'delete a foreign image of a name of ours', request('imagebuilder:DeleteImage', image('golden'))],
  ['isComplete', 'cancel the creation of an image', request('imagebuilder:CancelImageCreation', image('golden'), onResource(OURS))],
  // Tags are what the rest hangs on.
  ['isComplete', 'tag a foreign AMI with something else', request('ec2:CreateTags', ec2Arn(AMI), inRequest({ team: 'a' }))],
  ['isComplete', 'claim the AMI of Image Builder', request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest(OURS), ...onResource({ Ec2ImageBuilderArn: image('other') }) })],
  ['isComplete', 'claim a snapshot of AWS Backup', request('ec2:CreateTags', ec2Arn(SNAPSHOT), { ...inRequest(OURS), ...onResource({ 'aws:backup:source-resource': 'x' }) })],
  ['isComplete', 'claim a snapshot of Data Lifecycle Manager', request('ec2:CreateTags', ec2Arn(SNAPSHOT), { ...inRequest(OURS), ...onResource({ 'aws:dlm:lifecycle-policy-id': 'x' }) })],
  ['isComplete', 'claim what somebody tagged with our key', request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest(OURS), ...onResource({ 'cdk-vm-import:id': 'mine' }) })],
  ['isComplete', 'claim a task that runs', request('ec2:CreateTags', ec2Arn(TASK), inRequest(OURS))],
  ['isComplete', 'claim an instance', request('ec2:CreateTags', instance, inRequest(OURS))],
  ['isComplete', 'give what is ours another id', request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest({ 'cdk-vm-import:id': 'mine' }), ...onResource(OURS) })],
  ['isComplete', 'untag a foreign AMI', request('ec2:DeleteTags', ec2Arn(AMI), { 'aws:TagKeys': ['team'], ...onResource({ team: 'a' }) })],
  ['isComplete', 'take the id from what is ours', request('ec2:DeleteTags', ec2Arn(AMI), { 'aws:TagKeys': ['team', 'cdk-vm-import:id'], ...onResource(OURS) })],
  ['isComplete', 'take all tags from what is ours', request('ec2:DeleteTags', ec2Arn(AMI), onResource(OURS))],
  ['isComplete', 'tag a foreign image', request('imagebuilder:TagResource', image('other'), inRequest(OURS))],
  ['isComplete', 'tag an image of our name without the id', request('imagebuilder:TagResource', image('golden'), inRequest({ team: 'a' }))],
  ['isComplete', 'untag a foreign image', request('imagebuilder:UntagResource', image('other'), { 'aws:TagKeys': ['team'] })],
  ['isComplete', 'take the id from an image of ours', request('imagebuilder:UntagResource', image('golden'), { 'aws:TagKeys': ['cdk-vm-import:id'], ...onResource(OURS) })],
  // Imports of something else.
  ['isComplete', 'import under another image name', request('imagebuilder:ImportVmImage', imageBuilderArn('other/1.0.0'), inRequest(OURS))],
  ['isComplete', 'import an image without the id', request('imagebuilder:ImportVmImage', imageBuilderArn('golden/1.0.0'))],
  ['isComplete', 'start a task without the id', request('ec2:ImportImage', ec2Arn(TASK), inRequest({ team: 'a' }))],
  ['isComplete', 'import another snapshot', request('ec2:ImportImage', ec2Arn(SNAPSHOT))],
  // Roles and other powers.
  ['isComplete', 'pass another role', request('iam:PassRole', role('admin'), { 'iam:PassedToService': 'vmie.amazonaws.com' })],
  ['isComplete', 'pass the role to another service', request('iam:PassRole', role('golden'), { 'iam:PassedToService': 'ec2.amazonaws.com' })],
  ['isComplete', 'make the service-linked role of another service', request('iam:CreateServiceLinkedRole', role('aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot'), { 'iam:AWSServiceName': 'spot.amazonaws.com' })],
  ['isComplete', 'make it for another service', request('iam:CreateServiceLinkedRole', IMAGE_BUILDER_ROLE, { 'iam:AWSServiceName': 'spot.amazonaws.com' })],
  ['isComplete', 'change a role', request('iam:PutRolePolicy', role('golden'))],
  ['isComplete', 'share a snapshot of ours', request('ec2:ModifySnapshotAttribute', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['isComplete', 'start instances', request('ec2:RunInstances', instance)],
  ['isComplete', 'read another object', request('s3:GetObject', 'arn:aws:s3:::disks/other.vmdk')],
  ['isComplete', 'delete another object', deleteObject(BUCKET, 'other.vmdk', '"1"')],
  ['isComplete', 'delete an object that the name would match as a pattern', deleteObject(BUCKET, 'abc.vmdk', '"1"')],
  ['isComplete', 'delete an object whatever it is by now', deleteObject(BUCKET, 'a*.vmdk', '')],
  ['isComplete', 'delete a version of another object', request('s3:DeleteObjectVersion', 'arn:aws:s3:::disks/other.vmdk')],
  ['isComplete', 'overwrite the disk', request('s3:PutObject', 'arn:aws:s3:::disks/a*.vmdk')],
  ['isComplete', 'decrypt', request('kms:Decrypt', KEY)],
  ['isComplete', 'look into another stack', request('cloudformation:DescribeStackResource', STACK_ID.replace('Hostile', 'Other'))],
  ['isComplete', 'read the events of another stack', request('cloudformation:DescribeStackEvents', STACK_ID.replace('Hostile', 'Other'))],
  ['isComplete', 'delete its own stack', request('cloudformation:DeleteStack', STACK_ID)],
  ['isComplete', 'write other logs', request('logs:PutLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/other:log-stream:x`)],
  ['isComplete', 'put events of another source', putEvents('aws.ec2', 'VM Import Failed')],
  ['isComplete', 'put other events', putEvents('cdk-vm-import', 'Something Else')],
  ['isComplete', 'put events of no source', request('events:PutEvents', putEvents('', '').resource)],
  ['isComplete', 'put events on another bus', { ...putEvents('cdk-vm-import', 'VM Import Failed'), resource: putEvents('', '').resource.replace('default', 'other') }],
  // The function that names an import changes nothing, not even what is ours.
  ...[
    request('ec2:CancelImportTask', ec2Arn(TASK), onResource(OURS)),
    request('ec2:CreateTags', ec2Arn(AMI), { ...inRequest(OURS), ...onResource(OURS) }),
    request('ec2:DeleteSnapshot', ec2Arn(SNAPSHOT), onResource(OURS)),
    request('ec2:DeregisterImage', ec2Arn(AMI), onResource(OURS)),
    request('ec2:ImportImage', ec2Arn(TASK), inRequest(OURS)),
    request('iam:PassRole', role('golden'), { 'iam:PassedToService': 'vmie.amazonaws.com' }),
    request('imagebuilder:DeleteImage', image('golden'), onResource(OURS)),
    request('imagebuilder:ImportVmImage', imageBuilderArn('golden/1.0.0'), inRequest(OURS)),
    request('imagebuilder:TagResource', image('golden'), inRequest(OURS)),
    request('s3:GetObject', 'arn:aws:s3:::disks/other.vmdk'),
    deleteObject(BUCKET, 'a*.vmdk', '"1"'),
    request('s3:DeleteObjectVersion', 'arn:aws:s3:::disks/a*.vmdk'),
  ].map((asked) => ['onEvent', asked.action, asked] as const),
  // The service role reads its disks and makes AMIs.
  ['service', 'read another object', request('s3:GetObject', 'arn:aws:s3:::disks/other.vmdk')],
  ['service', 'read an object that the name would match as a pattern', request('s3:GetObject', 'arn:aws:s3:::disks/abc.vmdk')],
  ['service', 'read another bucket', request('s3:GetObject', 'arn:aws:s3:::other/a*.vmdk')],
  ['service', 'list another bucket', request('s3:ListBucket', 'arn:aws:s3:::other')],
  ['service', 'write the disk', request('s3:PutObject', 'arn:aws:s3:::disks/a*.vmdk')],
  ['service', 'use another key', request('kms:Decrypt', KEY.replace('1234abcd', 'ffffffff'))],
  ['service', 'decrypt with the key of the bucket what is not in S3', request('kms:Decrypt', BUCKET_KEY)],
  ['service', 'decrypt with it for another service', request('kms:Decrypt', BUCKET_KEY, { 'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com` })],
  ['service', 'encrypt with the key of the bucket', request('kms:Encrypt', BUCKET_KEY, { 'kms:ViaService': `s3.${REGION}.amazonaws.com` })],
  ['service', 'register an AMI in another Region', request('ec2:RegisterImage', ec2Arn(AMI).replace(REGION, 'eu-west-1'))],
  ['service', 'deregister an AMI', request('ec2:DeregisterImage', ec2Arn(AMI))],
  ['service', 'start instances', request('ec2:RunInstances', instance)],
  ['service', 'use license configurations that are not given', request('license-manager:GetLicenseConfiguration', `arn:aws:license-manager:${REGION}:${ACCOUNT}:license-configuration:lic-0123456789abcdef0123456789abcdef`)],
];

test.each(HOSTILE)('%s may not %s', async (who, _what, asked) => {
  expect(ownedBy(who).length).toBeGreaterThan(2);
  expect(await simulator.allows(ownedBy(who), asked)).toBe(false);
});

const copyTemplate = Template.fromStack(snapshotStackOf('Hostile', (scope) => ({
  diskContainer: DiskContainer.fromBucket(s3.Bucket.fromBucketName(scope, 'Disks', BUCKET), 'a*.raw'),
}))).toJSON() as TemplateJson;
const execution = (name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:execution:copier:${name}`;

test.each<[Who, string, IamRequest]>([
  ['copyShardHandler', 'write a block of a foreign snapshot', request('ebs:PutSnapshotBlock', ec2Arn(SNAPSHOT))],
  ['copyShardHandler', 'write a block of another stack\'s snapshot', request('ebs:PutSnapshotBlock', ec2Arn(SNAPSHOT), onResource(THEIRS))],
  ['copyShardHandler', 'read a block', request('ebs:GetSnapshotBlock', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['copyShardHandler', 'start a snapshot', request('ebs:StartSnapshot', ec2Arn(SNAPSHOT), inRequest(OURS))],
  ['copyShardHandler', 'delete a snapshot of ours', request('ec2:DeleteSnapshot', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['copyShardHandler', 'read another object', request('s3:GetObject', 'arn:aws:s3:::disks/other.raw')],
  ['copyShardHandler', 'read an object that the name would match as a pattern', request('s3:GetObject', 'arn:aws:s3:::disks/abc.raw')],
  ['copyShardHandler', 'overwrite the disk', request('s3:PutObject', 'arn:aws:s3:::disks/a*.raw')],
  ['sumUpHandler', 'read the history of another stack\'s execution', request('states:GetExecutionHistory', execution(THEIRS['cdk-vm-import:id'].slice(10)))],
  ['sumUpHandler', 'write a block', request('ebs:PutSnapshotBlock', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['isComplete', 'start a snapshot without the id', request('ebs:StartSnapshot', ec2Arn(SNAPSHOT), inRequest({ team: 'a' }))],
  ['isComplete', 'complete another stack\'s snapshot', request('ebs:CompleteSnapshot', ec2Arn(SNAPSHOT), onResource(THEIRS))],
  ['isComplete', 'write a block itself', request('ebs:PutSnapshotBlock', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['isComplete', 'stop another stack\'s execution', request('states:StopExecution', execution(THEIRS['cdk-vm-import:id'].slice(10)))],
])('where a disk is copied, %s may not %s', async (who, _what, asked) => {
  const statements = statementsOf(copyTemplate, STACK_ID, who);
  expect(statements.length).toBeGreaterThan(1);
  expect(await simulator.allows(statements, asked)).toBe(false);
});

test.each<[Who, string, IamRequest]>([
  ['copyShardHandler', 'write a block of a snapshot of this stack', request('ebs:PutSnapshotBlock', ec2Arn(SNAPSHOT), onResource(OURS))],
  ['copyShardHandler', 'read its disk', request('s3:GetObject', 'arn:aws:s3:::disks/a*.raw')],
  ['sumUpHandler', 'read the history of an execution of this stack', request('states:GetExecutionHistory', execution(OURS['cdk-vm-import:id'].slice(10)))],
])('but there %s may %s', async (who, _what, asked) => {
  expect(await simulator.allows(statementsOf(copyTemplate, STACK_ID, who), asked)).toBe(true);
});

test.each([
  ['share an AMI of an import', request('ec2:ModifyImageAttribute', ec2Arn(AMI), onResource(OURS))],
  ['lift its protection', request('ec2:DisableImageDeregistrationProtection', ec2Arn(AMI), onResource(OURS))],
  ['copy it', request('ec2:CopyImage', ec2Arn(AMI), inRequest(OURS))],
])('without options of the AMI, isComplete may not %s', async (_what, asked) => {
  const statements = statementsOf(Template.fromStack(stackOf('Hostile', () => ({ Golden: {} }))).toJSON() as TemplateJson, STACK_ID, 'isComplete');
  expect(statements.length).toBeGreaterThan(2);
  expect(await simulator.allows(statements, asked)).toBe(false);
});

test.each<[Who, string, IamRequest]>([
  ['isComplete', 'deregister an AMI of an import', request('ec2:DeregisterImage', ec2Arn(AMI), onResource(OURS))],
  ['isComplete', 'tell how an import ended', putEvents('cdk-vm-import', 'VM Import Succeeded')],
  ['onEvent', 'tell what the preflight refused', putEvents('cdk-vm-import', 'VM Import Failed')],
  ['isComplete', 'share an AMI of an import', request('ec2:ModifyImageAttribute', ec2Arn(AMI), onResource(OURS))],
  ['isComplete', 'claim an AMI without a tag', request('ec2:CreateTags', ec2Arn(AMI), inRequest(OURS))],
  ['isComplete', 'pass the role of an import', request('iam:PassRole', role('golden'), { 'iam:PassedToService': 'vmie.amazonaws.com' })],
  ['isComplete', 'import the snapshot of an import', request('ec2:ImportImage', ec2Arn(SOURCE))],
  // AWS does not say whether IAM sees the tags of the copy for the AMI that is copied.
  ['isComplete', 'copy an AMI without its tags', request('ec2:CopyImage', ec2Arn(AMI))],
  ['isComplete', 'copy an AMI with the tags of the request', request('ec2:CopyImage', ec2Arn(AMI), inRequest(OURS))],
  ['service', 'read its disk', request('s3:GetObject', 'arn:aws:s3:::disks/a*.vmdk')],
  ['service', 'have S3 decrypt its disk', request('kms:Decrypt', BUCKET_KEY, { 'kms:ViaService': `s3.${REGION}.amazonaws.com` })],
  ['service', 'have S3 decrypt its disk in China', request('kms:Decrypt', BUCKET_KEY, { 'kms:ViaService': `s3.${REGION}.amazonaws.com.cn` })],
  ['service', 'encrypt the snapshots', request('kms:CreateGrant', KEY)],
])('but %s may %s', async (who, _what, asked) => {
  expect(await simulator.allows(ownedBy(who), asked)).toBe(true);
});
