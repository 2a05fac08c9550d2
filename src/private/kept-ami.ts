import { CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { AmiOptions } from '../ami-options';
import type { VmImportProvider } from '../vm-import-provider';
import { amiProperties } from './ami-properties';
import type { ImportDescription } from './import-properties';
import { addAmiWarnings } from './validation/ami';

/** What is kept, and by whom. */
export interface AmiToKeep extends Pick<ImportDescription, 'props' | 'tags'> {
  readonly provider: VmImportProvider;
  readonly importedAmiId: string;
}

/**
 * The AMI of an import with its properties, as a resource of its own, so that a change of them is no import; none where
 * nothing is asked for.
 */
export function keepAmi(scope: Construct, { props: { ami, encryptionKey }, tags, provider, importedAmiId }: AmiToKeep): CustomResource | undefined {
  if (ami === undefined || !asksForAnything(ami)) {
    return undefined;
  }
  addAmiWarnings(scope, ami, encryptionKey);
  const named = ami.name !== undefined;
  const permissions = [
    provider._allowAmi(named ? 'copy' : 'imported'),
    ...(named && encryptionKey !== undefined ? [provider._allowCopyWithKey(encryptionKey)] : []),
  ];
  const kept = new CustomResource(scope, 'Ami', {
    resourceType: 'Custom::VmImportAmi',
    serviceToken: provider.serviceToken,
    serviceTimeout: Duration.hours(1),
    properties: amiProperties({ sourceAmiId: importedAmiId, options: ami, tags }),
  });
  kept.node.addDependency(...permissions);
  return kept;
}

function asksForAnything({ requireImdsv2, ...others }: AmiOptions): boolean {
  return requireImdsv2 === true || Object.values(others).some((option) => option !== undefined);
}
