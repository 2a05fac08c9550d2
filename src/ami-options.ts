
/**
 * What becomes of an AMI that somebody wants to deregister.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html
 */
export enum DeregistrationProtection {
  /** It can be deregistered. */
  DISABLED = 'disabled',

  /** It cannot be deregistered until the protection is lifted. */
  ENABLED = 'enabled-without-cooldown',

  /** It cannot be deregistered until the protection is lifted, and for 24 hours after. */
  ENABLED_WITH_COOLDOWN = 'enabled-with-cooldown',
}

/**
 * Who may launch instances from an AMI, beside the account that owns it.
 *
 * Launching takes nothing else where the AMI is not encrypted: EC2 gives instances access to its snapshots. An AMI that is
 * encrypted with the default key of EBS cannot be shared; one that is encrypted with a key of your own takes a key policy
 * that lets them use the key (synthesis says which: `cdk-vm-import:sharedKeyPolicy`).
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
   * Whether everybody with an AWS account may launch the AMI. Not with `encrypted` or `encryptionKey`. EC2 refuses it while
   * the account blocks public access to AMIs, which is EC2's default (synthesis warns: `cdk-vm-import:publicAmi`).
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/block-public-access-to-amis.html
   */
  readonly publicAccess?: boolean;
}

/**
 * Properties of the AMI of an import. A change of them is no new import. What is left out is as EC2 made it, and what is
 * taken out goes back to that, but for `requireImdsv2`.
 */
export interface AmiOptions {
  /**
   * When EC2 shows the AMI as deprecated, as an ISO 8601 date and time, such as `2027-01-31T09:30:00Z`. EC2 counts in
   * minutes. At most 10 years from now, for a public AMI 2 years. A time that has passed deprecates the AMI at once
   * (synthesis warns: `cdk-vm-import:deprecatedAmi`).
   *
   * @default - never; a public AMI after 2 years
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
   */
  readonly deprecateAt?: string;

  /**
   * Whether the AMI can be deregistered. An update lifts a protection that it no longer asks for; deleting the image, or
   * replacing it, does not, and fails, unless `liftProtectionOnDelete` is set.
   *
   * @default - not protected
   */
  readonly deregistrationProtection?: DeregistrationProtection;

  /**
   * The description of the AMI, of 1 to 255 characters.
   *
   * @default - EC2's own
   */
  readonly description?: string;

  /**
   * Who may launch instances from the AMI.
   *
   * @default - its account only
   */
  readonly launchPermissions?: LaunchPermissions;

  /**
   * Whether deleting or replacing the image lifts the `deregistrationProtection`, which must be given with it. After
   * `ENABLED_WITH_COOLDOWN`, EC2 refuses for 24 hours more: delete again then.
   *
   * @default false
   */
  readonly liftProtectionOnDelete?: boolean;

  /**
   * The name of the AMI: 3 to 128 letters, digits, spaces and `()[]./-'@_`, unique in the account and Region.
   *
   * EC2 names imported AMIs after their tasks, and renames none. So a copy in the same Region gets the name, with the
   * encryption of the imported AMI, and is `amiId` and `snapshotIds`. The imported AMI stays beside it as long as the image,
   * because Image Builder's image is made of it. A new name is a new copy, and no import; a new import takes a new name. A
   * copy that takes longer than 50 minutes fails.
   *
   * @default - EC2's own, and no copy
   */
  readonly name?: string;

  /**
   * Whether instances launched from the AMI require IMDSv2, unless they are told otherwise. The system on it must be able
   * to use IMDSv2. EC2 cannot take it back: without it, an AMI that requires IMDSv2 keeps doing so until it is replaced.
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
   * What the parameter is for, in at most 1,024 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The name of the parameter, such as `/images/golden`. With a `/` in it, it begins with one.
   *
   * @default - a name that CloudFormation generates
   */
  readonly parameterName?: string;
}
