import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { Aws } from '../../lambda/aws';

/** What imports are seen in. */
export type Account = Omit<Aws, 'eventBridge' | 's3'>;

/** Which account and Region a command asks, where the environment is not to say. */
export interface Where {
  readonly region?: string;
  readonly profile?: string;
}

/**
 * The account and Region that the AWS CLI would ask: options first, then the environment, then the profile.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html (AWS_DEFAULT_REGION; the SDK knows AWS_REGION only)
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

/** The name of the Region that is asked. */
export async function regionOf({ ec2 }: Account): Promise<string> {
  return ec2.config.region();
}

/** Closes the connections, so that a command ends when it is done. */
export function leave({ ec2, imageBuilder, cloudFormation }: Account): void {
  [ec2, imageBuilder, cloudFormation].forEach((client) => client.destroy());
}
