/** Draws docs/images/status.svg, the picture of `status --watch` in the README, with the command's own lines: `npx tsx scripts/status-picture.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { Line, line } from '../cli/screen/line';
import { blockOf, Told } from '../cli/status/lines';

const MINUTE = 60_000;
const COLUMNS = 100;
/** Pixels of one character in a monospaced font of 14 pixels. */
const CELL = { width: 8.43, height: 20 } as const;
const COLORS = { red: '#f47067', green: '#57ab5a', yellow: '#c69026', blue: '#539bf5', bold: '#f0f6fc', dim: '#8b949e' } as const;

const IMPORTS: readonly Told[] = [
  {
    view: { stackName: 'Lab', imageName: 'rhel9', imageVersion: '1.0.0', taskId: 'import-ami-0a1b2c3d4e5f60718', stage: { kind: 'importing', status: 'converting', progress: 40 } },
    elapsed: 10 * MINUTE,
    left: 15 * MINUTE,
  },
  { view: { stackName: 'Lab', imageName: 'win2022', imageVersion: '1.0.0', stage: { kind: 'queued', position: 1, of: 1 } }, elapsed: 2 * MINUTE },
  {
    view: {
      stackName: 'Web',
      imageName: 'old',
      imageVersion: '1.0.0',
      stage: { kind: 'failed', reason: 'ClientError: Unsupported VMDK File Format', hint: 'the VMDK is not stream-optimized: export it as OVF or OVA, or convert it with qemu-img' },
    },
  },
  { view: { stackName: 'Web', imageName: 'golden', imageVersion: '2.0.0/1', amiId: 'ami-0123456789abcdef0', stage: { kind: 'available' } } },
];

/** Returns the picture. */
export function statusPicture(): string {
  const lines: readonly Line[] = [
    [{ text: '$ ', color: 'dim' }, { text: 'npx cdk-vm-import status --watch', color: 'bold' }],
    ...IMPORTS.flatMap((told) => blockOf(told, COLUMNS)),
    line('Ctrl-C ends.', 'dim'),
  ];
  const [width, height] = [COLUMNS * CELL.width + 40, lines.length * CELL.height + 36];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="cdk-vm-import status --watch">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="#d1d7e0">
${lines.map(rowOf).join('\n')}
</g>
</svg>
`;
}

function rowOf(spans: Line, row: number): string {
  let column = 0;
  return spans.map(({ text, color }) => {
    const x = 20 + column * CELL.width;
    const width = stringWidth(text);
    column += width;
    const style = color === undefined ? '' : ` fill="${COLORS[color]}"${color === 'bold' ? ' font-weight="bold"' : ''}`;
    return `<text x="${x.toFixed(1)}" y="${28 + row * CELL.height}" textLength="${(width * CELL.width).toFixed(1)}"${style}>${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/ /g, '\u00a0')}</text>`;
  }).join('');
}

if (require.main === module) {
  writeFileSync(join(__dirname, '..', 'docs', 'images', 'status.svg'), statusPicture());
}
