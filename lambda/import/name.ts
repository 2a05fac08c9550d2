import { parseOutcome } from './handover';
import { existsBefore } from './observe';
import { imageVersionArn, parsePreviousRequest, parseRequest, type Import, type ImportRequest } from './request';
import { amiById } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { unlessTransient } from '../aws/errors';
import { imageByArn, importedImages } from '../aws/images';
import { firstThatExists } from '../aws/listed';
import { amisOfFamily } from '../cloudformation/made-since';
import { digest, familyOf, importIdOf, importIdOfSegment, isOfFamily, locationOf, requestPart, segmentId, type ImportFamily, type ImportName } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';

export interface NamedImport {
  readonly id: string;
  /** The update rolls back one that CloudFormation gave up on before it learned the name of its import. */
  readonly rollsBack: boolean;
  /** The import that the request begins. Absent if the request continues, changes or deletes an import. */
  readonly begins?: ImportRequest;
  /** When the segment before this one saw the import end, in milliseconds since the epoch. Absent if the import continues. */
  readonly endedAt?: number;
  /** `nothing` if a later segment found nothing of the import. Its passes then look for the task alone. */
  readonly existsBefore?: 'nothing';
}

/** Returns the physical id of a request: names a new import, or finds the one that exists. Changes nothing in AWS. */
export async function nameImport(event: CloudFormationRequest, aws: Aws): Promise<NamedImport> {
  if (event.RequestType === 'Delete') {
    return { id: event.PhysicalResourceId, rollsBack: false };
  }
  const request = parseRequest(event);
  const { index, previous, previousOutcome } = request.segment;
  if (previous !== undefined) {
    const importId = importIdOfSegment(previous);
    const named = { id: segmentId(importId, index), rollsBack: false };
    const end = parseOutcome(previousOutcome, importId);
    if (end !== undefined) {
      return { ...named, endedAt: end.endedAt };
    }
    const before = await existsBefore(aws, { id: importId, request, location: locationOf(event.StackId) });
    return before === 'nothing' ? { ...named, existsBefore: before } : named;
  }
  const family = importFamilyOf(event, request);
  const newId = importIdOf(newImportName(event, request));
  if (event.RequestType === 'Create') {
    return { id: newId, rollsBack: false, begins: request };
  }
  if (isOfFamily(family, event.PhysicalResourceId)) {
    return { id: event.PhysicalResourceId, rollsBack: importContent(parsePreviousRequest(event)) !== family.content };
  }
  // Without an answer the disk is imported once more. That costs time but fails nothing.
  const existing = await unlessTransient(findExistingImport(aws, family, { request, location: locationOf(event.StackId) }));
  return existing === undefined ? { id: newId, rollsBack: false, begins: request } : { id: existing, rollsBack: false };
}

/** Returns the name of the import that a request would begin. */
export function newImportName(event: CloudFormationRequest, request: ImportRequest): ImportName {
  return { ...importFamilyOf(event, request), request: requestPart(event) };
}

/** Returns the family of the import that a request describes. */
export function importFamilyOf(event: CloudFormationRequest, request: ImportRequest): ImportFamily {
  return familyOf(event, importContent(request));
}

/** Returns a digest of everything that goes into ImportImage and ImportVmImage, except tags. */
export function importContent(request: ImportRequest): string {
  return digest([request.source, request.image, request.revision], 12);
}

/**
 * Returns the id of an existing import with this content. An update that CloudFormation rolls back asks for the previous
 * properties. The previous import still exists and is the answer: importing the same disk again would take an hour.
 *
 * @see https://github.com/aws/aws-cdk/pull/29581 for what a rollback sends
 */
async function findExistingImport(aws: Aws, family: ImportFamily, wanted: Omit<Import, 'id'>): Promise<string | undefined> {
  if (wanted.request.source.kind === 'import') {
    const amis = await amisOfFamily(aws, family);
    return (await firstThatExists(amis, async (ami) => (await amiById(aws, ami.id)) !== undefined))?.importId;
  }
  // The library does not tag the AMI of an adopted task. The image, listed long ago, carries the id.
  const images = (await importedImages(aws, imageVersionArn(wanted))).filter((image) => isOfFamily(family, image.importId));
  return (await firstThatExists(images, async (image) => (await imageByArn(aws, image.arn)) !== undefined))?.importId;
}
