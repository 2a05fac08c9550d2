import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readmeBlocks } from './pasted-blocks';
import { demoDisk } from '../../scripts/demo-disk';
import { runCommand } from '../local-cloud/command';

const REPOSITORY = join(__dirname, '..', '..');
const MODULES = join(REPOSITORY, 'node_modules');
const BIN = join(MODULES, '.bin');
const EXAMPLES = join(REPOSITORY, 'examples');
const STEP_TIMEOUT_MS = 400_000;

/** What is installed beside the npm package: each package by the folder of node_modules that has it here. */
export type Peers = Readonly<Record<string, string>>;

/** The oldest aws-cdk-lib that the package takes. */
export const OLDEST_CDK: Peers = {
  'aws-cdk-lib': 'aws-cdk-lib',
  '@aws-cdk/cloud-assembly-schema': '@aws-cdk/cloud-assembly-schema',
  'constructs': 'constructs',
};

/** The newest aws-cdk-lib, and a module of the CDK that needs a new one. */
export const NEWEST_CDK: Peers = {
  'aws-cdk-lib': 'aws-cdk-lib-newest',
  '@aws-cdk/cloud-assembly-schema': 'cloud-assembly-schema-newest',
  '@aws-cdk/aws-imagebuilder-alpha': '@aws-cdk/aws-imagebuilder-alpha',
  'constructs': 'constructs',
};

/** The languages that jsii-pacmak writes, by its own names. */
export type Target = 'dotnet' | 'go' | 'java' | 'python';

/** What rosetta stores: https://github.com/aws/jsii-rosetta/blob/main/src/tablets/schema.ts */
interface Tablet {
  readonly snippets: Readonly<Record<string, { readonly translations: Readonly<Record<string, { readonly source: string } | undefined>> }>>;
}

/** What `cdk synth` would have written for the stack of the app. */
export interface Synthesized {
  readonly template: unknown;
  readonly assets: unknown;
}

/** What the app is run with, beside its command. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  /** As `-c` gives it; the disk is there always. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A folder in which the package of one language is made and used; gone when the test is over. */
export class Workshop {
  public static readonly apps = join(__dirname, 'app');
  /** The commands of the development dependencies. */
  public static readonly commands = BIN;

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

  /** Builds the package as the release does, with its examples in the language of the target, ready for its registry. */
  public async build(target: Target): Promise<string> {
    await this.run(join(BIN, 'jsii-rosetta'), ['extract', '--strict', '--fail', REPOSITORY]);
    await this.pacmak(target, REPOSITORY, []);
    return join(this.folder, target);
  }

  /** The first block of the README as jsii translates it for the package of a language. */
  public async translatedReadme(language: 'csharp'): Promise<string | undefined> {
    const tablet = join(this.folder, 'tablet.json');
    await this.run(join(BIN, 'jsii-rosetta'), ['extract', '--strict', '--fail', '--output', tablet, REPOSITORY]);
    const { snippets } = JSON.parse(readFileSync(tablet, 'utf8')) as Tablet;
    const original = blockOf('README.md', 'ts').trimEnd();
    return Object.values(snippets).find(({ translations: { $: typescript } }) => typescript?.source === original)?.translations[language]?.source;
  }

