import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AnExample } from './an-example';

const example = new AnExample('published-ami', { context: { accounts: '111122223333,444455556666', deprecateAt: '2028-01-31T00:00:00Z' } });
const ami = ({ template }: AnExample) => Object.values(template.findResources('Custom::VmImportAmi')).map(({ Properties }) => Properties as Record<string, unknown>);
const OF_THE_COPY = { 'Fn::GetAtt': [example.logicalIds('Custom::VmImportAmi')[0], 'AmiId'] };

test('the AMI has a name with the version in it, accounts that may launch it, IMDSv2 and an end', () => {
  expect(ami(example)).toMatchObject([{
    Name: 'golden-1.0.0',
    Description: 'The golden image, version 1.0.0',
    LaunchPermissions: { UserIds: ['111122223333', '444455556666'] },
    ImdsSupport: 'v2.0',
    DeprecateAt: '2028-01-31T00:00:00Z',
  }]);
});

test('nobody else may launch it unless they are given, nor is it protected', () => {
  const [alone] = ami(new AnExample('published-ami'));
  expect(alone).toMatchObject({ Name: 'golden-1.0.0', LaunchPermissions: {} });
  expect(alone).not.toHaveProperty('DeregistrationProtection');
  expect(alone).not.toHaveProperty('LiftProtection');
});

const ORGANIZATION = 'arn:aws:organizations::123456789012:organization/o-0123456789';
const UNITS = ['arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567', 'arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-89012345'];

test('an organization and organizational units may launch it, as accounts may', () => {
  const shared = new AnExample('published-ami', { context: { organizations: ORGANIZATION, units: UNITS.join(',') } });
  expect(ami(shared)).toMatchObject([{ LaunchPermissions: { OrganizationArns: [ORGANIZATION], OrganizationalUnitArns: UNITS } }]);
});

test('everybody may launch it who asks for that, and synthesis warns of it', () => {
  const open = new AnExample('published-ami', { context: { public: 'true' } });
  expect(ami(open)).toMatchObject([{ LaunchPermissions: { Group: 'all' } }]);
  Annotations.fromStack(open.stack).hasWarning('*', Match.stringLikeRegexp('^Everybody with an AWS account may launch the AMI'));
  Annotations.fromStack(example.stack).hasNoWarning('*', Match.anyValue());
});

test('it is protected where that is asked for, and the stack alone lifts it', () => {
  const [protectedAmi] = ami(new AnExample('published-ami', { context: { protect: 'true' } }));
  expect(protectedAmi).toMatchObject({ DeregistrationProtection: 'enabled-without-cooldown', LiftProtection: true });
});

test('the disk stays in its bucket unless it is to be deleted after its import', () => {
  expect(example.imports[0]).not.toHaveProperty('DeleteSources');
  const [deleting] = new AnExample('published-ami', { context: { deleteDisk: 'true' } }).imports;
  expect(deleting).toMatchObject({ DeleteSources: [{ S3Bucket: 'my-vm-exports', S3Key: 'golden-1.0.0.ova' }] });
});

test('what the AMI is told later is no change of the import', () => {
  expect(new AnExample('published-ami').imports).toEqual(example.imports);
  expect(new AnExample('published-ami', { context: { protect: 'true', public: 'true', organizations: ORGANIZATION } }).imports).toEqual(example.imports);
});

test('the role may launch the AMI with the name, and no other', () => {
  const [launcher = ''] = example.logicalIds('AWS::IAM::Role').filter((id) => id.startsWith('Launcher'));
  example.template.hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: launcher }],
    PolicyDocument: {
      Statement: [{
        Effect: 'Allow',
        Action: 'ec2:RunInstances',
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ec2:', { Ref: 'AWS::Region' }, '::image/', OF_THE_COPY]] },
      }],
    },
  });
});

test('the parameter, which launch templates resolve, and the output have the AMI with the name', () => {
  example.template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/images/golden', DataType: 'aws:ec2:image', Value: OF_THE_COPY });
  expect(example.template.toJSON().Outputs.AmiId).toEqual({ Value: OF_THE_COPY });
});

test.each(['VM Import Succeeded', 'VM Import Failed'])('the topic hears of the event "%s" of this import', (detailType) => {
  const [owner] = Object.entries(example.template.findResources('Custom::VmImportImage', { Properties: { Segment: 1 } })).map(([id]) => id);
  example.template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { 'source': ['cdk-vm-import'], 'detail-type': [detailType], 'detail': { logicalId: [owner] } },
    Targets: [{ Arn: { Ref: example.logicalIds('AWS::SNS::Topic')[0] } }],
  });
  expect(example.imports).toMatchObject([{ Events: owner }]);
});

test('EventBridge may publish to the topic, and use its key', () => {
  const statements = (type: string, property: string) =>
    (example.propertiesOf(type)[0]?.[property] as { readonly Statement: readonly object[] }).Statement;
  const events = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } };
  expect(statements('AWS::SNS::TopicPolicy', 'PolicyDocument')).toContainEqual(expect.objectContaining({ ...events, Action: 'sns:Publish' }));
  expect(statements('AWS::KMS::Key', 'KeyPolicy')).toContainEqual(expect.objectContaining({ ...events, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }));
});
