/**
 * `Custom::VmImportAmi`: what src/private/resource writes into the template, and what the provider's functions read and
 * return.
 */

export interface AmiResourceProperties {
  /** The AMI of the import. */
  readonly SourceImageId: string;
  /** EC2 cannot rename an AMI. A name therefore creates a copy. */
  readonly Name?: string;
  readonly Description?: string;
  readonly LaunchPermissions?: LaunchPermissionProperties;
  readonly ImdsSupport?: 'v2.0';
  /** An ISO 8601 time. */
  readonly DeprecateAt?: string;
  readonly DeregistrationProtection?: DeregistrationProtection;
  /** `true` lifts the protection when the resource is deleted. */
  readonly LiftProtection?: boolean;
  /** Tags of the copy. An imported AMI gets its tags from its import. */
  readonly Tags?: Readonly<Record<string, string>>;
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
};
