import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { shakableSchemas } from '../../scripts/lean-sdk';

const CLIENTS = ['client-cloudformation', 'client-ec2', 'client-eventbridge', 'client-imagebuilder', 'client-s3'];

describe.each(CLIENTS)('the schemas of %s', (client) => {
  const file = join(dirname(require.resolve(`@aws-sdk/${client}/package.json`)), 'dist-es', 'schemas', 'schemas_0.js');
  const source = readFileSync(file, 'utf8');

  test('say the same once they can be shaken', () => {
    const [before, after] = [source, shakableSchemas(source)].map((text) => exportsOf(file, text));
    expect(Object.keys(after ?? {}).length).toBeGreaterThan(50);
    expect(after).toEqual(before);
  });

  test('have no computed key left, and register no error but the base exception of the service', () => {
    const shakable = shakableSchemas(source);
    expect(shakable).not.toMatch(/\[_\w+\]:/);
    expect(shakable.match(/registerError\(\w+/g)).toEqual([expect.stringMatching(/registerError\(\w+ServiceException$/)]);
  });
});

test('what is quoted stays as it is, and so does a key that is no string', () => {
  const text = 'const _a = "A";\nvar x = [_a, "_a", `_a`, { [_a]: 1, [_b]: 2 }];\n';
  expect(shakableSchemas(text)).toBe('const _a = "A";\nvar x = ["A", "_a", `_a`, { "A": 1, [_b]: 2 }];\n');
});

/** All exports of a module of schemas, with each reference to another schema as that schema's name. */
function exportsOf(file: string, source: string): Record<string, unknown> {
  const { code } = transformSync(source, { format: 'cjs' });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const load = createRequire(file);
  // The errors of the client are ES modules; here, any class will do.
  const errors = new Proxy({}, { get: () => class {} });
  const requireBeside = (name: string): unknown => (name.startsWith('.') ? errors : load(name));
  new Function('module', 'exports', 'require', code)(module, module.exports, requireBeside);
  return JSON.parse(JSON.stringify(module.exports, (_, value: unknown) => (typeof value === 'function' ? nameOf(value()) : value))) as Record<string, unknown>;
}

function nameOf(schema: unknown): unknown {
  return Array.isArray(schema) ? `${schema[1]}#${schema[2]}` : schema;
}
