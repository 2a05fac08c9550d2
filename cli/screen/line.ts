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

/** Returns how many columns of a terminal a line takes. */
export function widthOf(spans: Line): number {
  return spans.reduce((width, { text }) => width + [...text].length, 0);
}

/** Splits a line into rows of a terminal. Nothing is lost, however narrow the terminal is. */
export function fold(spans: Line, columns: number): Line[] {
  const rows: Span[][] = [[]];
  let left = columns;
  for (const { text, color } of spans) {
    let rest = [...text];
    while (rest.length > 0) {
      if (left === 0) {
        rows.push([]);
        left = columns;
      }
      const piece = rest.slice(0, left);
      rows[rows.length - 1]?.push({ text: piece.join(''), color });
      left -= piece.length;
      rest = rest.slice(piece.length);
    }
  }
  return rows;
}
