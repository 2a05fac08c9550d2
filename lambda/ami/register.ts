import { RegisterImageCommand } from '@aws-sdk/client-ec2';
import type { AmiResource, RegistrationParameters } from './request';
import { nameTaken } from './unique-name';
import { ID_TAG } from '../../src/shared/contract/names';
import { creationSignal, type Aws } from '../aws/clients';
import { toEc2Tags } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { EC2_SETTLES_AFTER } from '../timing';

/** The AMI to register. */
export interface RegisteredAmi {
  /** @default - the import id, which no other AMI has */
  readonly name?: string;
  readonly parameters: RegistrationParameters;
}

/**
 * Registers an AMI from snapshots. RegisterImage has no client token, but the name is unique in the account and Region. Registering
 * twice therefore creates one AMI.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 */
export async function registerAmi(
  aws: Aws, { id, request }: AmiResource, { name = id, parameters }: RegisteredAmi, elapsed: number,
): Promise<PassResult> {
  try {
    const { ImageId } = await aws.ec2.send(
      new RegisterImageCommand({
        ...parameters,
        Name: name,
        Description: request.wanted.description,
        TagSpecifications: [{ ResourceType: 'image', Tags: toEc2Tags({ ...request.tags, [ID_TAG]: id }) }],
      }),
      { abortSignal: creationSignal(aws) },
    );
    return { kind: 'wait', on: `AMI ${ImageId} was registered` };
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidAMIName.Duplicate') {
      return nameTaken(aws, { name, id });
    }
    if (error instanceof Error && error.name === 'InvalidSnapshot.NotFound' && elapsed >= EC2_SETTLES_AFTER) {
      return { kind: 'fail', reason: `${error.message} Set or change "revision" of the VmImportAmi to import its disks again.` };
    }
    throw error;
  }
}
