import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, arn, LICENSE_ARN, newStack } from './an-import';
import { DiskContainer, VmImportImageProps, VmImportRole } from '../../src';

interface Statement { readonly Action: string | string[]; readonly Resource: unknown }

const ec2Arn = (resource: string) => arn(`:ec2:\${AWS::Region}::${resource}/*`);
const EC2 = [
  { Action: 'ec2:Describe*', Effect: 'Allow', Resource: '*' },
  { Action: ['ec2:CopySnapshot', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'], Effect: 'Allow', Resource: ec2Arn('snapshot') },
  { Action: 'ec2:RegisterImage', Effect: 'Allow', Resource: ec2Arn('image') },
];
const s3Arn = (path: string) => arn(`:s3:::${path}`);

function serviceRole(stack: Stack) {
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role', {
    Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'vmie.amazonaws.com' } }] } },
  }));
  return role;
}

/** Every action on every resource that the role may do, however the statements are merged. */
function permissionsOf(stack: Stack): [string, unknown][] {
  const statements: Statement[] = serviceRole(stack)?.Properties.Policies[0].PolicyDocument.Statement;
  return statements.flatMap(({ Action, Resource }) => [Action].flat().flatMap(
    (action) => [Resource].flat().map((resource): [string, unknown] => [action, resource]),
  ));
}

const EC2_PERMISSIONS = EC2.flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, Resource]));

test('VM Import/Export alone assumes the role, for imports of the same account', () => {
  const stack = newStack();
  new VmImportRole(stack, 'Role');
  Template.fromStack(stack).templateMatches({
    Resources: {
      Role1ABCC5F0: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{
              Action: 'sts:AssumeRole',
              Effect: 'Allow',
              Principal: { Service: 'vmie.amazonaws.com' },
              Condition: {
                StringEquals: { 'sts:Externalid': 'vmimport', 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
                ArnLike: { 'aws:SourceArn': arn(':vmie:*:${AWS::AccountId}:*') },
              },
            }],
          },
          Description: 'VM Import/Export reads disk images and makes AMIs of them',
          Policies: [{ PolicyName: 'Permissions', PolicyDocument: { Version: '2012-10-17', Statement: EC2 } }],
        },
      },
    },
  });
});

test('the role has the name, description and boundary that it is given', () => {
  const stack = newStack();
  const boundary = iam.ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', 'arn:aws:iam::111122223333:policy/boundary');
  new VmImportRole(stack, 'Role', { roleName: 'vmimport', description: 'imports', permissionsBoundary: boundary });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
    RoleName: 'vmimport', Description: 'imports', PermissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  });
});

test('a permissions boundary of the app reaches the role and those of the provider', () => {
  const app = new App();
  iam.PermissionsBoundary.of(app).apply(iam.ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'));
  const stack = new Stack(app, 'Stack');
  anImport(stack, 'Golden');
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() }, Object.keys(template.findResources('AWS::IAM::Role')).length);
});

