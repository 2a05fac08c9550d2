/** The name of an AMI is unique in an account and Region. */
import { amiById, amisByName, type Ami } from '../aws/amis';
import type { Aws } from '../aws/clients';
import { unlessTransient } from '../aws/errors';
import type { PassResult } from '../aws/wait-out-errors';
import { Failure } from '../cloudformation/failure';

/** An AMI that EC2 refused to create because its name is in use. */
export interface RefusedAmi {
  readonly name: string;
  /** The import id that it would carry. */
  readonly id: string;
}

/**
 * Returns what to do about a name in use. EC2 frees the name of a deregistered AMI after a moment. An AMI with the same import id was
 * created by an earlier call, whose answer was lost: the next pass finds it. Any other AMI keeps its name.
 */
export async function nameTaken(aws: Aws, { name, id }: RefusedAmi): Promise<PassResult> {
  const holder = await holderOfName(aws, name);
  if (holder === undefined) {
    return { kind: 'wait', on: `EC2 to free the AMI name ${name}` };
  }
  return holder.importId === id ? { kind: 'wait', on: `EC2 to list AMI ${holder.id}` } : { kind: 'fail', reason: nameTakenReason(name, holder.id) };
}

/** Returns the AMI with a name. Lists show deregistered AMIs for a while. A read by id does not. */
async function holderOfName(aws: Aws, name: string): Promise<Ami | undefined> {
  for (const listed of await amisByName(aws, name)) {
    const ami = await amiById(aws, listed.id);
    if (ami !== undefined) {
      return ami;
    }
  }
  return undefined;
}

/**
 * Fails an import whose AMI cannot have its name, before anything starts. An AMI created since the request may be its own.
 *
 * @throws Failure that names the AMI with this name
 */
export async function requireFreeName(aws: Aws, name: string, requestedAt: number): Promise<void> {
  const holder = await unlessTransient(holderOfName(aws, name));
  if (holder !== undefined && holder.createdAt < requestedAt) {
    throw new Failure(nameTakenReason(name, holder.id));
  }
}

/** AMI names are unique. The AMI that an update replaces keeps its name until it is cleaned up. */
function nameTakenReason(name: string, holder: string): string {
  return (
    `The AMI name "${name}" is in use by ${holder}, and AMI names are unique in an account and Region. ` +
    'Use another name for the AMI, for example one that contains the version.'
  );
}
