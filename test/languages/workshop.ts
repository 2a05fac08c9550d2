import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoDisk } from '../../scripts/demo-disk';
import { runCommand } from '../local-cloud/command';

const REPOSITORY = join(__dirname, '..', '..');
const BIN = join(REPOSITORY, 'node_modules', '.bin');
const STEP_TIMEOUT_MS = 400_000;

/** The languages that jsii-pacmak writes, by its own names. */
export type Target = 'dotnet' | 'go' | 'java' | 'python';

/** What `cdk synth` would have written for the stack of the app. */
export interface Synthesized {
  readonly template: unknown;
  readonly assets: unknown;
}

/** A folder in which the package of one language is made and used; gone when the test is over. */
export class Workshop {
  public static readonly apps = join(__dirname, 'app');

  public readonly folder = mkdtempSync(join(tmpdir(), 'vm-import-languages-'));

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a command to its end in a folder of the workshop, and fails with all that it said unless it succeeds. */
  public async run(file: string, args: readonly string[], folder = '.', env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, output, stdout } = await runCommand(file, args, {
      cwd: join(this.folder, folder),
      env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1', ...env },
      timeoutMs: STEP_TIMEOUT_MS,
    });
    if (code !== 0) {
      throw new Error(`"${file} ${args.join(' ')}" ended with ${code}.\n${output}`);
    }
    return stdout;
  }

  /** The package as jsii-pacmak builds it, ready for its registry. */
  public async build(target: Target): Promise<string> {
    await this.pacmak(target, REPOSITORY, []);
    return join(this.folder, target);
  }

  /** The source code of the package, for the compiler of the language. */
  public async generate(target: Target, packageFolder = REPOSITORY): Promise<string> {
    await this.pacmak(target, packageFolder, ['--code-only', '--force-target']);
    return join(this.folder, target);
  }

  /** Runs the app by a command, with the environment that the CDK CLI would give it. */
  public async synthesize(file: string, args: readonly string[], folder: string): Promise<Synthesized> {
    const disk = join(this.folder, 'disk.raw');
    writeFileSync(disk, demoDisk('languages'));
    const out = join(this.folder, 'cdk.out');
    await this.run(file, args, folder, { CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ disk }) });
    const read = (name: string): unknown => JSON.parse(readFileSync(join(out, name), 'utf8'));
    return { template: read('Languages.template.json'), assets: read('Languages.assets.json') };
  }

  private async pacmak(target: Target, packageFolder: string, options: readonly string[]): Promise<void> {
    await this.run(join(BIN, 'jsii-pacmak'), ['--target', target, '--outdir', this.folder, '--no-npmignore', ...options, packageFolder]);
  }
}

/** What the app in TypeScript synthesizes: what every other language must equal, to the last asset. */
export async function synthesizedInTypeScript(): Promise<Synthesized> {
  const workshop = new Workshop();
  try {
    const app = join(Workshop.apps, 'typescript', 'app.ts');
    return await workshop.synthesize(join(BIN, 'tsx'), ['--tsconfig', join(REPOSITORY, 'tsconfig.dev.json'), app], '.');
  } finally {
    workshop.close();
  }
}
