import type { TemplateResources } from '../../local-cloud/cloudformation-template';
import { disksNamed } from '../snapshot/copied-disks';
import { BROKEN_TYPE, copyTemplate, importTemplate, machineTemplate, StackRig } from '../stack-rig';

const other = (Seconds: number | 'never'): TemplateResources => ({ Other: { Type: BROKEN_TYPE, Properties: { Seconds } } });
const copied = copyTemplate({ Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'RAW' } });
const { Machine, ...disks } = machineTemplate({ bootKey: 'boot.raw', dataKey: 'data.raw', team: 'a' });

test.each<readonly [string, TemplateResources, TemplateResources, object]>([
  ['an image', {}, importTemplate({}, 1), { images: 1, amis: 1, snapshots: 1, registered: 0 }],
  ['a copied disk', {}, copied, { images: 0, amis: 0, snapshots: 1, registered: 0 }],
  ['an AMI of copied disks', disks, { Machine } as TemplateResources, { images: 0, amis: 1, snapshots: 2, registered: 2 }],
])('a late second delivery of a Delete leaves what the next deployment makes: %s', async (_what, standing, added, left) => {
  const twice = new Set<string>();
  const rig = new StackRig({
    s3: disksNamed('boot.raw', 'data.raw'),
    driver: {
      answers: { deliveries: 'presignedAnew', executions: 'unnamed' },
      deliveries: ({ RequestType, LogicalResourceId, ResourceType }) => {
        const isFirst = RequestType === 'Delete' && ResourceType !== BROKEN_TYPE && !twice.has(LogicalResourceId);
        return isFirst && twice.add(LogicalResourceId) ? [0, 40_000] : [0];
      },
    },
  });
  await rig.driver.createStack('S', { ...other('never'), ...standing });
  expect((await rig.driver.updateStack('S', { ...other(20), ...standing, ...added })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(twice.size).toBe(1);
  expect((await rig.driver.updateStack('S', { ...other('never'), ...standing, ...added })).status).toBe('UPDATE_COMPLETE');
  await rig.driver.settled();
  const { images, amis, snapshots } = await rig.cloud.remaining();
  const registered = rig.cloud.calls({ action: 'RegisterImage' }).length;
  expect({ images: images.length, amis: amis.length, snapshots: snapshots.length, registered }).toEqual(left);
});
