/** The forms in which `status` shows imports. */
import { Line, line, paintLine } from '../screen/line';
import { LiveRegion } from '../screen/live-region';
import { Paint, paintFor } from '../screen/paint';
import { Output } from '../terminal';
import { blockOf, sentenceOf, stepOf, Told } from './lines';

/** A problem that may pass by itself, as a sentence; undefined if there is none. */
export type Trouble = string | undefined;

export interface Screen {
  /** Shows the imports; undefined if none were read yet. */
  show(imports: readonly Told[] | undefined, trouble: Trouble): void;
  /** Restores the terminal. */
  end(): void;
}

/** Where the shown imports are. */
export interface Place {
  readonly region: string;
  readonly stack?: string;
}

/** On a terminal with `--watch`: redraws in place. */
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

/** On a terminal without `--watch`: prints once. */
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

/** Without a terminal: prints a line for every step of an import. */
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

/** For scripts: prints one object, or with `--watch` one object a line. */
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

/**
 * Returns the JSON documented in docs/command.md. Fields are only added, never renamed or removed. Times are ISO 8601,
 * durations are in seconds.
 */
function jsonOf(region: string, now: number, imports: readonly Told[]): object {
  return { region, at: new Date(now).toISOString(), imports: imports.map(importJson) };
}

function importJson({ view, elapsed, left }: Told): object {
  const { stage, startedAt, finishedAt, ...names } = view;
  const { kind, ...details } = stage;
  return {
    ...names,
    stage: kind,
    ...detailsJson(stage.kind, details),
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(finishedAt),
    elapsedSeconds: secondsOf(elapsed),
    estimatedSecondsLeft: secondsOf(left),
  };
}

function timeOf(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds / 1000);
}

function detailsJson(kind: Told['view']['stage']['kind'], details: object): object {
  switch (kind) {
    case 'queued':
      return { queue: details };
    case 'failed':
      return { failure: details };
    case 'copying':
      // The copy is in `copies`.
      return {};
    default:
      return details;
  }
}
