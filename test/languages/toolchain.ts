import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A test that needs the commands of a language. Where one is missing the test is skipped and its name says why; in
 * continuous integration it runs all the same, and fails.
 */
export function testWith(commands: readonly string[], name: string, body: () => Promise<void>, timeoutMs: number): void {
  const missing = commands.filter((command) => !isOnPath(command));
  if (missing.length > 0 && process.env.CI === undefined) {
    test.skip(`${name} (skipped: ${missing.join(' and ')} not found on the PATH)`, body);
    return;
  }
  test(name, async () => {
    expect(missing).toEqual([]);
    await body();
  }, timeoutMs);
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
