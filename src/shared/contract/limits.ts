/**
 * Limits that synthesis and the provider's functions share.
 */

/**
 * Disks of one machine: "A VM import task fails for VMs with more than 21 volumes attached."
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/limits-image-import.html
 */
export const MOST_DISKS = 21;

/**
 * Seconds within which a custom resource is answered. CloudFormation waits for 3,600 seconds. The rest is for the provider
 * framework, for a pass that is under way, and for retries.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
 */
export const ANSWERED_WITHIN = 50 * 60;

/** How often an import is started in all, if AWS fails its task with a ServerError and the app does not set `maxAttempts`. */
export const DEFAULT_MAX_ATTEMPTS = 2;
