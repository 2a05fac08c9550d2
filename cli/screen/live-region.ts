import { Output } from '../terminal';
import { fold, Line, paintLine, widthOf } from './line';
import { Paint } from './paint';

/**
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/ (CUU, ED)
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html (DECTCEM)
 */
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : '');
const CLEAR_BELOW = '\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** The size of a terminal that does not report one. */
const USUAL = { columns: 80, rows: 24 } as const;

/** Lines at the end of the terminal that are redrawn in place. Each drawing is one write, so it never appears half drawn. */
export class LiveRegion {
  private drawn: readonly Line[] = [];
  private state: 'new' | 'open' | 'ended' = 'new';

  constructor(private readonly output: Output, private readonly paint: Paint) {}

  public get columns(): number {
    return this.output.columns || USUAL.columns;
  }

  public draw(lines: readonly Line[]): void {
    if (this.state === 'ended') {
      return;
    }
    const { columns } = this;
    const start = this.state === 'new' ? HIDE_CURSOR : '';
    this.state = 'open';
    // A terminal that became narrower has folded the drawn rows.
    const above = this.drawn.reduce((rows, row) => rows + Math.max(1, Math.ceil(widthOf(row) / columns)), 0);
    this.drawn = this.cut(lines.flatMap((each) => fold(each, columns)));
    const text = this.drawn.map((row) => `${paintLine(row, this.paint)}\n`).join('');
    this.output.write(`${start}${up(above)}\r${CLEAR_BELOW}${text}`);
  }

  /** Leaves the last drawing in place, with the cursor below it. */
  public end(): void {
    if (this.state === 'open') {
      this.output.write(SHOW_CURSOR);
    }
    this.state = 'ended';
  }

  /** Cuts what does not fit: rows that scrolled out of the terminal cannot be redrawn. */
  private cut(rows: readonly Line[]): readonly Line[] {
    const most = Math.max(1, (this.output.rows || USUAL.rows) - 1);
    return rows.length <= most
      ? rows
      : [...rows.slice(0, most - 1), [{ text: `… and ${rows.length - most + 1} more lines`.slice(0, this.columns), color: 'dim' }]];
  }
}
