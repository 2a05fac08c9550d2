import { ID_TAG } from '../../../src/shared/contract/names';
import { reasonOf, succeeded } from '../outcome';
import { Rig } from '../rig';
import { tagsOf } from '../tags-of';

describe('an update', () => {
  const V2 = { ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } };

  test('changes tags in place on all four, and imports nothing', async () => {
    const rig = new Rig();
    const before = { Tags: { team: 'a', stage: 'test' } };
    const { id, data } = succeeded(await rig.deliver(rig.create(before)));
    const updated = succeeded(await rig.deliver(rig.update(id, before, { Tags: { team: 'b', cost: '1' } })));
    expect(updated).toMatchObject({ id, data });
    const { tasks: [task], amis: [ami], snapshots: [snapshot], images: [image] } = await rig.cloud.state();
    for (const tags of [tagsOf(task?.Tags), tagsOf(ami?.Tags), tagsOf(snapshot?.Tags), image?.tags ?? {}]) {
      expect(tags).toMatchObject({ team: 'b', cost: '1', [ID_TAG]: id });
      expect(tags).not.toHaveProperty('stage');
    }
    expect(rig.count('ImportImage')).toBe(1);
  });

  test.each([
    ['adds a tag', { team: 'a', stage: 'test' }, ['CreateTags', 'TagResource']],
    ['removes a tag', {}, ['DeleteTags', 'UntagResource']],
  ])('that only %s makes no other call about tags', async (_, Tags, expected) => {
    const rig = new Rig();
    const before = { Tags: { team: 'a' } };
    const { id } = succeeded(await rig.deliver(rig.create(before)));
    const earlier = rig.cloud.calls().length;
    succeeded(await rig.deliver(rig.update(id, before, { Tags })));
    const actions = rig.cloud.calls().slice(earlier).map(({ action }) => action).filter((action) => /Tags$|agResource$/.test(action));
    expect([...new Set(actions)].sort()).toEqual(expected);
  });

  test('of the timeout imports nothing and changes nothing', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    const standing = await rig.cloud.state();
    expect(succeeded(await rig.deliver(rig.update(id, {}, { Timeout: '1800', Budget: '1800' })))).toMatchObject({ id, data });
    const spread = succeeded(await rig.deliver(rig.update(id, {}, { Timeout: '7200', Segments: '3' })));
    expect(spread).toMatchObject({ id, data: { Outcome: expect.stringContaining(`AmiId=${data.AmiId}`) } });
    expect(await rig.cloud.state()).toEqual(standing);
  });

  test('of what is imported makes a new image beside the old one, which its own delete removes', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    expect(replaced.id).not.toBe(old.id);
    expect(replaced.data.ImageVersion).toBe('2.0.0/1');
    expect((await rig.cloud.remaining()).images).toHaveLength(2);
    succeeded(await rig.deliver(rig.delete(old.id)));
    expect((await rig.cloud.remaining()).images).toEqual([replaced.data.ImageArn]);
  });

  test('in place that AWS does not answer in time is handed to the next segment', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create({ Segments: '2' })));
    rig.cloud.addRule({ effect: { kind: 'throttle' } });
    const updated = succeeded(await rig.deliver(rig.update(id, { Segments: '2' }, { Segments: '2', Tags: { team: 'b' } })));
    expect(updated).toMatchObject({ id, seconds: 3000, data: { Outcome: '' } });
  });

  test('of tags, after an ImportVmImage that AWS acted on but never answered, waits until Image Builder lists the image', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ id: 'mute', match: { action: 'ImportVmImage' }, effect: { kind: 'dropAfter' } });
    rig.cloud.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', listMs: 120_000, getMs: 0 } });
    const request = await rig.begin(rig.create({ Tags: { team: 'a' } }));
    rig.clock.advance(25 * 60_000);
    await rig.pass(request);
    rig.cloud.removeRule('mute');
    const { images: [image] } = await rig.cloud.state();
    const updated = succeeded(await rig.deliver(rig.update(request.PhysicalResourceId, { Tags: { team: 'a' } }, { Tags: { team: 'b' } })));
    expect(updated.data.ImageArn).toBe(image?.arn);
    expect(rig.logs.map(({ status }) => status)).toContain('Image Builder to list the image');
    expect((await rig.cloud.state()).images).toMatchObject([{ tags: { team: 'b' } }]);
  });

  test('that is rolled back returns to the import that still stands', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    const back = succeeded(await rig.deliver(rig.update(replaced.id, V2, {})));
    expect(back).toMatchObject({ id: old.id, data: old.data });
    expect(rig.count('ImportImage')).toBe(2);
  });

  test('that failed and is rolled back returns to the import that still stands', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ id: 'bad', effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: bad' } } });
    const broken = await rig.deliver(rig.update(old.id, {}, V2));
    expect(reasonOf(broken)).toContain('ClientError: bad');
    rig.cloud.removeRule('bad');
    expect(succeeded(await rig.deliver(rig.update(broken.id, V2, {}))).id).toBe(old.id);
    succeeded(await rig.deliver(rig.delete(broken.id, V2)));
    expect((await rig.cloud.remaining()).images).toEqual([old.data.ImageArn]);
  });

  test('back to a content whose import is gone imports it again, under another name', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    succeeded(await rig.deliver(rig.delete(old.id)));
    const again = succeeded(await rig.deliver(rig.update(replaced.id, V2, {})));
    expect(again.id).not.toBe(old.id);
    expect(again.data.ImageVersion).toBe('1.0.0/2');
  });

  test.each<readonly [string, 'throttle' | 'dropBefore']>([['throttles', 'throttle'], ['cuts off', 'dropBefore']])(
    'back to a content whose import EC2 does not show, because it %s all attempts at asking, imports it again instead of failing',
    async (_what, kind) => {
      const rig = new Rig();
      const old = succeeded(await rig.deliver(rig.create()));
      const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
      rig.cloud.addRule({ match: { action: 'DescribeImages', call: { from: 1, to: 4 } }, effect: { kind } });
      const again = succeeded(await rig.deliver(rig.update(replaced.id, V2, {})));
      expect(again.id).not.toBe(old.id);
      expect(again.data.ImageArn).not.toBe(old.data.ImageArn);
    },
  );

  test('back to a content fails with what AWS says where it refuses to tell what stands', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ match: { action: 'DescribeImages' }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'not allowed' } });
    await expect(rig.deliver(rig.update(replaced.id, V2, {}))).rejects.toThrow('not allowed');
  });

  test('back to a content whose AMI EC2 still lists, though it is gone, imports it again', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    const replaced = succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'lingering', listMs: 60_000 } });
    succeeded(await rig.deliver(rig.delete(old.id)));
    const again = succeeded(await rig.deliver(rig.update(replaced.id, V2, {})));
    expect(again.id).not.toBe(old.id);
  });

  test('that is rolled back removes what it started once the import before it stands, and no sooner', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    rig.stackResource.status = 'UPDATE_IN_PROGRESS';
    rig.stackResource.changedAt = new Date(rig.clock.now());
    await rig.begin(rig.update(id, {}, V2));
    rig.clock.advance(60_000);
    rig.cloud.addRule({ id: 'denied', match: { action: 'GetImage', id: data.ImageArn }, effect: { kind: 'error', code: 'AccessDeniedException', message: 'no', status: 403 } });
    const back = await rig.begin(rig.update(id, V2, {}));
    expect(rig.count('CancelImportTask')).toBe(0);
    rig.cloud.removeRule('denied');
    for (let pass = 0; pass < 20 && !(await rig.pass(back)).IsComplete; pass++) {
      rig.clock.advance(30_000);
    }
    expect(rig.count('CancelImportTask')).toBeGreaterThan(0);
    expect((await rig.cloud.state()).amis).toHaveLength(1);
  });

  test('of an import whose AMI and image somebody deleted by hand says so instead of importing', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(id)));
    expect(reasonOf(await rig.deliver(rig.update(id, {}, { Tags: { team: 'b' } })))).toContain('no longer exists. Set or change "revision"');
    expect(rig.count('ImportImage')).toBe(1);
  });
});
