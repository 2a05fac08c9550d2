import { DeleteTagsCommand } from '@aws-sdk/client-ec2';
import type { Versioning } from '../objects-double';
import { Rig } from '../rig';
import type { S3Answer } from '../s3-double';

const OBJECT = { S3Bucket: 'exports', S3Key: 'golden.vmdk' };
const NAME = 'exports/golden.vmdk';
const DELETED = { DeleteSources: [OBJECT] };

function rigWith(versioning: Versioning = 'off'): Rig {
  const rig = new Rig();
  rig.s3.objects.versioning = versioning;
  upload(rig, 'a disk');
  rig.s3.putObject('exports', 'other.vmdk', Buffer.from('another disk'));
  return rig;
}

function upload(rig: Rig, content: string): void {
  rig.disks.putObject('exports', 'golden.vmdk', content);
  rig.s3.putObject('exports', 'golden.vmdk', Buffer.from(content));
}

const left = (rig: Rig) => rig.s3.objects.left(NAME);
const said = (rig: Rig) => rig.logs.filter(({ action }) => action === 'done').at(-1)?.sources;
const deletions = (rig: Rig) => rig.s3.calls.filter(({ method }) => method === 'DELETE');

/** What happens while Image Builder makes its image. */
function meanwhile(rig: Rig, happens: () => unknown): void {
  const handle = rig.cloud.handle.bind(rig.cloud);
  let happened = false;
  rig.cloud.handle = async (request) => {
    const answer = await handle(request);
    if (!happened && rig.count('ImportVmImage') > 0) {
      happened = true;
      await happens();
    }
    return answer;
  };
}

test('objects that nobody asks to delete are not even looked at', async () => {
  const rig = rigWith();
  expect((await rig.deliver(rig.create())).status).toBe('SUCCESS');
  expect([rig.s3.calls, left(rig), said(rig)]).toStrictEqual([[], ['a disk'], undefined]);
});

describe.each<Versioning>(['off', 'on', 'suspended'])('with versioning %s', (versioning) => {
  test('the object that was imported is deleted once the image is available, and nothing else is', async () => {
    const rig = rigWith(versioning);
    rig.s3.answerWith(({ method }) => {
      expect(method === 'DELETE' ? rig.cloud.calls({ action: 'GetImage' }).length : 1).toBeGreaterThan(0);
      return undefined;
    });
    expect((await rig.deliver(rig.create({ ...DELETED, Events: 'Golden' }))).status).toBe('SUCCESS');
    const { images } = await rig.cloud.state();
    expect(images.map(({ state }) => state?.status)).toStrictEqual(['AVAILABLE']);
    expect([left(rig), rig.s3.objects.left('exports/other.vmdk')]).toStrictEqual([[], ['another disk']]);
    expect(said(rig)).toBe('s3://exports/golden.vmdk is deleted');
    expect(rig.eventBus.events).toMatchObject([{ Detail: { sources: 's3://exports/golden.vmdk is deleted' } }]);
  });

  test.each([['another disk'], ['a disk']])('a new upload (%s) during the import stays, and so does what was there before where that is kept', async (content) => {
    const rig = rigWith(versioning);
    meanwhile(rig, () => upload(rig, content));
    expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
    expect(left(rig)).toStrictEqual(versioning === 'on' ? ['a disk', content] : [content]);
    expect(said(rig)).toBe('s3://exports/golden.vmdk is kept: it changed after the import started');
    expect(deletions(rig)).toStrictEqual([]);
  });

  test('a new upload between the look and the deletion stays', async () => {
    const rig = rigWith(versioning);
    rig.s3.answerWith(({ method }) => {
      if (method === 'DELETE') {
        upload(rig, 'another disk');
      }
      return undefined;
    });
    expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
    expect(left(rig)).toStrictEqual(['another disk']);
    expect(said(rig)).toBe(`s3://exports/golden.vmdk is ${versioning === 'on' ? 'deleted' : 'kept: it changed after the import started'}`);
  });

  test('a version from before the import stays', async () => {
    const rig = rigWith(versioning);
    upload(rig, 'a newer disk');
    expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
    expect(left(rig)).toStrictEqual(versioning === 'on' ? ['a disk'] : []);
  });

  test('what somebody else deleted meanwhile is no reason to fail', async () => {
    const rig = rigWith(versioning);
    meanwhile(rig, () => rig.s3.objects.delete(NAME, {}));
    expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
    expect(said(rig)).toBe('s3://exports/golden.vmdk is gone');
    expect(deletions(rig)).toStrictEqual([]);
  });
});

test('a new upload between the look and the deletion is lost where Amazon S3 ignores the condition, and the bucket keeps no versions', async () => {
  const rig = rigWith();
  rig.s3.answerWith(({ method }) => {
    if (method !== 'DELETE') {
      return undefined;
    }
    upload(rig, 'another disk');
    return { status: rig.s3.objects.delete(NAME, {}) };
  });
  expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
  expect([left(rig), said(rig)]).toStrictEqual([[], 's3://exports/golden.vmdk is deleted']);
});

