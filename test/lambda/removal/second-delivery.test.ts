import type { TemplateResources } from '../../local-cloud/cloudformation-template';
import type { CustomResourceRequest } from '../../local-cloud/provider-framework';
import { disksNamed } from '../snapshot/copied-disks';
import { BROKEN_TYPE, copyTemplate, importTemplate, machineTemplate, StackRig } from '../stack-rig';

const other = (Seconds: number | 'never'): TemplateResources => ({ Other: { Type: BROKEN_TYPE, Properties: { Seconds } } });
const image = (semanticVersion: string): TemplateResources => importTemplate({ ImportVmImage: { name: 'Golden', semanticVersion, platform: 'Linux' } }, 1);
const copy = (S3Key: string): TemplateResources => copyTemplate({ Disk: { S3Bucket: 'exports', S3Key, Format: 'RAW' } });
const copied = copy('data.raw');
const { Machine, ...disks } = machineTemplate({ bootKey: 'boot.raw', dataKey: 'data.raw', team: 'a' });

/** A rig in which one request of each resource is delivered again, under another URL. `isTwice` gets the request, and how many of its type came before it. */
function rigWithSecond(late: number, isTwice: (request: CustomResourceRequest, delivered: number) => boolean) {
  const counts = new Map<string, number>();
  const twice = new Set<string>();
  const rig = new StackRig({
    s3: disksNamed('boot.raw', 'data.raw'),
    driver: {
      answers: { deliveries: 'presignedAnew', executions: 'unnamed' },
      deliveries: (request) => {
        const resource = `${request.RequestType} ${request.LogicalResourceId}`;
        const delivered = counts.get(resource) ?? 0;
        counts.set(resource, delivered + 1);
        return request.ResourceType !== BROKEN_TYPE && isTwice(request, delivered) && twice.add(resource) ? [0, late] : [0];
      },
    },
  });
  return { rig, twice };
}

describe.each([40_000, 150_000])('a second delivery of a Delete, %d ms later, leaves what the next deployment makes', (late) => {
  test.each<readonly [string, TemplateResources, TemplateResources, object]>([
    ['an image', {}, importTemplate({}, 1), { images: 1, amis: 1, snapshots: 1, registered: 0 }],
    ['a copied disk', {}, copied, { images: 0, amis: 0, snapshots: 1, registered: 0 }],
    ['an AMI of copied disks', disks, { Machine } as TemplateResources, { images: 0, amis: 1, snapshots: 2, registered: 2 }],
  ])('%s', async (_what, standing, added, left) => {
    const { rig, twice } = rigWithSecond(late, ({ RequestType }, delivered) => RequestType === 'Delete' && delivered === 0);
    await rig.driver.createStack('S', { ...other('never'), ...standing });
    expect((await rig.driver.updateStack('S', { ...other(20), ...standing, ...added })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(twice.size).toBe(1);
    expect((await rig.driver.updateStack('S', { ...other('never'), ...standing, ...added })).status).toBe('UPDATE_COMPLETE');
    await rig.driver.settled();
    const { images, amis, snapshots } = await rig.cloud.remaining();
    const registered = rig.cloud.calls({ action: 'RegisterImage' }).length;
    expect({ images: images.length, amis: amis.length, snapshots: snapshots.length, registered }).toEqual(left);
  });
});

test.each<readonly [string, TemplateResources, TemplateResources, object]>([
  ['an image', image('1.0.0'), image('2.0.0'), { images: 1, amis: 1, snapshots: 1 }],
  ['a copied disk', copy('boot.raw'), copied, { images: 0, amis: 0, snapshots: 1 }],
])('a second delivery of a rollback leaves what the next deployment makes: %s', async (_what, before, after, left) => {
  const { rig, twice } = rigWithSecond(40_000, ({ RequestType }, delivered) => RequestType === 'Update' && delivered === 1);
  await rig.driver.createStack('S', { ...other('never'), ...before });
  expect((await rig.driver.updateStack('S', { ...other(10), ...after })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(twice.size).toBe(1);
  expect((await rig.driver.updateStack('S', { ...other('never'), ...after })).status).toBe('UPDATE_COMPLETE');
  await rig.driver.settled();
  const { images, amis, snapshots } = await rig.cloud.remaining();
  expect({ images: images.length, amis: amis.length, snapshots: snapshots.length }).toEqual(left);
});
