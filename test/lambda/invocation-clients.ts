import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { IN_PROCESS } from './in-process-client';
import { S3Double } from './s3-double';
import type { AwsClients } from '../../lambda/aws/clients';
import { recordedImage } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';
import type { SdkRequestHandler } from '../local-cloud/emulator';

type Handle = SdkRequestHandler['handle'];

/** Where the calls of one invocation of a handler go. */
export interface Destination {
  readonly importServices: Handle;
  readonly cloudFormation: Handle;
  /** An Amazon S3 of its own; all others share one, which has a disk. */
  readonly s3?: Handle;
  readonly eventBridge: Handle;
  /** The state machine, if disks are copied. */
  readonly stepFunctions?: Handle;
}

const noStateMachine: Handle = async () => {
  throw new Error('This invocation has no state machine');
};

interface Destined {
  readonly destination: Destination;
}

/**
 * SDK clients are dear to make, and thousands of simulated functions need them: so all share one of each, and every
 * call carries its destination in its options, which the SDK hands to the request handler as they are.
 */
function shared() {
  const configuration = (to: (destination: Destination) => Handle) => ({
    region: 'us-east-1',
    ...IN_PROCESS,
    requestHandler: {
      handle: async (request: Parameters<Handle>[0], options?: Parameters<Handle>[1]) =>
        to((options as unknown as Destined).destination)(request, options),
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    },
  });
  const { handle: sharedS3 } = new S3Double().putObject('exports', 'golden.vmdk', tinyDisk()).requestHandler();
  const importServices = configuration((destination) => destination.importServices);
  return {
    ebs: new EBSClient(importServices),
    ec2: new EC2Client(importServices),
    imageBuilder: new ImagebuilderClient(importServices),
    cloudFormation: new CloudFormationClient(configuration((destination) => destination.cloudFormation)),
    s3: new S3Client(configuration(({ s3 = sharedS3 }) => s3)),
    eventBridge: new EventBridgeClient(configuration(({ eventBridge }) => eventBridge)),
    stepFunctions: new SFNClient(configuration(({ stepFunctions = noStateMachine }) => stepFunctions)),
  };
}

/** What a look at the disk of an import finds in order. */
export function tinyDisk(): Uint8Array {
  return streamVmdk(recordedImage('mbr-raw'));
}

let clients: ReturnType<typeof shared> | undefined;

/** The clients of one invocation. */
export function clientsOf(destination: Destination): AwsClients {
  clients ??= shared();
  return {
    ebs: destined(clients.ebs, destination),
    ec2: destined(clients.ec2, destination),
    imageBuilder: destined(clients.imageBuilder, destination),
    cloudFormation: destined(clients.cloudFormation, destination),
    s3: destined(clients.s3, destination),
    eventBridge: destined(clients.eventBridge, destination),
    stepFunctions: destined(clients.stepFunctions, destination),
  };
}

/** The same client, whose `send` adds the destination. */
function destined<C extends { send: (...call: never[]) => unknown }>(client: C, destination: Destination): C {
  const send = (command: unknown, options: object) => Reflect.apply(client.send, client, [command, { ...options, destination }]);
  return Object.assign(Object.create(client) as C, { send });
}
