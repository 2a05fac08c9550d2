import type { ImportImageTask } from '@aws-sdk/client-ec2';
import type { Image } from '@aws-sdk/client-imagebuilder';

/** What is to be seen of an import: its task, then its image. */
export interface ImportView {
  readonly task?: ImportImageTask;
  readonly image?: Image;
}

/** Where the progress goes. */
export interface Screen {
  /** A terminal is redrawn in place; anything else gets a line for every change. */
  readonly kind: 'terminal' | 'lines';
  write(text: string): void;
}

const BAR_WIDTH = 30;

/** Shows one import as it goes. */
export class ImportProgress {
  private shown = '';

  constructor(private readonly screen: Screen) {}

  public update(view: ImportView): void {
    const line = this.describe(view);
    if (line === undefined || line === this.shown) {
      return;
    }
    this.shown = line;
    switch (this.screen.kind) {
      case 'terminal':
        this.screen.write(`\r\x1b[2K${line}`);
        return;
      case 'lines':
        this.screen.write(`${line}\n`);
    }
  }

  /** Leaves the last state on the screen. */
  public end(): void {
    if (this.screen.kind === 'terminal' && this.shown !== '') {
      this.screen.write('\n');
    }
  }

  private describe({ task, image }: ImportView): string | undefined {
    if (!task) {
      return undefined;
    }
    const { percent, phase } = stateOf(task, image);
    switch (this.screen.kind) {
      case 'terminal': {
        const done = Math.round((percent / 100) * BAR_WIDTH);
        return `  [${'#'.repeat(done)}${'.'.repeat(BAR_WIDTH - done)}] ${String(percent).padStart(3)} %  ${phase}`;
      }
      case 'lines':
        return `  ${task.ImportTaskId}: ${phase}`;
    }
  }
}

function stateOf(task: ImportImageTask, image?: Image): { readonly percent: number; readonly phase: string } {
  if (image?.state?.status) {
    return { percent: 100, phase: `Image Builder image ${image.state.status}` };
  }
  return task.Status === 'active'
    ? { percent: Number(task.Progress ?? 0), phase: `import task ${task.StatusMessage ?? 'pending'}` }
    : { percent: 100, phase: `import task ${task.Status}` };
}
