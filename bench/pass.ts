import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { spread, type Group, type Measure } from './figure';
import { createRequest } from '../test/lambda/requests';
import { CloudFormationEndpoint } from '../test/local-cloud/cloudformation-endpoint';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource } from '../test/local-cloud/emulator';

const FUNCTIONS = 5;
const PASSES = 20;

/** Makes passes over one import in a Node.js of its own; its last line of output is what they took. */
const PASSES_OF_A_FUNCTION = `
const { onEvent, isComplete } = require(process.argv[1]);
const request = JSON.parse(process.argv[2]);
const context = { getRemainingTimeInMillis: () => 300_000 };
(async () => {
  const event = { ...request, ...await onEvent(request, context) };
  const ms = [];
  for (let pass = 0; pass < ${PASSES}; pass++) {
    const started = process.hrtime.bigint();
    await isComplete(event, context);
    ms.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  console.log(JSON.stringify({ ms, megabytes: process.memoryUsage.rss() / 1e6 }));
  process.exit();
})();
`;

export interface Passes {
  /** The first pass of a function, which starts the task, and those that see it at work. */
  readonly first: Measure;
  readonly later: Measure;
  readonly megabytes: Measure;
}

/** Passes of the bundle over HTTP, against the emulator on the same machine. */
export async function measurePasses(bundle: string): Promise<Passes> {
  const emulator = new Ec2AndImageBuilder({ clock: new FakeClock(), disks: new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk') });
  const cloudFormation = new CloudFormationEndpoint();
  const endpoint = await emulator.listen();
  const env = {
    PATH: process.env.PATH,
    AWS_ENDPOINT_URL_EC2: endpoint,
    AWS_ENDPOINT_URL_IMAGEBUILDER: endpoint,
    AWS_ENDPOINT_URL_CLOUDFORMATION: await cloudFormation.listen(),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    NODE_NO_WARNINGS: '1',
  };
  try {
    const functions: { readonly ms: readonly number[]; readonly megabytes: number }[] = [];
    for (let each = 0; each < FUNCTIONS; each++) {
      emulator.reset();
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', PASSES_OF_A_FUNCTION, bundle, JSON.stringify(createRequest())], { env, timeout: 60_000 });
      functions.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { ms: number[]; megabytes: number });
    }
    return {
      first: spread(functions.map(({ ms: [first = NaN] }) => first), 'ms'),
      later: spread(functions.flatMap(({ ms: [, ...later] }) => later), 'ms'),
      megabytes: spread(functions.map(({ megabytes }) => megabytes), 'MB'),
    };
  } finally {
    await emulator.close();
    await cloudFormation.close();
  }
}

export function passGroup({ first, later, megabytes }: Passes): Group {
  return {
    title: 'One pass',
    comparisons: [],
    tables: [{
      head: ['What', 'How much'],
      rows: [
        ['First pass of a fresh function, which starts the task', first.text],
        ['Pass that sees the task at work', later.text],
        [`Resident memory after ${PASSES} passes`, megabytes.text],
      ],
    }],
    notes: [`${FUNCTIONS} fresh Node.js processes of ${PASSES} passes each, with the services on the same machine: in AWS, the way to them and back comes on top.`],
  };
}
