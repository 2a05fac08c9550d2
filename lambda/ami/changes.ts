/**
 * Computes which changes an AMI needs, from its current and its wanted properties. Pure.
 */
import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { AmiProperties, AmiRequest } from './request';
import type { DeregistrationProtection } from '../../src/shared/contract/ami-resource';
import { DEPRECATES_AFTER_MS } from '../timing';

export type AmiChange =
  | { readonly kind: 'require-imdsv2' }
  /** Records EC2's own description, to restore it when the app no longer sets one. */
  | { readonly kind: 'note-description'; readonly description: string }
  | { readonly kind: 'describe'; readonly description: string }
  | { readonly kind: 'share'; readonly add: readonly LaunchPermission[]; readonly remove: readonly LaunchPermission[] }
  | { readonly kind: 'deprecate'; readonly at: number }
  | { readonly kind: 'cancel-deprecation' }
  | { readonly kind: 'protect'; readonly protection: Exclude<DeregistrationProtection, 'disabled'> }
  | { readonly kind: 'lift-protection' };

/** Returns whether EC2 makes a change on a disabled AMI, which nobody can launch. */
export function isPossibleOnDisabled({ kind }: AmiChange): boolean {
  return kind === 'lift-protection';
}

/** The current properties of an AMI. */
export interface CurrentAmi {
  readonly description: string;
  /** The description from before the app set one. */
  readonly notedDescription?: string;
  /** Absent if the app does not set them: they are not read then. */
  readonly launchPermissions?: readonly LaunchPermission[];
  readonly imdsSupport?: string;
  readonly deprecationTime?: number;
  readonly protection: DeregistrationProtection;
}

type Wanted = Pick<AmiRequest, 'wanted' | 'retired'>;

/** Returns the changes in order: nobody may launch the AMI before it is restricted, and protection comes last. */
export function amiChanges(state: CurrentAmi, { wanted, retired }: Wanted, now: number): AmiChange[] {
  return [
    ...imdsChanges(state, wanted),
    ...descriptionChanges(state, wanted, retired),
    ...deprecationChanges(state, wanted, retired, now),
    ...sharingChanges(state, wanted, retired),
    ...protectionChanges(state, wanted, retired),
  ];
}

/**
 * EC2 cannot undo this. An AMI that once requires IMDSv2 keeps requiring it.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html
 */
function imdsChanges(state: CurrentAmi, wanted: AmiProperties): AmiChange[] {
  return wanted.imdsSupport !== undefined && state.imdsSupport !== wanted.imdsSupport ? [{ kind: 'require-imdsv2' }] : [];
}

function descriptionChanges({ description, notedDescription }: CurrentAmi, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
  const target = wanted.description ?? (retired.has('description') ? notedDescription : undefined);
  // EC2 documents no way to set an empty description.
  if (!target || target === description) {
    return [];
  }
  return [...(notedDescription === undefined ? [{ kind: 'note-description', description } as const] : []), { kind: 'describe', description: target }];
}

const MINUTE = 60_000;

/** A time that has passed means: deprecated as soon as EC2 accepts a time. EC2 counts in minutes. */
function deprecationChanges({ deprecationTime }: CurrentAmi, wanted: AmiProperties, retired: AmiRequest['retired'], now: number): AmiChange[] {
  const at = wanted.deprecateAt;
  if (at === undefined) {
    return retired.has('deprecateAt') && deprecationTime !== undefined ? [{ kind: 'cancel-deprecation' }] : [];
  }
  const soon = now + DEPRECATES_AFTER_MS;
  if (deprecationTime !== undefined && (Math.abs(deprecationTime - at) < MINUTE || Math.max(deprecationTime, at) <= soon + MINUTE)) {
    return [];
  }
  return [{ kind: 'deprecate', at: Math.max(at, soon) }];
}

function sharingChanges({ launchPermissions = [] }: CurrentAmi, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
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

function protectionChanges(state: CurrentAmi, wanted: AmiProperties, retired: AmiRequest['retired']): AmiChange[] {
  const target = wanted.protection ?? (retired.has('protection') ? 'disabled' : state.protection);
  if (target === state.protection) {
    return [];
  }
  return [target === 'disabled' ? { kind: 'lift-protection' } : { kind: 'protect', protection: target }];
}
