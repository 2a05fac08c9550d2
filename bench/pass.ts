import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { spread, type Group } from './figure';
import { createRequest } from '../test/lambda/requests';
import { CloudFormationEndpoint } from '../test/local-cloud/cloudformation-endpoint';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource } from '../test/local-cloud/emulator';

const FUNCTIONS = 5;
const PASSES = 20;

/** Makes passes over one import in a Node.js of its own; the last line of its output has the milliseconds of each. */
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

/** Measures passes of the bundle over HTTP, against the emulator on the same machine. */
export async function passGroup(bundle: string): Promise<Group> {
  const emulator = new Ec2AndImageBuilder({ clock: new FakeClock(), disks: new MemoryDiskSource().putObject('exports', 'golden.vmdk', 'a disk') });
  const cloudFormation = new CloudFormationEndpoint();
  // CloudFormation waits for the import all the while.
  cloudFormation.describe({
    lastEvent: (_, logicalId) => ({ logicalId, physicalId: '', status: 'CREATE_IN_PROGRESS', time: Date.now() }),
    eventsOf: () => [],
  });
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
      title: 'One pass',
      tables: [{
        head: ['What', 'How much'],
        rows: [
          ['First pass of a fresh function, which starts the task', spread(functions.map(({ ms: [first = NaN] }) => first), 'ms')],
          ['Later pass, which sees the task run', spread(functions.flatMap(({ ms: [, ...later] }) => later), 'ms')],
          [`Resident memory after ${PASSES} passes`, spread(functions.map(({ megabytes }) => megabytes), 'MB')],
        ],
      }],
      notes: [`${FUNCTIONS} fresh Node.js processes of ${PASSES} passes each, with the services on the same machine. In AWS, the network adds to each call.`],
    };
  } finally {
    await emulator.close();
    await cloudFormation.close();
  }
}
