/** How an import reads: a block of lines on a terminal, one sentence anywhere else. Pure. */
import { durationOf } from '../duration';
import { ImportView } from './import-view';
import { Line, line, Span } from '../screen/line';
import { printable } from '../screen/printable';

/** An import at a time. */
export interface Told {
  readonly view: ImportView;
  /** Milliseconds since it was asked for. */
  readonly elapsed?: number;
  /** Milliseconds that it may still take. */
  readonly left?: number;
}

const LONGEST_BAR = 30;
/** Columns that the text beside a bar takes, more or less. */
const BESIDE_BAR = 45;

export function titleOf({ stackName, imageName, imageVersion, logicalId, id }: ImportView): string {
  const image = imageName === undefined ? logicalId ?? id ?? '' : [imageName, imageVersion].filter(Boolean).join(' ');
  return printable(`${stackName ?? '(stack gone)'}  ${image}`);
}

/** On a terminal of so many columns. */
export function blockOf(told: Told, columns: number): Line[] {
  const { view } = told;
  const { stage } = view;
  const title: Line = [{ text: titleOf(view), color: 'bold' }];
  switch (stage.kind) {
    case 'failed':
      return [title, line(`  failed: ${printable(stage.reason)}`, 'red'), ...(stage.hint === undefined ? [] : [line(`  hint: ${stage.hint}`, 'yellow')])];
    case 'available':
      return [title, [{ text: '  available', color: 'green' }, ...what(view)]];
    case 'queued':
      return [title, [{ text: `  ${stageText(told)}`, color: 'yellow' }]];
    case 'importing':
    case 'tagging':
    case 'image-builder':
    case 'copying':
      return [[...title, ...what(view)], [...bar(stage.kind === 'importing' ? stage.progress ?? 0 : 100, columns), { text: `  ${stageText(told)}` }]];
  }
}

/** Where lines follow one another. */
export function sentenceOf(told: Told): string {
  const { view } = told;
  const { stage } = view;
  const hint = stage.kind === 'failed' && stage.hint !== undefined ? ` (hint: ${stage.hint})` : '';
  return [`${titleOf(view)}: ${stageText(told)}${hint}`, ...idsOf(view)].map(printable).join(', ');
}

/** What a sentence must differ in to be worth another line. */
export function stepOf({ view: { id, stackId, logicalId, stage } }: Told): string {
  const step = stage.kind === 'importing' && stage.progress !== undefined ? { ...stage, progress: Math.floor(stage.progress / 10) } : stage;
  return JSON.stringify([id ?? [stackId, logicalId], step]);
}

function stageText({ view: { stage }, elapsed, left }: Told): string {
  const times = [...(elapsed === undefined ? [] : [durationOf(elapsed)]), ...(left === undefined ? [] : [`about ${durationOf(left)} left`])];
  return [printable(stageName(stage)), ...times].join(', ');
}

function stageName(stage: ImportView['stage']): string {
  switch (stage.kind) {
    case 'queued':
      return `queued, about ${stage.position} of ${stage.of} in line`;
    case 'importing':
      return stage.progress === undefined ? stage.status : `${stage.progress} % ${stage.status}`;
    case 'tagging':
      return 'AMI is being tagged';
    case 'image-builder':
      return `Image Builder image ${stage.status}`;
    case 'copying':
      return `AMI is copied to the name ${stage.name}`;
    case 'available':
      return 'available';
    case 'failed':
      return `failed: ${stage.reason}`;
  }
}

function what(view: ImportView): Span[] {
  return idsOf(view).map((id) => ({ text: `  ${printable(id)}`, color: 'dim' }));
}

/** What somebody would look for next. */
function idsOf({ stage, taskId, amiId, imageArn, copies = [] }: ImportView): string[] {
  switch (stage.kind) {
    case 'importing':
    case 'failed':
      return [taskId].flatMap((id) => id ?? []);
    case 'available':
      return [amiId, imageArn, ...copies.map((copy) => `copy ${copy.name} ${copy.amiId}`)].flatMap((id) => id ?? []);
    default:
      return [amiId].flatMap((id) => id ?? []);
  }
}

function bar(percent: number, columns: number): Span[] {
  const width = Math.min(LONGEST_BAR, Math.max(0, columns - BESIDE_BAR));
  const done = Math.round((percent / 100) * width);
  return width === 0 ? [] : [{ text: '  ' }, { text: '█'.repeat(done), color: 'green' }, { text: '░'.repeat(width - done), color: 'dim' }];
}
