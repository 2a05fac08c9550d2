/**
 * What is to be seen on a terminal: as much of one as the command uses. Anything else is an error, so that a test fails
 * where a real terminal might do something else.
 */
export class Screen {
  cursor: 'shown' | 'hidden' = 'shown';
  private rows: string[] = [''];
  private row = 0;
  private column = 0;

  constructor(private columns: number) {}

  /** What is on it, without the blank end of lines; colours are left out. */
  get text(): string {
    return this.rows.map((row) => row.trimEnd()).join('\n').replace(/\n+$/, '');
  }

  write(output: string): this {
    for (const [token] of output.matchAll(/\u001b\[[?0-9;]*[A-Za-z]|[^]/gu)) {
      this.take(token);
    }
    return this;
  }

  /** As terminals do it: lines that are too long for the new width are folded, and the cursor stays with its text. */
  resize(columns: number): void {
    const folded = this.rows.map((row) => row.match(new RegExp(`[^]{1,${columns}}`, 'gu')) ?? ['']);
    this.row = folded.slice(0, this.row).flat().length;
    this.rows = folded.flat();
    this.columns = columns;
  }

  private take(token: string): void {
    switch (token) {
      case '\n':
        this.row += 1;
        this.column = 0;
        this.rows[this.row] ??= '';
        return;
      case '\r':
        this.column = 0;
        return;
      case '\u001b[J':
        this.rows = [...this.rows.slice(0, this.row), (this.rows[this.row] ?? '').slice(0, this.column)];
        return;
      case '\u001b[?25l':
        this.cursor = 'hidden';
        return;
      case '\u001b[?25h':
        this.cursor = 'shown';
        return;
    }
    const [, up] = /^\u001b\[([0-9]+)A$/.exec(token) ?? [];
    if (up !== undefined) {
      this.row = Math.max(0, this.row - Number(up));
    } else if (token.startsWith('\u001b')) {
      if (!/^\u001b\[[0-9;]*m$/.test(token)) {
        throw new Error(`A terminal is told ${JSON.stringify(token)}`);
      }
    } else {
      this.put(token);
    }
  }

  private put(character: string): void {
    if (this.column === this.columns) {
      this.take('\n');
    }
    const row = (this.rows[this.row] ?? '').padEnd(this.column);
    this.rows[this.row] = row.slice(0, this.column) + character + row.slice(this.column + 1);
    this.column += 1;
  }
}
