import { DeregisterImageCommand } from '@aws-sdk/client-ec2';
import { NOTHING_LEFT, Rig, type Outcome } from './rig';
import type { IsCompleteRequest } from '../../lambda/cloudformation';

const ID = 'cdk-vm-import:id';

function succeeded(outcome: Outcome): Outcome & { readonly status: 'SUCCESS' } {
  if (outcome.status === 'FAILED') {
    throw new Error(`the request failed: ${outcome.reason}`);
  }
  return outcome;
}

const failed = (outcome: Outcome): string => {
  expect(outcome.status).toBe('FAILED');
  return outcome.status === 'FAILED' ? outcome.reason : '';
};

const tagsOf = (tags: readonly { Key?: string; Value?: string }[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

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
      expect(tags).toMatchObject({ team: 'a', [ID]: id });
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

  test('asks EC2 in two calls a pass while it is queued, and in one where it is not its turn', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    const passes: string[] = [];
    for (; passes.length < 90; rig.clock.advance(30_000)) {
      rig.cloud.clearCalls();
      expect(await rig.pass({ ...event, ...named })).toEqual({ IsComplete: false });
      // The quota is answered once: the SDK does not try that again.
      passes.push(rig.cloud.calls().map(({ action }) => action).join());
      expect(rig.logs.at(-1)?.status).toContain('a free slot: queued');
    }
    const asking = 'DescribeImportImageTasks,ImportImage';
    expect(new Set(passes)).toEqual(new Set([asking, 'DescribeImportImageTasks']));
    expect(passes.slice(0, 2)).toEqual([asking, asking]);
    expect(passes.slice(18).filter((each) => each === asking)).toHaveLength(9);
  });

  test('makes one call a pass while the task runs, and logs its progress', async () => {
    const rig = new Rig();
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...event, ...named });
    rig.cloud.clearCalls();
    rig.clock.advance(10 * 60_000);
    await rig.pass({ ...event, ...named });
    expect(rig.cloud.calls().map((call) => call.action)).toEqual(['DescribeImportImageTasks']);
    expect(rig.logs.at(-1)).toMatchObject({
      id: named.PhysicalResourceId, request: 'Create', segment: '1/1', elapsed: 600, action: 'wait', progress: expect.stringMatching(/^\d+$/),
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

  test('waits in line while too many imports run, and starts when a slot is free', async () => {
    const rig = new Rig();
    const quota = rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    rig.clock.after(15 * 60_000, () => rig.cloud.removeRule(quota));
    const { seconds } = succeeded(await rig.deliver(rig.create()));
    expect(seconds).toBeGreaterThan(35 * 60);
    expect(rig.logs.find((line) => String(line.status).includes('queued'))).toMatchObject({ action: 'wait' });
  });

  test('waits for IAM to propagate the service role', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'roleNotPropagated', forMs: 120_000 } });
    succeeded(await rig.deliver(rig.create()));
    expect(rig.count('ImportImage')).toBeGreaterThan(2); // the last of which is accepted
    expect((await rig.cloud.state()).tasks).toHaveLength(1);
  });

  test('says what to check where EC2 never accepts the service role', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'roleNotPropagated' } });
    const outcome = await rig.deliver(rig.create({
      ImportImage: {
        RoleName: 'vmimport',
        Encrypted: 'true',
        KmsKeyId: 'alias/golden',
        DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }, { Format: 'RAW', Url: 's3://exports/data.raw' }, { Format: 'RAW', Url: 'https://host/more.raw' }],
      },
    }));
    expect(failed(outcome)).toContain(
      'check that it trusts vmie.amazonaws.com with the external id vmimport, and allows s3:GetBucketLocation, s3:ListBucket and s3:GetObject on s3://exports/golden.vmdk, s3://exports/data.raw',
    );
    expect(failed(outcome)).toContain('kms:CreateGrant');
    expect(outcome.seconds).toBeGreaterThanOrEqual(300);
    expect(outcome.seconds).toBeLessThanOrEqual(300 + 120);
  });

  test('names no key of KMS, and no object, where none is its business', async () => {
    const rig = new Rig();
    const snapshot = rig.cloud.giveSnapshot();
    rig.cloud.addRule({ effect: { kind: 'roleNotPropagated' } });
    const outcome = await rig.deliver(rig.create({ ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId: snapshot }] } }));
    expect(failed(outcome)).toMatch(/s3:GetObject on the disk images \(with kms:Decrypt where the bucket is encrypted with a KMS key\)$/);
  });

  test('waits for the permissions of its own role, but not for ever', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks', call: { from: 1, to: 3 } }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'not authorized', status: 403 } });
    succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'not authorized', status: 403 } });
    expect(failed(await rig.deliver(rig.create()))).toBe('The provider of VmImportImage lacks a permission: UnauthorizedOperation: not authorized');
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

  test('fails with one sentence when the disk is bad: what failed, what AWS said, what to do', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Disk validation failed [Unsupported VMDK File Format]' } } });
    const outcome = await rig.deliver(rig.create());
    expect(failed(outcome)).toMatch(/^VM import import-ami-\w+ failed: ClientError: Disk validation failed \[Unsupported VMDK File Format\] \(hint: the VMDK is not stream-optimized: .*\)$/);
    expect(rig.count('ImportImage')).toBe(1);
    // For the metric of failed imports.
    expect(rig.logs.at(-1)).toMatchObject({ action: 'fail', request: 'Create' });
  });

  test('tries a failure of the service again with another task, and cleans up after the first', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: an internal error has occurred', atProgress: 90 } } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    const { tasks, amis, snapshots } = await rig.cloud.state();
    expect(tasks.map((task) => task.Status)).toEqual(['deleted', 'completed']);
    expect(amis).toHaveLength(1);
    expect(snapshots).toHaveLength(1);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('gives up on the service after as many attempts as were asked', async () => {
    const rig = new Rig({ taskDurationMs: 60_000 });
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: an internal error has occurred' } } });
    expect(failed(await rig.deliver(rig.create({ MaxAttempts: '3' })))).toContain('ServerError');
    expect(rig.count('ImportImage')).toBe(3);
  });

  test('fails with what EC2 says of a request that it refuses', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'error', code: 'InvalidParameterValue', message: 'The given S3 bucket is not local to the Region' } });
    expect(failed(await rig.deliver(rig.create()))).toBe(
      'AWS refused a call of the VM import: InvalidParameterValue: The given S3 bucket is not local to the Region (hint: the bucket must be in the Region of the stack)',
    );
  });

  test('fails on timeout with the progress that was reached', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'task', outcome: { kind: 'stuck', atProgress: 57 } } });
    const outcome = await rig.deliver(rig.create({ Budget: '1800', Timeout: '1800' }));
    expect(failed(outcome)).toMatch(/^The VM import did not finish within its timeout of 30 min; it was last waiting for: .* \(57 %\); set a longer "timeout" \(up to 48 hours\)$/);
    expect(outcome.seconds).toBe(1800);
    succeeded(await rig.deliver(rig.delete(outcome.id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('fails on timeout with what it waited for where there is no progress, in hours where these are whole', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    expect(failed(await rig.deliver(rig.create({ Budget: '60', Timeout: '14400', Segment: '1', Segments: '1' })))).toMatch(
      /within its timeout of 4 h; it was last waiting for: a free slot: queued, .* \(ResourceLimitExceeded: .*\); set a longer "timeout"/,
    );
  });

  test('waits while Image Builder does not answer for its image', async () => {
    const rig = new Rig();
    rig.clock.after(40 * 60_000, () => rig.cloud.removeRule('down'));
    rig.cloud.addRule({ id: 'down', match: { action: 'GetImage' }, effect: { kind: 'serverError', status: 503 } });
    expect(succeeded(await rig.deliver(rig.create())).seconds).toBe(2400);
  });

  test('fails with the reason of Image Builder', async () => {
    const rig = new Rig();
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.cloud.addRule({ match: { action: 'ImportVmImage' }, effect: { kind: 'error', code: 'InvalidRequestException', message: 'the AMI is not supported' } });
    for (let minute = 0; minute < 20; minute++, rig.clock.advance(60_000)) {
      await rig.pass({ ...event, ...named });
    }
    await expect(rig.pass({ ...event, ...named })).rejects.toThrow('InvalidRequestException: the AMI is not supported');
    succeeded(await rig.deliver(rig.delete(named.PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('refuses properties that the construct would not write', async () => {
    const rig = new Rig();
    await expect(rig.handlers.onEvent(rig.create({ ImportVmImage: undefined }), { getRemainingTimeInMillis: () => 60_000 })).rejects.toThrow(
      'The property ResourceProperties.ImportVmImage must be an object',
    );
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
    const first = rig.create();
    const { PhysicalResourceId: ImportId, Data } = await rig.handlers.onEvent(first, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...first, PhysicalResourceId: ImportId, Data });
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

describe('an import that CloudFormation gave up on, because another resource failed', () => {
  const CLOUDFORMATIONS_OWN_ID = 'S-GoldenImport-1ABCDEF234567';
  const V2 = { ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } };

  async function started(rig: Rig, event = rig.create()) {
    rig.stackResource.status = `${event.RequestType.toUpperCase()}_IN_PROGRESS`;
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    const request = { ...event, ...named };
    await rig.pass(request);
    rig.clock.advance(5 * 60_000);
    return request;
  }

  test('is cancelled by a Delete that does not know its name', async () => {
    const rig = new Rig();
    const request = await started(rig);
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    await expect(rig.pass(request)).rejects.toThrow('failed');
  });

  test('is removed by that Delete though it was finished by then', async () => {
    const rig = new Rig();
    succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('leaves what an earlier life of the resource retained', async () => {
    const rig = new Rig();
    const retained = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(4 * 60 * 60_000);
    await started(rig);
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect((await rig.cloud.remaining()).images).toEqual([retained.data.ImageArn]);
  });

  /** A request whose import was queued so far; there is a slot now, and it is its turn to ask. */
  async function queued(rig: Rig): Promise<IsCompleteRequest> {
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    const request = await started(rig);
    rig.cloud.removeRule('full');
    rig.untilItsTurn(request);
    return request;
  }

  test('is not started from the queue any more', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.status = 'DELETE_IN_PROGRESS';
    await expect(rig.pass(request)).rejects.toThrow('CloudFormation does not wait for this VM import any more, so nothing was started');
    expect((await rig.cloud.state()).tasks).toEqual([]);
  });

  test('is not started from the queue after the stack is gone', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.status = undefined;
    await expect(rig.pass(request)).rejects.toThrow('does not wait');
  });

  test('makes no image any more, of a task of its own or of an adopted one', async () => {
    const rig = new Rig();
    const request = await started(rig);
    const own = succeeded(await rig.deliver(rig.create()));
    const adoption = await started(rig, rig.create({ ImportImage: undefined, ImportTaskId: own.data.ImportTaskId ?? '' }));
    succeeded(await rig.deliver(rig.delete(adoption.PhysicalResourceId, adoption.ResourceProperties)));
    const made = rig.count('ImportVmImage');
    await expect(rig.pass(request)).rejects.toThrow('does not wait for this VM import any more');
    await expect(rig.pass(adoption)).rejects.toThrow('does not wait for this VM import any more');
    expect(rig.count('ImportVmImage')).toBe(made);
  });

  test('is not started where CloudFormation has gone on to another request for the same resource', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.changedAt = new Date(rig.clock.now() - 60_000);
    await expect(rig.pass(request)).rejects.toThrow('does not wait');
  });

  test('is started from the queue where CloudFormation still waits for it', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.changedAt = new Date(Date.parse(request.Data.StartedAt) - 1_000);
    expect(await rig.pass(request)).toEqual({ IsComplete: false });
    expect((await rig.cloud.state()).tasks).toHaveLength(1);
  });

  test('is not asked about while it cannot have been given up without a second look of its Delete', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.stackResource.asked = 0;
    rig.clock.advance(9_000);
    await rig.pass({ ...event, ...named });
    expect(rig.stackResource.asked).toBe(0);
    rig.clock.advance(1_000);
    await rig.pass({ ...event, ...named });
    expect(rig.stackResource.asked).toBe(1);
  });

  test('waits where CloudFormation does not answer', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    jest.spyOn(rig.clients.cloudFormation, 'send').mockImplementation(() => Promise.reject(Object.assign(new Error('slow down'), { name: 'Throttling' })));
    expect(await rig.pass(request)).toEqual({ IsComplete: false });
    expect(rig.logs.at(-1)).toMatchObject({ status: 'AWS to answer (Throttling: slow down)' });
  });

  test('in a replacement is removed by the update that rolls it back, which keeps the import of before', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    await started(rig, rig.update(old.id, {}, V2) as never);
    // CloudFormation never learned the new name, so it sends the old one back with the properties swapped.
    const back = succeeded(await rig.deliver(rig.update(old.id, V2, {})));
    expect(back).toMatchObject({ id: old.id, data: { ImageArn: old.data.ImageArn } });
    expect((await rig.cloud.state()).tasks.map((task) => task.Status)).toEqual(['completed', 'deleted']);
    expect((await rig.cloud.remaining()).images).toEqual([old.data.ImageArn]);
  });

  test('in a replacement whose leftover is held does not keep the stack from rolling back', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage' } });
    const back = succeeded(await rig.deliver(rig.update(old.id, V2, {})));
    expect(back).toMatchObject({ id: old.id, seconds: 3000 });
  });

  test('in a replacement whose leftover AWS refuses to delete says so', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ match: { action: 'DeregisterImage' }, effect: { kind: 'error', code: 'OperationNotPermitted', message: 'protected' } });
    expect(failed(await rig.deliver(rig.update(old.id, V2, {})))).toContain('protected');
  });

  test('of an adopted task is found by its image', async () => {
    const rig = new Rig();
    const own = succeeded(await rig.deliver(rig.create()));
    const adopting = { ImportImage: undefined, ImportTaskId: own.data.ImportTaskId ?? '' };
    succeeded(await rig.deliver(rig.create(adopting)));
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID, adopting)));
    expect((await rig.cloud.remaining()).images).toEqual([own.data.ImageArn]);
  });

  test('finds nothing to delete where it had not started, and takes a second look', async () => {
    const rig = new Rig();
    expect(succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID))).seconds).toBe(120);
  });
});

