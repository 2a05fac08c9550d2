import { ID_TAG } from '../../../src/shared/contract/names';
import { reasonOf, succeeded } from '../outcome';
import { Rig } from '../rig';

describe('an adopted task', () => {
  async function adopting(): Promise<{ readonly rig: Rig; readonly properties: { readonly ImportImage: undefined; readonly ImportTaskId: string } }> {
    const rig = new Rig();
    await rig.pass({ ...rig.create(), PhysicalResourceId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000', Data: { StartedAt: new Date(rig.clock.now()).toISOString() } });
    rig.clock.advance(25 * 60_000);
    const { tasks: [task] } = await rig.cloud.state();
    return { rig, properties: { ImportImage: undefined, ImportTaskId: task?.ImportTaskId ?? '' } };
  }

  test('becomes an image, and its AMI and snapshots are left alone, now and on delete', async () => {
    const { rig, properties } = await adopting();
    const before = await rig.cloud.state();
    const { id, data } = succeeded(await rig.deliver(rig.create({ ...properties, Tags: { team: 'a' } })));
    expect(data).toMatchObject({ AmiId: before.amis[0]?.ImageId, ImportTaskId: properties.ImportTaskId });
    const { images: [image] } = await rig.cloud.state();
    expect(image?.tags).toMatchObject({ team: 'a', [ID_TAG]: id });
    succeeded(await rig.deliver(rig.delete(id, properties)));
    const after = await rig.cloud.state();
    expect(after.images).toEqual([]);
    expect([after.tasks, after.amis, after.snapshots]).toEqual([before.tasks, before.amis, before.snapshots]);
  });

  test('is updated in place right after its creation, though Image Builder does not list the image yet', async () => {
    const { rig, properties } = await adopting();
    rig.cloud.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', of: ['image'], listMs: 240_000 } });
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    succeeded(await rig.deliver(rig.update(id, properties, { ...properties, Tags: { team: 'b' } })));
    const { images } = await rig.cloud.state();
    expect(images.map((image) => image.tags?.team)).toEqual(['b']);
  });

  test('that failed is the failure of the resource, and is not started again', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost' } } });
    await rig.pass({ ...rig.create(), PhysicalResourceId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000', Data: { StartedAt: new Date(rig.clock.now()).toISOString() } });
    rig.clock.advance(25 * 60_000);
    const { tasks: [task] } = await rig.cloud.state();
    expect(reasonOf(await rig.deliver(rig.create({ ImportImage: undefined, ImportTaskId: task?.ImportTaskId })))).toContain('ServerError: lost');
    expect(rig.count('ImportImage')).toBe(1);
  });

  test('that EC2 does not know fails after a second look, and its delete finds nothing to do', async () => {
    const rig = new Rig();
    const properties = { ImportImage: undefined, ImportTaskId: 'import-ami-0123456789abcdef0' };
    const outcome = await rig.deliver(rig.create(properties));
    expect(reasonOf(outcome)).toContain('Check importTaskId');
    expect(outcome.seconds).toBe(60);
    expect(succeeded(await rig.deliver(rig.delete(outcome.id, properties))).seconds).toBe(120);
  });

  test('of another resource is not what a resource returns to', async () => {
    const { rig, properties } = await adopting();
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    const event = { ...rig.update(id, {}, properties), LogicalResourceId: 'Other', PhysicalResourceId: id.replace(/.{12}$/, '0'.repeat(12)) };
    const { PhysicalResourceId } = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    expect(PhysicalResourceId).toMatch(/^vm-import-/);
    expect(PhysicalResourceId).not.toBe(id);
  });

  test('that is replaced and rolled back is found by its image', async () => {
    const { rig, properties } = await adopting();
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    const after = { ...properties, ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } };
    const replaced = succeeded(await rig.deliver(rig.update(id, properties, after)));
    expect(replaced.id).not.toBe(id);
    expect(succeeded(await rig.deliver(rig.update(replaced.id, after, properties))).id).toBe(id);
  });

  test('that is replaced, and whose image is gone but listed still, becomes another image', async () => {
    const { rig, properties } = await adopting();
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    const after = { ...properties, ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } };
    const replaced = succeeded(await rig.deliver(rig.update(id, properties, after)));
    rig.cloud.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'lingering', listMs: 240_000 } });
    succeeded(await rig.deliver(rig.delete(id, properties)));
    const again = succeeded(await rig.deliver(rig.update(replaced.id, after, properties)));
    expect(again.id).not.toBe(id);
    expect(again.data.ImageVersion).toBe('1.0.0/2');
  });
});
