import { AwsError } from '../aws-error';
import { Call } from '../call';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html */
export function checkName(name: string): void {
  if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new AwsError('InvalidAMIName.Malformed', `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '[', ']', ' ', '.', '/', '-', '\'', '@' and '_': ${name}`);
  }
}

/** A name is unique in its account and Region. */
export function checkNameIsFree(name: string, call: Call): void {
  const holder = [...call.world.amis.values()].find(({ description }) => description.Name === name);
  if (holder) {
    throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${holder.id}`);
  }
}
