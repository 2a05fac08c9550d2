import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListImagesCommand } from '@aws-sdk/client-imagebuilder';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { createClients, type AwsClients } from '../../../lambda/aws/clients';
import { readRange } from '../../../lambda/aws/objects';

const CALLS: { readonly [name in keyof AwsClients]: (clients: AwsClients) => Promise<unknown> } = {
  ebs: ({ ebs }) => ebs.send(new StartSnapshotCommand({ VolumeSize: 1 })),
  ec2: ({ ec2 }) => ec2.send(new DescribeImagesCommand()),
  imageBuilder: ({ imageBuilder }) => imageBuilder.send(new ListImagesCommand()),
  cloudFormation: ({ cloudFormation }) => cloudFormation.send(new DescribeStacksCommand()),
  s3: ({ s3 }) => s3.send(new HeadObjectCommand({ Bucket: 'exports', Key: 'golden.ova' })),
  eventBridge: ({ eventBridge }) => eventBridge.send(new PutEventsCommand({ Entries: [] })),
  stepFunctions: ({ stepFunctions }) => stepFunctions.send(new DescribeExecutionCommand({ executionArn: 'arn' })),
};
const NAMES = Object.keys(CALLS) as (keyof AwsClients)[];

const environment = { ...process.env };
beforeEach(() => {
  Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDLAMBDA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' });
});
afterEach(() => {
  process.env = { ...environment };
});

/** Returns the host that a call would go to, or why the SDK does not send it. */
async function hostOf(name: keyof AwsClients, variables: NodeJS.ProcessEnv): Promise<string> {
  Object.assign(process.env, variables);
  const clients = createClients();
  const { middlewareStack } = clients[name] as AwsClients['s3'];
  middlewareStack.add(() => async ({ request }) => {
    throw new Error((request as { hostname: string }).hostname);
  }, { step: 'finalizeRequest', priority: 'low' });
  return CALLS[name](clients).then(() => 'sent', (error: Error) => error.message);
}

/**
 * Hosts by Region, AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html (endpoints of each service)
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/dual-stack-endpoints.html
 */
test.each<[region: string, fips: boolean, dualStack: boolean, hosts: { readonly [name in keyof AwsClients]: string }]>([
  ['us-east-1', false, false, {
    ebs: 'ebs.us-east-1.amazonaws.com',
    ec2: 'ec2.us-east-1.amazonaws.com',
    imageBuilder: 'imagebuilder.us-east-1.amazonaws.com',
    cloudFormation: 'cloudformation.us-east-1.amazonaws.com',
    s3: 'exports.s3.us-east-1.amazonaws.com',
    eventBridge: 'events.us-east-1.amazonaws.com',
    stepFunctions: 'states.us-east-1.amazonaws.com',
  }],
  ['us-east-1', true, false, {
    ebs: 'ebs-fips.us-east-1.amazonaws.com',
    ec2: 'ec2-fips.us-east-1.amazonaws.com',
    imageBuilder: 'imagebuilder-fips.us-east-1.amazonaws.com',
    cloudFormation: 'cloudformation-fips.us-east-1.amazonaws.com',
    s3: 'exports.s3-fips.us-east-1.amazonaws.com',
    eventBridge: 'events-fips.us-east-1.amazonaws.com',
    stepFunctions: 'states-fips.us-east-1.amazonaws.com',
  }],
  ['us-east-1', false, true, {
    ebs: 'ebs.us-east-1.api.aws',
    ec2: 'ec2.us-east-1.api.aws',
    imageBuilder: 'imagebuilder.us-east-1.api.aws',
    cloudFormation: 'cloudformation.us-east-1.api.aws',
    s3: 'exports.s3.dualstack.us-east-1.amazonaws.com',
    eventBridge: 'events.us-east-1.api.aws',
    stepFunctions: 'states.us-east-1.api.aws',
  }],
  ['us-east-1', true, true, {
    ebs: 'ebs-fips.us-east-1.api.aws',
    ec2: 'ec2-fips.us-east-1.api.aws',
    imageBuilder: 'imagebuilder-fips.us-east-1.api.aws',
    cloudFormation: 'cloudformation-fips.us-east-1.api.aws',
    s3: 'exports.s3-fips.dualstack.us-east-1.amazonaws.com',
    eventBridge: 'events-fips.us-east-1.api.aws',
    stepFunctions: 'states-fips.us-east-1.api.aws',
  }],
  ['cn-north-1', false, false, {
    ebs: 'ebs.cn-north-1.amazonaws.com.cn',
    ec2: 'ec2.cn-north-1.amazonaws.com.cn',
    imageBuilder: 'imagebuilder.cn-north-1.amazonaws.com.cn',
    cloudFormation: 'cloudformation.cn-north-1.amazonaws.com.cn',
    s3: 'exports.s3.cn-north-1.amazonaws.com.cn',
    eventBridge: 'events.cn-north-1.amazonaws.com.cn',
    stepFunctions: 'states.cn-north-1.amazonaws.com.cn',
  }],
  ['cn-north-1', true, false, {
    ebs: 'ebs-fips.cn-north-1.amazonaws.com.cn',
    ec2: 'ec2-fips.cn-north-1.amazonaws.com.cn',
    imageBuilder: 'imagebuilder-fips.cn-north-1.amazonaws.com.cn',
    cloudFormation: 'cloudformation-fips.cn-north-1.amazonaws.com.cn',
    // Amazon S3 has no FIPS endpoints in China: no request is sent.
    s3: 'Partition does not support FIPS',
    eventBridge: 'events-fips.cn-north-1.amazonaws.com.cn',
    stepFunctions: 'states-fips.cn-north-1.amazonaws.com.cn',
  }],
  ['cn-north-1', false, true, {
    ebs: 'ebs.cn-north-1.api.amazonwebservices.com.cn',
    ec2: 'ec2.cn-north-1.api.amazonwebservices.com.cn',
    imageBuilder: 'imagebuilder.cn-north-1.api.amazonwebservices.com.cn',
    cloudFormation: 'cloudformation.cn-north-1.api.amazonwebservices.com.cn',
    s3: 'exports.s3.dualstack.cn-north-1.amazonaws.com.cn',
    eventBridge: 'events.cn-north-1.api.amazonwebservices.com.cn',
    stepFunctions: 'states.cn-north-1.api.amazonwebservices.com.cn',
  }],
  ['us-gov-west-1', false, false, {
    ebs: 'ebs.us-gov-west-1.amazonaws.com',
    ec2: 'ec2.us-gov-west-1.amazonaws.com',
    imageBuilder: 'imagebuilder.us-gov-west-1.amazonaws.com',
    cloudFormation: 'cloudformation.us-gov-west-1.amazonaws.com',
    s3: 'exports.s3.us-gov-west-1.amazonaws.com',
    eventBridge: 'events.us-gov-west-1.amazonaws.com',
    stepFunctions: 'states.us-gov-west-1.amazonaws.com',
  }],
  ['us-gov-west-1', true, false, {
    // Apart from Amazon S3 and EBS, the only endpoint of each of these services in AWS GovCloud (US) is a FIPS endpoint.
    ebs: 'ebs-fips.us-gov-west-1.amazonaws.com',
    ec2: 'ec2.us-gov-west-1.amazonaws.com',
    imageBuilder: 'imagebuilder.us-gov-west-1.amazonaws.com',
    cloudFormation: 'cloudformation.us-gov-west-1.amazonaws.com',
    s3: 'exports.s3-fips.us-gov-west-1.amazonaws.com',
    eventBridge: 'events.us-gov-west-1.amazonaws.com',
    stepFunctions: 'states.us-gov-west-1.amazonaws.com',
  }],
  ['us-gov-west-1', false, true, {
    ebs: 'ebs.us-gov-west-1.api.aws',
    ec2: 'ec2.us-gov-west-1.api.aws',
    imageBuilder: 'imagebuilder.us-gov-west-1.api.aws',
    cloudFormation: 'cloudformation.us-gov-west-1.api.aws',
    s3: 'exports.s3.dualstack.us-gov-west-1.amazonaws.com',
    eventBridge: 'events.us-gov-west-1.api.aws',
    stepFunctions: 'states-fips.us-gov-west-1.api.aws',
  }],
])('in %s with FIPS %s and dual stack %s, every client asks its host', async (region, fips, dualStack, hosts) => {
  const variables = { AWS_REGION: region, AWS_USE_FIPS_ENDPOINT: String(fips), AWS_USE_DUALSTACK_ENDPOINT: String(dualStack) };
  const asked = await Promise.all(NAMES.map(async (name) => [name, await hostOf(name, variables)]));
  expect(Object.fromEntries(asked)).toEqual(hosts);
});

