import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HandlerThread } from './handler-thread';
import { bundle } from '../../scripts/bundle';
import { CloudFormationEndpoint } from '../local-cloud/cloudformation-endpoint';
import type { Clock, Ec2AndImageBuilder } from '../local-cloud/emulator';
import type { UserHandlers } from '../local-cloud/provider-framework';

/** The very bundle that is deployed, in a thread of its own, with everything that it calls on the loopback interface. */
export interface BundledHandlers {
  readonly handlers: UserHandlers;
  /** Tells the handlers of the stacks of a driver. */
  readonly cloudFormation: CloudFormationEndpoint;
  readonly stop: () => Promise<void>;
}

export async function startBundledHandlers(emulator: Ec2AndImageBuilder, clock: Clock): Promise<BundledHandlers> {
  const folder = mkdtempSync(join(tmpdir(), 'bundled-handlers-'));
  await bundle('provider', join(__dirname, '..', '..'), folder);
  const cloudFormation = new CloudFormationEndpoint();
  const importEndpoint = await emulator.listen();
  const thread = new HandlerThread(join(folder, 'index.js'), {
    AWS_ENDPOINT_URL_CLOUDFORMATION: await cloudFormation.listen(),
    AWS_ENDPOINT_URL_EC2: importEndpoint,
    AWS_ENDPOINT_URL_IMAGEBUILDER: importEndpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    NODE_NO_WARNINGS: '1',
  }, clock);
  return {
    handlers: thread.handlers,
    cloudFormation,
    stop: async () => {
      await thread.stop();
      await cloudFormation.close();
      await emulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
