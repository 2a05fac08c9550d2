import type { Run } from '../../bench/peers/command-run';
import { FAULTS, TASK_MS } from '../../bench/peers/faults';
import type { Standing } from '../../bench/peers/left-behind';
import { report } from '../../bench/peers/report';
import { Contender, faultTable, importTable, lastWords } from '../../bench/peers/table';
import type { Trial } from '../../bench/peers/trial';

const NOTHING: Standing = { tasks: 0, amis: 0, snapshots: 0, images: 0, disks: 0, roles: 0, stacks: {} };
const AMI: Standing = { ...NOTHING, amis: 1, snapshots: 1 };
const RUN: Run = { end: 'exit', code: 0, seconds: TASK_MS / 1000 + 12.3, output: '' };
const TRIAL: Trial = {
  peer: 'tool', fault: 'none', run: RUN, calls: 13, callsDuring: 8, before: 2.04, after: 10.6, seen: 4, atEnd: AMI, settled: AMI, settledAfter: 56, tasksStarted: 1,
};
const KIND = { waiting: 'looks | waits', gives: 'an AMI', failure: /^Error: (.*)$/m };
const TOOL: Contender = { ...KIND, key: 'tool', name: 'Tool', versions: 'tool 1.0' };
const ABSENT: Contender = { ...KIND, key: 'absent', name: 'Absent', unavailable: 'no network' };

describe('the table of imports without a fault', () => {
  test('tells the time beyond the task, its two halves, the calls and what is left', () => {
    expect(importTable([TOOL], [{ ...TRIAL, settled: { ...AMI, disks: 1 } }]).split('\n')).toEqual([
      '| Tool | Gives | Waits | Beyond the task | Before it / after it | Calls / while it runs | Left beside the image |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| Tool | an AMI | looks \\| waits | 12 s | 2.0 s / 11 s | 13 / 8 | 1 copy of the disk in S3 |',
    ]);
  });

  test('says of a tool that could not be installed that it is not available, and of one that did not run that it did not', () => {
    const rows = importTable([ABSENT, TOOL], []).split('\n').slice(2);
    expect(rows).toEqual(['| Absent | an AMI | looks \\| waits | not available |  |  |  |', '| Tool | an AMI | looks \\| waits | not run |  |  |  |']);
  });

  test('has a dash where no task ever ran', () => {
    expect(importTable([TOOL], [{ ...TRIAL, before: undefined, after: undefined }])).toContain('| - / - |');
  });
});

describe('the table of faults', () => {
  const FAILED: Run = { ...RUN, code: 1, seconds: 8 };
  const cases: [string, Partial<Trial>, string][] = [
    ['a success with its time', { fault: 'quota' }, '**succeeds**, 55 s'],
    ['a failure with what it leaves', { fault: 'quota', run: FAILED, settled: { ...NOTHING, disks: 1 } }, 'fails after 8.0 s; leaves 1 copy of the disk in S3'],
    [
      'a failed task with the time since, and since it was seen', { fault: 'failed', run: FAILED, settled: NOTHING },
      'fails after 8.0 s (11 s after the task, which it saw after 4.0 s); leaves nothing',
    ],
    ['an import that is given up and goes on', { fault: 'outage', run: FAILED }, 'gives up after 8.0 s while the import goes on; leaves 1 AMI, 1 snapshot'],
    ['a success that made nothing', { fault: 'outage', settled: NOTHING }, 'says that all is well after 55 s, and there is no AMI'],
    ['a command that does not end', { fault: 'outage', run: { ...RUN, end: 'timeout', code: undefined, seconds: 420 } }, 'has not ended after 420 s'],
    [
      'a kill with what was left, and the second start',
      {
        fault: 'killed', run: { ...RUN, end: 'killed', code: undefined }, again: RUN, atEnd: { ...NOTHING, tasks: 1 }, settled: { ...AMI, amis: 2 }, tasksStarted: 2,
      },
      'leaves 1 running task; run again, it **succeeds** after 55 s; 56 s after the first start, 2 tasks have made 2 AMIs, 1 snapshot',
    ],
    [
      'a kill after which the second start does not wait',
      { fault: 'killed', run: { ...RUN, end: 'killed', code: undefined }, again: { ...RUN, seconds: 2 }, atAgain: NOTHING, atEnd: { ...NOTHING, tasks: 1 } },
      'leaves 1 running task; run again, it does not wait and ends with 0 after 2.0 s; 56 s after the first start, 1 task has made 1 AMI, 1 snapshot',
    ],
    [
      'a kill after which the second start fails', { fault: 'killed', run: { ...RUN, end: 'killed' }, again: FAILED },
      'leaves 1 AMI, 1 snapshot; run again, it fails after 8.0 s; 56 s after the first start, 1 task has made 1 AMI, 1 snapshot',
    ],
  ];
  test.each(cases)('tells %s', (_, differences, expected) => {
    expect(rowOf(differences.fault ?? 'none', [{ ...TRIAL, ...differences }])).toBe(`| ${expected} |`);
  });

  test('has no cell for a fault that a tool cannot have', () => {
    expect(rowOf('function-killed', [])).toBe('| has none |');
  });

  test('says what was not run', () => {
    expect(rowOf('quota', [])).toBe('| not run |');
  });

  function rowOf(fault: string, trials: readonly Trial[]): string {
    const title = FAULTS.find(({ key }) => key === fault)?.title ?? '';
    const row = faultTable([TOOL], trials).split('\n').find((line) => line.startsWith(`| ${title} `)) ?? '';
    return row.slice(`| ${title} `.length);
  }
});

describe('the last words', () => {
  test('are what the tool says of its failure', () => {
    expect(lastWords([TOOL], [failedWith('Starting\nError: `disk` is | bad\nEnd')])).toBe(`- Tool, ${FAULTS[1]?.title}: \`'disk' is | bad\``);
  });

  test('are the last line where the tool does not say it as it usually does', () => {
    expect(lastWords([TOOL], [failedWith('Starting\nSegmentation fault\n')])).toMatch(/`Segmentation fault`$/);
  });

  test('are cut where they are long', () => {
    expect(lastWords([TOOL], [failedWith(`Error: ${'x'.repeat(400)}`)])).toMatch(/`x{300}…`$/);
  });

  test('are none of those that succeeded, were killed or did not run', () => {
    expect(lastWords([TOOL], [{ ...TRIAL, fault: 'throttled' }, { ...TRIAL, fault: 'killed', run: { ...RUN, end: 'killed', code: undefined } }])).toBe('');
  });

  function failedWith(output: string): Trial {
    return { ...TRIAL, fault: 'throttled', run: { ...RUN, code: 1, output } };
  }
});

describe('the report', () => {
  const circumstances = { machine: '2 cores', minutes: 12.4 };

  test('names the versions, the machine, and the error of a tool that could not be installed', () => {
    const text = report([TOOL, ABSENT], [TRIAL], circumstances);
    expect(text).toContain('12 minutes on 2 cores');
    expect(text).toContain('- Tool: tool 1.0\n- Absent: not available: no network');
  });

  test('counts how often the command that undoes an import left nothing', () => {
    const trials = [{ ...TRIAL, undone: NOTHING }, { ...TRIAL, undone: { ...NOTHING, disks: 1 } }, { ...TRIAL, undone: AMI }];
    expect(report([TOOL], trials, circumstances)).toContain('2 of 3 times no task, image, AMI or snapshot was left');
  });
});
