import { join } from 'node:path';
import { runCommand } from '../local-cloud/command';

const ROOT = join(__dirname, '..', '..');

jest.setTimeout(600_000);

test('the table in docs/security.md is that of the template: npm run docs:permissions would change nothing', async () => {
  const script = join(ROOT, 'scripts', 'permissions.ts');
  const { output, code } = await runCommand(process.execPath, [require.resolve('tsx/cli'), script, '--check'], { cwd: ROOT, env: process.env, timeoutMs: 90_000 });
  expect(output).toContain('docs/security.md is up to date');
  expect(code).toBe(0);
});
