import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Part, PartResult, runParts } from '../../scripts/parts';

const run = async (...parts: readonly Part[]) => {
  const order: string[] = [];
  const results = await runParts(parts, ({ name }) => order.push(name));
  return { order, results: results.map(({ name, status, output }) => [name, status, output]) };
};

test('parts that need nothing of each other run at the same time', async () => {
  // The first one would never end if the second waited for it.
  const file = join(tmpdir(), `parts-${process.pid}`);
  const { results } = await run({ name: 'waits', command: `until rm ${file} 2>/dev/null; do sleep 0.05; done` }, { name: 'helps', command: `touch ${file}` });
  expect(results).toEqual([['waits', 'passed', ''], ['helps', 'passed', '']]);
});

test('a part begins when those that it needs have passed, and its output is kept', async () => {
  const { order, results } = await run(
    { name: 'first', command: 'sleep 0.2; echo one; echo two >&2' },
    { name: 'second', command: 'echo $WORD', env: { WORD: 'hello' }, after: ['first'] },
  );
  expect(order).toEqual(['first', 'second']);
  expect(results).toEqual([['first', 'passed', 'one\ntwo\n'], ['second', 'passed', 'hello\n']]);
});

test('a part that fails makes those that need it skipped, and no other', async () => {
  const { results } = await run(
    { name: 'broken', command: 'exit 3' },
    { name: 'dependent', command: 'true', after: ['broken'] },
    { name: 'indirect', command: 'true', after: ['dependent'] },
    { name: 'other', command: 'true' },
  );
  expect(results).toEqual([
    ['broken', 'failed', ''], ['dependent', 'skipped', 'Needs broken.\n'], ['indirect', 'skipped', 'Needs dependent.\n'], ['other', 'passed', ''],
  ] satisfies readonly (readonly [string, PartResult['status'], string])[]);
});

test('a part needs one that stands before it in the list', async () => {
  await expect(runParts([{ name: 'a', command: 'true', after: ['b'] }, { name: 'b', command: 'true' }], () => undefined))
    .rejects.toThrow('"a" needs "b", which has to stand before it in the list.');
});
