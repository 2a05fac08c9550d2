import type { AmiRequest } from './request';
import { digest, familyWith, importIdOf, requestPart, type ImportFamily } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';

/**
 * AMI resources are named like imports, `vm-import-…`, from their own logical id, so that the same permissions reach
 * copies, and the same lists find them. The content is what a copy cannot change: its source and its name.
 */
export function amiFamilyOf(event: CloudFormationRequest, request: AmiRequest): ImportFamily {
  return familyWith(event, amiContentOf(request));
}

export function amiContentOf({ sourceAmiId, name }: AmiRequest): string {
  return digest([sourceAmiId, name], 12);
}

/**
 * The id that a request gives. That of a copy tells it from an earlier copy of the same content; that of an imported AMI
 * is the same whenever its properties are kept, as no more than one resource can be about it.
 */
export function amiIdOf(event: CloudFormationRequest, request: AmiRequest): string {
  const family = amiFamilyOf(event, request);
  return importIdOf({ ...family, request: request.name === undefined ? digest(['imported'], 12) : requestPart(event) });
}

/** The client token of CopyImage. */
export function copyImageToken(id: string): string {
  return digest([id, 'CopyImage'], 32);
}
