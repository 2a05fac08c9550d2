import { copyFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAwsRouter } from './aws-router';
import { BUCKET, makeBucketAndRole } from './disk-bucket';
import { goTool } from './go-tool';
import type { Peer, Prepared } from './peer';
import { runCommand } from '../../test/local-cloud/command';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

const PLUGIN = 'github.com/hashicorp/amazon';
const TEMPLATE = join(__dirname, 'templates', 'golden.pkr.hcl');
const INSTALL_TIMEOUT_MS = 60_000;

/** Packer with its amazon plugin: the post-processor `amazon-import` uploads the disk and imports it. */
export class Packer implements Peer {
  public readonly key = 'packer';
  public readonly name = 'Packer';
  public readonly waiting = 'looks every 5 s (its default)';
  public readonly gives = 'an AMI';
  public readonly failure = /^\* (Post-processor failed: .*)$/m;
  private program = '';
  private plugin = '';

  public async install(signal: AbortSignal): Promise<string> {
    this.program = await goTool('packer', 'github.com/hashicorp/packer', signal);
    this.plugin = await goTool('packer-plugin-amazon', 'github.com/hashicorp/packer-plugin-amazon', signal);
    const options = { env: { PATH: process.env.PATH, HOME: tmpdir(), CHECKPOINT_DISABLE: '1' }, timeoutMs: INSTALL_TIMEOUT_MS, signal };
    const packer = await runCommand(this.program, ['version'], options);
    const plugin = await runCommand(this.plugin, ['describe'], options);
    const { version } = JSON.parse(plugin.stdout) as { version: string };
    return `${/Packer (v[\d.]+)/.exec(packer.stdout)?.[0] ?? packer.output.trim()}, packer-plugin-amazon v${version}`;
  }

  public async prepare(cloud: LocalCloud, disk: string): Promise<Prepared> {
    await makeBucketAndRole(cloud);
    const router = await startAwsRouter({ s3: cloud.clientConfig().endpoint, ec2: cloud.importEndpoint });
    const folder = join(cloud.folder, 'packer');
    await mkdir(folder);
    copyFileSync(TEMPLATE, join(folder, 'golden.pkr.hcl'));
    const env = {
      ...cloud.env,
      HTTP_PROXY: router.proxy,
      PACKER_PLUGIN_PATH: join(folder, 'plugins'),
      CHECKPOINT_DISABLE: '1',
      PKR_VAR_disk: disk,
      PKR_VAR_bucket: BUCKET,
      PKR_VAR_endpoint: router.endpoint,
    };
    const { code, output } = await runCommand(this.program, ['plugins', 'install', '--path', this.plugin, PLUGIN], {
      cwd: folder, env, timeoutMs: INSTALL_TIMEOUT_MS,
    });
    if (code !== 0) {
      throw new Error(`"packer plugins install" ended with ${code}: ${output.trim()}`);
    }
    return { command: { file: this.program, args: ['build', '-color=false', '.'], cwd: folder, env }, stop: async () => router.stop() };
  }
}
