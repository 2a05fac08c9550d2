import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { placeOf } from './grant';

/** By operator and key, as grants take them. */
export type Conditions = Record<string, Record<string, unknown>>;

/** What a permission to use a key is about. */
export interface KeyScope {
  readonly arns: string[];
  readonly conditions: Conditions;
}

/** The very key, and with the conditions that are given; the account's keys where its ARN is not known. */
export function scopeOf(stack: Stack, key: kms.IKey, conditions: Conditions = {}): KeyScope {
  if (isAlias(key)) {
    const target = targetOf(key);
    // The ARN of an alias is no resource of these actions: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    return target === undefined
      ? { arns: [anyKey(stack, key)], conditions: { ...conditions, 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': key.aliasName } } }
      : scopeOf(stack, target, conditions);
  }
  // The CDK hands on no ARN of a key that the app makes in another account.
  return { arns: [placeOf(key, stack) === 'in the app' ? anyKey(stack, key) : key.keyArn], conditions };
}

function isAlias(key: kms.IKey): key is kms.IAlias {
  return 'aliasName' in key;
}

/** The CDK throws for an alias that is only known by its name. */
function targetOf(alias: kms.IAlias): kms.IKey | undefined {
  try {
    return alias.aliasTargetKey;
  } catch {
    return undefined;
  }
}

function anyKey(stack: Stack, { env: { account, region } }: kms.IKey): string {
  return stack.formatArn({ service: 'kms', account, region, resource: 'key', resourceName: '*' });
}