const xml = (code: string) => Buffer.from(`<Error><Code>${code}</Code><Message>Because.</Message></Error>`);

test.each<readonly [string, 'HEAD' | 'DELETE', S3Answer, string]>([
  ['a denied look', 'HEAD', { status: 403 }, 'kept: AccessDenied: Amazon S3 answers HTTP 403 to HEAD of s3://exports/golden.vmdk'],
  ['a denied deletion', 'DELETE', { status: 403, body: xml('AccessDenied') }, 'kept: AccessDenied: Because.'],
  ['a refused deletion', 'DELETE', { status: 400 }, 'kept: Error: Amazon S3 answers HTTP 400 to DELETE of s3://exports/golden.vmdk'],
  ['a deletion that is answered by 200', 'DELETE', { status: 200 }, 'deleted'],
  ['a deletion that somebody else was faster with', 'DELETE', { status: 404 }, 'gone'],
])('%s does not fail an import that has succeeded, and is told', async (_name, method, answer, outcome) => {
  const rig = rigWith();
  rig.s3.answerWith((call) => (call.method === method && rig.count('ImportVmImage') > 0 ? answer : undefined));
  const { status, seconds } = await rig.deliver(rig.create(DELETED));
  expect(status).toBe('SUCCESS');
  // Nothing of this ends by waiting.
  expect(seconds).toBe((await rigWith().deliver(rig.create(DELETED))).seconds);
  expect(said(rig)).toBe(`s3://exports/golden.vmdk is ${outcome}`);
  expect(left(rig)).toStrictEqual(['a disk']);
});

test('an object without an ETag is not deleted: no DELETE is without a condition', async () => {
  const rig = rigWith();
  rig.s3.answerWith(({ method }) => (method === 'HEAD' ? { status: 200 } : undefined));
  expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
  expect(deletions(rig)).toMatchObject([{ ifMatch: '""' }]);
  expect([left(rig), said(rig)]).toStrictEqual([['a disk'], 's3://exports/golden.vmdk is kept: it changed after the import started']);
});

test.each<readonly [string, S3Answer | 'no answer']>([
  ['a server error', { status: 500 }],
  ['a throttle', { status: 503, body: xml('SlowDown') }],
  ['a crossing request', { status: 409, body: xml('ConditionalRequestConflict') }],
  ['a dropped connection', 'no answer'],
])('%s of Amazon S3 is waited for, at the start and at the end', async (_name, answer) => {
  for (const method of ['HEAD', 'DELETE']) {
    const rig = rigWith();
    let times = 9;
    rig.s3.answerWith((call) => {
      if (call.method !== method || times === 0) {
        return undefined;
      }
      times -= 1;
      if (answer === 'no answer') {
        throw new Error('socket hang up');
      }
      return answer;
    });
    expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
    expect([method, left(rig), said(rig), rig.count('ImportImage')]).toStrictEqual([method, [], 's3://exports/golden.vmdk is deleted', 1]);
  }
});

test('an Amazon S3 that never answers again does not fail an import that has succeeded', async () => {
  const rig = rigWith();
  rig.s3.answerWith(({ method }) => (method === 'DELETE' ? { status: 500 } : undefined));
  const outcome = await rig.deliver(rig.create(DELETED));
  expect(outcome).toMatchObject({ status: 'SUCCESS', data: { AmiId: expect.stringMatching(/^ami-/) } });
  expect(outcome.seconds).toBeGreaterThanOrEqual(3_000);
  expect(said(rig)).toBe('s3://exports/golden.vmdk is kept: Error: Amazon S3 answers HTTP 500 to DELETE of s3://exports/golden.vmdk');
});

test.each([
  [403, 'AccessDenied: Amazon S3 answers HTTP 403 to HEAD of s3://exports/golden.vmdk, which deleteSourceOnSuccess requires'],
  [404, 'Error: Amazon S3 answers HTTP 404 to HEAD of s3://exports/golden.vmdk, which deleteSourceOnSuccess requires'],
])('an object that cannot be seen (HTTP %s) fails the import before it starts, when nothing is lost', async (status, reason) => {
  const rig = rigWith();
  rig.s3.answerWith(() => ({ status }));
  const outcome = await rig.deliver(rig.create(DELETED));
  expect(outcome).toMatchObject({ status: 'FAILED', reason: expect.stringContaining(reason) });
  expect(rig.count('ImportImage')).toBe(0);
});

test('of several objects each is deleted or kept for itself', async () => {
  const rig = rigWith();
  meanwhile(rig, () => upload(rig, 'a newer disk'));
  const event = rig.create({ DeleteSources: [OBJECT, { S3Bucket: 'exports', S3Key: 'other.vmdk' }] });
  expect((await rig.deliver(event)).status).toBe('SUCCESS');
  expect([left(rig), rig.s3.objects.left('exports/other.vmdk')]).toStrictEqual([['a newer disk'], []]);
  expect(said(rig)).toBe('s3://exports/golden.vmdk is kept: it changed after the import started; s3://exports/other.vmdk is deleted');
});