describe('at an endpoint of AWS_ENDPOINT_URL', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const serve = async (listener: RequestListener): Promise<void> => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  test('every client asks four times, with the credentials and in the Region of the function', async () => {
    const scopes: unknown[] = [];
    const tokens = new Set<unknown>();
    await serve(({ headers }, response) => {
      scopes.push(/Credential=(\S+),/.exec(String(headers.authorization))?.[1]?.replace(/\/\d{8}\//, ' '));
      tokens.add(headers['x-amz-security-token']);
      response.writeHead(500).end();
    });
    const clients = createClients();
    const failed = await Promise.allSettled(NAMES.map((name) => CALLS[name](clients)));
    expect(failed.map(({ status }) => status)).toEqual(NAMES.map(() => 'rejected'));
    const times = Object.fromEntries([...new Set(scopes)].map((scope) => [scope, scopes.filter((each) => each === scope).length]));
    expect(times).toEqual(Object.fromEntries(
      ['ebs', 'ec2', 'imagebuilder', 'cloudformation', 's3', 'events', 'states'].map((service) => [`AKIDLAMBDA eu-west-1/${service}/aws4_request`, 4]),
    ));
    expect([...tokens]).toEqual(['session']);
  });

  test('a clock that is an hour late does not keep an object from being read', async () => {
    const signed: number[] = [];
    const ahead = Date.now() + 3_600_000;
    await serve(({ headers }, response) => {
      const [, date, hour, minute, second] = /^(\d{8})T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
      signed.push(Date.parse(`${date?.replace(/(..)(..)$/, '-$1-$2')}T${hour}:${minute}:${second}Z`));
      response.setHeader('date', new Date(ahead).toUTCString());
      if (signed.length === 1) {
        response.writeHead(403).end('<Error><Code>RequestTimeTooSkewed</Code><Message>Late.</Message></Error>');
      } else {
        response.writeHead(206).end('disk');
      }
    });
    const bytes = await readRange(createClients().s3, { bucketName: 'exports', key: 'golden.ova' }, { offset: 0, size: 4 }, AbortSignal.timeout(30_000));
    expect(Buffer.from(bytes).toString()).toBe('disk');
    expect(signed.map((time) => Math.round((ahead - time) / 600_000))).toEqual([6, 0]);
  });
});
