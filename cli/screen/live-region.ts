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

/** Of a terminal that does not say how large it is. */
const USUAL = { columns: 80, rows: 24 } as const;

/** Lines at the end of a terminal that are drawn over. Each drawing is one write, so nothing is ever half drawn. */
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
    // A terminal that became narrower has folded what was drawn.
    const above = this.drawn.reduce((rows, row) => rows + Math.max(1, Math.ceil(widthOf(row) / columns)), 0);
    this.drawn = this.cut(lines.flatMap((each) => fold(each, columns)));
    const text = this.drawn.map((row) => `${paintLine(row, this.paint)}\n`).join('');
    this.output.write(`${start}${up(above)}\r${CLEAR_BELOW}${text}`);
  }

  /** Leaves what was drawn last, and the cursor below it. */
  public end(): void {
    if (this.state === 'open') {
      this.output.write(SHOW_CURSOR);
    }
    this.state = 'ended';
  }

  /** What scrolled out of a terminal cannot be drawn over. */
  private cut(rows: readonly Line[]): readonly Line[] {
    const most = Math.max(1, (this.output.rows || USUAL.rows) - 1);
    return rows.length <= most
      ? rows
      : [...rows.slice(0, most - 1), [{ text: `… and ${rows.length - most + 1} more lines`.slice(0, this.columns), color: 'dim' }]];
  }
}