test('of several segments the last one deletes', async () => {
  const rig = rigWith();
  const first = rig.create({ ...DELETED, Segments: '2' });
  const outcome = await rig.deliver(first);
  expect(deletions(rig)).toStrictEqual([]);
  rig.clock.advance(3_600_000);
  const PreviousOutcome = outcome.status === 'SUCCESS' ? outcome.data.Outcome ?? '' : '';
  const follower = rig.create({ ...DELETED, Segment: '2', Segments: '2', ImportId: outcome.id, PreviousOutcome });
  expect(PreviousOutcome).toContain('endedAt');
  expect((await rig.deliver({ ...follower, LogicalResourceId: `${first.LogicalResourceId}2` })).status).toBe('SUCCESS');
  expect(left(rig)).toStrictEqual([]);
});

test('where EC2 has forgotten the task, and with it the note, the object stays', async () => {
  const rig = rigWith();
  const first = await rig.deliver(rig.create({ ...DELETED, Segments: '2' }));
  rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'invisible', listMs: 1e9, getMs: 1e9 } });
  // It was not told of the end.
  expect((await rig.deliver(rig.create({ ...DELETED, Segment: '2', Segments: '2', ImportId: first.id }))).status).toBe('SUCCESS');
  expect([left(rig), said(rig)]).toStrictEqual([['a disk'], 's3://exports/golden.vmdk is kept: there is no record of what was imported']);
});

test('a failed import, a change in place and a deletion leave the object', async () => {
  const rig = rigWith();
  rig.cloud.addRule({ match: { action: 'ImportImage', call: 1 }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Unknown OS' } } });
  expect((await rig.deliver(rig.create(DELETED))).status).toBe('FAILED');
  const { id } = await rig.deliver(rig.create());
  expect((await rig.deliver(rig.update(id, {}, { ...DELETED, Tags: { team: 'b' } }))).status).toBe('SUCCESS');
  expect((await rig.deliver(rig.delete(id, DELETED))).status).toBe('SUCCESS');
  expect([left(rig), deletions(rig)]).toStrictEqual([['a disk'], []]);
});

test('an update of an import that exists deletes nothing, even what its creation had to keep', async () => {
  const rig = rigWith();
  rig.s3.answerWith(({ method }) => (method === 'DELETE' ? { status: 403 } : undefined));
  const { id } = await rig.deliver(rig.create(DELETED));
  rig.s3.answerWith(() => undefined);
  const calls = rig.s3.calls.length;
  expect((await rig.deliver(rig.update(id, DELETED, { ...DELETED, Tags: { team: 'a' } }))).status).toBe('SUCCESS');
  expect([left(rig), rig.s3.calls.length - calls]).toStrictEqual([['a disk'], 0]);
});

test('an import that CloudFormation does not wait for any more keeps its object, which a rollback leaves alone', async () => {
  const rig = rigWith();
  meanwhile(rig, () => {
    rig.stackResource.status = 'DELETE_IN_PROGRESS';
  });
  expect((await rig.deliver(rig.create(DELETED))).status).toBe('SUCCESS');
  expect([left(rig), said(rig)]).toStrictEqual([['a disk'], 's3://exports/golden.vmdk is kept: CloudFormation no longer waits for this VM import']);
});

test('in the first seconds of a request, CloudFormation may report the one before it: the object is looked at again', async () => {
  const rig = rigWith();
  rig.s3.answerWith(({ method }) => (method === 'DELETE' ? { status: 403 } : undefined));
  const event = rig.create(DELETED);
  const { id } = await rig.deliver(event);
  rig.s3.answerWith(() => undefined);
  const again = { ...event, PhysicalResourceId: id, Data: { StartedAt: new Date(rig.clock.now()).toISOString() } };
  rig.stackResource.status = 'UPDATE_COMPLETE';
  expect(await rig.pass(again)).toEqual({ IsComplete: false });
  expect(rig.logs.at(-1)?.status).toBe(
    'Amazon S3 to delete what was imported (s3://exports/golden.vmdk is kept: Error: CloudFormation may still report the request before this one)',
  );
  rig.stackResource.status = 'CREATE_IN_PROGRESS';
  rig.stackResource.changedAt = new Date(rig.clock.now());
  expect(await rig.pass(again)).toMatchObject({ IsComplete: true });
  expect(left(rig)).toStrictEqual([]);
});

test('where the note on the task is lost, the object stays', async () => {
  const rig = rigWith();
  meanwhile(rig, async () => {
    const { tasks: [task] } = await rig.cloud.state();
    await rig.clients.ec2.send(new DeleteTagsCommand({ Resources: [task?.ImportTaskId ?? ''], Tags: [{ Key: 'cdk-vm-import:sources' }] }));
  });
  await rig.deliver(rig.create(DELETED));
  expect([left(rig), said(rig)]).toStrictEqual([['a disk'], 's3://exports/golden.vmdk is kept: there is no record of what was imported']);
});
