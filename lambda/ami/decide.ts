/**
 * Decides the next action on the AMI of a `Custom::VmImportAmi` resource from an observation and nothing else.
 */
import { isPossibleOnDisabled, type AmiChange } from './changes';
import type { AmiSource, RegistrationParameters } from './request';
import type { DeregistrationProtection } from '../../src/shared/contract/ami-resource';
import { protectedReason } from '../aws/deletion';
import { hintFor } from '../aws/hints';
import type { TagChange } from '../aws/tags';
import type { Wait } from '../aws/wait-out-errors';
import { DELETE_SETTLES_AFTER, EC2_SETTLES_AFTER } from '../timing';

// ------------------------------------------------------------------------------------------------- towards an AMI

export type TargetAmi =
  | { readonly kind: 'none' }
  | { readonly kind: 'pending'; readonly amiId: string }
  | { readonly kind: 'failed'; readonly amiId: string; readonly reason: string }
  | { readonly kind: 'available' | 'disabled'; readonly amiId: string; readonly changes: readonly AmiChange[]; readonly tagChanges: readonly TagChange[] };

export interface AmiCircumstances {
  readonly source: AmiSource;
  /** `updating`: the AMI existed before this request, so this request must not create another one. */
  readonly phase: 'creating' | 'updating';
  /** Seconds since the request. */
  readonly elapsed: number;
}

export type AmiAction =
  | { readonly kind: 'done'; readonly amiId: string }
  | { readonly kind: 'wait'; readonly on: string }
  | { readonly kind: 'fail'; readonly reason: string }
  /** Somebody disabled or deleted the AMI. A rollback goes on without it, after the changes that EC2 still makes. */
  | { readonly kind: 'lost'; readonly reason: string; readonly changes: readonly AmiChange[] }
  | { readonly kind: 'copy'; readonly amiId: string; readonly name: string }
  | { readonly kind: 'register'; readonly name?: string; readonly parameters: RegistrationParameters }
  | { readonly kind: 'change'; readonly amiId: string; readonly changes: readonly AmiChange[]; readonly tagChanges: readonly TagChange[] };

export function decideAmi(ami: TargetAmi, circumstances: AmiCircumstances): AmiAction {
  switch (ami.kind) {
    case 'disabled':
      // Nobody knows when it is enabled again.
      return ami.changes.every(isPossibleOnDisabled)
        ? changeOrDone(ami)
        : { kind: 'lost', reason: disabledReason(ami.amiId, 'EC2 does not change a disabled AMI'), changes: ami.changes.filter(isPossibleOnDisabled) };
    case 'available':
      return changeOrDone(ami);
    case 'pending':
      return { kind: 'wait', on: `AMI ${ami.amiId} is pending` };
    case 'failed':
      return { kind: 'fail', reason: `AMI ${ami.amiId} failed: ${ami.reason}${hintFor(ami.reason)}` };
    case 'none':
      return decideMissingAmi(circumstances);
  }
}

function changeOrDone({ amiId, changes, tagChanges }: TargetAmi & { readonly kind: 'available' | 'disabled' }): AmiAction {
  return changes.length + tagChanges.length > 0 ? { kind: 'change', amiId, changes, tagChanges } : { kind: 'done', amiId };
}

/** Returns the reason of a failure if somebody disabled an AMI, with the rule of EC2 that it breaks. */
export function disabledReason(amiId: string, rule: string): string {
  return `AMI ${amiId} is disabled, and ${rule}. Enable it (aws ec2 enable-image --image-id ${amiId}), and deploy again.`;
}

function decideMissingAmi({ source, phase, elapsed }: AmiCircumstances): AmiAction {
  if (source.kind !== 'imported' && phase === 'creating') {
    return source.kind === 'copy' ? source : { ...source, kind: 'register' };
  }
  return elapsed < EC2_SETTLES_AFTER ? { kind: 'wait', on: 'EC2 does not list the AMI yet' } : { kind: 'lost', reason: missingReason(source), changes: [] };
}

/** Returns the reason of a failure if the AMI, or the one to copy, is gone. */
export function missingReason(source: AmiSource): string {
  switch (source.kind) {
    case 'imported':
      return `The imported AMI ${source.amiId} no longer exists. Set or change "revision" of the VmImportImage to import the disk again.`;
    case 'copy':
      return `The AMI ${source.name} no longer exists. Use another name to copy it again.`;
    case 'registration':
      return 'The AMI no longer exists. Set or change "revision" of the VmImportAmi to import its disks again.';
  }
}

// -------------------------------------------------------------------------------------------------- towards absence

export type AmiToRemove =
  /** Copies or registered AMIs with the id, and the snapshots of copies. */
  | {
    readonly kind: 'copies';
    readonly copies: readonly { readonly amiId: string; readonly state: 'whole' | 'half-made'; readonly protection: DeregistrationProtection }[];
    readonly snapshotIds: readonly string[];
  }
  /** The imported AMI, which its import deletes, and the changes that restore it. */
  | { readonly kind: 'imported'; readonly amiId: string; readonly changes: readonly AmiChange[] }
  | { readonly kind: 'nothing' };

export interface AmiRemovalCircumstances {
  readonly onDelete: 'keep-protection' | 'lift-protection';
  readonly elapsed: number;
  /** `no-answer`: CloudFormation gave up on the Create. What it started may show up later. */
  readonly after: 'an-answer' | 'no-answer';
}

export type AmiRemovalAction =
  | { readonly kind: 'done' }
  | Wait
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'change'; readonly amiIds: readonly string[]; readonly changes: readonly AmiChange[] }
  | { readonly kind: 'remove'; readonly amiIds: readonly string[]; readonly snapshotIds: readonly string[]; readonly then: 'done' | 'look-again' };

export function decideAmiRemoval(found: AmiToRemove, { onDelete, elapsed, after }: AmiRemovalCircumstances): AmiRemovalAction {
  const lookAgain = elapsed < DELETE_SETTLES_AFTER
    ? { kind: 'wait', on: 'a second look for anything that was started', settles: true } as const
    : { kind: 'done' } as const;
  switch (found.kind) {
    case 'nothing':
      return after === 'an-answer' ? { kind: 'done' } : lookAgain;
    case 'imported': {
      if (onDelete === 'keep-protection' && found.changes.some((change) => change.kind === 'lift-protection')) {
        return { kind: 'fail', reason: protectedReason([found.amiId]) };
      }
      return found.changes.length > 0 ? { kind: 'change', amiIds: [found.amiId], changes: found.changes } : after === 'an-answer' ? { kind: 'done' } : lookAgain;
    }
    case 'copies':
      return found.copies.length + found.snapshotIds.length === 0 ? lookAgain : decideCopiesRemoval(found, onDelete, after);
  }
}

function decideCopiesRemoval(
  { copies, snapshotIds }: AmiToRemove & { readonly kind: 'copies' },
  onDelete: AmiRemovalCircumstances['onDelete'],
  after: AmiRemovalCircumstances['after'],
): AmiRemovalAction {
  const held = copies.filter((copy) => copy.protection !== 'disabled').map((copy) => copy.amiId);
  if (held.length > 0) {
    return onDelete === 'keep-protection'
      ? { kind: 'fail', reason: protectedReason(held) }
      : { kind: 'change', amiIds: held, changes: [{ kind: 'lift-protection' }] };
  }
  const whole = copies.length > 0 && copies.every((copy) => copy.state === 'whole');
  // An AMI that is not complete does not list all of its snapshots.
  return { kind: 'remove', amiIds: copies.map((copy) => copy.amiId), snapshotIds, then: whole && after === 'an-answer' ? 'done' : 'look-again' };
}
