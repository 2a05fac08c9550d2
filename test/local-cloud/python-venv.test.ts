import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonVenv } from './python-venv';

/** The smallest of what the loopback AWS needs anyway. */
const SMALL = ['six==1.17.0'];

describe('the Python environment', () => {
  const path = process.env.PATH;
  let bin: string;

  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'python-venv-'));
  });

  afterEach(() => {
    process.env.PATH = path;
    rmSync(bin, { recursive: true, force: true });
  });

  function fakePython(answer: object): void {
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    chmodSync(join(bin, 'python3'), 0o755);
    symlinkSync('/bin/sh', join(bin, 'sh'));
    process.env.PATH = bin;
  }

  test('is one that Python modules run in, and the same one for two callers at once', async () => {
    const [first, second] = await Promise.all([pythonVenv(SMALL), pythonVenv(SMALL)]);
    expect(first).toEqual(second);
    const prefixes = execFileSync(first.python, ['-c', 'import sys; print(sys.prefix != sys.base_prefix)'], { encoding: 'utf8' });
    expect(prefixes.trim()).toBe('True');
  }, 120_000);

  test('tells what to install when there is no Python', async () => {
    process.env.PATH = bin;
    await expect(pythonVenv(SMALL)).rejects.toThrow(
      'The loopback AWS needs Python 3.10 or newer with its venv module (no python3 is on the PATH): install it, on Debian and Ubuntu by `apt-get install python3 python3-venv`.',
    );
  });

  test('tells what to install when Python lacks its venv module, as on Debian without python3-venv', async () => {
    fakePython({ version: '3.12.1 (main)', recent: true, prefix: '/usr', venv: false });
    await expect(pythonVenv(SMALL)).rejects.toThrow('(python3 has no venv module)');
  });

  test('tells what to install when Python is too old', async () => {
    fakePython({ version: '3.9.6 (default)', recent: false, prefix: '/usr', venv: true });
    await expect(pythonVenv(SMALL)).rejects.toThrow('(python3 is version 3.9.6)');
  });

  test('names the requirement that cannot be had', async () => {
    await expect(pythonVenv(['./no-such-requirement.whl'])).rejects.toThrow(/could not be made: .*no-such-requirement/s);
  }, 120_000);
});
