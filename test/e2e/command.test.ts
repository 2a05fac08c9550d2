import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DEPLOY_TIMEOUT_MS, Deployment, disk, NOTHING, startCloud } from './deployment';
import { runCommand, type CommandResult } from '../local-cloud/command';
import type { LocalCloud } from '../local-cloud/local-cloud';

const COMMAND = join(__dirname, '..', '..', 'assets', 'cli', 'index.js');

interface Shown {
  readonly id?: string;
  readonly stage: string;
  readonly stackName?: string;
  readonly logicalId?: string;
  readonly elapsedSeconds?: number;
}

describe('the command, beside a deployment by the CDK CLI', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    cloud = await startCloud(60);
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  const run = async (...args: string[]): Promise<CommandResult> =>
    runCommand(process.execPath, [COMMAND, ...args], { env: cloud.env, timeoutMs: 60_000 });

  async function status(): Promise<readonly Shown[]> {
    const { code, output, stdout } = await run('status', '--json');
    if (code !== 0) {
      throw new Error(`status ended with ${code}.\n${output}`);
    }
    return (JSON.parse(stdout) as { readonly imports: readonly Shown[] }).imports;
  }

  test('status follows the import from the line to the image', async () => {
    const full = cloud.emulator.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const deployment = new Deployment(cloud, 'Shown');
    let ended = false;
    const deploying = deployment.outputs({ diskPath: disk(cloud, 'a'), imageName: 'Golden' }).finally(() => {
      ended = true;
    });
    const stages: string[] = [];
    while (!ended) {
      const [view] = await status();
      if (view && view.stage !== stages.at(-1)) {
        stages.push(view.stage);
      }
      if (view?.stage === 'queued') {
        expect(view).toMatchObject({ stackName: 'Shown', logicalId: expect.stringMatching(/^ImageImport/), elapsedSeconds: expect.any(Number) });
        cloud.emulator.removeRule(full);
      }
      await sleep(1_500);
    }
    const { ImageArn } = await deploying;
    expect(await status()).toEqual([expect.objectContaining({ stage: 'available', imageArn: ImageArn, stackName: 'Shown' })]);
    expect(stages).toEqual(expect.arrayContaining(['queued', 'importing']));
    expect(stages.indexOf('queued')).toBeLessThan(stages.indexOf('importing'));
  }, DEPLOY_TIMEOUT_MS);

  test('orphans finds nothing of a stack that stands, and what a deleted one left behind', async () => {
    const [{ id = '' } = {}] = await status();
    expect(await run('orphans')).toMatchObject({ code: 0, output: 'Nothing in us-east-1 was left behind by a stack.\n' });
    await new Deployment(cloud, 'Shown').delete();
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    const snapshot = cloud.emulator.giveSnapshot();
    const ec2 = new EC2Client({ ...cloud.clientConfig(), endpoint: cloud.importEndpoint });
    await ec2.send(new CreateTagsCommand({ Resources: [snapshot], Tags: [{ Key: 'cdk-vm-import:id', Value: id }] }));
    ec2.destroy();
    const listed = await run('orphans');
    expect(listed.code).toBe(1);
    expect(listed.output).toMatch(new RegExp(`^Left behind by stacks that were deleted:\n  Shown.*\n    snapshot ${snapshot}\n\n1 thing to delete: `));
    expect(await run('orphans', '--delete', '--yes')).toMatchObject({ code: 0, output: expect.stringContaining(`snapshot ${snapshot} deleted\n`) });
    expect((await cloud.emulator.state()).snapshots).toEqual([]);
  }, DEPLOY_TIMEOUT_MS);
});
