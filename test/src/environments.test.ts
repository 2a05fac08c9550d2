import { App, Aspects, CfnOutput, Duration, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, newStack } from './an-import';
import { DiskContainer, VmImportImage, VmImportRole } from '../../src';

const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });
/** The part of a statement that lets in a role of the account 111122223333, which may not exist yet. */
const letIn = (roleName: string, conditions: object = {}) => ({
  Principal: { AWS: arn(':iam::111122223333:root') },
  Condition: { ...conditions, ArnEquals: { 'aws:PrincipalArn': arn(`:iam::111122223333:role/${roleName}`) } },
});

const timeout = Duration.minutes(30);

test('an import works in a stage', () => {
  const stage = new Stage(new App(), 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
  const stack = new Stack(stage, 'Images');
  anImport(stack, 'Golden', { timeout });
  Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', {
    ImportVmImage: { name: Match.stringLikeRegexp('^ProdImages-Golden-[0-9A-F]{8}$') },
  });
});

test('another stack may use the image, its AMI and its snapshots', () => {
  const app = new App();
  const golden = anImport(new Stack(app, 'Images'), 'Golden', { timeout });
  const user = new Stack(app, 'User');
  new ec2.LaunchTemplate(user, 'LaunchTemplate', { machineImage: golden });
  new CfnOutput(user, 'ImageArn', { value: golden.imageArn });
  new CfnOutput(user, 'Snapshots', { value: Fn.join(' ', golden.snapshotIds) });
  const exported = (attribute: string) => ({ 'Fn::ImportValue': Match.stringLikeRegexp(`^Images:ExportsOutputFnGetAttGolden.*${attribute}`) });
  const template = Template.fromStack(user);
  template.hasResourceProperties('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { ImageId: exported('AmiId') } });
  template.hasOutput('ImageArn', { Value: exported('ImageArn') });
  template.hasOutput('Snapshots', { Value: { 'Fn::Join': [' ', { 'Fn::Split': [',', exported('SnapshotIds')] }] } });
});

test('bucket, key and role may be in the stack that an import is nested in', () => {
  const stack = new Stack(new App(), 'Stack');
  const encryptionKey = new kms.Key(stack, 'Key');
  const bucket = new s3.Bucket(stack, 'Bucket', { encryptionKey });
  const role = new VmImportRole(stack, 'Role');
  const nested = new NestedStack(stack, 'Nested');
  anImport(nested, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')], encryptionKey, role, timeout });
  Template.fromStack(nested).hasResourceProperties('Custom::VmImportImage', {
    ImportImage: { KmsKeyId: { Ref: Match.stringLikeRegexp('Key') }, RoleName: { Ref: Match.stringLikeRegexp('Role') } },
  });
  expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Role'))).toContain('/a.ova');
});

test('bucket, key and role may be in another stack', () => {
  const app = new App();
  const shared = new Stack(app, 'Shared');
  const key = new kms.Key(shared, 'Key');
  const bucket = new s3.Bucket(shared, 'Bucket', { encryptionKey: new kms.Key(shared, 'BucketKey') });
  const role = new VmImportRole(shared, 'Role');
  const stack = new Stack(app, 'Images');
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')], encryptionKey: key, role, timeout });
  Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', {
    ImportImage: {
      DiskContainers: [{ UserBucket: { S3Bucket: { 'Fn::ImportValue': Match.stringLikeRegexp('Bucket') } } }],
      KmsKeyId: { 'Fn::ImportValue': Match.stringLikeRegexp('Key') },
      RoleName: { 'Fn::ImportValue': Match.stringLikeRegexp('Role') },
    },
  });
  expect(JSON.stringify(Template.fromStack(shared).findResources('AWS::IAM::Role'))).toContain('/a.ova');
});

test('a bucket of another account lets the role in', () => {
  const app = new App();
  const theirs = new Stack(app, 'Theirs', { env: { account: '444455556666', region: 'eu-west-1' } });
  const bucket = new s3.Bucket(theirs, 'Bucket', { bucketName: 'their-disks' });
  const stack = new Stack(app, 'Images', { env: { account: '111122223333', region: 'eu-west-1' } });
  const role = new VmImportRole(stack, 'Role', { roleName: 'golden-import' });
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')], role, timeout });
  const attribute = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Bucket'), 'Arn'] };
  Template.fromStack(theirs).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        { Action: 's3:GetObject', Effect: 'Allow', ...letIn('golden-import'), Resource: { 'Fn::Join': ['', [attribute, '/a.ova']] } },
        { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Effect: 'Allow', ...letIn('golden-import'), Resource: attribute },
        // The function that calls ImportImage.
        Match.objectLike({ Action: 's3:GetBucketLocation', Effect: 'Allow', Resource: attribute }),
      ]),
    },
  });
  expect(stack.dependencies).toStrictEqual([theirs]);
});

test('an encrypted bucket of another account, and its key, let in the role that the import makes, as soon as it is there', () => {
  const app = new App();
  const theirs = new Stack(app, 'Theirs', { env: { account: '444455556666', region: 'eu-west-1' } });
  const bucket = new s3.Bucket(theirs, 'Bucket', { bucketName: 'their-disks', encryptionKey: new kms.Key(theirs, 'Key') });
  const stack = new Stack(app, 'Images', { env: { account: '111122223333', region: 'eu-west-1' } });
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')], timeout });
  const template = Template.fromStack(stack);
  const [role] = Object.values(template.findResources('AWS::IAM::Role', {
    Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'vmie.amazonaws.com' } }] } },
  }));
  const { RoleName, Policies: [policy] } = role?.Properties ?? {};
  expect(RoleName).toMatch(/^[\w+=,.@-]{1,64}$/);
  const viaS3 = { StringLike: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com*' } };
  expect(policy.PolicyDocument.Statement).toContainEqual({
    Action: 'kms:Decrypt', Effect: 'Allow', Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:kms:eu-west-1:444455556666:key/*' }, Condition: viaS3,
  });
  const their = Template.fromStack(theirs);
  their.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: { Statement: Match.arrayWith([{ Action: 'kms:Decrypt', Effect: 'Allow', Resource: '*', ...letIn(RoleName, viaS3) }]) },
  });
  their.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:GetObject', ...letIn(RoleName) })]) },
  });
  expect(stack.dependencies).toStrictEqual([theirs]);
});

test('a key of another account that the app makes is refused, as its ARN is not known', () => {
  const app = new App();
  const encryptionKey = new kms.Key(new Stack(app, 'Theirs', { env: { account: '444455556666', region: 'eu-west-1' } }), 'Key');
  const stack = new Stack(app, 'Images', { env: { account: '111122223333', region: 'eu-west-1' } });
  expect(() => anImport(stack, 'Golden', { encryptionKey, timeout })).toThrow(
    'The encryptionKey Theirs/Key is made by this app in the account 444455556666, and the CDK does not pass its ARN to other accounts: use kms.Key.fromKeyArn. [at Images/Golden]',
  );
});

test('aspects that come late may still tag the import', () => {
  const stack = newStack();
  anImport(stack, 'Golden', { timeout });
  Aspects.of(stack).add({
    visit: (node) => {
      if (node instanceof VmImportImage) {
        node.cdkTagManager.setTag('late', 'yes');
      }
    },
  });
  Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', { Tags: { late: 'yes' } });
});
