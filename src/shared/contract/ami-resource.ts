/**
 * `Custom::VmImportAmi`: what src/private/resource writes into the template, and what the provider's functions read and
 * return.
 */

export interface AmiResourceProperties {
  /** The AMI of an import. Exactly one of `SourceImageId` and `Registration` is set. */
  readonly SourceImageId?: string;
  /** An AMI to register from snapshots. */
  readonly Registration?: RegistrationProperties;
  /** The name of a registered AMI. For the AMI of an import, a name creates a copy, because EC2 cannot rename an AMI. */
  readonly Name?: string;
  readonly Description?: string;
  readonly LaunchPermissions?: LaunchPermissionProperties;
  readonly ImdsSupport?: 'v2.0';
  /** An ISO 8601 time. */
  readonly DeprecateAt?: string;
  readonly DeregistrationProtection?: DeregistrationProtection;
  /** `true` lifts the protection when the resource is deleted. */
  readonly LiftProtection?: boolean;
  /** Tags of the copy or the registered AMI. An imported AMI gets its tags from its import. */
  readonly Tags?: Readonly<Record<string, string>>;
  /** The name of the import in events. Set only for a registered AMI, and only if the app listens. */
  readonly Events?: string;
}

/** Parameters of EC2's RegisterImage under their own names. The virtualization type is always hvm. */
export interface RegistrationProperties {
  readonly Architecture: string;
  /** Empty if neither the app nor the boot disk determines it. */
  readonly BootMode: string;
  readonly RootDeviceName: string;
  readonly EnaSupport: boolean;
  readonly TpmSupport?: 'v2.0';
  readonly UefiData?: string;
  readonly ImdsSupport?: 'v2.0';
  /** The boot disk first. */
  readonly BlockDeviceMappings: readonly BlockDeviceProperties[];
}

export interface BlockDeviceProperties {
  readonly DeviceName: string;
  readonly SnapshotId: string;
  readonly VolumeType: string;
}

/** Who may launch the AMI. */
export interface LaunchPermissionProperties {
  readonly UserIds?: readonly string[];
  readonly OrganizationArns?: readonly string[];
  readonly OrganizationalUnitArns?: readonly string[];
  readonly Group?: 'all';
}

/**
 * Whether an AMI can be deregistered, in EC2's words.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
 */
export type DeregistrationProtection = 'disabled' | 'enabled-without-cooldown' | 'enabled-with-cooldown';

/** Each is always present, because `Fn::GetAtt` of a missing attribute fails the stack. */
export type AmiResourceAttributes = {
  readonly AmiId: string;
  /** Joined with commas. */
  readonly SnapshotIds: string;
  readonly Architecture: string;
  /** Empty if the AMI has none: the instance type decides. */
  readonly BootMode: string;
  readonly RootDeviceName: string;
};
