import { IMAGE_MS, TASK_DELETING_MS, TASK_MS } from './faults';
import { Contender, faultTable, importTable, lastWords } from './table';
import type { Trial } from './trial';

/** Where and how long the trials ran. */
export interface Circumstances {
  readonly machine: string;
  readonly minutes: number;
}

/** The section of bench/RESULTS.md. */
export function report(contenders: readonly Contender[], trials: readonly Trial[], { machine, minutes }: Circumstances): string {
  const undone = trials.filter((trial) => trial.undone !== undefined);
  const clean = undone.filter(({ undone: left }) => left && left.tasks + left.images + left.amis + left.snapshots === 0);
  return [
    '## The same import by other tools',
    `\`npm run bench:peers\`, ${minutes.toFixed(0)} minutes on ${machine}. One run each, so a wait of up to one poll interval is in every figure.`,
    contenders.map((contender) => `- ${contender.name}: ${'versions' in contender ? contender.versions : `not available: ${contender.unavailable}`}`).join('\n'),
    `All on the loopback AWS in real time: a task takes ${TASK_MS / 1000} s, a failed one is \`deleting\` for ${TASK_DELETING_MS / 1000} s, Image Builder takes ${IMAGE_MS / 1000} s more. `
      + 'Each tool uploads the same disk of 8 MB from a file. Calls are those to EC2 and Image Builder; the role `vmimport` and the bucket, which all but this library want made by hand, were there.',
    '### Without a fault',
    importTable(contenders, trials),
    '### Under faults',
    faultTable(contenders, trials),
    `After every trial of this library \`cdk destroy\` was run: ${clean.length} of ${undone.length} times no task, image, AMI or snapshot was left. The other tools have no such command.`,
    '### What they say when they fail',
    lastWords(contenders, trials),
  ].join('\n\n');
}