describe('an attempt after the first', () => {
  const FAILS = { match: { call: 1, action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ServerError: lost', atProgress: 90, leaves: 'snapshots' } } } as const;

  test('starts though a leftover of the first is held, which the delete then removes', async () => {
    const rig = new Rig();
    rig.cloud.addRule(FAILS);
    rig.cloud.addRule({ match: { action: 'DeleteSnapshot', call: 1 }, effect: { kind: 'error', code: 'InvalidSnapshot.InUse', message: 'in use' } });
    const { id } = succeeded(await rig.deliver(rig.create()));
    expect((await rig.cloud.remaining()).snapshots).toHaveLength(2);
    succeeded(await rig.deliver(rig.delete(id)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('is not started by two handlers at once', async () => {
    const rig = new Rig();
    rig.cloud.addRule(FAILS);
    const event = rig.create();
    const outcomes = await Promise.all([rig.deliver(event), rig.deliver(event)]);
    outcomes.forEach(succeeded);
    expect((await rig.cloud.state()).tasks).toHaveLength(2);
  });
});

test('an import whose token EC2 knows with other tags waits for EC2 to list it', async () => {
  const rig = new Rig();
  const first = rig.create({ Tags: { team: 'a' } });
  const named = await rig.handlers.onEvent(first, { getRemainingTimeInMillis: () => 60_000 });
  rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', of: ['task'], listMs: 60_000 } });
  await rig.pass({ ...first, ...named });
  await rig.pass({ ...first, ...named, ResourceProperties: { ...first.ResourceProperties, Tags: { team: 'b' } } });
  expect(rig.logs.at(-1)).toMatchObject({ action: 'wait', status: expect.stringContaining('IdempotentParameterMismatch') });
  expect((await rig.cloud.state()).tasks).toHaveLength(1);
});

describe('segments', () => {
  const HOURS = { Segments: '3', Budget: '3000', Timeout: '9000' };

  test('hand a long import from one to the next, and the last one answers', async () => {
    const rig = new Rig({ taskDurationMs: 130 * 60_000 });
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const second = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '2', ImportId: first.id })));
    const third = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id })));
    expect([second.id, third.id]).toEqual([`${first.id}/2`, `${first.id}/3`]);
    expect([first.data, second.data]).toEqual([{ Outcome: '' }, { Outcome: '' }]);
    expect(first.seconds).toBe(3000);
    expect(third.data.AmiId).toMatch(/^ami-/);
    expect(rig.count('ImportImage')).toBe(1);
    expect(rig.logs.filter((line) => line.action === 'hand-over')).toHaveLength(2);
  });

  test('but the first take no time when the import is done', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.clearCalls();
    const second = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '2', ImportId: first.id, PreviousOutcome: first.data.Outcome })));
    const third = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id, PreviousOutcome: second.data.Outcome })));
    expect([second.seconds, third.seconds]).toEqual([0, 0]);
    expect(rig.cloud.calls()).toEqual([]);
    expect(third.data).toEqual(succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: second.id }))).data);
    expect(third.data.ImageArn).toContain(':image/golden/1.0.0/1');
  });

  test('answer every delivery of a request that goes on with a finished import alike, whenever it comes', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const follower = rig.create({ ...HOURS, Segment: '2', ImportId: first.id, PreviousOutcome: first.data.Outcome });
    const answer = await rig.handlers.onEvent(follower, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(120_000);
    expect(await rig.handlers.onEvent(follower, { getRemainingTimeInMillis: () => 60_000 })).toEqual(answer);
  });

  test('look for themselves where the end that they are told of is another import\'s', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const others = first.data.Outcome?.replace(first.id, first.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))).replace('AmiId=ami', 'AmiId=other');
    rig.cloud.clearCalls();
    const { data } = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: first.id, PreviousOutcome: others })));
    expect(data.AmiId).toMatch(/^ami-/);
    expect(rig.cloud.calls()).not.toEqual([]);
  });

  test('start the import late where it was queued through the one before', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.removeRule('full');
    expect(succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '3', ImportId: first.id }))).data.ImageArn).toContain(':image/golden/1.0.0/1');
  });

  test('but the first delete nothing', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    rig.cloud.clearCalls();
    expect(succeeded(await rig.deliver(rig.delete(`${first.id}/2`, { ...HOURS, Segment: '2', ImportId: first.id }))).data).toEqual({});
    expect(rig.cloud.calls()).toEqual([]);
  });

  test('that follow an import that is updated in place start nothing', async () => {
    const rig = new Rig();
    const first = succeeded(await rig.deliver(rig.create({ ...HOURS, Segment: '1' })));
    const follower = { ...HOURS, Segment: '2', ImportId: first.id };
    const second = succeeded(await rig.deliver(rig.create(follower)));
    const updated = succeeded(await rig.deliver(rig.update(second.id, follower, { ...follower, Tags: { team: 'b' } })));
    expect(updated.id).toBe(second.id);
    const replaced = succeeded(await rig.deliver(rig.update(second.id, { ...follower, ImportId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000' }, follower)));
    expect(replaced.data).toEqual(first.data);
    expect(rig.count('ImportImage')).toBe(1);
  });
});

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
      expect(tags).toMatchObject({ team: 'b', cost: '1', [ID]: id });
      expect(tags).not.toHaveProperty('stage');
    }
    expect(rig.count('ImportImage')).toBe(1);
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
    const event = rig.create({ Tags: { team: 'a' } });
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...event, ...named });
    rig.clock.advance(25 * 60_000);
    await rig.pass({ ...event, ...named });
    rig.cloud.removeRule('mute');
    const { images: [image] } = await rig.cloud.state();
    const updated = succeeded(await rig.deliver(rig.update(named.PhysicalResourceId, { Tags: { team: 'a' } }, { Tags: { team: 'b' } })));
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
    expect(failed(broken)).toContain('ClientError: bad');
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

  test('of an import whose AMI and image somebody deleted by hand says so instead of importing', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(id)));
    expect(failed(await rig.deliver(rig.update(id, {}, { Tags: { team: 'b' } })))).toContain('does not exist any more; set or change "revision"');
    expect(rig.count('ImportImage')).toBe(1);
  });

  test('of an import whose AMI alone was deleted by hand still tags the image', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    await rig.clients.ec2.send(new DeregisterImageCommand({ ImageId: data.AmiId }));
    const updated = succeeded(await rig.deliver(rig.update(id, {}, { Tags: { team: 'b' } })));
    expect(updated.data).toMatchObject({ ImageArn: data.ImageArn, AmiId: data.AmiId });
    expect((await rig.cloud.state()).images[0]?.tags).toMatchObject({ team: 'b' });
  });
});

