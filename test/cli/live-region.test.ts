import { Screen } from './screen';
import { TerminalDouble } from './terminal-double';
import { fold, line, paintLine, widthOf } from '../../cli/screen/line';
import { LiveRegion } from '../../cli/screen/live-region';
import { paintFor } from '../../cli/screen/paint';

function region(columns: number, rows: number, env: NodeJS.ProcessEnv = {}) {
  const { stdout, said } = new TerminalDouble('terminal');
  Object.assign(stdout, { columns, rows });
  const screen = new Screen(columns || 80);
  let shown = 0;
  return {
    stdout,
    said,
    live: new LiveRegion(stdout, paintFor(stdout, env)),
    screen: () => {
      screen.write(said.stdout.slice(shown));
      shown = said.stdout.length;
      return screen;
    },
  };
}

const lines = (...texts: string[]) => texts.map((text) => line(text));

describe('lines that are drawn over', () => {
  test('stand where they stood, more of them or fewer', () => {
    const { live, screen } = region(40, 20);
    live.draw(lines('one', 'two', 'three'));
    expect(screen()).toMatchObject({ text: 'one\ntwo\nthree', cursor: 'hidden' });
    live.draw(lines('one', 'four'));
    expect(screen().text).toBe('one\nfour');
    live.draw(lines('', 'one', 'two', 'three', 'four'));
    expect(screen().text).toBe('\none\ntwo\nthree\nfour');
    live.end();
    expect(screen()).toMatchObject({ text: '\none\ntwo\nthree\nfour', cursor: 'shown' });
  });

  test('are one write a drawing, so that nothing is half drawn', () => {
    const { live, stdout } = region(40, 20);
    const write = jest.spyOn(stdout, 'write');
    live.draw(lines('one', 'two'));
    live.draw(lines('three'));
    expect(write).toHaveBeenCalledTimes(2);
  });

  test('are folded where the terminal is narrow, and nothing of them is lost', () => {
    const { live, screen } = region(10, 20);
    live.draw(lines('a failure of many words', 'next'));
    expect(screen().text).toBe('a failure\nof many wo\nrds\nnext');
    live.draw(lines('short'));
    expect(screen().text).toBe('short');
  });

  test('are found again when the terminal became narrower', () => {
    const { live, screen, stdout } = region(40, 20);
    live.draw(lines('0123456789012345678901234', 'two'));
    screen().resize(10);
    stdout.columns = 10;
    live.draw(lines('one', 'two'));
    expect(screen().text).toBe('one\ntwo');
  });

  test('that a terminal has no room for are counted', () => {
    const { live, screen, stdout } = region(20, 4);
    live.draw(lines('one', 'two', 'three'));
    expect(screen().text).toBe('one\ntwo\nthree');
    live.draw(lines('one', 'two', 'three', 'four', 'five'));
    expect(screen().text).toBe('one\ntwo\n… and 3 more lines');
    stdout.rows = 1;
    live.draw(lines('one', 'two'));
    expect(screen().text).toContain('… and 2 more lines');
  });

  test('are drawn for a usual terminal where it does not say how large it is', () => {
    const { live, screen } = region(0, 0);
    expect(live.columns).toBe(80);
    live.draw(Array.from({ length: 30 }, (_, index) => line(`line ${index}`)));
    expect(screen().text.split('\n').slice(-2)).toEqual(['line 21', '… and 8 more lines']);
  });

  test('end once, and leave the cursor of a terminal alone where nothing was drawn', () => {
    const { live, said } = region(40, 20);
    live.end();
    live.draw(lines('late'));
    expect(said.stdout).toBe('');
  });
});

describe('a line', () => {
  const spans = [{ text: 'red', color: 'red' }, { text: ' plain' }] as const;

  test('has its colours on a terminal, and its width without them', () => {
    expect(paintLine(spans, paintFor({ isTTY: true }, {}))).toBe('\u001b[31mred\u001b[0m plain');
    expect(paintLine(spans, paintFor({ isTTY: true }, { NO_COLOR: '1' }))).toBe('red plain');
    expect(widthOf(spans)).toBe(9);
    expect(widthOf(line('█🖥'))).toBe(2);
  });

  test('keeps its colours when it is folded', () => {
    expect(fold(spans, 2)).toEqual([
      [{ text: 're', color: 'red' }], [{ text: 'd', color: 'red' }, { text: ' ' }], [{ text: 'pl' }], [{ text: 'ai' }], [{ text: 'n' }],
    ]);
    expect(fold(line(''), 5)).toEqual([[]]);
  });
});

describe('text of any script', () => {
  test.each([
    ['East Asian characters', '東京イメージ', 12], ['Hangul', '서울', 4], ['a combining mark', 'e\u0301', 1], ['an emoji of several code points', '👩‍💻', 2], ['a flag', '🇩🇪', 2], ['full-width letters', 'Ａ', 2], ['a bar', '█░', 2],
  ])('%s: takes the columns that a terminal gives it', (_, text, columns) => expect(widthOf(line(text))).toBe(columns));

  test('is folded between characters, none of them in two', () => {
    const rows = fold([{ text: '東京', color: 'bold' }, { text: 'ab👩‍💻e\u0301' }], 3);
    expect(rows.map((spans) => spans.map(({ text }) => text).join('|'))).toEqual(['東', '京|a', 'b👩‍💻', 'e\u0301']);
    expect(rows[1]).toEqual([{ text: '京', color: 'bold' }, { text: 'a', color: undefined }]);
    expect(rows.every((spans) => widthOf(spans) <= 3)).toBe(true);
  });

  test('is not lost on a terminal of one column', () => {
    expect(fold(line('東a'), 1).flat().map(({ text }) => text).join('')).toBe('東a');
  });
});
