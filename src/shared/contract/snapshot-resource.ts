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
  /** The name of the AMI that the disk is for. A copy does not start while another AMI has this name. */
  readonly AmiName?: string;
  /** `true` leaves out the blocks that the image format does not allocate. */
  readonly OmitUnallocatedBlocks?: boolean;
  /** Present if a machine boots from this disk: what the app declares of it. The disk must agree. */
  readonly Boot?: BootProperties;
  /** `false` skips the look at the disk before the copy. */
  readonly Preflight?: boolean;
  /** AWS does not see it. A new value starts a new import. */
  readonly Revision?: string;
  /** For people: another value in `cdk diff` says that the change copies the disk again. The functions do not read it. */
  readonly CopiedContent?: string;
  readonly Tags?: Readonly<Record<string, string>>;
  /** The name of the import in events. Set only for a disk of an AMI, and only if the app listens. */
  readonly Events?: string;
  /** Seconds that the copy may take: `ANSWERED_WITHIN` at most. */
  readonly Timeout: number;
}

export interface DiskProperties extends ObjectProperties {
  readonly Format: string;
  /** Which disk of an OVA, counted from 0. */
  readonly OvaDisk?: number;
}

export interface BootProperties {
  /** Always `true`, because CloudFormation drops an empty object. */
  readonly Required: true;
  readonly Architecture?: string;
  readonly BootMode?: string;
}

/** Each is always present, because `Fn::GetAtt` of a missing attribute fails the stack. */
export type SnapshotResourceAttributes = {
  readonly SnapshotId: string;
  /** GiB. */
  readonly VolumeSize: string;
};

/** Attributes of a boot disk beside those: what the app declares, or what the disk has. */
export type BootAttributes = {
  readonly Architecture: string;
  /** Empty if it is not known: the instance type decides. */
  readonly BootMode: string;
};
