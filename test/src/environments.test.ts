import { App, Aspects, Duration, Stack, Stage } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, newStack } from './an-import';
import { DiskContainer, VmImportImage, VmImportRole } from '../../src';

const timeout = Duration.minutes(30);

test('an import works in a stage', () => {
  const stage = new Stage(new App(), 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
  const stack = new Stack(stage, 'Images');
  anImport(stack, 'Golden', { timeout });
  Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', {
    ImportVmImage: { name: Match.stringLikeRegexp('^ProdImages-Golden-[0-9A-F]{8}$') },
  });
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
  const Principal = { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::111122223333:role/golden-import']] } };
  const attribute = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Bucket'), 'Arn'] };
  Template.fromStack(theirs).hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: [
        { Action: 's3:GetObject', Effect: 'Allow', Principal, Resource: { 'Fn::Join': ['', [attribute, '/a.ova']] } },
        { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Effect: 'Allow', Principal, Resource: attribute },
      ],
    },
  });
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
