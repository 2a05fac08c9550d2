import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountRig, MINUTE, NOON } from './account-rig';
import { TerminalDouble } from './terminal-double';
import { pageOf } from '../../cli/status/html';
import type { Told } from '../../cli/status/lines';

const folder = mkdtempSync(join(tmpdir(), 'status-html-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'imports.html');
const place = { region: 'eu-west-1' };
const rowsOf = (page: string) => page.match(/<tr class=.*<\/tr>/g) ?? [];

describe('the page of status --html', () => {
  const told: readonly Told[] = [
    { view: { stackName: 'Lab', imageName: 'rhel9', imageVersion: '1.0.0', taskId: 'import-ami-1', startedAt: NOON, stage: { kind: 'importing', status: 'converting', progress: 40 } }, elapsed: 10 * MINUTE, left: 15 * MINUTE },
    { view: { stackName: 'Lab', imageName: 'win2022', imageVersion: '1.0.0', startedAt: NOON, stage: { kind: 'queued', position: 1, of: 1 } }, elapsed: 2 * MINUTE },
    { view: { stackName: 'Web', imageName: 'old', imageVersion: '1.0.0', taskId: 'import-ami-2', startedAt: NOON, finishedAt: NOON + 5 * MINUTE, stage: { kind: 'failed', reason: 'ClientError: Footers not identical', hint: 'merge it' } } },
    { view: { stackName: 'Web', imageName: 'golden', imageVersion: '2.0.0/1', amiId: 'ami-1', imageArn: 'arn', copies: [{ amiId: 'ami-2', name: 'golden-2', state: 'available' }], startedAt: NOON, finishedAt: NOON + 20 * MINUTE, stage: { kind: 'available' } } },
    { view: { stackName: 'Web', imageName: 'base', stage: { kind: 'available' } } },
  ];

  test('counts imports by stage and says when it was made', () => {
    const page = pageOf(told, place, NOON, 'keep');
    expect(page).toContain('<h1>VM imports in eu-west-1</h1>');
    expect(page).toContain('<time>2026-01-01T12:00:00Z</time>');
    expect(page).toContain('<li class="running"><b>1</b> Running</li><li class="queued"><b>1</b> Queued</li><li class="failed"><b>1</b> Failed</li><li class="available"><b>2</b> Available</li>');
  });

  test('has a row for each import: stage with progress or hint, duration relative to the longest, resources', () => {
    expect(rowsOf(pageOf(told, place, NOON, 'keep'))).toEqual([
      '<tr class="running"><td>Lab</td><td>rhel9 1.0.0</td><td><progress max="100" value="40"></progress>40 % converting, 10 min, about 15 min left</td><td><span class="bar" style="width:50.0px"></span>10 min</td><td><code>import-ami-1</code></td></tr>',
      '<tr class="queued"><td>Lab</td><td>win2022 1.0.0</td><td>queued for 2 min, about 1 of 1 in line</td><td><span class="bar" style="width:10.0px"></span>2 min</td><td></td></tr>',
      '<tr class="failed"><td>Web</td><td>old 1.0.0</td><td>failed: ClientError: Footers not identical<p class="hint">merge it</p></td><td><span class="bar" style="width:25.0px"></span>5 min</td><td><code>import-ami-2</code></td></tr>',
      '<tr class="available"><td>Web</td><td>golden 2.0.0/1</td><td>available</td><td><span class="bar" style="width:100.0px"></span>20 min</td><td><code>ami-1</code><br><code>arn</code><br><code>golden-2 ami-2</code></td></tr>',
      '<tr class="available"><td>Web</td><td>base</td><td>available</td><td></td><td></td></tr>',
    ]);
  });

  test.each<[string, Told['view']['stage'], string]>([
    ['a task without progress', { kind: 'importing', status: 'pending' }, '<td>pending</td>'],
    ['a copy that is not running yet', { kind: 'writing' }, '<td>snapshot is being started</td>'],
    ['a copy', { kind: 'writing', copy: { blocks: 40, blocksWritten: 10 } }, '<td><progress max="40" value="10"></progress>25 % of 0.02 GiB written</td>'],
  ])('shows %s with a bar only where something is known of it', (_, stage, cell) => {
    expect(rowsOf(pageOf([{ view: { stackName: 'Lab', imageName: 'rhel9', stage } }], place, NOON, 'keep'))[0]).toContain(cell);
  });

  test('reloads itself only while it is watched', () => {
    expect(pageOf([], place, NOON, 'reload')).toContain('<meta http-equiv="refresh" content="5">');
    expect(pageOf([], place, NOON, 'keep')).not.toContain('http-equiv');
  });

  test('says where there is nothing, and for which stack', () => {
    const page = pageOf([], { region: 'eu-west-1', stack: 'Lab' }, NOON, 'keep');
    expect(page).toContain('<title>VM imports in eu-west-1, stack Lab</title>');
    expect(page).toContain('<p>There are no VM imports.</p>');
    expect(page).not.toContain('<table>');
  });

  test('shows markup and control characters in names as text', () => {
    const page = pageOf([{ view: { stackName: '<script>alert("1")</script>', imageName: '\'&\u001b', stage: { kind: 'tagging' } } }], place, NOON, 'keep');
    expect(rowsOf(page)[0]).toContain('<td>&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;</td><td>&#39;&#38;\uFFFD</td>');
  });
});

describe('status --html', () => {
  let rig: AccountRig;
  beforeEach(async () => {
    rig = new AccountRig();
    await rig.start();
  });
  afterEach(async () => rig.stop());

  test('writes the page with durations of imports that are over, from the events of their stacks', async () => {
    const stack = rig.stack('Lab');
    const started = rig.clock.now();
    const asked = await rig.imported(stack, 'GoldenImport8A7B3C4D');
    const took = (rig.clock.now() - started) / MINUTE;
    rig.clock.advance(60 * MINUTE);
    // An update of tags has the same physical id. It is not the import.
    rig.tell(asked, 'UPDATE_IN_PROGRESS', { PhysicalResourceId: asked.id });
    rig.clock.advance(MINUTE);
    rig.tell(asked, 'UPDATE_COMPLETE', { PhysicalResourceId: asked.id });
    expect(await rig.run(['status', '--html', file])).toEqual({ status: 0, stderr: '', stdout: `${file} shows 1 import.\n` });
    const [row = ''] = rowsOf(readFileSync(file, 'utf8'));
    expect(row).toContain(`</span>${took} min</td>`);
    expect(row).toContain('<td>Lab</td><td>golden 1.0.0/1</td><td>available</td>');
  });

  test('counts the time of an import over all of its segments', async () => {
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport8A7B3C4D');
    rig.clock.advance(50 * MINUTE);
    rig.tell(asked, 'CREATE_COMPLETE', { PhysicalResourceId: asked.id });
    const second = { LogicalResourceId: 'GoldenSegment28A7B3C4D', PhysicalResourceId: `${asked.id}/2` };
    rig.tell(asked, 'CREATE_IN_PROGRESS', second);
    for (let passes = 0; !(await rig.pass(asked)) && passes < 10; passes += 1) {
      rig.clock.advance(10 * MINUTE);
    }
    rig.tell(asked, 'CREATE_COMPLETE', second);
    stack.status = 'CREATE_COMPLETE';
    await rig.run(['status', '--html', file]);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`</span>1 h ${(rig.clock.now() - NOON) / MINUTE - 60} min</td>`));
  });

  test('leaves the duration out if the events of the stack do not have it', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    stack.events.length = 0;
    rig.event(stack, { ResourceType: 'Custom::VmImportImage', LogicalResourceId: 'GoldenImport', ResourceStatus: 'CREATE_COMPLETE', PhysicalResourceId: 'vm-import-x' });
    expect((await rig.run(['status', '--html', file])).status).toBe(0);
    expect(rowsOf(readFileSync(file, 'utf8'))[0]).toContain('<td>available</td><td></td>');
  });

  test('keeps the page up to date while it is watched, and reads the events of a stack that is done once', async () => {
    const stack = rig.stack('Lab');
    await rig.imported(stack, 'GoldenImport');
    await rig.imported(stack, 'OtherImport', { Revision: '2' });
    const terminal = new TerminalDouble();
    let now = rig.clock.now();
    let waits = 0;
    const reads = () => rig.cloudFormation.calls.filter((action) => action === 'DescribeStackEvents').length;
    const { status, stdout, stderr } = await rig.run(['status', '--watch', '--html', file], terminal, {
      now: () => now,
      wait: async (milliseconds) => {
        now += milliseconds;
        waits += 1;
        if (waits === 5) {
          rig.cloudFormation.fault = { status: 503, code: 'ServiceUnavailable', message: 'Slow down' };
        } else if (waits === 10) {
          terminal.emit('SIGINT', 'SIGINT');
        }
      },
    });
    expect({ status, stdout }).toEqual({ status: 130, stdout: `${file} shows 2 imports and is kept up to date until Ctrl-C.\n` });
    expect(stderr).toMatch(/^AWS does not answer \(ServiceUnavailable: Slow down\): try again\.\n$/);
    expect(readFileSync(file, 'utf8')).toContain('http-equiv="refresh"');
    // The second page ends with the second import: six events, two a page.
    expect(reads()).toBe(3);
  }, 60_000);

  test('has the durations of imports in several stacks, of those that failed, too, and of requests that CloudFormation does not show', async () => {
    const [lab, web, old] = [rig.stack('Lab'), rig.stack('Web'), rig.stack('Old')];
    await rig.imported(lab, 'GoldenImport');
    rig.begin(lab, 'DELETE_IN_PROGRESS');
    rig.event(lab, { ResourceType: 'Custom::VmImportImage', LogicalResourceId: 'GoldenImport', ResourceStatus: 'DELETE_SKIPPED', PhysicalResourceId: 'vm-import-x' });
    lab.status = 'DELETE_FAILED';
    await rig.imported(old, 'OldImport', { Revision: '2' });
    old.events.forEach((event) => delete event.ResourceProperties);
    const asked = rig.ask(web, 'BrokenImport', { Revision: '3' });
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Footers not identical', atProgress: 10 } } });
    await rig.pass(asked);
    rig.clock.advance(30 * MINUTE);
    rig.tell(asked, 'CREATE_FAILED', { PhysicalResourceId: asked.id });
    web.status = 'ROLLBACK_COMPLETE';
    await rig.run(['status', '--html', file]);
    const rows = rowsOf(readFileSync(file, 'utf8'));
    expect(rows.map((row) => /^<tr class="(\w+)"><td>(\w+)<.*<\/span>\d/.exec(row)?.slice(1))).toEqual([['failed', 'Web'], ['available', 'Lab'], ['available', 'Old']]);
    expect(rows[0]).toContain('</span>30 min</td>');
  });

  test('writes no page as long as AWS does not answer', async () => {
    const terminal = new TerminalDouble();
    const fresh = join(folder, 'fresh.html');
    rig.cloudFormation.fault = { status: 503, code: 'ServiceUnavailable', message: 'Slow down' };
    let waits = 0;
    const { stdout, stderr } = await rig.run(['status', '--watch', '--html', fresh], terminal, {
      now: () => rig.clock.now(),
      wait: async (milliseconds) => {
        rig.clock.advance(milliseconds);
        waits += 1;
        expect(existsSync(fresh)).toBe(false);
        if (waits === 3) terminal.emit('SIGINT', 'SIGINT');
      },
    });
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'AWS does not answer (ServiceUnavailable: Slow down): try again.\n' });
  }, 60_000);

  test('says which file cannot be written', async () => {
    expect(await rig.run(['status', '--html', folder])).toEqual({
      status: 2, stdout: '', stderr: expect.stringMatching(/status-html-.* cannot be written \(EISDIR: .*\): use another file for --html\.\n$/),
    });
  });

  test('an import that failed in an earlier operation has the name of its image and not its id', async () => {
    const stack = rig.stack('Lab');
    const asked = rig.ask(stack, 'GoldenImport8A7B3C4D');
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Footers not identical', atProgress: 10 } } });
    await rig.pass(asked);
    rig.clock.advance(30 * MINUTE);
    rig.tell(asked, 'CREATE_FAILED', { PhysicalResourceId: asked.id });
    stack.status = 'ROLLBACK_COMPLETE';
    const { stdout } = await rig.run(['status']);
    expect(stdout).toMatch(/^Lab {2}Golden 1\.0\.0: failed: ClientError: Footers not identical/);
  });
});
