import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Peer, Prepared } from './peer';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';

const ROOT = join(__dirname, '..', '..');
const APP = join(ROOT, 'examples', 'getting-started');

/** This library, by the example that the README starts with and the real CDK CLI. */
export class CdkPeer implements Peer {
  public readonly key = 'cdk-vm-import';
  public readonly name = 'cdk-vm-import';
  public readonly waiting = 'looks every 30 s (its default)';
  public readonly gives = 'an Image Builder image and its AMI, in a stack';

  public readonly failure = /CREATE_FAILED .*?Default \(\w+\) (.*)$/m;

  public async install(): Promise<string> {
    const version = (name: string) => (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
    return `CDK CLI ${version('aws-cdk')}, aws-cdk-lib ${version('aws-cdk-lib')}`;
  }

  public async prepare(cloud: LocalCloud, disk: string): Promise<Prepared> {
    await cloud.bootstrap();
    let runs = 0;
    const cdk = (...args: readonly string[]): Command => ({
      file: process.execPath,
      args: [
        join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '-c', `disk=${disk}`, '--no-notices', '--output', join(cloud.folder, `cdk.out-${args[0]}-${++runs}`),
      ],
      cwd: APP,
      env: cloud.env,
    });
    return { command: cdk('deploy', '--require-approval', 'never'), undo: cdk('destroy', '--force'), stop: async () => undefined };
  }
}
