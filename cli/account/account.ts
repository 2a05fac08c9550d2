import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { SFNClient } from '@aws-sdk/client-sfn';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { MiddlewareStack } from '@smithy/types';
import { Explained, withPermission } from './explain';
import { Aws } from '../../lambda/aws/clients';

/** The clients of one account and Region. */
export interface Account extends Pick<Aws, 'cloudFormation' | 'ec2' | 'imageBuilder' | 'stepFunctions' | 'signal'> {
  readonly region: string;
}

/** The account and Region given by options; the environment decides what they leave open. */
export interface Where {
  readonly region?: string;
  readonly profile?: string;
}

/**
 * Returns clients for the account and Region that the AWS CLI would use: options first, then the environment, then the profile.
 *
 * @throws if the profile does not exist, or no credentials or no Region are configured
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html (AWS_DEFAULT_REGION; the SDK reads AWS_REGION only)
 */
export async function accountOf(where: Where, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Account> {
  await requireProfile(where.profile ?? env.AWS_PROFILE);
  const configuration = {
    region: where.region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION,
    profile: where.profile,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  };
  const ec2 = new EC2Client(configuration);
  const imageBuilder = new ImagebuilderClient(configuration);
  const cloudFormation = new CloudFormationClient(configuration);
  const stepFunctions = new SFNClient(configuration);
  nameDeniedPermission(ec2.middlewareStack, 'ec2');
  nameDeniedPermission(imageBuilder.middlewareStack, 'imagebuilder');
  nameDeniedPermission(cloudFormation.middlewareStack, 'cloudformation');
  nameDeniedPermission(stepFunctions.middlewareStack, 'states');
  return { ec2, imageBuilder, cloudFormation, stepFunctions, signal, region: await ec2.config.region() };
}

/**
 * Checks that a profile exists. Without this check the SDK reports a missing Region or looks for other credentials.
 *
 * @throws if the profile is in none of the files
 */
export async function requireProfile(profile: string | undefined): Promise<void> {
  if (profile === undefined || profile === '') {
    return;
  }
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  // Other sections of the file have names such as sso-session.corporate.
  const known = Object.keys({ ...configFile, ...credentialsFile }).filter((name) => !/^(sso-session|services)\./.test(name));
  if (!known.includes(profile)) {
    const others = known.length === 0 ? 'none are configured' : `configured: ${known.sort().join(', ')}`;
    throw new Explained(`There is no AWS profile ${profile} (${others}): check --profile and AWS_PROFILE.`);
  }
}

/** Makes the errors of a client carry the permission that the failed call needs. */
function nameDeniedPermission<Input extends object, Output extends object>(stack: MiddlewareStack<Input, Output>, service: string): void {
  stack.add((next, { commandName }) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      throw withPermission(error, `${service}:${String(commandName).replace(/Command$/, '')}`);
    }
  }, { step: 'initialize', name: 'nameDeniedPermission' });
}

/** Closes the connections, so that the process can end. */
export function leave({ ec2, imageBuilder, cloudFormation, stepFunctions }: Account): void {
  [ec2, imageBuilder, cloudFormation, stepFunctions].forEach((client) => client.destroy());
}
