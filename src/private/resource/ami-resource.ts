import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ImportDescription } from './image-resource';
import { WrittenObject } from './written';
import { AmiOptions, LaunchPermissions } from '../../ami-options';
import { AmiResourceAttributes, AmiResourceProperties, LaunchPermissionProperties } from '../../shared/contract/ami-resource';
import { AMI_RESOURCE_TYPE } from '../../shared/contract/names';
import type { VmImportProvider } from '../../vm-import-provider';
import { addAmiWarnings } from '../validation/ami';

export interface ImportedAmi extends Pick<ImportDescription, 'props' | 'tags'> {
  readonly provider: VmImportProvider;
  readonly importedAmiId: string;
}

/**
 * Adds the custom resource that keeps the AMI's own options, so that changing them does not start a new import. Returns
 * undefined if the app sets no option.
 */
export function addAmiResource(
  scope: Construct, { props: { ami, encryptionKey }, tags, provider, importedAmiId }: ImportedAmi,
): CustomResource | undefined {
  if (ami === undefined || !setsAnything(ami)) {
    return undefined;
  }
  addAmiWarnings(scope, ami, encryptionKey);
  const named = ami.name !== undefined;
  const permissions = [
    provider._allowAmi(named ? 'copy' : 'imported'),
    ...(named && encryptionKey !== undefined ? [provider._allowCopyWithKey(encryptionKey)] : []),
  ];
  const resource = new CustomResource(scope, 'Ami', {
    resourceType: AMI_RESOURCE_TYPE,
    serviceToken: provider.serviceToken,
    serviceTimeout: Duration.hours(1),
    properties: amiResourceProperties(importedAmiId, ami, tags),
  });
  resource.node.addDependency(...permissions);
  return resource;
}

/** Returns a token for an attribute of the custom resource. */
export function amiAttribute(resource: CustomResource, name: keyof AmiResourceAttributes): string {
  return resource.getAttString(name);
}

function setsAnything({ requireImdsv2, ...others }: AmiOptions): boolean {
  return requireImdsv2 === true || Object.values(others).some((option) => option !== undefined);
}

function amiResourceProperties(sourceAmiId: string, options: AmiOptions, tags: ImportDescription['tags']): WrittenObject<AmiResourceProperties> {
  return {
    SourceImageId: sourceAmiId,
    Name: options.name,
    Description: options.description,
    LaunchPermissions: options.launchPermissions && launchPermissionProperties(options.launchPermissions),
    ImdsSupport: options.requireImdsv2 === true ? 'v2.0' : undefined,
    DeprecateAt: options.deprecateAt,
    DeregistrationProtection: options.deregistrationProtection && `${options.deregistrationProtection}`,
    LiftProtection: options.liftProtectionOnDelete === true ? true : undefined,
    Tags: options.name === undefined ? undefined : tags,
  };
}

export function launchPermissionProperties(permissions: LaunchPermissions): WrittenObject<LaunchPermissionProperties> {
  return {
    UserIds: permissions.accountIds,
    OrganizationArns: permissions.organizationArns,
    OrganizationalUnitArns: permissions.organizationalUnitArns,
    Group: permissions.publicAccess === true ? 'all' : undefined,
  };
}
