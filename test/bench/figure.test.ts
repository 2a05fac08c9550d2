import { rounded, spread } from '../../bench/figure';
import { render } from '../../bench/render';

test.each([
  [[3, 1, 2], '2 ms (1 to 3)'],
  [[4, 1, 2, 3], '2.5 ms (1 to 4)'],
  [[7], '7 ms (7 to 7)'],
])('the median of %j is shown with the least and the greatest', (samples, text) => {
  expect(spread(samples, 'ms')).toBe(text);
});

test.each([[0.12345, '0.123'], [1.2345, '1.23'], [12.345, '12.3'], [123.45, '123'], [1_234_567, '1,234,567'], [5, '5']])('%d is shown as %s', (value, text) => {
  expect(rounded(value)).toBe(text);
});

test('a page has a section for each group, and ends with what it was measured on', () => {
  const groups = [
    { title: 'Start', tables: [{ head: ['a', 'b'], rows: [['1', '2|3']] }], notes: ['Measured.'] },
    { title: 'End', tables: [], notes: [] },
  ];
  expect(render(groups, 'A machine.')).toBe([
    '## Start', '', '| a | b |', '| --- | --- |', '| 1 | 2\\|3 |', '', '- Measured.', '',
    '## End', '', '', '',
    '## Measured on', '', 'A machine.',
  ].join('\n'));
});
