import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { CREATES_WITHIN_MS } from '../timing';

/** The services, bound to the time that one pass has. */
export interface Aws {
  readonly ebs: EBSClient;
  readonly ec2: EC2Client;
  readonly imageBuilder: ImagebuilderClient;
  readonly cloudFormation: CloudFormationClient;
  readonly s3: S3Client;
  readonly eventBridge: EventBridgeClient;
  readonly stepFunctions: SFNClient;
  /** Aborted when the pass must end, so that no pass outlives its function. */
  readonly signal: AbortSignal;
}

/** Returns a signal for a call that creates something: such a call must have ended when a Delete looks again. */
export function creationSignal({ signal }: Pick<Aws, 'signal'>): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(CREATES_WITHIN_MS)]);
}

export type AwsClients = Omit<Aws, 'signal'>;

/**
 * Retries and timeouts of every client. A client gives up on a call soon and slows down when AWS throttles it: the next
 * pass asks again anyway.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const PATIENCE = {
  retryMode: 'adaptive',
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
};

/**
 * The handlers read objects by range, and Amazon S3 has a checksum of the whole object only.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-dataintegrity.html
 */
export const NO_CHECKSUMS = { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } as const;

/** Creates the clients; Region, credentials and endpoints come from the environment of the function. */
export function createClients(): AwsClients {
  return {
    ebs: new EBSClient(PATIENCE),
    ec2: new EC2Client(PATIENCE),
    imageBuilder: new ImagebuilderClient(PATIENCE),
    cloudFormation: new CloudFormationClient(PATIENCE),
    s3: new S3Client({ ...PATIENCE, ...NO_CHECKSUMS }),
    eventBridge: new EventBridgeClient(PATIENCE),
    stepFunctions: new SFNClient(PATIENCE),
  };
}