describe('an import adds to the role', () => {
  const bucketOf = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');
  const disks = (stack: Stack, ...keys: string[]) => {
    const bucket = bucketOf(stack);
    return { diskContainers: keys.map((key) => DiskContainer.fromBucket(bucket, key)) };
  };
  const attribute = (name: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(name), 'Arn'] });
  const ofBucket = (bucket: unknown) => [['s3:GetBucketLocation', bucket], ['s3:ListBucket', bucket]];

  test.each<[string, (stack: Stack) => Partial<VmImportImageProps>, unknown[]]>([
    ['nothing for a snapshot', () => ({}), []],
    [
      'the reading of its objects', (stack) => disks(stack, 'a.vmdk', 'b.vmdk'),
      [['s3:GetObject', s3Arn('disks/a.vmdk')], ['s3:GetObject', s3Arn('disks/b.vmdk')], ...ofBucket(s3Arn('disks'))],
    ],
    [
      'the reading of an object by its very name, although it has characters that IAM takes for wildcards and variables',
      (stack) => disks(stack, 'a*b?c${d}.ova'),
      [['s3:GetObject', s3Arn('disks/a${!*}b${!?}c${!$}{d}.ova')], ...ofBucket(s3Arn('disks'))],
    ],
    [
      'the reading of an object whose name is partly a token', (stack) => disks(stack, `*/${Lazy.string({ produce: () => 'a' })}.ova`),
      [['s3:GetObject', s3Arn('disks/${!*}/a.ova')], ...ofBucket(s3Arn('disks'))],
    ],
    [
      'the decryption of a bucket with a key',
      (stack) => ({ diskContainers: [DiskContainer.fromBucket(new s3.Bucket(stack, 'Encrypted', { encryptionKey: new kms.Key(stack, 'Key') }), 'a.ova')] }),
      [
        ['s3:GetObject', { 'Fn::Join': ['', [attribute(/^Encrypted/), '/a.ova']] }],
        ...ofBucket(attribute(/^Encrypted/)),
        ['kms:Decrypt', attribute(/^Key/)],
      ],
    ],
    [
      'the use of its encryption key', (stack) => ({ encryptionKey: new kms.Key(stack, 'Key') }),
      ['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey*', 'ReEncrypt*'].map((action) => [`kms:${action}`, attribute(/^Key/)]),
    ],
    [
      'the use of its license configurations', () => ({ licenseConfigurationArns: [LICENSE_ARN] }),
      [
        ['license-manager:GetLicenseConfiguration', LICENSE_ARN],
        ['license-manager:UpdateLicenseSpecificationsForResource', LICENSE_ARN],
        ['license-manager:ListLicenseSpecificationsForResource', '*'],
      ],
    ],
  ])('%s', (_name, props, permissions) => {
    const stack = newStack();
    anImport(stack, 'Golden', props(stack));
    const expected = [...EC2_PERMISSIONS, ...permissions];
    expect(permissionsOf(stack)).toHaveLength(expected.length);
    expect(permissionsOf(stack)).toEqual(expect.arrayContaining(expected));
    // The one policy is that of the provider framework's waiter.
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('what it needs of a role that several imports share, once', () => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role');
    const bucket = bucketOf(stack);
    const a = anImport(stack, 'A', { role, diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')] });
    const b = anImport(stack, 'B', { role, diskContainers: [DiskContainer.fromBucket(bucket, 'b.ova')] });
    expect([a.role, b.role]).toStrictEqual([role, role]);
    expect(permissionsOf(stack)).toHaveLength(EC2_PERMISSIONS.length + 4);
    expect(permissionsOf(stack)).toEqual(expect.arrayContaining([
      ['s3:GetObject', s3Arn('disks/a.ova')], ['s3:GetObject', s3Arn('disks/b.ova')], ...ofBucket(s3Arn('disks')),
    ]));
  });

  test('what it needs of a role of the user\'s, and waits for it', () => {
    const stack = newStack();
    // The role and its policy are the CDK's.
    const joined = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });
    const role = iam.Role.fromRoleName(stack, 'Own', 'team/vmimport');
    anImport(stack, 'Golden', { role, diskContainers: [DiskContainer.fromBucket(bucketOf(stack), 'a.ova')] });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: ['vmimport'],
      PolicyDocument: {
        Statement: [
          { Action: 'ec2:Describe*' }, { Action: ['ec2:CopySnapshot', 'ec2:ModifySnapshotAttribute', 'ec2:RegisterImage'] }, { Action: 'ec2:RegisterImage' },
          { Action: 's3:GetObject', Resource: joined(':s3:::disks/a.ova') },
          { Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: joined(':s3:::disks') },
        ].map((statement) => Match.objectLike(statement)),
      },
    });
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy', { Properties: { Roles: ['vmimport'] } }));
    template.hasResource('Custom::VmImportImage', {
      Properties: { ImportImage: { RoleName: 'vmimport' }, Segment: 1 }, DependsOn: Match.arrayWith([policy]),
    });
  });

  test('what it needs of a role of the stack, and waits for its policy', () => {
    const stack = newStack();
    const role = new iam.Role(stack, 'Own', { assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com') });
    anImport(stack, 'Golden', { role });
    Template.fromStack(stack).hasResource('Custom::VmImportImage', {
      Properties: { Segment: 1 }, DependsOn: Match.arrayWith([Match.stringLikeRegexp('^OwnDefaultPolicy')]),
    });
  });

  test('what it needs of a role that is full already, and waits for what does not fit in', () => {
    const stack = newStack();
    const role = new VmImportRole(stack, 'Role');
    role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [`arn:aws:s3:::disks/${'a'.repeat(9_000)}`] }));
    anImport(stack, 'Golden', { role, ...disks(stack, `${'b'.repeat(500)}.ova`) });
    const [overflow] = Object.keys(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
    expect(overflow).toMatch(/^RolePermissions2/);
    Template.fromStack(stack).hasResource('Custom::VmImportImage', { Properties: { Segment: 1 }, DependsOn: Match.arrayWith([overflow]) });
  });

  test('nothing if the role is immutable', () => {
    const stack = newStack();
    const role = iam.Role.fromRoleArn(stack, 'Own', 'arn:aws:iam::111122223333:role/vmimport', { mutable: false });
    anImport(stack, 'Golden', { role, diskContainers: [DiskContainer.fromBucket(bucketOf(stack), 'a.ova')] });
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::IAM::Policy', { Roles: ['vmimport'] }, 0);
  });
});

test('what is granted later becomes part of the role, too', () => {
  const stack = newStack();
  const role = new VmImportRole(stack, 'Role');
  const grant = new kms.Key(stack, 'Key').grantDecrypt(role);
  role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObjectVersion'], resources: ['*'] }));
  expect(grant.success).toBe(true);
  expect(permissionsOf(stack).map(([action]) => action)).toEqual(expect.arrayContaining(['kms:Decrypt', 's3:GetObjectVersion']));
  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
});

test('a role that 100 imports share stays within IAM\'s limits', () => {
  const stack = newStack();
  const role = new VmImportRole(stack, 'Role');
  const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');
  const keys = Array.from({ length: 100 }, (_, index) => `${'folder/'.repeat(10)}${index}.ova`);
  keys.forEach((key) => role.addToPolicy(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(key)] })));
  const template = Template.fromStack(stack);
  const overflow = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
  const sizeOf = (document: unknown) => JSON.stringify(document).replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
    .replaceAll('${AWS::Partition}', 'aws-us-gov').replaceAll('${AWS::Region}', 'us-gov-west-1').length;
  expect(sizeOf(serviceRole(stack)?.Properties.Policies[0].PolicyDocument)).toBeLessThan(10_240);
  expect(overflow.length).toBeGreaterThan(0);
  expect(overflow.length).toBeLessThanOrEqual(10);
  for (const { Properties } of overflow) {
    expect(sizeOf(Properties.PolicyDocument)).toBeLessThan(6_144);
    expect(Properties.Roles).toStrictEqual([{ Ref: 'Role1ABCC5F0' }]);
  }
  const text = JSON.stringify(template.toJSON());
  expect(keys.filter((key) => !text.includes(key))).toStrictEqual([]);
});
