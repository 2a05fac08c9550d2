import { parseAmiRequest, parsePreviousAmiRequest, type AmiRequest } from './request';
import { amiById, exists } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { unlessTransient } from '../aws/errors';
import { firstThatExists } from '../aws/listed';
import { amisOfFamily } from '../cloudformation/made-since';
import { digest, familyOf, importIdOf, isOfFamily, requestPart, type ImportFamily } from '../cloudformation/physical-id';
import type { CloudFormationRequest } from '../cloudformation/requests';

/** Returns the physical id of a request: names the AMI resource, or finds the copy that exists. Changes nothing in AWS. */
export async function nameAmi(event: CloudFormationRequest, aws: Aws): Promise<{ readonly id: string; readonly rollsBack: boolean }> {
  if (event.RequestType === 'Delete') {
    return { id: event.PhysicalResourceId, rollsBack: false };
  }
  const request = parseAmiRequest(event);
  const family = amiFamilyOf(event, request);
  if (event.RequestType === 'Create') {
    return { id: amiIdOf(event, request), rollsBack: false };
  }
  if (isOfFamily(family, event.PhysicalResourceId)) {
    return { id: event.PhysicalResourceId, rollsBack: contentOf(parsePreviousAmiRequest(event)) !== family.content };
  }
  const existing = request.source.kind === 'imported'
    ? undefined
    // Without an answer the AMI is created once more. A copy then fails because of its name if the previous one exists.
    : await unlessTransient(findExistingCopy(aws, family));
  return { id: existing ?? amiIdOf(event, request), rollsBack: false };
}

/**
 * Returns the family of a request. AMI resources are named like imports, from their own logical id, so that the same permissions
 * and the same lists cover copies. The content is what an AMI cannot change: its source and its name.
 */
export function amiFamilyOf(event: CloudFormationRequest, request: AmiRequest): ImportFamily {
  return familyOf(event, contentOf(request));
}

function contentOf({ source }: AmiRequest): string {
  return source.kind === 'registration'
    ? digest([source.parameters, source.name], 12)
    : digest([source.amiId, source.kind === 'copy' ? source.name : undefined], 12);
}

/**
 * Returns the id of a new AMI resource. The id of a copy or a registered AMI differs from that of an earlier one of the same content. The id for an
 * imported AMI is always the same, because only one resource can keep its properties.
 */
export function amiIdOf(event: CloudFormationRequest, request: AmiRequest): string {
  const family = amiFamilyOf(event, request);
  return importIdOf({ ...family, request: request.source.kind === 'imported' ? digest(['imported'], 12) : requestPart(event) });
}

/** Returns the id of an existing copy or registered AMI of this content, to which a rollback returns. */
async function findExistingCopy(aws: Aws, family: ImportFamily): Promise<string | undefined> {
  const existing = await firstThatExists(await amisOfFamily(aws, family), async ({ id }) => {
    const copy = await amiById(aws, id);
    return copy !== undefined && exists(copy);
  });
  return existing?.importId;
}
