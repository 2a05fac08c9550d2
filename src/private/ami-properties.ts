import { IResolvable } from 'aws-cdk-lib';
import { AmiOptions, LaunchPermissions } from '../ami-options';

/** What the custom resource of an AMI keeps: an AMI, or a copy of it. */
export interface KeptAmi {
  readonly sourceAmiId: string;
  readonly options: AmiOptions;
  /** Tags of the copy. */
  readonly tags: IResolvable;
}

/** The properties of the custom resource. `lambda/ami/request.ts` reads them. */
export function amiProperties({ sourceAmiId, options, tags }: KeptAmi): Record<string, unknown> {
  return {
    SourceImageId: sourceAmiId,
    Name: options.name,
    Description: options.description,
    LaunchPermissions: options.launchPermissions && launchPermissionProperties(options.launchPermissions),
    ImdsSupport: options.requireImdsv2 === true ? 'v2.0' : undefined,
    DeprecateAt: options.deprecateAt,
    DeregistrationProtection: options.deregistrationProtection,
    LiftProtection: options.liftProtectionOnDelete === true ? true : undefined,
    // An imported AMI is tagged with its import.
    Tags: options.name === undefined ? undefined : tags,
  };
}

function launchPermissionProperties(permissions: LaunchPermissions): Record<string, unknown> {
  return {
    UserIds: permissions.accountIds,
    OrganizationArns: permissions.organizationArns,
    OrganizationalUnitArns: permissions.organizationalUnitArns,
    Group: permissions.publicAccess === true ? 'all' : undefined,
  };
}
