/** Formats an import: as a block of lines on a terminal, as one sentence anywhere else. Pure. */
import { CopyProgress, ImportView } from './import-view';
import { BLOCK_SIZE } from '../../src/shared/contract/disk-copy';
import { Line, line, Span } from '../screen/line';
import { printable } from '../screen/printable';

/** An import as seen at one point in time. */
export interface Told {
  readonly view: ImportView;
  /** Milliseconds since CloudFormation requested it. */
  readonly elapsed?: number;
  /** Estimated milliseconds until it is done. */
  readonly left?: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const LONGEST_BAR = 30;
/** Approximate columns of the text beside a bar. */
const BESIDE_BAR = 45;

/** Returns the names of the stack and of the image, or of the construct while the image has no name. Without either, says what it is. */
export function titleOf(view: ImportView): readonly [string, string] {
  const { stackName, imageName, imageVersion, logicalId } = view;
  const image = [imageName ?? constructOf(logicalId) ?? kindOf(view), imageVersion].filter(Boolean).join(' ');
  return [printable(stackName ?? '(stack gone)'), printable(image)];
}

/** Returns the ids of the constructs in a logical id of the CDK, without the hash and the name of the resource. */
function constructOf(logicalId: string | undefined): string | undefined {
  return logicalId?.replace(/[0-9A-F]{8}$/, '').replace(/(?<=.)(Import\d*|Ami)$/, '');
}

/** A disk that is copied has no AMI. An AMI that is registered from such disks has neither a task nor an image. */
function kindOf({ snapshotId, amiId, taskId, imageArn }: ImportView): string {
  return snapshotId !== undefined ? 'snapshot copy' : amiId !== undefined && taskId === undefined && imageArn === undefined ? 'AMI' : 'import';
}

/** Returns the lines for a terminal of this many columns. */
export function blockOf(told: Told, columns: number): Line[] {
  const { view } = told;
  const { stage } = view;
  const title: Line = [{ text: titleOf(view).join('  '), color: 'bold' }];
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
    case 'writing':
      return [[...title, ...what(view)], [...bar(percentOf(stage), columns), { text: `  ${stageText(told)}` }]];
  }
}

/** Returns one line for a log or a pipe. */
export function sentenceOf(told: Told): string {
  const { view } = told;
  const { stage } = view;
  const hint = stage.kind === 'failed' && stage.hint !== undefined ? ` (hint: ${stage.hint})` : '';
  return [`${titleOf(view).join('  ')}: ${stageText(told)}${hint}`, ...idsOf(view)].map(printable).join(', ');
}

/** Returns a key that changes when the import deserves another line in a log. */
export function stepOf({ view: { id, stackId, logicalId, stage } }: Told): string {
  return JSON.stringify([id ?? [stackId, logicalId], tenthOf(stage)]);
}

/** Returns the stage with its progress in steps of 10 %. */
function tenthOf(stage: ImportView['stage']): object {
  switch (stage.kind) {
    case 'importing':
      return { ...stage, progress: stage.progress && Math.floor(stage.progress / 10) };
    case 'writing':
      return { kind: stage.kind, progress: stage.copy && Math.floor(percentOf(stage) / 10) };
    default:
      return stage;
  }
}

/** Returns the stage with its times. */
export function stageText({ view: { stage }, elapsed, left }: Told): string {
  if (stage.kind === 'queued') {
    return `queued${elapsed === undefined ? '' : ` for ${durationOf(elapsed)}`}, about ${stage.position} of ${stage.of} in line`;
  }
  const times = [...(elapsed === undefined ? [] : [durationOf(elapsed)]), ...(left === undefined ? [] : [`about ${durationOf(left)} left`])];
  return [printable(stageName(stage)), ...times].join(', ');
}

function stageName(stage: Exclude<ImportView['stage'], { kind: 'queued' }>): string {
  switch (stage.kind) {
    case 'importing':
      return stage.progress === undefined ? stage.status : `${stage.progress} % ${stage.status}`;
    case 'tagging':
      return 'AMI is being tagged';
    case 'image-builder':
      return `Image Builder image ${stage.status}`;
    case 'copying':
      return `AMI is copied to the name ${stage.name}`;
    case 'writing':
      return stage.copy === undefined ? 'snapshot is being started' : writingName(stage.copy);
    case 'available':
      return 'available';
    case 'failed':
      return `failed: ${stage.reason}`;
  }
}

function writingName({ blocks, blocksWritten, bytesPerSecond }: CopyProgress): string {
  if (blocksWritten >= blocks) {
    return 'snapshot is being completed';
  }
  const size = `${Math.floor((100 * blocksWritten) / blocks)} % of ${gibOf(blocks * BLOCK_SIZE)} GiB written`;
  return bytesPerSecond === undefined ? size : `${size}, ${gibOf(bytesPerSecond)} GiB/s`;
}

function gibOf(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib < 10 ? String(Math.round(gib * 100) / 100) : String(Math.round(gib));
}

/** Returns how much of a bar is full. */
function percentOf(stage: ImportView['stage']): number {
  switch (stage.kind) {
    case 'importing':
      return stage.progress ?? 0;
    case 'writing':
      return stage.copy === undefined ? 0 : (100 * stage.copy.blocksWritten) / stage.copy.blocks;
    default:
      return 100;
  }
}

function what(view: ImportView): Span[] {
  return idsOf(view).map((id) => ({ text: `  ${printable(id)}`, color: 'dim' }));
}

/** Returns the ids that a user needs next. */
function idsOf({ stage, taskId, amiId, imageArn, snapshotId, copies = [] }: ImportView): string[] {
  switch (stage.kind) {
    case 'importing':
    case 'failed':
      return [taskId, snapshotId].flatMap((id) => id ?? []);
    case 'available':
      return [amiId, imageArn, snapshotId, ...copies.map((copy) => `copy ${copy.name} ${copy.amiId}`)].flatMap((id) => id ?? []);
    default:
      return [amiId, snapshotId].flatMap((id) => id ?? []);
  }
}

function bar(percent: number, columns: number): Span[] {
  const width = Math.min(LONGEST_BAR, Math.max(0, columns - BESIDE_BAR));
  const done = Math.round((percent / 100) * width);
  return width === 0 ? [] : [{ text: '  ' }, { text: '█'.repeat(done), color: 'green' }, { text: '░'.repeat(width - done), color: 'dim' }];
}

/** Formats milliseconds as people write them, as in `5 min`. */
export function durationOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < MINUTE) {
    return `${seconds} s`;
  }
  if (seconds < HOUR) {
    return `${Math.floor(seconds / MINUTE)} min`;
  }
  return `${Math.floor(seconds / HOUR)} h ${String(Math.floor((seconds % HOUR) / MINUTE)).padStart(2, '0')} min`;
}
