import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKET, makeBucketAndRole } from './disk-bucket';
import type { Peer, Prepared } from './peer';
import { runCommand } from '../../test/local-cloud/command';
import type { LocalCloud } from '../../test/local-cloud/local-cloud';
import { pythonVenv } from '../../test/local-cloud/python-venv';

const TEMPLATES = join(__dirname, 'templates');
const VERSION_TIMEOUT_MS = 60_000;

/** Ansible's collection amazon.aws: one module starts the task, another one describes it; the playbook waits. */
export class Ansible implements Peer {
  public readonly key = 'ansible';
  public readonly name = 'Ansible';
  public readonly waiting = 'the playbook looks every 30 s';
  public readonly gives = 'an AMI';
  public readonly failure = /^\[ERROR\]: (.*)$/m;
  private python = '';

  public async install(signal: AbortSignal): Promise<string> {
    this.python = await peersPython(signal);
    const core = await said(this.python, ['-m', 'ansible', 'playbook', '--version'], signal);
    const collection = await said(this.python, ['-c', 'import ansible_collections.amazon.aws as a, json, os; print(json.load(open(os.path.join(os.path.dirname(a.__file__) if a.__file__ else a.__path__[0], "MANIFEST.json")))["collection_info"]["version"])'], signal);
    return `Ansible core ${/core ([\d.]+)/.exec(core)?.[1] ?? core}, amazon.aws ${collection}`;
  }

  public async prepare(cloud: LocalCloud, disk: string): Promise<Prepared> {
    await makeBucketAndRole(cloud);
    return {
      command: {
        file: this.python,
        args: ['-m', 'ansible', 'playbook', join(TEMPLATES, 'golden.yml'), '-e', JSON.stringify({ bucket: BUCKET, disk })],
        cwd: cloud.folder,
        env: { ...cloud.env, ANSIBLE_NOCOLOR: '1', ANSIBLE_LOCALHOST_WARNING: 'False', ANSIBLE_INVENTORY_UNPARSED_WARNING: 'False' },
      },
      stop: async () => undefined,
    };
  }
}

/** The AWS CLI in a loop, to the Image Builder image. */
export class AwsCli implements Peer {
  public readonly key = 'aws-cli';
  public readonly name = 'AWS CLI loop';
  public readonly waiting = 'the script looks every 30 s';
  public readonly gives = 'an Image Builder image and its AMI';
  public readonly failure = /^.*?((?:An error occurred|[A-Z]\w*Error:).*)$/m;
  private python = '';

  public async install(signal: AbortSignal): Promise<string> {
    this.python = await peersPython(signal);
    return (await said(this.python, ['-m', 'awscli', '--version'], signal)).split(' ')[0]?.replace('/', ' ') ?? '';
  }

  public async prepare(cloud: LocalCloud, disk: string): Promise<Prepared> {
    await makeBucketAndRole(cloud);
    return {
      command: { file: 'bash', args: [join(TEMPLATES, 'golden.sh')], cwd: cloud.folder, env: { ...cloud.env, PYTHON: this.python, BUCKET, DISK: disk } },
      stop: async () => undefined,
    };
  }
}

async function peersPython(signal: AbortSignal): Promise<string> {
  const requirements = readFileSync(join(__dirname, 'pins', 'requirements.txt'), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (await pythonVenv(requirements, signal)).python;
}

async function said(python: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { code, stdout, output } = await runCommand(python, args, { env: { PATH: process.env.PATH, LANG: 'C.UTF-8' }, timeoutMs: VERSION_TIMEOUT_MS, signal });
  if (code !== 0) {
    throw new Error(`"python ${args.join(' ')}" ended with ${code}: ${output.trim()}`);
  }
  return stdout.trim();
}
