import { Annotations as Acknowledgement, App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, KEY_ARN } from './an-import';
import { DiskContainer, VmImportRole } from '../../src';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const THEIR_KEY = KEY_ARN.replace('111122223333', '444455556666');
const ROLE = 'arn:aws:iam::111122223333:role/vmimport';

const newStack = () => new Stack(new App(), 'Stack', { env: HERE });
const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
const theirBucket = (stack: Stack) => s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'disks', account: '444455556666' });

/** The statements in a warning, which ends with them. */
function statementsIn(warning: string | undefined): unknown {
  return JSON.parse(/: (\[?\{.*[\]}]) \[ack: /s.exec(warning ?? '')?.[1] ?? 'null');
}

test('a key of a bucket decrypts through S3 only', () => {
  const stack = newStack();
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY_ARN);
  const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'disks', encryptionKey });
  anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    Policies: [{
      PolicyDocument: {
        Statement: Match.arrayWith([{
          Action: 'kms:Decrypt', Effect: 'Allow', Resource: KEY_ARN, Condition: { StringLike: { 'kms:ViaService': 's3.eu-west-1.amazonaws.com*' } },
        }]),
      },
    }],
  });
  expect(warnings(stack)).toStrictEqual([]);
});

describe('a warning that can be acknowledged says', () => {
  test.each([
    ['an imported one', (stack: Stack) => iam.Role.fromRoleArn(stack, 'Own', ROLE, { mutable: false })],
    ['one that grants on resources', (stack: Stack) => iam.Role.fromRoleArn(stack, 'Own', ROLE, { mutable: false, addGrantsToResources: true })],
    ['one that is not to be updated', (stack: Stack) => new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com') }).withoutPolicyUpdates()],
  ])('what an immutable role needs: %s', (_name, role) => {
    const stack = newStack();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');
    const image = anImport(stack, 'Golden', { role: role(stack), diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
    const [warning, ...others] = warnings(stack);
    expect(others).toStrictEqual([]);
    expect(warning).toMatch(/^Nothing is added to the role Stack\/\w+, which is immutable\. It must trust vmie\.amazonaws\.com with the external id vmimport, and needs these statements: /);
    const partition = { Ref: 'AWS::Partition' };
    const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', partition, rest]] });
    expect(statementsIn(warning)).toStrictEqual([
      { Action: 'ec2:Describe*', Effect: 'Allow', Resource: '*' },
      { Action: ['ec2:CopySnapshot', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'], Effect: 'Allow', Resource: arn(':ec2:eu-west-1::snapshot/*') },
      { Action: 'ec2:RegisterImage', Effect: 'Allow', Resource: arn(':ec2:eu-west-1::image/*') },
      { Action: 's3:GetObject', Effect: 'Allow', Resource: arn(':s3:::disks/a.ova') },
      { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Effect: 'Allow', Resource: arn(':s3:::disks') },
    ]);
    Acknowledgement.of(image).acknowledgeWarning('cdk-vm-import:immutableRole');
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('what to add to the policy of an imported bucket of another account', () => {
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Own', ROLE);
    const image = anImport(stack, 'Golden', { role, diskContainers: [DiskContainer.fromBucket(theirBucket(stack), 'a.ova')] });
    expect(warnings(stack)).toHaveLength(2);
    for (const warning of warnings(stack)) {
      expect(warning).toMatch(/^The bucket Stack\/Bucket is in the account 444455556666, where this app cannot change its policy\. Add this statement to it: /);
    }
    expect(warnings(stack).map(statementsIn)).toEqual(expect.arrayContaining([
      expect.objectContaining({ Action: 's3:GetObject', Effect: 'Allow', Principal: { AWS: ROLE } }),
      expect.objectContaining({ Action: ['s3:GetBucketLocation', 's3:ListBucket'], Effect: 'Allow', Principal: { AWS: ROLE } }),
    ]));
    Acknowledgement.of(image).acknowledgeWarning('cdk-vm-import:bucketPolicy');
    expect(warnings(stack)).toStrictEqual([]);
  });

  test('what to add to the policy of an imported key of another account, of which the role may use no other key', () => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role', { roleName: 'vmimport' });
    const image = anImport(stack, 'Golden', { role, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', THEIR_KEY) });
    expect(warnings(stack).map(statementsIn)).toStrictEqual([
      expect.objectContaining({
        Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Effect: 'Allow',
        Resource: '*',
      }),
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['kms:CreateGrant']), Resource: THEIR_KEY })]) } }],
    });
    Acknowledgement.of(image).acknowledgeWarning('cdk-vm-import:keyPolicy');
    expect(warnings(stack)).toStrictEqual([]);
  });
});
