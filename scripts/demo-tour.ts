/**
 * What `npm run demo -- --tour` shows beside the life of an import: the command for people, as the package has it, asking
 * the loopback AWS.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

const COMMAND = join(__dirname, '..', 'assets', 'cli', 'index.js');
/** The command looks every five seconds; so long it takes until the end is to be seen. */
const LAST_LOOK_MS = 6_000;

/** Shows what the command says, to the terminal if there is one. */
export async function show(cloud: LocalCloud, args: readonly string[]): Promise<void> {
  await once(start(cloud, args), 'exit');
}

/** Shows the imports while some work is done, as somebody does beside `cdk deploy`. */
export async function watching<T>(cloud: LocalCloud, work: () => Promise<T>): Promise<T> {
  const child = start(cloud, ['status', '--watch']);
  const ended = once(child, 'exit');
  try {
    const result = await work();
    await sleep(LAST_LOOK_MS);
    return result;
  } finally {
    // As Ctrl-C does: it leaves the terminal as it was.
    child.kill('SIGINT');
    await ended;
  }
}

function start(cloud: LocalCloud, args: readonly string[]) {
  console.log(`  $ npx cdk-vm-import ${args.join(' ')}`);
  const { NO_COLOR, TERM } = process.env;
  return spawn(process.execPath, [COMMAND, ...args], { env: { ...cloud.env, NO_COLOR, TERM }, stdio: ['ignore', 'inherit', 'inherit'] });
}
