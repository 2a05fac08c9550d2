import { spawn } from 'node:child_process';
import { createServer, request, type Server } from 'node:http';
import { bucketOf, startAwsRouter } from '../../bench/peers/aws-router';
import { FAULTS, until } from '../../bench/peers/faults';
import { inLanes } from '../../bench/peers/lanes';
import { added, describeStanding, Standing } from '../../bench/peers/left-behind';
import { descendantsOf, functionsOf, killTree, parseProcesses } from '../../bench/peers/process-tree';
import { verdictOf } from '../../bench/peers/verdict';

const NOTHING: Standing = { tasks: 0, amis: 0, snapshots: 0, images: 0, disks: 0, roles: 0, stacks: {} };

describe('what is left', () => {
  test('is what there is more of than before, with the stacks as they are now', () => {
    const before = { ...NOTHING, roles: 1, disks: 1, stacks: { CREATE_COMPLETE: 1 } };
    const after = { tasks: 1, amis: 2, snapshots: 3, images: 4, disks: 6, roles: 7, stacks: { ROLLBACK_COMPLETE: 1 } };
    expect(added(before, after)).toEqual({ ...after, disks: 5, roles: 6 });
  });

  test('is told in words', () => {
    expect(describeStanding(NOTHING)).toBe('nothing');
    expect(describeStanding({ ...NOTHING, amis: 1, snapshots: 2, stacks: { ROLLBACK_COMPLETE: 1 } })).toBe('1 AMI, 2 snapshots, the stack in ROLLBACK_COMPLETE');
    expect(describeStanding({ ...NOTHING, stacks: { CREATE_COMPLETE: 2 } })).toBe('2 stacks in CREATE_COMPLETE');
  });
});

describe('the verdict', () => {
  const run = { end: 'exit', code: 0, seconds: 1, output: '' } as const;
  const made = { ...NOTHING, amis: 1 };
  test.each([
    ['an exit with 0 and an AMI', { run, settled: made }, { kind: 'succeeded' }],
    ['an exit with 0 and no AMI', { run, settled: NOTHING }, { kind: 'nothing made' }],
    ['an error and no AMI', { run: { ...run, code: 1 }, settled: NOTHING }, { kind: 'failed' }],
    ['an error and an AMI that came later', { run: { ...run, code: 1 }, settled: made }, { kind: 'gave up' }],
    ['a kill, and a second start that went well', { run: { ...run, end: 'killed' as const }, again: run, settled: made }, { kind: 'killed', again: 'succeeded' }],
    ['a kill, and a second start that did not', { run: { ...run, end: 'killed' as const }, again: { ...run, code: 2 }, settled: made }, { kind: 'killed', again: 'failed' }],
    [
      'a kill, and a second start that ended before the import', { run: { ...run, end: 'killed' as const }, again: run, atAgain: NOTHING, settled: made },
      { kind: 'killed', again: 'did not wait' },
    ],
    ['no end', { run: { ...run, end: 'timeout' as const }, settled: made }, { kind: 'no end' }],
  ])('of %s', (_, trial, verdict) => {
    expect(verdictOf(trial)).toEqual(verdict);
  });
});

describe('the processes of the functions', () => {
  const PS = [
    '    1     0 /sbin/init',
    '   10     1 python run-ministack.py /tmp/cloud-a',
    '   11    10 node worker.js',
    '   12    11 node child.js --name run-ministack.py',
    '   20     1 python run-ministack.py /tmp/cloud-b',
    '   21    20 node worker.js',
  ].join('\n');

  test('are those below the MiniStack of their cloud, and no others', () => {
    expect(functionsOf(parseProcesses(PS), '/tmp/cloud-a')).toEqual([11, 12]);
    expect(functionsOf(parseProcesses(PS), '/tmp/cloud-c')).toEqual([]);
    expect(descendantsOf(parseProcesses(PS), 1)).toEqual([10, 11, 12, 20, 21]);
  });
});

describe('a tree of processes', () => {
  test('is killed with the children that are in sessions of their own', async () => {
    const parent = spawn(process.execPath, ['-e', CHILD_IN_A_SESSION], { stdio: ['ignore', 'pipe', 'ignore'] });
    const child = await new Promise<number>((resolve) => parent.stdout.once('data', (data: Buffer) => resolve(Number(data))));
    const ended = new Promise((resolve) => parent.once('close', (_, signal) => resolve(signal)));
    await killTree(parent.pid ?? 0);
    expect(await ended).toBe('SIGKILL');
    await expect(isGone(child)).resolves.toBe(true);
  });

  test('may be gone already', async () => {
    const parent = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => parent.once('close', resolve));
    await expect(killTree(parent.pid ?? 0)).resolves.toBeUndefined();
  });

  const CHILD_IN_A_SESSION = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { detached: true, stdio: 'ignore' });
    console.log(child.pid);
    setTimeout(() => {}, 60000);
  `;

  async function isGone(pid: number): Promise<boolean> {
    for (let look = 0; look < 100; look++) {
      try {
        process.kill(pid, 0);
      } catch {
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  }
});

describe('lanes', () => {
  test('do no more jobs at once than there are lanes, and give results in the order of the jobs', async () => {
    let running = 0;
    let most = 0;
    const results = await inLanes(2, [3, 1, 2, 1], async (ticks) => {
      most = Math.max(most, ++running);
      for (let tick = 0; tick < ticks; tick++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      running -= 1;
      return ticks * 10;
    });
    expect(results).toEqual([30, 10, 20, 10]);
    expect(most).toBe(2);
  });
});

describe('the faults', () => {
  test('each have a name of their own', () => {
    expect(new Set(FAULTS.map(({ key }) => key)).size).toBe(FAULTS.length);
  });

  test('wait no longer when the command has ended', async () => {
    const over = new AbortController();
    const waiting = until({ over: over.signal }, () => false);
    over.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });
});

describe('the proxy', () => {
  const servers: Server[] = [];
  const serverThatSays = async (name: string): Promise<string> => {
    const server = createServer((message, response) => {
      let body = '';
      message.on('data', (chunk: Buffer) => (body += chunk.toString()));
      message.on('end', () => response.end(`${name} ${message.method} ${message.url} ${body}`));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  };

  afterEach(() => servers.splice(0).forEach((server) => {
    server.close();
    server.closeAllConnections();
  }));

  test('sends what is for a bucket to S3, by path, and all else to EC2', async () => {
    const router = await startAwsRouter({ s3: await serverThatSays('s3'), ec2: await serverThatSays('ec2') });
    // As a client behind a proxy asks: with the whole URL.
    const answerTo = async (url: string) => new Promise<string>((resolve, reject) => {
      request(router.proxy, { method: 'POST', path: url }).once('error', reject).once('response', (response) => {
        response.setEncoding('utf8').once('data', resolve);
      }).end('body');
    });
    try {
      expect(await answerTo('http://disks.aws.test/golden.raw?uploads=')).toBe('s3 POST /disks/golden.raw?uploads= body');
      expect(await answerTo(`${router.endpoint}/`)).toBe('ec2 POST / body');
    } finally {
      await router.stop();
    }
  });

  test('knows a bucket by the host name', () => {
    expect(bucketOf('disks.aws.test')).toBe('disks');
    expect(bucketOf('aws.test')).toBeUndefined();
  });
});
