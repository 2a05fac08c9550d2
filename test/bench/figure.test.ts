import { count, rounded, spread } from '../../bench/figure';
import { render } from '../../bench/render';

test.each([
  [[3, 1, 2], 2, '2 ms (1 to 3)'],
  [[4, 1, 2, 3], 2.5, '2.5 ms (1 to 4)'],
  [[7], 7, '7 ms (7 to 7)'],
])('of %j, the middle is %d', (samples, value, text) => {
  expect(spread(samples, 'ms')).toEqual({ value, text });
});

test.each([[0.12345, '0.123'], [1.2345, '1.23'], [12.345, '12.3'], [123.45, '123'], [1_234_567, '1,234,567'], [5, '5']])('%d is told as %s', (value, text) => {
  expect(rounded(value)).toBe(text);
});

test('the page begins with the ratios, and says which miss their limit', () => {
  const here = count(30, 'ms');
  const page = render([{
    title: 'Start',
    comparisons: [
      { what: 'good', here, rival: { name: 'theirs', ...count(120, 'ms') }, limit: { kind: 'ratio', atMost: 0.5 } },
      { what: 'bad', here, rival: { name: 'theirs', ...count(40, 'ms') }, limit: { kind: 'ratio', atMost: 0.5 } },
      { what: 'small', here, rival: { name: 'theirs', ...count(10, 'ms') }, limit: { kind: 'here', atMost: count(30, 'ms') } },
      { what: 'large', here, rival: { name: 'theirs', ...count(10, 'ms') }, limit: { kind: 'here', atMost: count(29, 'ms') } },
      { what: 'any', here, rival: { name: 'theirs', ...count(10, 'ms') } },
    ],
    tables: [{ head: ['a', 'b'], rows: [['1', '2|3']] }],
    notes: ['Measured.'],
  }], 'A machine.');
  expect(page).toBe([
    '## Ratios', '',
    '| What | Ratio | Limit | Here | Instead |', '| --- | --- | --- | --- | --- |',
    '| good | 0.25 | 0.5 | 30 ms | 120 ms, theirs |', '| bad | 0.75 | 0.5 **missed** | 30 ms | 40 ms, theirs |', '| small | 3 | 30 ms | 30 ms | 10 ms, theirs |', '| large | 3 | 29 ms **missed** | 30 ms | 10 ms, theirs |', '| any | 3 |  | 30 ms | 10 ms, theirs |', '',
    '## Start', '',
    '| a | b |', '| --- | --- |', '| 1 | 2\\|3 |', '',
    '- Measured.', '',
    '## Measured on', '',
    'A machine.',
  ].join('\n'));
});
