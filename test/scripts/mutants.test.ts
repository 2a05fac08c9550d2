import { transformSync } from 'esbuild';
import { apply, mutantsOf, switchable } from '../../scripts/mutants';

const mutated = (source: string) => mutantsOf(source).map((mutant) => apply(source, mutant));

test.each([
  ['a === b;', ['(a !== b);']],
  ['x = a && !b;', ['x = (a || !b);', 'x = a && (b);']],
  ['x = a ? 1 : b;', ['x = (true) ? 1 : b;', 'x = (false) ? 1 : b;', 'x = a ? (1 + 1) : b;']],
  ['if (a) { b(); }', ['if ((true)) { b(); }', 'if ((false)) { b(); }', 'if (a) { ; }']],
  ['x = y.filter(f).some(g);', ['x = y.filter(f).every(g);', 'x = y.filter((() => true)).some(g);']],
  ['x = y?.min(z);', ['x = y?.max(z);']],
  ['x = { 1: a };', ['x = { [1 + 1]: a };']],
  ['x = true;', ['x = (false);']],
  ['x = a ?? (b ?? c);', ['x = (a && (b ?? c));', 'x = a ?? ((b && c));']],
])('the mutants of %s', (source, expected) => {
  expect(mutated(source).filter((text) => text !== ';')).toEqual(expected);
});

test.each(['type A = 1 | true;', 'import a from "b";', 'const x: "a" | 1 = y;', 'const x = "a" + b;'])('%s has none', (source) => {
  expect(mutated(source)).toEqual([]);
});

const SWITCHED = `
  const all = (values?: readonly number[]) => values?.filter((value): value is number => value > 1).some((value) => value * 2 - 1 === 3 && !(value < 2));
  const texts: Readonly<Record<number, string>> = { 1: 'one', 2: 'two' };
  const seen: unknown[] = [];
  for (const values of [[1], [1, 2], [3, 2], undefined]) {
    if (values === undefined || values.length > 1) seen.push('long or none');
    else seen.push('short');
    seen.push(all(values) ?? texts[values?.length ?? 2] ?? 'none');
  }
  return JSON.stringify([seen, texts]);
`;

/** Returns what the statements return or throw; the mutant of that number is active in them. */
function run(statements: string, active: number): string {
  const { code } = transformSync(`function body(isActive: (id: number) => boolean) {${statements}}`, { loader: 'ts' });
  try {
    return String(new Function(`${code} return body((id) => id === ${active});`)());
  } catch (error) {
    return String(error);
  }
}

test('of all the mutants in a source, the one that is switched on takes effect', () => {
  const mutants = mutantsOf(SWITCHED);
  const source = switchable(SWITCHED, mutants, 'isActive', 100);
  const results = mutants.map((_, index) => run(source, 100 + index));

  expect(run(source, 0)).toBe(run(SWITCHED, 0));
  expect(results).toEqual(mutants.map((mutant) => run(apply(SWITCHED, mutant), 0)));
  expect(new Set(results).size).toBeGreaterThan(8);
});
