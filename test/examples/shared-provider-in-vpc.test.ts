import { AnExample } from './an-example';

const example = new AnExample('shared-provider-in-vpc', { context: { vpc: 'vpc-00112233445566778', subnets: 'subnet-00112233,subnet-44556677' } });
const [key] = example.logicalIds('AWS::KMS::Key');

test('two imports share one provider and one service role', () => {
  expect(example.imports.map(({ ImportVmImage: { name } }) => name)).toEqual(['frontend', 'backend']);
  expect(new Set(example.imports.map(({ ImportImage }) => ImportImage?.RoleName)).size).toBe(1);
  expect(new Set(example.propertiesOf('Custom::VmImportImage').map(({ ServiceToken }) => ServiceToken)).size).toBe(1);
  const reading = example.serviceRoleMay('s3').find(({ Action }) => Action === 's3:GetObject');
  expect([...(reading?.Resource ?? [])].sort()).toEqual(['arn:aws:s3:::my-vm-exports/backend.ova', 'arn:aws:s3:::my-vm-exports/frontend.ova']);
});

test('every function of the provider runs in the subnets that are given, behind one security group', () => {
  const functions = example.propertiesOf('AWS::Lambda::Function');
  expect(functions).toHaveLength(5);
  example.template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
  example.template.allResourcesProperties('AWS::Lambda::Function', { VpcConfig: { SubnetIds: ['subnet-00112233', 'subnet-44556677'] } });
});

test('the key of the stack encrypts environment and logs of every function', () => {
  example.template.allResourcesProperties('AWS::Lambda::Function', { KmsKeyArn: { 'Fn::GetAtt': [key, 'Arn'] } });
  example.template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] }, RetentionInDays: 365 });
});
