/**
 * `Custom::VmImportSnapshot`: what src/private/resource writes into the template, and what the provider's functions read and return.
 */
import type { ObjectProperties } from './image-resource';

export interface SnapshotResourceProperties {
  readonly Disk: DiskProperties;
  /** The state machine that copies disks. */
  readonly StateMachineArn: string;
  readonly Encrypted?: boolean;
  /** The ARN of a KMS key. */
  readonly KmsKeyArn?: string;
  /** GiB. */
  readonly VolumeSize?: number;
  readonly Description?: string;
  /** `true` leaves out the blocks that the image format does not allocate. */
  readonly OmitUnallocatedBlocks?: boolean;
  /** `false` skips the look at the disk before the copy. */
  readonly Preflight?: boolean;
  /** AWS does not see it. A new value starts a new import. */
  readonly Revision?: string;
  readonly Tags?: Readonly<Record<string, string>>;
  /** Seconds that the copy may take: `ANSWERED_WITHIN` at most. */
  readonly Timeout: number;
}

export interface DiskProperties extends ObjectProperties {
  readonly Format: string;
  /** Which disk of an OVA, counted from 0. */
  readonly OvaDisk?: number;
}

/** Each is always present, because `Fn::GetAtt` of a missing attribute fails the stack. */
export type SnapshotResourceAttributes = {
  readonly SnapshotId: string;
  /** GiB. */
  readonly VolumeSize: string;
};
