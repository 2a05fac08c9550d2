import { ImportView } from './import-view';

interface Sighting {
  readonly at: number;
  readonly progress: number;
}

/** Percent; of less than this no pace can be told. */
const ENOUGH = 5;

/**
 * How long imports may still take. EC2 tells percents and no times: what was seen while watching gives the pace, and
 * before that the time since the request, waiting in line included. Percents do not pass evenly, so it is a guess.
 */
export class Pace {
  private readonly first = new Map<string, Sighting>();

  /** Milliseconds left, or nothing where it cannot be told. */
  public left({ taskId, stage, startedAt }: ImportView, now: number): number | undefined {
    if (stage.kind !== 'importing' || stage.progress === undefined || taskId === undefined) {
      return undefined;
    }
    const { progress } = stage;
    const seen = this.first.get(taskId);
    if (seen === undefined || seen.progress > progress) {
      this.first.set(taskId, { at: now, progress });
    }
    if (seen !== undefined && progress - seen.progress >= ENOUGH) {
      return ((now - seen.at) / (progress - seen.progress)) * (100 - progress);
    }
    return startedAt !== undefined && progress >= ENOUGH ? ((now - startedAt) / progress) * (100 - progress) : undefined;
  }
}
