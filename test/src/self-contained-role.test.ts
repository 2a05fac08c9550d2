import { Template } from 'aws-cdk-lib/assertions';
import { newStack } from './an-import';
import { VmImportRole } from '../../src';
import { deployedSize } from '../../src/private/permissions/self-contained-role';

test('a role explains its inline policy and its own wildcards to cdk-nag, and no others', () => {
  const stack = newStack();
  new VmImportRole(stack, 'Role');
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  const rules: readonly { readonly id: string; readonly reason: string }[] = role?.Metadata.cdk_nag.rules_to_suppress;
  expect(rules.map(({ id }) => id)).toContain('AwsSolutions-IAM5');
  expect(rules.map(({ reason }) => reason)).toContain('These actions do not support resource-level permissions.');
  expect(rules.map(({ reason }) => reason)).not.toContain('All versions of one function of this stack.');
});

describe('the size of a policy once deployed', () => {
  test.each<[string, unknown, unknown]>([
    ['of plain values is that of their JSON', { Effect: 'Allow', Action: ['a:B', 'c:D'] }, '{"Effect":"Allow","Action":["a:B","c:D"]}'],
    ['of nothing is that of its JSON', {}, '{}'],
    ['counts pseudo parameters by their longest values', { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }]] }, '"arn:aws-us-gov:iam::111122223333"'],
    ['counts attributes as roles with the longest name', { 'Fn::GetAtt': ['Role', 'Arn'] }, `"arn:aws-us-gov:iam::111122223333:role/${'r'.repeat(64)}"`],
    ['counts other references the same', { Ref: 'Bucket' }, 'b'.repeat(102)],
    ['counts other functions the same', { 'Fn::Select': [0, { 'Fn::Split': [',', 'a,b'] }] }, 'b'.repeat(102)],
    ['counts a malformed join as a reference', { 'Fn::Join': 'a,b' }, 'b'.repeat(102)],
  ])('%s, or a little more', (_name, value, deployed) => {
    const length = String(deployed).length;
    expect(deployedSize(value)).toBeGreaterThanOrEqual(length);
    expect(deployedSize(value)).toBeLessThanOrEqual(length + 12);
  });

  test('of a list is exactly that of its JSON, with a comma behind the last element', () => {
    expect(deployedSize(['a', ['b', 1]])).toBe('["a",["b",1,],]'.length);
  });

  test('of an attribute is exactly that of the longest ARN of a role', () => {
    expect(deployedSize({ 'Fn::GetAtt': ['Role', 'Arn'] })).toBe(`"arn:aws-us-gov:iam::111122223333:role/${'r'.repeat(64)}"`.length);
  });
});
