import { Annotations as Acknowledgement } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { KEY_ARN, newStack } from './an-import';
import { VmImportProvider } from '../../src';

const keyArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] };

test('a key encrypts the environment of all functions', () => {
  const stack = newStack();
  new VmImportProvider(stack, 'Provider', { environmentEncryption: new kms.Key(stack, 'Key') });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Function', 5);
  template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: keyArn }, 5);
  template.resourcePropertiesCountIs('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue() }, 0);
});

test('a key encrypts all log groups, and CloudWatch Logs may use it for those of the account and Region', () => {
  const stack = newStack();
  new VmImportProvider(stack, 'Provider', { logEncryptionKey: new kms.Key(stack, 'Key') });
  const template = Template.fromStack(stack);
  template.resourcePropertiesCountIs('AWS::Logs::LogGroup', { KmsKeyId: keyArn }, 3);
  template.resourcePropertiesCountIs('AWS::Lambda::Function', { KmsKeyArn: Match.anyValue() }, 0);
  const [region, account] = [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }];
  template.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([{
        Action: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        Effect: 'Allow',
        Principal: { Service: { 'Fn::Join': ['', ['logs.', region, '.', { Ref: 'AWS::URLSuffix' }]] } },
        Resource: '*',
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:', region, ':', account, ':log-group:*']] } },
        },
      }]),
    },
  });
});

test('a key whose policy cannot be changed is warned of, with what to add to it', () => {
  const stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
  const provider = new VmImportProvider(stack, 'Provider', { logEncryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) });
  const warnings = () => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  expect(warnings()).toStrictEqual([
    expect.stringMatching(/^The policy of the logEncryptionKey Stack\/Key cannot be changed by this app\. Add this statement to it: \{"Action":\["kms:Decrypt\*",.*"kms:EncryptionContext:aws:logs:arn"/),
  ]);
  Acknowledgement.of(provider).acknowledgeWarning('cdk-vm-import:logEncryptionKeyPolicy');
  expect(warnings()).toStrictEqual([]);
});
