import { apply, mutantsOf } from '../../scripts/mutants';

const mutated = (source: string) => mutantsOf(source).map((mutant) => apply(source, mutant));

test.each([
  ['a === b;', ['a !== b;']],
  ['x = a && !b;', ['x = a || !b;', 'x = a && b;']],
  ['x = a ? 1 : b;', ['x = true ? 1 : b;', 'x = false ? 1 : b;', 'x = a ? (1 + 1) : b;']],
  ['if (a) { b(); }', ['if (true) { b(); }', 'if (false) { b(); }', 'if (a) { ; }']],
  ['x = y.filter(f).some(g);', ['x = y.filter(f).every(g);', 'x = y.filter(() => true).some(g);']],
  ['x = true;', ['x = false;']],
])('the mutants of %s', (source, expected) => {
  expect(mutated(source).filter((text) => text !== ';')).toEqual(expected);
});

test.each(['type A = 1 | true;', 'import a from "b";', 'const x: "a" | 1 = y;', 'const x = "a" + b;'])('%s has none', (source) => {
  expect(mutated(source)).toEqual([]);
});
