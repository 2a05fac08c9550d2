/** A page for the browser: one file without scripts, to open, to mail, or to keep open while it is rewritten. */
import { writeFileSync } from 'node:fs';
import { ImportView, Stage } from './import-view';
import { durationOf, stageText, Told, titleOf } from './lines';
import { Place, Screen, Trouble } from './screens';
import { Explained } from '../account/explain';
import { printable, reasonOf } from '../screen/printable';
import { Output } from '../terminal';

/** How often a watched page reloads itself, in seconds. */
const RELOAD_EVERY = 5;

/** Writes the page, and says so once. */
export class HtmlScreen implements Screen {
  private announced = false;
  private trouble: Trouble;

  constructor(
    private readonly file: string, private readonly output: Output, private readonly errors: Output, private readonly place: Place,
    private readonly now: () => number, private readonly mode: 'once' | 'watch',
  ) {}

  public show(imports: readonly Told[] | undefined, trouble: Trouble): void {
    if (trouble !== undefined && trouble !== this.trouble) {
      this.errors.write(`${trouble}\n`);
    }
    this.trouble = trouble;
    if (imports === undefined) {
      return;
    }
    this.write(pageOf(imports, this.place, this.now(), this.mode === 'watch' ? 'reload' : 'keep'));
    if (!this.announced) {
      this.announced = true;
      this.output.write(`${printable(this.file)} shows ${imports.length === 1 ? '1 import' : `${imports.length} imports`}${this.mode === 'watch' ? ' and is kept up to date until Ctrl-C' : ''}.\n`);
    }
  }

  public end(): void {}

  private write(page: string): void {
    try {
      writeFileSync(this.file, page);
    } catch (error) {
      throw new Explained(`${printable(this.file)} cannot be written (${reasonOf(error)}): use another file for --html.`);
    }
  }
}

type Group = 'running' | 'queued' | 'failed' | 'available';

const GROUPS: readonly (readonly [Group, string])[] = [['running', 'Running'], ['queued', 'Queued'], ['failed', 'Failed'], ['available', 'Available']];

/** Returns the page. */
export function pageOf(imports: readonly Told[], place: Place, now: number, reload: 'reload' | 'keep'): string {
  const title = `VM imports in ${place.region}${place.stack === undefined ? '' : `, stack ${place.stack}`}`;
  const longest = Math.max(1, ...imports.map((told) => spanOf(told) ?? 0));
  const tiles = GROUPS.map(([group, name]) => `<li class="${group}"><b>${imports.filter(({ view }) => groupOf(view.stage) === group).length}</b> ${name}</li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${reload === 'reload' ? `<meta http-equiv="refresh" content="${RELOAD_EVERY}">\n` : ''}<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="time">As of <time>${new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')}</time>, by cdk-vm-import status</p>
<ul class="tiles">${tiles.join('')}</ul>
${imports.length === 0 ? '<p>There are no VM imports.</p>' : `<table>
<thead><tr><th>Stack</th><th>Image</th><th>Stage</th><th>Duration</th><th>Resources</th></tr></thead>
<tbody>
${imports.map((told) => rowOf(told, longest)).join('\n')}
</tbody>
</table>`}
</body>
</html>
`;
}

function rowOf(told: Told, longest: number): string {
  const { view } = told;
  const [stack, name] = titleOf(view);
  return `<tr class="${groupOf(view.stage)}"><td>${escaped(stack)}</td><td>${escaped(name)}</td><td>${stageCell(told)}</td>`
    + `<td>${durationCell(told, longest)}</td><td>${resourcesCell(view)}</td></tr>`;
}

function stageCell(told: Told): string {
  const { stage } = told.view;
  const hint = stage.kind === 'failed' && stage.hint !== undefined ? `<p class="hint">${escaped(stage.hint)}</p>` : '';
  const progress = barOf(stage);
  return `${progress}${escaped(stageText(told))}${hint}`;
}

/** A bar relative to the longest import of the page. */
function durationCell(told: Told, longest: number): string {
  const span = spanOf(told);
  return span === undefined ? '' : `<span class="bar" style="width:${(100 * span / longest).toFixed(1)}px"></span>${durationOf(span)}`;
}

/** Milliseconds that the import took, or has taken so far. */
function spanOf({ view: { startedAt, finishedAt }, elapsed }: Told): number | undefined {
  return elapsed ?? (startedAt === undefined || finishedAt === undefined ? undefined : finishedAt - startedAt);
}

function resourcesCell({ taskId, amiId, imageArn, snapshotId, copies = [] }: ImportView): string {
  const ids = [taskId, amiId, imageArn, snapshotId, ...copies.map(({ amiId: copy, name }) => `${name} ${copy}`)];
  return ids.flatMap((id) => (id === undefined ? [] : [`<code>${escaped(id)}</code>`])).join('<br>');
}

function barOf(stage: Stage): string {
  switch (stage.kind) {
    case 'importing':
      return stage.progress === undefined ? '' : `<progress max="100" value="${stage.progress}"></progress>`;
    case 'writing':
      return stage.copy === undefined ? '' : `<progress max="${stage.copy.blocks}" value="${stage.copy.blocksWritten}"></progress>`;
    default:
      return '';
  }
}

function groupOf({ kind }: Stage): Group {
  return kind === 'queued' || kind === 'failed' || kind === 'available' ? kind : 'running';
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--running:#1a6dd8;--queued:#b7791f;--failed:#c53030;--available:#2f855a}
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.4rem;margin:0}.time{opacity:.7;margin:.2rem 0 1.2rem}
.tiles{display:flex;flex-wrap:wrap;gap:.8rem;list-style:none;padding:0}
.tiles li{border:1px solid var(--line);border-left:.3rem solid var(--c);border-radius:.4rem;padding:.5rem 1rem;min-width:6rem}
.tiles b{font-size:1.5rem;margin-right:.3rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.5rem .6rem;border-bottom:1px solid var(--line)}
tr.running,li.running{--c:var(--running)}tr.queued,li.queued{--c:var(--queued)}tr.failed,li.failed{--c:var(--failed)}tr.available,li.available{--c:var(--available)}
tbody td:nth-child(3){border-left:.3rem solid var(--c);padding-left:.6rem}td:nth-child(4){white-space:nowrap}
progress{width:100%;max-width:26rem;display:block;accent-color:var(--running)}.bar{display:inline-block;height:.7em;background:var(--c);border-radius:2px;margin-right:.5em;min-width:2px}
.hint{margin:.3rem 0 0;opacity:.8}td:last-child{min-width:17rem}code{font-size:.85em;overflow-wrap:anywhere}
@media(max-width:60rem){thead{display:none}tr,td{display:block}tr{border-bottom:1px solid var(--line);border-left:.3rem solid var(--c);padding:.5rem}
td,tbody td:nth-child(3){border:0;padding:.1rem .3rem}td:first-child,td:nth-child(2){display:inline-block;font-weight:600}td:empty{display:none}}
`.trim();
