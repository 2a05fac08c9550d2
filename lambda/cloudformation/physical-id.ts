import { createHash } from 'node:crypto';
import { Failure } from './failure';
import type { CloudFormationRequest } from './requests';
import { ID_PREFIX } from '../../src/shared/contract/names';

/**
 * The parts of an import id. The id exists before anything is created under it, so that a Delete finds everything, no
 * matter what died when:
 *
 *     vm-import-<stack>-<resource>-<content>-<request>
 *
 * - `stack` is the last part of the stack id, a UUID, in plain text, so that a policy in the stack's own template can name it;
 * - `resource` identifies the custom resource by its logical id;
 * - `content` identifies what is imported; a different content is a replacement;
 * - `request` tells this import from an earlier one of the same content, so that no client token is used twice.
 *
 * The id is the physical id of the first segment, the value of the tag `cdk-vm-import:id` on everything that the import
 * creates, and the root of every client token.
 */
export interface ImportName extends ImportFamily {
  readonly request: string;
}

/** All imports that one custom resource has had. */
export interface ImportOwner {
  readonly stack: string;
  readonly resource: string;
}

/** All imports of one content that one custom resource has had. */
export interface ImportFamily extends ImportOwner {
  readonly content: string;
}

const ID_PATTERN = new RegExp(
  `^${ID_PREFIX}(?<stack>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?<resource>[0-9a-f]{12})-(?<content>[0-9a-f]{12})-(?<request>[0-9a-f]{12})$`,
);

/** Returns the family of a request, given the digest of its content. */
export function familyOf(event: CloudFormationRequest, content: string): ImportFamily {
  return { ...ownerOf(event), content };
}

/** Returns the owner of the imports of a resource. */
export function ownerOf({ StackId, LogicalResourceId }: Pick<CloudFormationRequest, 'StackId' | 'LogicalResourceId'>): ImportOwner {
  return { stack: locationOf(StackId).uuid, resource: digest([LogicalResourceId], 12) };
}

/** Returns whether this very request named an import, and not an earlier one. */
export function isNamedBy(event: CloudFormationRequest, importId: string): boolean {
  return parseImportId(importId)?.request === requestPart(event);
}

/**
 * Returns the part of an id that tells a request from another request for the same resource. A deployment that is tried again may
 * send the RequestId of its first try. Its ResponseURL is presigned anew, and is the same in every delivery of one request.
 *
 * @see https://github.com/aws/aws-cdk/issues/35957
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export function requestPart({ StackId, LogicalResourceId, RequestId, ResponseURL }: CloudFormationRequest): string {
  return digest([StackId, LogicalResourceId, RequestId, ResponseURL], 12);
}

export function importIdOf(name: ImportName): string {
  return `${prefixOf(name)}${name.request}`;
}

/** Returns a filter pattern of EC2 for the ids of a family, or of every family of an owner. */
export function importIdPattern(family: ImportFamily | ImportOwner): string {
  return `${prefixOf(family)}*`;
}

function prefixOf(family: ImportFamily | ImportOwner): string {
  return `${ID_PREFIX}${family.stack}-${family.resource}-${'content' in family ? `${family.content}-` : ''}`;
}

/** Returns whether an id belongs to a family, or to any family of an owner. Filters of AWS alone are not trusted. */
export function isOfFamily(family: ImportFamily | ImportOwner, importId: string): boolean {
  return parseImportId(importId) !== undefined && importId.startsWith(prefixOf(family));
}

/** Parses an import id. Returns undefined if the id is not from this library. */
export function parseImportId(id: string): ImportName | undefined {
  const { stack, resource, content, request } = ID_PATTERN.exec(id)?.groups ?? {};
  return stack !== undefined && resource !== undefined && content !== undefined && request !== undefined
    ? { stack, resource, content, request }
    : undefined;
}

/** Returns the physical id of a segment: the import id for the first, the import id and the index for the others. */
export function segmentId(importId: string, index: number): string {
  return index === 1 ? importId : `${importId}/${index}`;
}

/**
 * Returns the import id within the physical id of a segment.
 *
 * @throws Failure if there is none
 */
export function importIdOfSegment(physicalId: string): string {
  const id = physicalId.replace(/\/.*$/, '');
  if (!parseImportId(id)) {
    throw new Failure(`The segment "${physicalId}" is not part of a VM import. Deploy the stack again from the VmImportImage construct.`);
  }
  return id;
}

/** Returns the first `length` hex digits of the SHA-256 of a value. The order of its keys does not count. */
export function digest(value: unknown, length: number): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, length);
}

/** Returns JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item);
}

/** The parts of a stack id. */
export interface StackLocation {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The last part of the id. No two stacks ever have the same. */
  readonly uuid: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html#cfn-pseudo-param-stackid */
const STACK_ID =
  /^arn:(?<partition>[^:]+):cloudformation:(?<region>[^:]+):(?<account>[^:]+):stack\/[^/]+\/(?<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Parses a stack id.
 *
 * @throws Failure if it is not one
 */
export function locationOf(stackId: string): StackLocation {
  const { partition, region, account, uuid } = STACK_ID.exec(stackId)?.groups ?? {};
  if (partition === undefined || region === undefined || account === undefined || uuid === undefined) {
    throw new Failure(`"${stackId}" is not a stack id, which is an ARN that ends in a UUID. Deploy the stack with CloudFormation.`);
  }
  return { partition, region, account, uuid };
}
