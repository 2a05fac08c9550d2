import type { Import } from './import';
import { taskIdOf, type ImportSeen } from './observe';
import type { ImageResourceAttributes } from '../../src/shared/contract/image-resource';

/**
 * The attributes of the resource. Each is always there, as a string, because `Fn::GetAtt` of a missing one fails
 * the stack. All of them with 21 snapshots and the longest image name fit into CloudFormation's 4,096 bytes.
 */
export function attributesOf({ request }: Import, { task, ami, image }: ImportSeen): ImageResourceAttributes {
  const { source } = request;
  const asked = source.kind === 'import' ? source.parameters : undefined;
  const arn = image?.arn ?? '';
  return {
    ImageArn: arn,
    AmiId: ami?.id ?? image?.amiId ?? '',
    ImportTaskId: source.kind === 'adopt' ? source.importTaskId : ami ? taskIdOf(ami, task) : task?.id ?? '',
    SnapshotIds: (ami?.snapshotIds ?? []).join(','),
    ImageName: request.image.name,
    ImageVersion: arn.split('/').slice(-2).join('/'),
    Architecture: ami?.architecture ?? '',
    LicenseType: task?.licenseType ?? ami?.licenseType ?? asked?.LicenseType ?? '',
    UsageOperation: ami?.usageOperation ?? '',
    BootMode: ami?.bootMode ?? '',
  };
}
