import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { demoDisk } from '../../scripts/demo-disk';

type StackClass = new (scope: Construct, id: string, props?: StackProps) => Stack;

const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** Every folder of examples/, by its name. */
export const EXAMPLE_NAMES: readonly string[] = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The one stack class that an example's `stack.ts` exports. */
export function exampleStack(name: string): StackClass {
  const exported = Object.values(jest.requireActual<Readonly<Record<string, unknown>>>(join(EXAMPLES, name, 'stack.ts')));
  const classes = exported.filter((each): each is StackClass => typeof each === 'function' && each.prototype instanceof Stack);
  const [found] = classes;
  if (found === undefined || classes.length > 1) {
    throw new Error(`examples/${name}/stack.ts exports ${classes.length} classes of stacks; it must be one.`);
  }
  return found;
}

/** Disk images for the examples that upload one, and apps that know where they are. */
export class ExampleDisks {
  private readonly folder = mkdtempSync(join(tmpdir(), 'examples-'));
  /** A RAW one. */
  readonly path = join(this.folder, 'disk.raw');

  constructor() {
    writeFileSync(this.path, demoDisk('an example'));
  }

  app(context: Readonly<Record<string, unknown>> = {}): App {
    return new App({ context: { ...context, disk: this.path } });
  }

  delete(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
