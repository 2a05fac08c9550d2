import stringWidth from 'string-width';
import { Paint } from './paint';

/** A piece of a line in one color. */
export interface Span {
  readonly text: string;
  readonly color?: Parameters<Paint>[0];
}

/** A line, independent of any terminal. */
export type Line = readonly Span[];

/** Returns a line of one piece. */
export function line(text: string, color?: Span['color']): Line {
  return [{ text, color }];
}

export function paintLine(spans: Line, paint: Paint): string {
  return spans.map(({ text, color }) => (color === undefined ? text : paint(color, text))).join('');
}

/** Returns how many columns of a terminal a line takes: East Asian characters and emoji take two, combining marks none. */
export function widthOf(spans: Line): number {
  return spans.reduce((width, { text }) => width + stringWidth(text), 0);
}

/** Splits text into what a reader takes for one character. */
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Splits a line into rows of a terminal. Nothing is lost, however narrow the terminal is. */
export function fold(spans: Line, columns: number): Line[] {
  const rows: Span[][] = [[]];
  let left = columns;
  for (const { text, color } of spans) {
    let piece = '';
    const finishPiece = () => {
      if (piece !== '') {
        rows.at(-1)?.push({ text: piece, color });
        piece = '';
      }
    };
    for (const { segment } of CHARACTERS.segment(text)) {
      const width = stringWidth(segment);
      if (width > left) {
        finishPiece();
        rows.push([]);
        left = columns;
      }
      piece += segment;
      left -= width;
    }
    finishPiece();
  }
  return rows;
}
