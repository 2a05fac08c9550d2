import type { StackLocation } from './identity';
import { imageVersionArn } from './identity';
import type { ImportRequest } from './request';

/** One import as every pass sees it: its id, what is asked for, and where. */
export interface Import {
  readonly id: string;
  readonly request: ImportRequest;
  readonly location: StackLocation;
}

/** The image version under which Image Builder lists the image of this import. */
export function imageVersionOf({ location, request }: Omit<Import, 'id'>): string {
  return imageVersionArn(location, request.image.name, request.image.semanticVersion);
}

/** The caller's own snapshots that the disks are made from: never ours to tag or delete. */
export function sourceSnapshotIds({ request }: Import): ReadonlySet<string> {
  return new Set(
    request.source.kind === 'import' ? request.source.parameters.DiskContainers.flatMap((container) => container.SnapshotId ?? []) : [],
  );
}
