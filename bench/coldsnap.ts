/**
 * coldsnap, AWS's own tool that uploads a RAW file into a snapshot, as a peer of the worker: https://crates.io/crates/coldsnap. It is built once, which
 * takes some ten minutes: `cargo install coldsnap --version 0.12.0 --locked --root .local-cloud/peers/coldsnap`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const COLDSNAP_VERSION = '0.12.0';
export const COLDSNAP = join(__dirname, '..', '.local-cloud', 'peers', 'coldsnap', 'bin', 'coldsnap');

export interface CommandCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The most that was resident at any time. */
  readonly maxRssMiB: number;
}

/** Runs the arguments as a command, and prints what it took: Node.js does not say what a child has used. */
const MEASURE = `
import json, resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"seconds": time.monotonic() - started, "cpuSeconds": used.ru_utime + used.ru_stime, "maxRssMiB": used.ru_maxrss / 1024}))
`;

export function hasColdsnap(): boolean {
  return existsSync(COLDSNAP);
}

/** Uploads a RAW file to the EBS direct APIs at an address of this machine. `prefix` are the arguments that choose a processor. */
export function uploadWithColdsnap(file: string, endpoint: string, prefix: readonly string[]): CommandCost {
  const upload = [...prefix, COLDSNAP, '--endpoint', endpoint, '--region', 'us-east-1', 'upload', '--no-progress', file];
  const run = spawnSync('python3', ['-c', MEASURE, ...upload], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(run.stdout) as CommandCost;
}
