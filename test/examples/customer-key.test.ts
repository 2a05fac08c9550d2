import { AnExample } from './an-example';

const example = new AnExample('customer-key');
const [key = ''] = example.logicalIds('AWS::KMS::Key');
const keyArn = `arn:aws:kms:us-east-1:000000000000:key/${key.toLowerCase()}`;

test('the snapshots are encrypted with the key of the stack, which rotates', () => {
  expect(example.imports[0]?.ImportImage).toMatchObject({ Encrypted: true, KmsKeyId: keyArn });
  example.template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
});

test('the key outlives the stack, as volumes of instances are encrypted with it', () => {
  example.template.hasResource('AWS::KMS::Key', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
});

test('the service role may do with this key what the documentation lists, and nothing with any other', () => {
  expect(example.serviceRoleMay('kms')).toStrictEqual([{
    Effect: 'Allow',
    Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    Resource: keyArn,
  }]);
});
