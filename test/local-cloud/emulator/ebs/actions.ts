import { CompleteSnapshot$, GetSnapshotBlock$, ListSnapshotBlocks$, PutSnapshotBlock$, StartSnapshot$ } from '@aws-sdk/client-ebs';
import type { CompleteSnapshotRequest, ListSnapshotBlocksRequest, PutSnapshotBlockRequest, StartSnapshotRequest } from '@aws-sdk/client-ebs';
import { Call } from '../call';
import { Operation, operationOf } from '../schema';
import { getSnapshotBlock, listSnapshotBlocks, putSnapshotBlock } from './blocks';
import { completeSnapshot, startSnapshot } from './snapshots';

/** An answer, and the bytes of its payload where it has one. */
export interface EbsAnswer {
  readonly answer: object;
  readonly data?: Buffer;
}

export interface EbsAction {
  readonly operation: Operation;
  /** `data` is the body in the pieces in which it arrived. */
  run(request: Record<string, unknown>, call: Call, data: readonly Buffer[]): EbsAnswer | Promise<EbsAnswer>;
}

/** Every action of the EBS direct APIs but ListChangedBlocks, which compares snapshots. */
const EBS_ACTIONS = [
  action(CompleteSnapshot$, (request: CompleteSnapshotRequest, call) => ({ answer: completeSnapshot(request, call) })),
  action(GetSnapshotBlock$, getSnapshotBlock),
  action(ListSnapshotBlocks$, (request: ListSnapshotBlocksRequest, call) => ({ answer: listSnapshotBlocks(request, call) })),
  action(PutSnapshotBlock$, async (request: PutSnapshotBlockRequest, call, data) => ({ answer: await putSnapshotBlock(request, call, data) })),
  action(StartSnapshot$, (request: StartSnapshotRequest, call) => ({ answer: startSnapshot(request, call) })),
].map((entry) => ({ ...entry, pattern: patternOf(entry.operation.http?.path ?? '') }));

/** Whether a path belongs to the EBS direct APIs. */
export function isEbsPath(path: string): boolean {
  return path === '/snapshots' || path.startsWith('/snapshots/');
}

/** Returns the action of a REST request, and the values of its path's labels by their names. */
export function ebsRoute(
  method: string, path: string,
): { readonly action: EbsAction; readonly labels: Readonly<Record<string, string>> } | undefined {
  for (const entry of EBS_ACTIONS) {
    const found = entry.operation.http?.method === method ? entry.pattern.exec(path) : null;
    if (found) {
      const labels = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { action: entry, labels: Object.fromEntries(labels) };
    }
  }
  return undefined;
}

/** `/snapshots/{SnapshotId}/blocks` as a pattern with a group for each label. */
function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function action<Request>(
  schema: readonly unknown[], handler: (request: Request, call: Call, data: readonly Buffer[]) => EbsAnswer | Promise<EbsAnswer>,
): EbsAction {
  return {
    operation: operationOf(schema),
    // The request was decoded by the very schema that the SDK's request type is generated from.
    run: (request, call, data) => handler(request as Request, call, data),
  };
}
