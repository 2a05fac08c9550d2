
/**
 * Whether an AMI is protected from deregistration.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
 */
export enum DeregistrationProtection {
  /** The AMI can be deregistered. */
  DISABLED = 'disabled',

  /** The AMI cannot be deregistered until the protection is disabled. */
  ENABLED = 'enabled-without-cooldown',

  /** The AMI cannot be deregistered until 24 hours after the protection was disabled. */
  ENABLED_WITH_COOLDOWN = 'enabled-with-cooldown',
}

/**
 * The accounts that may launch instances of an AMI, in addition to its owner.
 *
 * For an unencrypted AMI, nothing else is necessary: EC2 gives the instances access to the snapshots. An AMI that is encrypted
 * with the default key of EBS cannot be shared. An AMI that is encrypted with your own key requires a key policy that lets the
 * accounts use the key. Synthesis shows the statement (`cdk-vm-import:sharedKeyPolicy`).
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/sharing-amis.html
 */
export interface LaunchPermissions {
  /**
   * The ids of accounts, 12 digits each.
   *
   * @default - none
   */
  readonly accountIds?: string[];

  /**
   * The ARNs of organizations, such as `arn:aws:organizations::123456789012:organization/o-0123456789`.
   *
   * @default - none
   */
  readonly organizationArns?: string[];

  /**
   * The ARNs of organizational units, such as
   * `arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567`.
   *
   * @default - none
   */
  readonly organizationalUnitArns?: string[];

  /**
   * Whether all AWS accounts may launch the AMI. Not with `encrypted` or `encryptionKey`. EC2 refuses this while the account
   * blocks public access to AMIs, which is the default (synthesis warns: `cdk-vm-import:publicAmi`).
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
   */
  readonly publicAccess?: boolean;
}

/**
 * Properties of the AMI of an import. Changing them does not start a new import. An option that you leave out or remove has the
 * value that EC2 sets, except `requireImdsv2`, which cannot be removed from an AMI.
 */
export interface AmiOptions {
  /**
   * The time at which EC2 marks the AMI as deprecated: an ISO 8601 date and time such as `2027-01-31T09:30:00Z`, rounded to
   * minutes. At most 10 years from now, or 2 years for a public AMI. A time in the past deprecates the AMI immediately
   * (synthesis warns: `cdk-vm-import:deprecatedAmi`).
   *
   * @default - never; a public AMI after 2 years
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
   */
  readonly deprecateAt?: string;

  /**
   * Whether the AMI is protected from deregistration. An update that removes this option disables the protection. Deleting or
   * replacing the image fails while the AMI is protected, unless `liftProtectionOnDelete` is set.
   *
   * @default - not protected
   */
  readonly deregistrationProtection?: DeregistrationProtection;

  /**
   * The description of the AMI, of 1 to 255 characters.
   *
   * @default - the description that EC2 sets
   */
  readonly description?: string;

  /**
   * The accounts that may launch instances of the AMI.
   *
   * @default - the account that owns the AMI
   */
  readonly launchPermissions?: LaunchPermissions;

  /**
   * Whether deleting or replacing the image disables the `deregistrationProtection`. Requires `deregistrationProtection`. With
   * `ENABLED_WITH_COOLDOWN`, EC2 still refuses for 24 hours: delete again after that.
   *
   * @default false
   */
  readonly liftProtectionOnDelete?: boolean;

  /**
   * The name of the AMI: 3 to 128 letters, digits, spaces and `()[]./-'@_`, unique in the account and Region.
   *
   * EC2 names an imported AMI after its import task and does not allow renaming an AMI. A copy in the same Region therefore gets
   * the name. It has the encryption of the imported AMI, and `amiId` and `snapshotIds` refer to it. The imported AMI is kept as
   * long as the image, because the image refers to it. A new name creates a new copy and does not start an import. A new import
   * requires a new name. A copy that takes longer than 50 minutes fails.
   *
   * @default - the name that EC2 sets, without a copy
   */
  readonly name?: string;

  /**
   * Whether instances of the AMI require IMDSv2 by default. The operating system must support IMDSv2. EC2 cannot undo this: an AMI
   * that requires IMDSv2 does so until it is replaced, even if you remove the option.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
   */
  readonly requireImdsv2?: boolean;
}

/**
 * Options of an SSM parameter with the id of an AMI.
 */
export interface AmiParameterOptions {
  /**
   * The description of the parameter, at most 1,024 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The name of the parameter, such as `/images/golden`. A name that contains `/` must begin with it.
   *
   * @default - a name that CloudFormation generates
   */
  readonly parameterName?: string;
}
