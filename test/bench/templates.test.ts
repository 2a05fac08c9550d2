/** What the templates of imports cost, of which docs/performance.md tells. */
import { capacities, capacityTable, MOST_RESOURCES } from '../../bench/capacity';
import { addImport, synthesize, templateGrowth } from '../../bench/synthesis';

const growth = templateGrowth();

test('an import of the default timeout is five custom resources and a role', () => {
  expect(Object.fromEntries(growth.perImport)).toEqual({ 'Custom::VmImportImage': 5, 'AWS::IAM::Role': 1 });
});

test('a stack has room for eighty imports, and for more of those that are short or share a role', () => {
  const all = capacities();
  expect(all.map(({ heldBy }) => heldBy)).toEqual([
    'resources of the stack', 'resources of the stack', 'managed policies of a role', 'resources of the stack', 'managed policies of a role',
  ]);
  [80, 158, 190, 96, 300].forEach((least, index) => expect(all[index]?.imports).toBeGreaterThanOrEqual(least));
  expect(capacityTable(all).rows[0]?.slice(1, 2)).toEqual([String(all[0]?.imports)]);
  expect(Object.keys(synthesize(all[0]?.imports ?? NaN, addImport).resources).length).toBeLessThanOrEqual(MOST_RESOURCES);
}, 120_000);

test('the template grows by the same for every import', () => {
  expect(growth.bytes.hundredth / growth.bytes.tenth).toBeLessThan(1.1);
  expect(growth.bytes.hundredth).toBeLessThan(12_000);
});
