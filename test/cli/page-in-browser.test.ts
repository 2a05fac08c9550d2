import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NOON, MINUTE } from './account-rig';
import { pageOf } from '../../cli/status/html';
import type { Told } from '../../cli/status/lines';
import { testWith } from '../languages/toolchain';
import { runCommand } from '../local-cloud/command';

const REPORTS = join(__dirname, '..', '..', 'test-reports');
const folder = mkdtempSync(join(tmpdir(), 'page-in-browser-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGE_ARN = 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/2.0.0/1';
const told: readonly Told[] = [
  { view: { stackName: 'Lab', imageName: 'rhel9', imageVersion: '1.0.0', taskId: 'import-ami-0123456789abcdef0', startedAt: NOON, stage: { kind: 'importing', status: 'converting', progress: 40 } }, elapsed: 10 * MINUTE, left: 15 * MINUTE },
  { view: { stackName: '東京', imageName: 'win2022', imageVersion: '1.0.0', startedAt: NOON, stage: { kind: 'queued', position: 1, of: 1 } }, elapsed: 2 * MINUTE },
  { view: { stackName: 'Data', imageName: '<i>data</i>', snapshotId: 'snap-0123456789abcdef0', startedAt: NOON, stage: { kind: 'writing', copy: { blocks: 204_800, blocksWritten: 153_600, bytesPerSecond: 400e6 } } }, elapsed: 2 * MINUTE, left: MINUTE },
  { view: { stackName: 'Web', imageName: 'old', imageVersion: '1.0.0', taskId: 'import-ami-0fedcba9876543210', startedAt: NOON, finishedAt: NOON + 5 * MINUTE, stage: { kind: 'failed', reason: 'ClientError: Unsupported VMDK File Format', hint: 'Export the disk as OVF or OVA, or convert it with "qemu-img convert -O vmdk -o subformat=streamOptimized".' } } },
  { view: { stackName: 'Web', imageName: 'golden', imageVersion: '2.0.0/1', amiId: 'ami-0123456789abcdef0', imageArn: IMAGE_ARN, startedAt: NOON, finishedAt: NOON + 78 * MINUTE, stage: { kind: 'available' } } },
];

/** What the browser shows, measured by a script that only the test adds to the page. */
interface Shown {
  readonly text: string;
  /** Pixels that are to the right of the window. */
  readonly overflow: number;
  /** Of each progress bar, its part that is done. */
  readonly progress: readonly number[];
  /** Pixels of the duration bars. */
  readonly bars: readonly number[];
}

const MEASURE = `<script>document.body.dataset.shown = encodeURIComponent(JSON.stringify({
  text: document.body.innerText,
  overflow: document.documentElement.scrollWidth - innerWidth,
  progress: [...document.querySelectorAll('progress')].map((bar) => bar.position),
  bars: [...document.querySelectorAll('.bar')].map((bar) => bar.getBoundingClientRect().width),
}))</script></body>`;

async function show(width: number): Promise<Shown> {
  mkdirSync(REPORTS, { recursive: true });
  const page = join(folder, `${width}.html`);
  writeFileSync(page, pageOf(told, { region: 'eu-west-1' }, NOON + 79 * MINUTE, 'keep').replace('</body>', MEASURE));
  const { code, stdout } = await runCommand('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${join(folder, 'profile')}`, `--window-size=${width},900`,
    `--screenshot=${pictureOf(width)}`, '--dump-dom', pathToFileURL(page).href,
  ], { env: process.env, timeoutMs: 60_000 });
  expect(code).toBe(0);
  const [, shown = ''] = /data-shown="([^"]*)"/.exec(stdout) ?? [];
  return JSON.parse(decodeURIComponent(shown)) as Shown;
}

const pictureOf = (width: number) => join(REPORTS, `status-page-${width}.png`);

/** Width and height: https://www.w3.org/TR/png-3/#11IHDR */
function sizeOf(picture: Buffer): readonly number[] {
  expect(picture.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [picture.readUInt32BE(16), picture.readUInt32BE(20)];
}

testWith(['chromium'], 'a browser shows the page of status --html whole, in a wide and in a narrow window', async () => {
  for (const width of [1200, 500]) {
    const { text, overflow, progress, bars } = await show(width);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(progress).toEqual([0.4, 0.75]);
    expect(bars.map(Math.round)).toEqual([13, 3, 3, 6, 100]);
    const expected = ['VM imports in eu-west-1', '東京', '<i>data</i>', '40 % converting, 10 min, about 15 min left', 'qemu-img convert', IMAGE_ARN, '1 h 18 min'];
    expect(expected.filter((each) => !text.includes(each))).toEqual([]);
    expect(sizeOf(readFileSync(pictureOf(width)))).toEqual([width, 900]);
  }
}, 180_000);
