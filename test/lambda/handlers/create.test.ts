import { ID_TAG } from '../../../src/shared/contract/names';
import { succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';
import { tagsOf } from '../tags-of';

describe('a create', () => {
  test('makes an image of the disk, and answers what AWS made', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create({ Tags: { team: 'a' } })));
    const { tasks: [task], amis: [ami], snapshots: [snapshot], images: [image] } = await rig.cloud.state();
    expect(data).toMatchObject({
      ImageArn: 'arn:aws:imagebuilder:eu-west-1:111122223333:image/golden/1.0.0/1',
      AmiId: ami?.ImageId,
      ImportTaskId: task?.ImportTaskId,
      SnapshotIds: snapshot?.SnapshotId,
      ImageName: 'Golden',
      ImageVersion: '1.0.0/1',
      Architecture: 'x86_64',
    });
    for (const tags of [tagsOf(task?.Tags), tagsOf(ami?.Tags), tagsOf(snapshot?.Tags), image?.tags]) {
      expect(tags).toMatchObject({ team: 'a', [ID_TAG]: id });
    }
    expect(image?.state?.status).toBe('AVAILABLE');
  });

  test('names the import before it calls AWS', async () => {
    const rig = new Rig();
    const { PhysicalResourceId } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    expect(PhysicalResourceId).toMatch(/^vm-import-11111111-2222-3333-4444-555555555555-[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{12}$/);
    expect(rig.cloud.calls()).toEqual([]);
  });

  describe('that is delivered twice', () => {
    async function answers(rig: Rig, between: number) {
      const event = rig.create();
      const delivered = [rig.clock.now()];
      const first = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
      rig.clock.advance(between);
      delivered.push(rig.clock.now());
      return { first, second: await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 }), delivered };
    }

    // Otherwise the framework answers FAILED, and CloudFormation's Delete never reaches the handler.
    test('is answered the same, so that its state machine is started once', async () => {
      const rig = new Rig();
      rig.stackResource.changedAt = new Date(rig.clock.now() - 2_000);
      const { first, second } = await answers(rig, 3 * 60_000);
      expect(second).toEqual(first);
      expect(first.Data.StartedAt).toBe(rig.stackResource.changedAt.toISOString());
    });

    test.each<readonly [string, (rig: Rig) => void]>([
      ['does not work on it', (rig) => Object.assign(rig.stackResource, { status: 'UPDATE_COMPLETE', changedAt: new Date(rig.clock.now()) })],
      ['has worked on it for long', (rig) => Object.assign(rig.stackResource, { changedAt: new Date(rig.clock.now() - 60 * 60_000) })],
      ['does not say since when it works on it', (rig) => Object.assign(rig.stackResource, { changedAt: undefined })],
      ['does not know it', (rig) => Object.assign(rig.stackResource, { status: undefined })],
      ['does not answer', (rig) => jest.spyOn(rig.clients.cloudFormation, 'send').mockImplementation(() => Promise.reject(new Error('slow down')))],
    ])('counts from its delivery where CloudFormation %s', async (_what, arrange) => {
      const rig = new Rig();
      arrange(rig);
      const { first, second, delivered } = await answers(rig, 1_000);
      expect([first, second].map(({ Data }) => Date.parse(Data.StartedAt))).toEqual(delivered);
    });
  });

  test('counts from its own request where CloudFormation still tells of the one before', async () => {
    const rig = new Rig();
    const delivered = rig.clock.now();
    rig.stackResource.changedAt = new Date(delivered - 60_000);
    rig.clock.after(8_000, () => Object.assign(rig.stackResource, { changedAt: new Date(delivered - 1_000) }));
    const { Data } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    expect(Date.parse(Data.StartedAt)).toBe(delivered - 1_000);
  });

  test('makes one call a pass while the task runs, and logs its progress', async () => {
    const rig = new Rig();
    const request = await rig.begin(rig.create());
    rig.cloud.clearCalls();
    rig.clock.advance(10 * 60_000);
    await rig.pass(request);
    expect(rig.cloud.calls().map((call) => call.action)).toEqual(['DescribeImportImageTasks']);
    expect(rig.logs.at(-1)).toMatchObject({
      id: request.PhysicalResourceId, request: 'Create', segment: '1/1', elapsed: 600, action: 'wait', progress: expect.stringMatching(/^\d+$/),
    });
  });

  test('sends every parameter to the two services, in their own terms', async () => {
    const rig = new Rig();
    const importImage = {
      Architecture: 'x86_64',
      BootMode: 'legacy-bios',
      ClientData: { Comment: 'nightly', UploadSize: '1.5', UploadStart: '2026-01-01T00:00:00.000Z' },
      Description: 'golden',
      Hypervisor: 'xen',
      Encrypted: 'true',
      KmsKeyId: 'alias/golden',
      LicenseType: 'BYOL',
      Platform: 'Linux',
      RoleName: 'vmimport',
      LicenseSpecifications: [{ LicenseConfigurationArn: 'arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-0123456789abcdef0123456789abcdef' }],
      DiskContainers: [{ Description: 'boot', DeviceName: '/dev/sda1', Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }],
    };
    const image = {
      name: 'Golden Image',
      semanticVersion: '1.2.3',
      description: 'base',
      platform: 'Linux',
      osVersion: 'RHEL 9',
      loggingConfiguration: { logGroupName: '/aws/imagebuilder/golden' },
    };
    succeeded(await rig.deliver(rig.create({ ImportImage: importImage, ImportVmImage: image })));
    const [asked] = rig.cloud.calls({ action: 'ImportImage' });
    expect(asked?.parameters).toMatchObject({
      Architecture: 'x86_64',
      BootMode: 'legacy-bios',
      Description: 'golden',
      Hypervisor: 'xen',
      Encrypted: true,
      KmsKeyId: 'alias/golden',
      LicenseType: 'BYOL',
      Platform: 'Linux',
      RoleName: 'vmimport',
      LicenseSpecifications: importImage.LicenseSpecifications,
      DiskContainers: importImage.DiskContainers,
    });
    expect(JSON.stringify(asked?.parameters)).toContain('nightly');
    const [made] = rig.cloud.calls({ action: 'ImportVmImage' });
    expect(made?.parameters).toMatchObject(image);
  });

  test.each<readonly [string, 'throttle' | 'serverError' | 'dropBefore' | 'dropAfter']>([
    ['throttled', 'throttle'], ['answered 500', 'serverError'], ['cut off before it is done', 'dropBefore'], ['cut off after it is done', 'dropAfter'],
  ])('is not failed by every second call being %s, and imports once', async (_case, kind) => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { call: { every: 2 } }, effect: { kind } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    const { tasks, images } = await rig.cloud.state();
    expect([tasks.length, images.length]).toEqual([1, 1]);
    rig.cloud.clearRules();
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('finds what it made while AWS does not show it yet', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', listMs: 40_000, getMs: 40_000 } });
    rig.cloud.addRule({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', listMs: 240_000, getMs: 20_000 } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    const { tasks, images } = await rig.cloud.state();
    expect([tasks.length, images.length]).toEqual([1, 1]);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('takes up an AMI whose task EC2 has forgotten, in a segment that follows', async () => {
    const rig = new Rig();
    const { PhysicalResourceId: ImportId } = await rig.begin(rig.create());
    const event = rig.create({ Segment: '2', Segments: '2', ImportId });
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(21 * 60_000);
    rig.cloud.addRule({ id: 'down', match: { action: 'ImportVmImage' }, effect: { kind: 'throttle' } });
    await rig.pass({ ...event, ...named });
    rig.cloud.removeRule('down');
    const { tasks: [task] } = await rig.cloud.state();
    rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks' }, effect: { kind: 'invisible', listMs: 1e9, getMs: 1e9 } });
    expect(await rig.pass({ ...event, ...named })).toEqual({ IsComplete: false });
    rig.clock.advance(120_000);
    expect(await rig.pass({ ...event, ...named })).toMatchObject({ IsComplete: true, Data: { ImportTaskId: task?.ImportTaskId } });
  });
});
