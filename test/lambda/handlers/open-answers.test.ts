import { DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { DeleteImageCommand } from '@aws-sdk/client-imagebuilder';
import type { Properties } from '../../../lambda/cloudformation/requests';
import { reasonOf, succeeded } from '../outcome';
import { importProperties } from '../requests';
import { NOTHING_LEFT, Rig } from '../rig';

const REFUSED = { kind: 'error', code: 'UnauthorizedOperation', message: 'You are not authorized to perform this operation.' } as const;

describe('what AWS leaves open', () => {
  test.each([
    ['a full quota has the code InvalidParameter', { fullQuota: 'InvalidParameter' }],
    ['DescribeImportImageTasks refuses a filter by tag', { tagFilter: 'refused' }],
    ['DescribeImportImageTasks takes a wildcard literally', { tagFilter: 'exact' }],
  ] as const)('an import succeeds and is deleted though %s', async (_what, answers) => {
    const rig = new Rig({ answers });
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    setTimeoutOnClock(rig, 10 * 60_000, () => rig.cloud.removeRule('full'));
    const { id } = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('a Delete that cancels a task which is ending succeeds whatever EC2 answers', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CancelImportTask', call: 1 }, effect: { kind: 'error', code: 'InvalidParameter', message: 'The task is ending' } });
    const { PhysicalResourceId } = await rig.begin(rig.create());
    succeeded(await rig.deliver(rig.delete(PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('EC2 is asked with a refused filter only once', async () => {
    const rig = new Rig({ answers: { tagFilter: 'refused' } });
    succeeded(await rig.deliver(rig.create()));
    const refused = rig.cloud.calls({ action: 'DescribeImportImageTasks' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode !== undefined);
    expect(refused).toHaveLength(1);
  });

  test('a Delete finds an AMI that somebody disabled', async () => {
    const rig = new Rig({ answers: { person: 'disablesAmi' } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(60 * 60_000);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('an update of tags keeps the attributes of an AMI that somebody disabled', async () => {
    const rig = new Rig({ answers: { person: 'disablesAmi' } });
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(60 * 60_000);
    const updated = succeeded(await rig.deliver(rig.update(id, {}, { Tags: { team: 'a' } })));
    expect(updated.data).toEqual(data);
  });
});

describe('an update of tags', () => {
  const adopting = (ImportTaskId: string = '') => ({ ImportImage: undefined, ImportTaskId });

  test('keeps every attribute after EC2 has forgotten the task, of a task of its own and of an adopted one', async () => {
    const rig = new Rig({ answers: { taskMemory: 'oneHour' } });
    const own = succeeded(await rig.deliver(rig.create({ ImportImage: { ...importProperties().ImportImage as Properties, LicenseType: 'BYOL' } })));
    const adopted = succeeded(await rig.deliver(rig.create(adopting(own.data.ImportTaskId))));
    expect(adopted.data).toMatchObject({ LicenseType: 'BYOL', SnapshotIds: own.data.SnapshotIds, Architecture: 'x86_64' });
    rig.clock.advance(2 * 60 * 60_000);
    expect((await rig.cloud.state()).tasks).toEqual([]);
    const change = { ...adopting(own.data.ImportTaskId), Tags: { team: 'a' } };
    expect(succeeded(await rig.deliver(rig.update(adopted.id, adopting(own.data.ImportTaskId), change))).data).toEqual(adopted.data);
  });

  describe.each(['import', 'adopt'] as const)('of an AMI that somebody deregistered (%s)', (source) => {
    async function deregistered() {
      const rig = new Rig();
      const own = succeeded(await rig.deliver(rig.create()));
      const properties = source === 'import' ? {} : adopting(own.data.ImportTaskId);
      const { id, data } = source === 'import' ? own : succeeded(await rig.deliver(rig.create(properties)));
      await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
      return { rig, update: rig.update(id, properties, { ...properties, Tags: { team: 'a' } }) };
    }

    test('fails rather than lose an attribute', async () => {
      const { rig, update } = await deregistered();
      const outcome = await rig.deliver(update);
      expect(reasonOf(outcome)).toMatch(/^The AMI of this VM import no longer exists\. Set or change "revision"/);
      expect(outcome.seconds).toBeLessThan(120);
      expect((await rig.cloud.state()).images.at(-1)?.tags).toMatchObject({ team: 'a' });
    });

    test('succeeds in a rollback, which must not fail', async () => {
      const { rig, update } = await deregistered();
      rig.stackResource.events = [{ time: rig.clock.now(), logicalId: 'S', physicalId: update.StackId, status: 'UPDATE_ROLLBACK_IN_PROGRESS' }];
      expect(succeeded(await rig.deliver(update)).data).toMatchObject({ ImageArn: expect.stringMatching(/^arn:/), AmiId: expect.stringMatching(/^ami-/) });
    });
  });
});

describe.each(['import', 'adopt'] as const)('an update of tags of which somebody deleted the image (%s)', (source) => {
  async function withoutImage() {
    const rig = new Rig();
    const own = succeeded(await rig.deliver(rig.create()));
    const properties = source === 'import' ? {} : { ImportImage: undefined, ImportTaskId: own.data.ImportTaskId ?? '' };
    const { id, data } = source === 'import' ? own : succeeded(await rig.deliver(rig.create(properties)));
    await rig.clients.imageBuilder.send(new DeleteImageCommand({ imageBuildVersionArn: data.ImageArn }));
    return { rig, update: rig.update(id, properties, { ...properties, Tags: { team: 'a' } }), arn: data.ImageArn };
  }

  test('fails after some minutes, and says how to import again', async () => {
    const { rig, update } = await withoutImage();
    const outcome = await rig.deliver(update);
    expect(reasonOf(outcome)).toMatch(/^The Image Builder image of this VM import no longer exists\. Set or change "revision"/);
    expect(outcome.seconds).toBeLessThan(420);
  });

  test('succeeds in a rollback, with the ARN where an AMI of its own has it', async () => {
    const { rig, update, arn } = await withoutImage();
    rig.stackResource.events = [{ time: rig.clock.now(), logicalId: 'S', physicalId: update.StackId, status: 'UPDATE_ROLLBACK_IN_PROGRESS' }];
    expect(succeeded(await rig.deliver(update)).data).toMatchObject({ ImageArn: source === 'import' ? arn : '', AmiId: expect.stringMatching(/^ami-/) });
  });
});

describe.each(['serviceRole', 'caller', 'task'] as const)('roles that were made a moment ago, and EC2 refuses the disk by %s', (refusedDisk) => {
  test('are waited for', async () => {
    const rig = new Rig({ answers: { refusedDisk } });
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'roleNotPropagated', forMs: 150_000 } });
    const { id } = succeeded(await rig.deliver(rig.create({ MaxAttempts: '1' })));
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('fail the import after some minutes with all that there is to check', async () => {
    const rig = new Rig({ answers: { refusedDisk } });
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'roleNotPropagated' } });
    const outcome = await rig.deliver(rig.create());
    const reason = reasonOf(outcome);
    ['service role vmimport', 's3://exports/golden.vmdk', 'kms:Decrypt', 'iam:PassRole'].forEach((part) => expect(reason).toContain(part));
    expect(outcome.seconds).toBeGreaterThanOrEqual(300);
    expect(outcome.seconds).toBeLessThan(700);
  });
});

describe('a task that could not read the disk', () => {
  const fails = (message: string) => ({ match: { action: 'ImportImage', call: 2 }, effect: { kind: 'task', outcome: { kind: 'fail', message } } }) as const;

  function refusedOnce(): Rig {
    const rig = new Rig({ answers: { refusedDisk: 'task' } });
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'roleNotPropagated', forMs: 10_000 } });
    return rig;
  }

  test('does not use up the second attempt after a failure of the service', async () => {
    const rig = refusedOnce();
    rig.cloud.addRule(fails('ServerError: lost'));
    succeeded(await rig.deliver(rig.create()));
    expect((await rig.cloud.state()).tasks.map(({ Status }) => Status)).toEqual(['deleted', 'deleted', 'completed']);
  });

  test('hides no failure of the disk that follows', async () => {
    const rig = refusedOnce();
    rig.cloud.addRule(fails('ClientError: Unknown OS'));
    expect(reasonOf(await rig.deliver(rig.create()))).toMatch(/^VM import \S+ failed: ClientError: Unknown OS/);
  });
});

test.each([
  ['answers ClientException until it sees the task', { unknownTask: 'ClientException', taskVisibility: 'aMinuteLater' }],
  ['denies access to what is gone', { goneImage: 'AccessDeniedException' }],
] as const)('an import succeeds and is deleted though Image Builder %s', async (_what, answers) => {
  const rig = new Rig({ answers });
  const { id } = succeeded(await rig.deliver(rig.create()));
  succeeded(await rig.deliver(rig.update(id, {}, { Tags: { team: 'a' } })));
  succeeded(await rig.deliver(rig.delete(id)));
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

test('a Delete that is denied an image which has just gone takes another look', async () => {
  const rig = new Rig({ answers: { goneImage: 'AccessDeniedException' } });
  const { id } = succeeded(await rig.deliver(rig.create()));
  rig.cloud.addRule({ match: { action: 'DeleteImage', call: 1 }, effect: { kind: 'dropAfter' } });
  succeeded(await rig.deliver(rig.delete(id)));
  expect(rig.count('DeleteImage')).toBeGreaterThan(1);
  expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
});

describe('a permission that AWS refuses', () => {
  test('once, twenty minutes after the request, is waited for', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CreateTags', call: 1 }, effect: REFUSED });
    succeeded(await rig.deliver(rig.create()));
  });

  test('for five minutes, fails the import with what AWS says', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'CreateTags' }, effect: REFUSED });
    const outcome = await rig.deliver(rig.create());
    expect(reasonOf(outcome)).toMatch(/^The functions of VmImportProvider lack a permission: UnauthorizedOperation/);
    expect(outcome.seconds).toBeGreaterThanOrEqual(20 * 60 + 300);
    expect(outcome.seconds).toBeLessThan(20 * 60 + 300 + 120);
  });

  test('from the start, as where IAM does not know a condition key, fails the import with what AWS says', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: REFUSED });
    const outcome = await rig.deliver(rig.create());
    expect(reasonOf(outcome)).toMatch(/^The functions of VmImportProvider lack a permission: UnauthorizedOperation/);
    expect(outcome.seconds).toBeLessThan(300 + 120);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('to delete what a failed attempt left, does not fail the import', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost', atProgress: 90, leaves: 'snapshots' } } });
    rig.cloud.addRule({ id: 'no', match: { action: 'DeleteSnapshot' }, effect: REFUSED });
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.removeRule('no');
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

/** Runs something once the rig's clock has advanced so far. */
function setTimeoutOnClock(rig: Rig, ms: number, run: () => void): void {
  const due = rig.clock.now() + ms;
  const advance = rig.clock.advance.bind(rig.clock);
  rig.clock.advance = (by: number) => {
    advance(by);
    if (rig.clock.now() >= due) run();
  };
}
