/**
 * What has to change on an AMI, from what it is and what is wanted. Pure.
 */
import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { AmiProperties, AmiRequest } from './request';
import type { DeregistrationProtection } from '../../src/shared/contract/ami-resource';

export type AmiChange =
  | { readonly kind: 'require-imdsv2' }
  /** Notes the description that EC2 gave, for when no other one is wanted any more. */
  | { readonly kind: 'note-description'; readonly description: string }
  | { readonly kind: 'describe'; readonly description: string }
  | { readonly kind: 'share'; readonly add: readonly LaunchPermission[]; readonly remove: readonly LaunchPermission[] }
  | { readonly kind: 'deprecate'; readonly at: number }
  | { readonly kind: 'cancel-deprecation' }
  | { readonly kind: 'protect'; readonly protection: Exclude<DeregistrationProtection, 'disabled'> }
  | { readonly kind: 'lift-protection' };

/** An AMI as it is. */
export interface AmiState {
  readonly description: string;
  /** The description that it had before one was given, where one was. */
  readonly notedDescription?: string;
  /** Not looked at where nothing is wanted of them. */
  readonly launchPermissions?: readonly LaunchPermission[];
  readonly imdsSupport?: string;
  readonly deprecationTime?: number;
  readonly protection: DeregistrationProtection;
}

type Wanted = Pick<AmiRequest, 'wanted' | 'retired'>;

/** In this order: nobody may launch what is not yet restricted, and protection comes last. */
export function amiChanges(state: AmiState, { wanted, retired }: Wanted, now: number): AmiChange[] {
  return [
    ...imdsChanges(state, wanted),
    ...descriptionChanges(state, wanted, retired),
    ...deprecationChanges(state, wanted, retired, now),
    ...sharingChanges(state, wanted, retired),
    ...protectionChanges(state, wanted, retired),
  ];
}

/**
 * EC2 cannot take it back: an AMI that no longer has to require it keeps requiring it.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html
 */
function imdsChanges(state: AmiState, wanted: AmiProperties): AmiChange[] {
  return wanted.imdsSupport !== undefined && state.imdsSupport !== wanted.imdsSupport ? [{ kind: 'require-imdsv2' }] : [];
}

function descriptionChanges({ description, notedDescription }: AmiState, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
  const target = wanted.description ?? (retired.has('description') ? notedDescription : undefined);
  // EC2 documents no way to an empty description.
  if (!target || target === description) {
    return [];
  }
  return [...(notedDescription === undefined ? [{ kind: 'note-description', description } as const] : []), { kind: 'describe', description: target }];
}

const MINUTE = 60_000;
/** The time that EC2 needs to take a time for one in the future, and how long one of ours then is. */
const SOON = 2 * MINUTE;

/** A time that has passed means deprecated now, which EC2 does not take: then as soon as it does. It counts in minutes. */
function deprecationChanges({ deprecationTime }: AmiState, wanted: AmiProperties, retired: AmiRequest['retired'], now: number): AmiChange[] {
  const at = wanted.deprecateAt;
  if (at === undefined) {
    return retired.has('deprecateAt') && deprecationTime !== undefined ? [{ kind: 'cancel-deprecation' }] : [];
  }
  if (deprecationTime !== undefined && (Math.abs(deprecationTime - at) < MINUTE || Math.max(deprecationTime, at) <= now + SOON + MINUTE)) {
    return [];
  }
  return [{ kind: 'deprecate', at: Math.max(at, now + SOON) }];
}

function sharingChanges({ launchPermissions = [] }: AmiState, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
  const target = wanted.launchPermissions ?? (retired.has('launchPermissions') ? [] : undefined);
  if (target === undefined) {
    return [];
  }
  const add = without(target, launchPermissions);
  const remove = without(launchPermissions, target);
  return add.length + remove.length > 0 ? [{ kind: 'share', add, remove }] : [];
}

function without(these: readonly LaunchPermission[], those: readonly LaunchPermission[]): LaunchPermission[] {
  const known = new Set(those.map(whoMay));
  return these.filter((permission) => !known.has(whoMay(permission)));
}

function whoMay({ Group, UserId, OrganizationArn, OrganizationalUnitArn }: LaunchPermission): string | undefined {
  return Group ?? UserId ?? OrganizationArn ?? OrganizationalUnitArn;
}

function protectionChanges(state: AmiState, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
  const target = wanted.protection ?? (retired.has('protection') ? 'disabled' : state.protection);
  if (target === state.protection) {
    return [];
  }
  return [target === 'disabled' ? { kind: 'lift-protection' } : { kind: 'protect', protection: target }];
}
