/** How many imports a stack holds, which docs/performance.md quotes. */
import { Duration } from 'aws-cdk-lib';
import { capacityOf, exceeded, MOST_BYTES, MOST_RESOURCES, synthesize, type Template } from '../../bench/synthesis';

const FITS: Template = { bytes: 1_000_000, resources: 500, managedPolicies: 10 };

test.each<[Partial<Template>, ReturnType<typeof exceeded>]>([
  [{}, undefined],
  [{ resources: 501 }, 'resources'],
  [{ bytes: 1_000_001 }, 'template bytes'],
  [{ managedPolicies: 11 }, 'managed policies of a role'],
])('a template at the limits with %j exceeds: %s', (change, limit) => {
  expect(exceeded({ ...FITS, ...change })).toBe(limit);
});

test.each([[0, 79, 'resources'], [10, 79, 'resources']])('with %i tags, a stack holds at least %i imports of the default timeout', (tags, least, heldBy) => {
  const { imports, template, heldBy: limit } = capacityOf({ timeout: Duration.hours(4), role: 'own', tags });
  expect(imports).toBeGreaterThanOrEqual(least);
  expect(template.bytes).toBeLessThanOrEqual(MOST_BYTES);
  expect(template.resources).toBeLessThanOrEqual(MOST_RESOURCES);
  expect(limit).toBe(heldBy);
}, 120_000);

test('an import of the default timeout adds six resources: five segments and a role', () => {
  expect(synthesize(2).resources - synthesize(1).resources).toBe(6);
});
