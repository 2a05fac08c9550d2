/** The ways in which imports are shown. */
import { Line, line, paintLine } from '../screen/line';
import { LiveRegion } from '../screen/live-region';
import { Paint, paintFor } from '../screen/paint';
import { Output } from '../terminal';
import { jsonOf } from './json';
import { blockOf, sentenceOf, stepOf, Told } from './lines';
import { Trouble } from './watch';

export interface Screen {
  show(imports: readonly Told[] | undefined, trouble: Trouble): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

/** What all of them say of the place. */
export interface Place {
  readonly region: string;
  readonly stack?: string;
}

/** On a terminal: as long as it is watched, drawn over in place. */
export class LiveScreen implements Screen {
  private readonly live: LiveRegion;

  constructor(output: Output, env: NodeJS.ProcessEnv, private readonly place: Place) {
    this.live = new LiveRegion(output, paintFor(output, env));
  }

  public show(imports: readonly Told[] | undefined, trouble: Trouble): void {
    this.live.draw([
      ...(imports === undefined ? [] : blocksOf(imports, this.place, this.live.columns)),
      line(trouble ?? 'Ctrl-C ends.', trouble === undefined ? 'dim' : 'yellow'),
    ]);
  }

  public end(): void {
    this.live.end();
  }
}

/** On a terminal, once. */
export class PrintedScreen implements Screen {
  private readonly paint: Paint;

  constructor(private readonly output: Output, env: NodeJS.ProcessEnv, private readonly place: Place) {
    this.paint = paintFor(output, env);
  }

  public show(imports: readonly Told[]): void {
    this.output.write(blocksOf(imports, this.place, this.output.columns || 80).map((each) => `${paintLine(each, this.paint)}\n`).join(''));
  }

  public end(): void {}
}

/** Anywhere else: a line for every step of an import. */
export class LinesScreen implements Screen {
  private readonly said = new Map<string, string>();

  constructor(private readonly output: Output, private readonly errors: Output, private readonly place: Place) {}

  public show(imports: readonly Told[] | undefined, trouble: Trouble): void {
    this.say('trouble', trouble ?? '', trouble === undefined ? undefined : () => this.errors.write(`${trouble}\n`));
    if (imports === undefined) {
      return;
    }
    this.say('none', imports.length === 0 ? 'none' : '', imports.length > 0 ? undefined : () => this.output.write(`${noneOf(this.place)}\n`));
    for (const told of imports) {
      this.say(keyOf(told), stepOf(told), () => this.output.write(`${sentenceOf(told)}\n`));
    }
  }

  public end(): void {}

  private say(subject: string, what: string, write: (() => unknown) | undefined): void {
    if (this.said.get(subject) !== what) {
      this.said.set(subject, what);
      write?.();
    }
  }
}

/** For scripts: one object, or one a line for as long as it is watched. */
export class JsonScreen implements Screen {
  private said?: string;

  constructor(
    private readonly output: Output, private readonly errors: Output, private readonly place: Place,
    private readonly now: () => number, private readonly form: 'object' | 'lines',
  ) {}

  public show(imports: readonly Told[] | undefined, trouble: Trouble): void {
    if (imports === undefined || trouble !== undefined) {
      this.write(`${trouble}`, () => this.errors.write(`${trouble}\n`));
      return;
    }
    const object = jsonOf(this.place.region, this.now(), imports);
    this.write(imports.map(stepOf).join('\n'), () =>
      this.output.write(`${JSON.stringify(object, undefined, this.form === 'object' ? 2 : undefined)}\n`));
  }

  public end(): void {}

  private write(what: string, write: () => unknown): void {
    if (this.said !== what) {
      this.said = what;
      write();
    }
  }
}

function blocksOf(imports: readonly Told[], place: Place, columns: number): Line[] {
  return imports.length === 0 ? [line(noneOf(place))] : imports.flatMap((told) => blockOf(told, columns));
}

function noneOf({ region, stack }: Place): string {
  return stack === undefined ? `No VM imports in ${region}.` : `No VM imports of stack ${stack} in ${region}.`;
}

function keyOf({ view: { id, stackId, logicalId } }: Told): string {
  return id ?? `${stackId}/${logicalId}`;
}
