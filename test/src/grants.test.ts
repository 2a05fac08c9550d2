import { Annotations as Acknowledgement, App, CfnParameter, Stack } from 'aws-cdk-lib';
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

test.each([
  ['of the stack', (stack: Stack) => new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com') })],
  ['that is imported', (stack: Stack) => iam.Role.fromRoleArn(stack, 'Own', ROLE)],
  ['of this library', (stack: Stack) => new VmImportRole(stack, 'Own')],
])('a role %s takes what is granted to it, without a warning', (_name, role) => {
  const stack = newStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  anImport(stack, 'Golden', { role: role(stack), encryptionKey });
  expect(warnings(stack)).toStrictEqual([]);
});

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

describe('a key that is given by an alias', () => {
  const statementsAbout = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'))
    .flatMap(({ Properties }) => Properties.Policies?.[0].PolicyDocument.Statement ?? [])
    .filter(({ Action }: { readonly Action: unknown }) => JSON.stringify(Action).includes('kms:'));
  const withKey = (key: (stack: Stack) => kms.IKey) => {
    const stack = newStack();
    const encryptionKey = key(stack);
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'disks', encryptionKey });
    anImport(stack, 'Golden', { encryptionKey, diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
    return stack;
  };

  test('only is the one that has the alias, as IAM knows no aliases for resources', () => {
    const stack = withKey((scope) => kms.Alias.fromAliasName(scope, 'Alias', 'alias/disks'));
    const statements = statementsAbout(stack);
    expect(statements).toHaveLength(4);
    for (const { Resource, Condition } of statements) {
      expect(Resource).toStrictEqual({ 'Fn::Sub': 'arn:${AWS::Partition}:kms:eu-west-1:111122223333:key/*' });
      expect(Condition).toMatchObject({ 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/disks' } });
    }
    Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', {
      ImportImage: { KmsKeyId: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':kms:eu-west-1:111122223333:alias/disks']] } },
    });
  });

  test.each([
    ['of the stack', (scope: Stack) => new kms.Key(scope, 'Key').addAlias('disks')],
    ['of a known key', (scope: Stack) => kms.Alias.fromAliasAttributes(scope, 'Alias', { aliasName: 'alias/disks', aliasTargetKey: new kms.Key(scope, 'Key') })],
  ])('%s is that key', (_name, key) => {
    const statements = statementsAbout(withKey(key));
    expect(statements).toHaveLength(4);
    for (const { Resource, Condition } of statements) {
      expect(Resource).toStrictEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] });
      expect(JSON.stringify(Condition ?? {})).not.toContain('Aliases');
    }
  });
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
    const arn = (rest: string) => `arn:aws${rest}`;
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

  test('with what is only known at deployment in angle brackets', () => {
    const stack = new Stack(new App(), 'Stack');
    const role = iam.Role.fromRoleArn(stack, 'Own', ROLE, { mutable: false });
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', new CfnParameter(stack, 'Disks').valueAsString);
    anImport(stack, 'Golden', { role, encryptionKey: new kms.Key(stack, 'Key'), diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
    const resources = (statementsIn(warnings(stack)[0]) as { readonly Resource: string }[]).map(({ Resource }) => Resource);
    expect(resources).toStrictEqual([
      '*', 'arn:<AWS::Partition>:ec2:<AWS::Region>::snapshot/*', 'arn:<AWS::Partition>:ec2:<AWS::Region>::image/*',
      'arn:<AWS::Partition>:s3:::<Disks>/a.ova', 'arn:<AWS::Partition>:s3:::<Disks>', expect.stringMatching(/^<Key[0-9A-F]{8}\.Arn>$/),
    ]);
  });

  test('what to add to the policy of an imported bucket of another account', () => {
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Own', ROLE);
    const image = anImport(stack, 'Golden', { role, diskContainers: [DiskContainer.fromBucket(theirBucket(stack), 'a.ova')] });
    // Two for the service role, and two for the function that calls ImportImage.
    expect(warnings(stack)).toHaveLength(4);
    for (const warning of warnings(stack)) {
      expect(warning).toMatch(/^The bucket Stack\/Bucket is in the account 444455556666, where this app cannot change its policy\. Add this statement to it: /);
    }
    const letIn = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } };
    expect(new Set(warnings(stack).map(statementsIn))).toStrictEqual(new Set([
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::disks/a.ova', ...letIn },
      { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: 'arn:aws:s3:::disks', ...letIn },
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::disks/a.ova', Effect: 'Allow', Principal: letIn.Principal },
      { Action: 's3:GetBucketLocation', Resource: 'arn:aws:s3:::disks', Effect: 'Allow', Principal: letIn.Principal },
    ]));
    Acknowledgement.of(image).acknowledgeWarning('cdk-vm-import:bucketPolicy');
    expect(warnings(stack)).toStrictEqual([]);
  });

  test.each([
    ['a role without a name', (stack: Stack) => new VmImportRole(stack, 'Role')],
    ['a role whose name is only known at deployment', (stack: Stack) => iam.Role.fromRoleName(stack, 'Role', new CfnParameter(stack, 'Name').valueAsString)],
  ])('what to add there for %s: the account, as the role is not known yet', (_name, role) => {
    const stack = newStack();
    anImport(stack, 'Golden', { role: role(stack), diskContainers: [DiskContainer.fromBucket(theirBucket(stack), 'a.ova')] });
    expect(warnings(stack).map(statementsIn)).toContainEqual({
      Action: 's3:GetObject', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Resource: 'arn:aws:s3:::disks/a.ova',
    });
  });

  test('what to add there for a role of the stack with a name and a path', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com'), path: '/imports/', roleName: 'golden' });
    anImport(stack, 'Golden', { role, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', THEIR_KEY) });
    expect(warnings(stack).map(statementsIn)).toStrictEqual([
      expect.objectContaining({ Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/imports/golden' } } }),
    ]);
  });

  test('what to add to the policy of an imported key of another account, of which the role may use no other key', () => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role', { roleName: 'vmimport' });
    const image = anImport(stack, 'Golden', { role, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', THEIR_KEY) });
    expect(warnings(stack).map(statementsIn)).toStrictEqual([
      {
        Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Effect: 'Allow',
        Resource: '*',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } },
      },
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['kms:CreateGrant']), Resource: THEIR_KEY })]) } }],
    });
    Acknowledgement.of(image).acknowledgeWarning('cdk-vm-import:keyPolicy');
    expect(warnings(stack)).toStrictEqual([]);
  });
});
