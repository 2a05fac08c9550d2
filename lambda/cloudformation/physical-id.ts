import { createHash } from 'node:crypto';
import { Failure } from './failure';
import type { CloudFormationRequest } from './requests';
import { locationOf } from './stack-location';
import { ID_PREFIX } from '../../src/shared/contract/names';
import type { ImportRequest } from '../import/request';

/**
 * How an import is named. The name stands before anything exists under it, so that whatever dies at whatever
 * point, the Delete that follows finds all of it:
 *
 *     vm-import-<stack>-<resource>-<content>-<request>
 *
 * - `stack` is the last part of the stack's id, a UUID, in plain, so that a policy in the stack's own template can name it;
 * - `resource` is the custom resource in it, by its logical id;
 * - `content` says what is imported; a change of it is a replacement;
 * - `request` tells this import from an earlier one of the same content, so that no client token is used twice.
 *
 * It is the physical id of the first segment, the value of the tag `cdk-vm-import:id` on everything that is
 * made, and the root of every client token.
 */
export interface ImportName extends ImportFamily {
  readonly request: string;
}

/** All imports of one content that one custom resource has had. */
export interface ImportFamily {
  readonly stack: string;
  readonly resource: string;
  readonly content: string;
}

const NAME_PATTERN = new RegExp(
  `^${ID_PREFIX}(?<stack>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?<resource>[0-9a-f]{12})-(?<content>[0-9a-f]{12})-(?<request>[0-9a-f]{12})$`,
);

/** The name of the import that a request would start. */
export function newImportName(event: CloudFormationRequest, request: ImportRequest): ImportName {
  return { ...familyOf(event, request), request: requestPart(event) };
}

export function familyOf(event: CloudFormationRequest, request: ImportRequest): ImportFamily {
  return familyWith(event, contentOf(request));
}

export function familyWith({ StackId, LogicalResourceId }: CloudFormationRequest, content: string): ImportFamily {
  return { stack: locationOf(StackId).uuid, resource: digest([LogicalResourceId], 12), content };
}

/** Whether it was this very request that named an import, and not an earlier one. */
export function isNamedBy(event: CloudFormationRequest, importId: string): boolean {
  return parseImportId(importId)?.request === requestPart(event);
}

/** What tells a request from another one about the same resource. */
export function requestPart({ StackId, LogicalResourceId, RequestId }: CloudFormationRequest): string {
  return digest([StackId, LogicalResourceId, RequestId], 12);
}

/** What identifies the content of an import: all that goes into ImportImage and ImportVmImage, tags aside. */
export function contentOf(request: ImportRequest): string {
  return digest([request.source, request.image, request.revision], 12);
}

export function importIdOf(name: ImportName): string {
  return `${familyPrefix(name)}-${name.request}`;
}

/** The ids of a family, as an EC2 filter pattern. */
export function importIdPattern(family: ImportFamily): string {
  return `${familyPrefix(family)}-*`;
}

function familyPrefix({ stack, resource, content }: ImportFamily): string {
  return `${ID_PREFIX}${stack}-${resource}-${content}`;
}

/** Whether an id is of a family: filters alone are not trusted. */
export function isOfFamily(family: ImportFamily, importId: string): boolean {
  return parseImportId(importId) !== undefined && importId.startsWith(`${familyPrefix(family)}-`);
}

/** The name in an import id, or nothing where the id is not one of ours. */
export function parseImportId(id: string): ImportName | undefined {
  const { stack, resource, content, request } = NAME_PATTERN.exec(id)?.groups ?? {};
  return stack !== undefined && resource !== undefined && content !== undefined && request !== undefined
    ? { stack, resource, content, request }
    : undefined;
}

/** The physical id of a segment: the import id for the first, the import id and its index for the others. */
export function segmentId(importId: string, index: number): string {
  return index === 1 ? importId : `${importId}/${index}`;
}

/** The import id that a segment's physical id carries. */
export function importIdOfSegment(physicalId: string): string {
  const id = physicalId.replace(/\/.*$/, '');
  if (!parseImportId(id)) {
    throw new Failure(`The segment "${physicalId}" is not part of a VM import; deploy the stack again from the VmImportImage construct.`);
  }
  return id;
}

/** The client token of the n-th attempt at ImportImage. */
export function importImageToken(importId: string, attempt: number): string {
  return digest([importId, 'ImportImage', attempt], 32);
}

/** The client token of ImportVmImage for one task (1 to 36 characters). */
export function importVmImageToken(importId: string, importTaskId: string): string {
  return digest([importId, 'ImportVmImage', importTaskId], 32);
}

export function digest(value: unknown, length: number): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, length);
}

/** JSON with sorted keys, so that the order in which a template was written does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item);
}
