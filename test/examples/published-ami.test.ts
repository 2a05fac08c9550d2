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

test('nobody else may launch it unless accounts are given', () => {
  const [alone] = ami(new AnExample('published-ami'));
  expect(alone).toMatchObject({ Name: 'golden-1.0.0' });
  expect(alone).not.toHaveProperty('LaunchPermissions');
});

test('what the AMI is told later is no change of the import', () => {
  expect(new AnExample('published-ami').imports).toEqual(example.imports);
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
