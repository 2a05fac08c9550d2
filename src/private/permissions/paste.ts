import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { IConstruct } from 'constructs';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Statements as JSON to paste into a policy: what is known at synthesis is filled in, and the rest stands in angle brackets. */
export function toPaste(scope: IConstruct, statements: iam.PolicyStatement | readonly iam.PolicyStatement[]): string {
  const stack = Stack.of(scope);
  const list = [statements].flat().map((statement) => fill(stack, stack.resolve(statement.toStatementJson()) as Json));
  return JSON.stringify(list.length === 1 ? list[0] : list);
}

function fill(stack: Stack, value: Json): Json {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (isList(value)) {
    return value.map((item) => fill(stack, item));
  }
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value;
  if (typeof Ref === 'string') {
    return pseudo(stack)[Ref] ?? `<${Ref}>`;
  }
  if (isList(attribute)) {
    return `<${attribute.join('.')}>`;
  }
  if (isList(join) && isList(join[1])) {
    return join[1].map((part) => fill(stack, part)).join(String(join[0]));
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(stack, item)]));
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html */
function pseudo({ account, region }: Stack): Readonly<Record<string, string | undefined>> {
  const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);
  return {
    'AWS::AccountId': known(account),
    'AWS::Partition': RegionInfo.get(region).partition,
    'AWS::Region': known(region),
    'AWS::URLSuffix': RegionInfo.get(region).domainSuffix,
  };
}
