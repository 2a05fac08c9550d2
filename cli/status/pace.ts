import { CopyProgress, ImportView } from './import-view';
import { BLOCK_SIZE } from '../../src/shared/contract/disk-copy';

interface Sighting {
  readonly at: number;
  readonly progress: number;
}

/** Percent; less progress than this gives no estimate. */
const ENOUGH = 5;

/**
 * Estimates how long imports may still take. The blocks of a disk take as long as those before them. EC2 reports percents but no times. The pace follows from the progress seen
 * while watching; before that, from the time since the request, including time in the queue. EC2's percents do not advance
 * evenly, so this is a guess.
 */
export class Pace {
  private readonly first = new Map<string, Sighting>();

  /** Returns the estimated milliseconds left, or undefined if there is no estimate. */
  public left({ taskId, stage, startedAt }: ImportView, now: number): number | undefined {
    if (stage.kind === 'writing') {
      return stage.copy === undefined ? undefined : leftOf(stage.copy);
    }
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

function leftOf({ blocks, blocksWritten, bytesPerSecond }: CopyProgress): number | undefined {
  return bytesPerSecond === undefined ? undefined : ((blocks - blocksWritten) * BLOCK_SIZE * 1_000) / bytesPerSecond;
}
