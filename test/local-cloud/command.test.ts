import { runCommand } from './command';

const SHELL = { env: process.env, timeoutMs: 10_000 };

/** True as long as a process of this id is there. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (lives(pid)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a command', () => {
  test('gives its exit code, its output as it came, and standard output by itself', async () => {
    const chunks: string[] = [];
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { ...SHELL, onOutput: (chunk) => chunks.push(chunk) });
    expect(result).toMatchObject({ code: 3, stdout: 'out\n' });
    expect(result.output).toContain('err\n');
    expect(chunks.join('')).toBe(result.output);
  });

  test('has no more of an environment than it was given', async () => {
    const { stdout } = await runCommand('/usr/bin/env', [], { ...SHELL, env: { ONLY: 'this' } });
    expect(stdout.split('\n')).toContain('ONLY=this');
    expect(stdout).not.toContain('PATH=');
  });

  test('that cannot be started is an error', async () => {
    await expect(runCommand('no-such-command', [], SHELL)).rejects.toThrow('ENOENT');
  });

  test.each`
    reason                        | options                                     | message
    ${'when its time is up'}      | ${() => ({ timeoutMs: 200 })}               | ${'did not end within 0.2 s'}
    ${'when it is aborted'}       | ${() => ({ signal: AbortSignal.timeout(200) })} | ${'was stopped'}
  `('is killed with its children $reason', async ({ options, message }) => {
    let child = 0;
    const running = runCommand('sh', ['-c', 'sleep 100 & echo $!; wait'], { ...SHELL, ...options(), onOutput: (chunk) => { child = Number(chunk); } });
    await expect(running).rejects.toThrow(message);
    await untilGone(child);
    expect(lives(child)).toBe(false);
  });

  test('is not run when it was aborted before', async () => {
    await expect(runCommand('sh', ['-c', 'sleep 100'], { ...SHELL, signal: AbortSignal.abort() })).rejects.toThrow('was stopped');
  });
});
