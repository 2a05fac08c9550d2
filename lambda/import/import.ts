import type { ImportRequest } from './request';
import { imageNameInArn } from '../../src/shared/contract/names';
import type { StackLocation } from '../cloudformation/stack-location';

/** One import as every pass sees it: its id, what is asked for, and where. */
export interface Import {
  readonly id: string;
  readonly request: ImportRequest;
  readonly location: StackLocation;
}

/**
 * The ARN of the image version under which Image Builder lists the image of this import. The name appears in lower case,
 * with blanks and underscores as hyphens.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImageBuildVersions.html
 */
export function imageVersionOf({ location: { partition, region, account }, request: { image } }: Omit<Import, 'id'>): string {
  return `arn:${partition}:imagebuilder:${region}:${account}:image/${imageNameInArn(image.name)}/${image.semanticVersion}`;
}

/** The caller's own snapshots that the disks are made from: never ours to tag or delete. */
export function sourceSnapshotIds({ request }: Import): ReadonlySet<string> {
  return new Set(
    request.source.kind === 'import' ? request.source.parameters.DiskContainers.flatMap((container) => container.SnapshotId ?? []) : [],
  );
}
