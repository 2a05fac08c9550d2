/**
 * Stands in for the SDK's look into ~/.aws/config and ~/.aws/credentials, which a function in AWS Lambda does not have: as
 * where the SDK finds nothing there, the next place is taken, after the environment.
 */
import { CredentialsProviderError } from '@smithy/core/config';

export const fromSharedConfigFiles = () => async (): Promise<never> => {
  throw new CredentialsProviderError('Functions have no config files.');
};
