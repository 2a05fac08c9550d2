import { Fn, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { CompactPolicyDocument } from '../../src/private/permissions/compact-policy-document';

/** The resource of a policy with one statement, as it is in the template. */
function written(resource: (stack: Stack) => string): unknown {
  const stack = new Stack();
  const document = new CompactPolicyDocument();
  document.addStatements(new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [resource(stack)] }));
  return stack.resolve(document).Statement[0].Resource;
}

describe('a resource of a compact policy', () => {
  test.each<[string, (stack: Stack) => string, unknown]>([
    ['a text', () => 'arn:aws:s3:::disks/*', 'arn:aws:s3:::disks/*'],
    ['an ARN with pseudo parameters', (stack) => stack.formatArn({ service: 'ec2', resource: 'image', resourceName: '*' }),
      { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:image/*' }],
    ['an ARN with a text that Fn::Sub would replace', (stack) => `arn:${stack.partition}:s3:::disks/\${aws:username}/*`,
      { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::disks/${!aws:username}/*' }],
    ['an ARN with an attribute', (stack) => new s3.Bucket(stack, 'Disks').arnForObjects('*'), { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.any(String), 'Arn'] }, '/*']] }],
    ['parts that are joined by a character', (stack) => Fn.join('-', ['disks', stack.region]), { 'Fn::Join': ['-', ['disks', { Ref: 'AWS::Region' }]] }],
    ['a join that is not one', () => Token.asString({ 'Fn::Join': { Ref: 'Disks' } }), { 'Fn::Join': { Ref: 'Disks' } }],
    ['a join of a list that is computed', () => Token.asString({ 'Fn::Join': ['', { 'Fn::Split': [',', 'a,b'] }] }), { 'Fn::Join': ['', { 'Fn::Split': [',', 'a,b'] }] }],
    ['a function', () => Fn.importValue('disks'), { 'Fn::ImportValue': 'disks' }],
  ])('that is %s is written shortly where that says the same', (_, resource, template) => {
    expect(written(resource)).toEqual(template);
  });
});