describe('a delete', () => {
  test('that AWS refuses for another reason fails with what AWS said', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ match: { action: 'DeregisterImage' }, effect: { kind: 'error', code: 'OperationNotPermitted', message: 'deregistration protection is on' } });
    expect(failed(await rig.deliver(rig.delete(id)))).toMatch(/^AWS refused a call of the VM import: OperationNotPermitted: deregistration protection is on \(hint: lift the protection with /);
  });


  test('removes image, AMI and snapshots at once', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(0);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('while the task runs cancels it and waits for its end', async () => {
    const rig = new Rig();
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...event, ...named });
    rig.clock.advance(5 * 60_000);
    succeeded(await rig.deliver(rig.delete(named.PhysicalResourceId)));
    expect((await rig.cloud.state()).tasks.map((task) => task.Status)).toEqual(['deleted']);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('of what was never started takes a second look and is done', async () => {
    const rig = new Rig();
    const { PhysicalResourceId } = await rig.handlers.onEvent(rig.create(), { getRemainingTimeInMillis: () => 60_000 });
    expect(succeeded(await rig.deliver(rig.delete(PhysicalResourceId))).seconds).toBe(120);
  });

  test('right after the task was started finds it, though EC2 does not list it yet', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', listMs: 45_000, getMs: 45_000 } });
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...event, ...named });
    succeeded(await rig.deliver(rig.delete(named.PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('waits for a recipe to let go of the image', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage', forMs: 10 * 60_000 } });
    expect(succeeded(await rig.deliver(rig.delete(id))).seconds).toBe(600);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('says what holds the image when it cannot finish in its hour, and leaves the AMI that the image needs', async () => {
    const rig = new Rig();
    const { id, data } = succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage' } });
    const outcome = await rig.deliver(rig.delete(id));
    expect(failed(outcome)).toContain(`could not be deleted within 50 min: Image Builder image ${data.ImageArn} is held: ResourceDependencyException`);
    expect(outcome.seconds).toBe(3000);
    expect((await rig.cloud.remaining()).amis).toEqual([data.AmiId]);
  });

  test('accepts that somebody was faster', async () => {
    const rig = new Rig();
    const { id } = succeeded(await rig.deliver(rig.create()));
    await Promise.all([rig.deliver(rig.delete(id)), rig.deliver(rig.delete(id))]);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('never touches the snapshot that the disk was made from', async () => {
    const rig = new Rig();
    const source = rig.cloud.giveSnapshot();
    const properties = { ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId: source }] } };
    const { id } = succeeded(await rig.deliver(rig.create(properties)));
    succeeded(await rig.deliver(rig.delete(id, properties)));
    const { snapshots } = await rig.cloud.state();
    expect(snapshots.map((snapshot) => [snapshot.SnapshotId, snapshot.Tags ?? []])).toEqual([[source, []]]);
  });

  test('finds the AMI of an import that died before it was tagged', async () => {
    const rig = new Rig();
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    await rig.pass({ ...event, ...named });
    rig.clock.advance(25 * 60_000);
    succeeded(await rig.deliver(rig.delete(named.PhysicalResourceId)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });
});

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
    expect(image?.tags).toMatchObject({ team: 'a', [ID]: id });
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
    expect(failed(await rig.deliver(rig.create({ ImportImage: undefined, ImportTaskId: task?.ImportTaskId })))).toContain('ServerError: lost');
    expect(rig.count('ImportImage')).toBe(1);
  });

  test('that EC2 does not know fails after a second look, and its delete finds nothing to do', async () => {
    const rig = new Rig();
    const properties = { ImportImage: undefined, ImportTaskId: 'import-ami-0123456789abcdef0' };
    const outcome = await rig.deliver(rig.create(properties));
    expect(failed(outcome)).toContain('check importTaskId');
    expect(outcome.seconds).toBe(60);
    expect(succeeded(await rig.deliver(rig.delete(outcome.id, properties))).seconds).toBe(120);
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
