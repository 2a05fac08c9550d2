import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { anImport, KEY_ARN, newStack } from './an-import';
import { VmImportImage } from '../../src';

const env = { account: '111122223333', region: 'eu-west-1' };

function launcherOf(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Launcher', { assumedBy: new iam.AccountRootPrincipal() });
}

/** What the launcher may do. */
function statements(stack: Stack): readonly unknown[] {
  const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy', { Properties: { PolicyName: Match.stringLikeRegexp('Launcher') } }));
  return (policy as { Properties: { PolicyDocument: { Statement: unknown[] } } }).Properties.PolicyDocument.Statement;
}

const runInstances = (amiId: unknown) => ({
  Action: 'ec2:RunInstances',
  Effect: 'Allow',
  Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ec2:eu-west-1::image/', amiId]] },
});

describe('grantLaunch', () => {
  test('allows RunInstances on the AMI, and nothing else', () => {
    const stack = newStack({ env });
    const grant = anImport(stack, 'Golden').grantLaunch(launcherOf(stack));
    grant.assertSuccess();
    expect(statements(stack)).toStrictEqual([runInstances({ 'Fn::GetAtt': [expect.stringMatching(/^GoldenSegment/), 'AmiId'] })]);
  });

  test('allows the use of the encryption key through EC2 only, and grants for AWS services only', () => {
    const stack = newStack({ env });
    anImport(stack, 'Golden', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }).grantLaunch(launcherOf(stack)).assertSuccess();
    const viaEc2 = { 'kms:ViaService': 'ec2.eu-west-1.amazonaws.com*' };
    expect(statements(stack).slice(1)).toStrictEqual([
      {
        Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
        Effect: 'Allow',
        Resource: KEY_ARN,
        Condition: { StringLike: viaEc2 },
      },
      { Action: 'kms:CreateGrant', Effect: 'Allow', Resource: KEY_ARN, Condition: { StringLike: viaEc2, Bool: { 'kms:GrantIsForAWSResource': 'true' } } },
    ]);
  });

  test('works for an image that was made elsewhere', () => {
    const stack = newStack({ env });
    const image = VmImportImage.fromVmImportImageAttributes(stack, 'Golden', {
      imageArn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1', amiId: 'ami-0123456789abcdef0',
    });
    image.grantLaunch(launcherOf(stack));
    expect(JSON.stringify(statements(stack))).toContain(':ec2:eu-west-1::image/ami-0123456789abcdef0');
  });
});

describe('addAmiParameter', () => {
  test('makes a parameter that Systems Manager knows as an AMI', () => {
    const stack = newStack();
    anImport(stack, 'Golden').addAmiParameter('Parameter', { parameterName: '/images/golden', description: 'the golden image' });
    Template.fromStack(stack).hasResource('AWS::SSM::Parameter', {
      Properties: {
        DataType: 'aws:ec2:image',
        Description: 'the golden image',
        Name: '/images/golden',
        Type: 'String',
        Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('GoldenSegment'), 'AmiId'] },
      },
    });
  });

  test('is not made unless it is asked for, and needs no name', () => {
    const stack = newStack();
    const golden = anImport(stack, 'Golden');
    Template.fromStack(stack).resourceCountIs('AWS::SSM::Parameter', 0);
    const other = newStack();
    expect(anImport(other, 'Golden').addAmiParameter('Parameter').parameterName).toBeDefined();
    Template.fromStack(other).hasResourceProperties('AWS::SSM::Parameter', { Name: Match.absent(), DataType: 'aws:ec2:image' });
    expect(golden.amiId).toBeDefined();
  });
});