  /** Unpacks the npm package into the node_modules of an empty folder, beside its peers. */
  public async unpackForNode(folder: string, peers: Peers): Promise<void> {
    const modules = join(this.folder, folder, 'node_modules');
    mkdirSync(modules, { recursive: true });
    const [{ filename = '' } = {}] = JSON.parse(await this.run(
      'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', this.folder, REPOSITORY])) as { readonly filename?: string }[];
    await this.run('tar', ['-xzf', join(this.folder, filename), '-C', modules]);
    renameSync(join(modules, 'package'), join(modules, 'cdk-vm-import'));
    for (const [name, source] of Object.entries(peers)) {
      mkdirSync(join(modules, dirname(name)), { recursive: true });
      symlinkSync(join(MODULES, source), join(modules, name));
    }
  }

  /** Copies examples/ into a folder, and returns the names of the examples. */
  public copyExamples(folder: string): readonly string[] {
    cpSync(EXAMPLES, join(this.folder, folder, 'examples'), { recursive: true });
    return readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  /** Runs apps in TypeScript with the modules of their folder only, and returns the JSON files that they write, by their names. */
  public async runTypeScript(
    folder: string, apps: readonly string[], context: Surroundings['context'] = {},
  ): Promise<ReadonlyMap<string, unknown>> {
    const all = join(this.folder, folder, 'all.ts');
    writeFileSync(all, apps.map((app) => `import ${JSON.stringify(`./${app}`)};\n`).join(''));
    // A peer finds its own peers in this folder, not where its link leads to.
    return this.assembly(join(BIN, 'tsx'), ['all.ts'], folder, { env: { NODE_OPTIONS: '--preserve-symlinks' }, context });
  }

  /** The source code of the package, for the compiler of the language. */
  public async generate(target: Target, packageFolder = REPOSITORY): Promise<string> {
    await this.pacmak(target, packageFolder, ['--code-only', '--force-target']);
    return join(this.folder, target);
  }

  /** Runs the app by a command, with the environment that the CDK CLI would give it. */
  public async synthesize(file: string, args: readonly string[], folder: string): Promise<Synthesized> {
    return synthesizedIn(await this.assembly(file, args, folder));
  }

  /** Runs apps by a command, and gives every JSON file that they write, by its name. */
  public async assembly(
    file: string, args: readonly string[], folder: string, { env, context }: Surroundings = {},
  ): Promise<ReadonlyMap<string, unknown>> {
    const disk = join(this.folder, 'disk.raw');
    writeFileSync(disk, demoDisk('languages'));
    const out = mkdtempSync(join(this.folder, 'cdk.out-'));
    await this.run(file, args, folder, { CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ disk, ...context }), ...env });
    const names = readdirSync(out).filter((name) => name.endsWith('.json'));
    return new Map(names.map((name) => [name, JSON.parse(readFileSync(join(out, name), 'utf8')) as unknown]));
  }

  private async pacmak(target: Target, packageFolder: string, options: readonly string[]): Promise<void> {
    await this.run(join(BIN, 'jsii-pacmak'), ['--target', target, '--outdir', this.folder, '--no-npmignore', ...options, packageFolder]);
  }
}

/** The stack of the app among the files that were written. */
export function synthesizedIn(written: ReadonlyMap<string, unknown>): Synthesized {
  return { template: written.get('Languages.template.json'), assets: written.get('Languages.assets.json') };
}

/** The first block of a language on a page, as a reader pastes it. */
export function blockOf(page: string, language: string): string {
  const [, block] = new RegExp(`^\`\`\`${language}\\b.*\\n([^]*?)^\`\`\`$`, 'm').exec(readFileSync(join(REPOSITORY, page), 'utf8')) ?? [];
  if (block === undefined) {
    throw new Error(`${page} has no block of ${language}.`);
  }
  return block;
}

/** The templates of the TypeScript blocks of the README, which run in an empty folder from the npm package, by their names. */
export async function readmeInTypeScript(workshop: Workshop): Promise<ReadonlyMap<string, unknown>> {
  const folder = join(workshop.folder, 'empty');
  await workshop.unpackForNode('empty', OLDEST_CDK);
  const blocks = readmeBlocks(join(folder, 'node_modules', 'cdk-vm-import'));
  blocks.forEach(({ name, app }) => writeFileSync(join(folder, `${name}.ts`), app));
  const written = templates(await workshop.runTypeScript('empty', blocks.map(({ name }) => name)));
  expect(JSON.stringify(written.get('GoldenImage.template.json'))).toContain('Custom::VmImportImage');
  return written;
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

interface TemplateJson {
  readonly Resources?: Readonly<Record<string, { readonly Metadata?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
}

/**
 * The templates of what was written, without metadata and without the names of uploaded archives: two versions of
 * aws-cdk-lib may differ in the functions that they bring.
 */
export function templates(written: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map([...written].filter(([name]) => name.endsWith('.template.json')).map(([name, template]) => {
    const { Resources = {}, Conditions = {}, ...rest } = template as TemplateJson;
    const { CDKMetadata, ...resources } = Resources;
    const { CDKMetadataAvailable, ...conditions } = Conditions;
    const bare = Object.fromEntries(Object.entries(resources).map(([id, { Metadata, ...resource }]) => [id, resource]));
    return [name, JSON.parse(JSON.stringify({ ...rest, conditions, bare }).replace(/[0-9a-f]{64}\.zip/g, 'archive.zip')) as unknown];
  }));
}
