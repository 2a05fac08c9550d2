import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../test/local-cloud/command';

const CACHE = join(__dirname, '..', '..', '.local-cloud', 'peers');
const BUILD_TIMEOUT_MS = 900_000;

/** Builds the tool that a pinned module requires, once; gives the path of the program. */
export async function goTool(name: string, modulePath: string, signal: AbortSignal): Promise<string> {
  const pins = join(__dirname, 'pins', name);
  const identity = ['go.mod', 'go.sum'].map((file) => readFileSync(join(pins, file), 'utf8')).join('\n');
  const folder = join(CACHE, `${name}-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`);
  const program = join(folder, name);
  if (!existsSync(program)) {
    await mkdir(folder, { recursive: true });
    const building = `${program}-${process.pid}`;
    const { code, output } = await runCommand('go', ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', building, modulePath], {
      // One package at a time: the compiler would take every core for minutes.
      cwd: pins, env: { ...process.env, GOFLAGS: '-p=1' }, timeoutMs: BUILD_TIMEOUT_MS, signal,
    });
    if (code !== 0) {
      throw new Error(`"go build ${modulePath}" ended with ${code}: ${output.trim()}`);
    }
    await rename(building, program);
  }
  return program;
}
