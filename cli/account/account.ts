import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { Aws } from '../../lambda/aws/clients';

/** The clients of one account and Region. */
export type Account = Pick<Aws, 'cloudFormation' | 'ec2' | 'imageBuilder' | 'signal'>;

/** The account and Region given by options; the environment decides what they leave open. */
export interface Where {
  readonly region?: string;
  readonly profile?: string;
}

/**
 * Returns clients for the account and Region that the AWS CLI would use: options first, then the environment, then the profile.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html (AWS_DEFAULT_REGION; the SDK reads AWS_REGION only)
 */
export function accountOf({ region, profile }: Where, env: NodeJS.ProcessEnv, signal: AbortSignal): Account {
  const configuration = {
    region: region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION,
    profile,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  };
  return {
    ec2: new EC2Client(configuration),
    imageBuilder: new ImagebuilderClient(configuration),
    cloudFormation: new CloudFormationClient(configuration),
    signal,
  };
}

/** Returns the name of the Region. */
export async function regionOf({ ec2 }: Account): Promise<string> {
  return ec2.config.region();
}

/** Closes the connections, so that the process can end. */
export function leave({ ec2, imageBuilder, cloudFormation }: Account): void {
  [ec2, imageBuilder, cloudFormation].forEach((client) => client.destroy());
}
