import { spawn } from 'node:child_process';

/** One command of a test run. */
export interface Part {
  readonly name: string;
  /** Run by a shell in the folder of the repository, with the binaries of node_modules on its PATH. */
  readonly command: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The parts that have to succeed first. */
  readonly after?: readonly string[];
}

/** How a part ended. A part is skipped when one that it needs did not pass. */
export interface PartResult {
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  readonly output: string;
}

/**
 * Runs every part as soon as those that it needs have passed; parts that need nothing of each other run at the same time.
 * Calls `ended` with the result of each part when that part ends, and returns all of them in the order of `parts`.
 */
export async function runParts(parts: readonly Part[], ended: (result: PartResult) => void): Promise<readonly PartResult[]> {
  const running = new Map<string, Promise<PartResult>>();
  for (const part of parts) {
    const needed = (part.after ?? []).map((name) => {
      const earlier = running.get(name);
      if (earlier === undefined) {
        throw new Error(`"${part.name}" needs "${name}", which has to stand before it in the list.`);
      }
      return earlier;
    });
    running.set(part.name, runPart(part, needed).then((result) => {
      ended(result);
      return result;
    }));
  }
  return Promise.all(running.values());
}

async function runPart({ name, command, env }: Part, needed: readonly Promise<PartResult>[]): Promise<PartResult> {
  const before = await Promise.all(needed);
  const missing = before.filter(({ status }) => status !== 'passed').map((result) => result.name);
  if (missing.length > 0) {
    return { name, status: 'skipped', seconds: 0, output: `Needs ${missing.join(', ')}.\n` };
  }
  const started = performance.now();
  const child = spawn('sh', ['-c', command], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  [child.stdout, child.stderr].forEach((stream) => stream.on('data', (chunk: Buffer) => chunks.push(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    name,
    status: code === 0 ? 'passed' : 'failed',
    seconds: (performance.now() - started) / 1000,
    output: Buffer.concat(chunks).toString(),
  };
}
