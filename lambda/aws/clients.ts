import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { EventBridge } from '../event-bridge';
import { S3 } from '../s3';

/** The services, bound to the time that one pass has. */
export interface Aws {
  readonly ec2: EC2Client;
  readonly imageBuilder: ImagebuilderClient;
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3;
  readonly eventBridge: EventBridge;
  /** Aborted when the pass must end, so that no pass outlives its function. */
  readonly signal: AbortSignal;
}

export type AwsClients = Omit<Aws, 'signal'>;

/**
 * Clients that give up on a call soon and try it again gently: the next pass comes anyway.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createClients(): AwsClients {
  const maxAttempts = 4;
  const requestHandler = { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true };
  const configuration = { retryMode: 'adaptive', maxAttempts, requestHandler };
  const ec2 = new EC2Client(configuration);
  const requests = {
    region: async () => ec2.config.region(),
    credentials: fromEnv(),
    requestHandler: new NodeHttpHandler(requestHandler),
    retryStrategy: new StandardRetryStrategy(maxAttempts),
  };
  return {
    ec2,
    imageBuilder: new ImagebuilderClient(configuration),
    cloudFormation: new CloudFormationClient(configuration),
    s3: new S3(requests),
    eventBridge: new EventBridge(requests),
  };
}
