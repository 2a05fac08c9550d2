import { reasonOf, succeeded } from '../outcome';
import { Rig } from '../rig';

describe('a create', () => {
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
      expect(rig.logs.at(-1)?.status).toMatch(new RegExp(`; requested ${Math.round((passes.length - 1) / 2)} min ago, times out after 50 min$`));
    }
    const asking = 'DescribeImportImageTasks,ImportImage';
    expect(new Set(passes)).toEqual(new Set([asking, 'DescribeImportImageTasks']));
    expect(passes.slice(0, 2)).toEqual([asking, asking]);
    // Its turn comes every eighth pass then, and lasts for one or two.
    for (let from = 18; from + 8 <= passes.length; from++) {
      expect([1, 2]).toContain(passes.slice(from, from + 8).filter((each) => each === asking).length);
    }
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
    expect(reasonOf(outcome)).toContain(
      'Check that it trusts vmie.amazonaws.com with the external id vmimport and allows s3:GetBucketLocation, s3:ListBucket and s3:GetObject on s3://exports/golden.vmdk, s3://exports/data.raw',
    );
    expect(reasonOf(outcome)).toContain('kms:CreateGrant');
    expect(outcome.seconds).toBeGreaterThanOrEqual(300);
    expect(outcome.seconds).toBeLessThanOrEqual(300 + 120);
  });

  test('names no key of KMS, and no object, where none is its business', async () => {
    const rig = new Rig();
    const snapshot = rig.cloud.giveSnapshot();
    rig.cloud.addRule({ effect: { kind: 'roleNotPropagated' } });
    const outcome = await rig.deliver(rig.create({ ImportImage: { RoleName: 'vmimport', DiskContainers: [{ SnapshotId: snapshot }] } }));
    expect(reasonOf(outcome)).toMatch(/s3:GetObject on the disk images \(with kms:Decrypt if a KMS key encrypts the bucket\);/);
  });

  test('waits for the permissions of its own role, but not for ever', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'DescribeImportImageTasks', call: { from: 1, to: 3 } }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'not authorized', status: 403 } });
    succeeded(await rig.deliver(rig.create()));
    rig.cloud.addRule({ effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'not authorized', status: 403 } });
    expect(reasonOf(await rig.deliver(rig.create()))).toBe('The functions of VmImportProvider lack a permission: UnauthorizedOperation: not authorized');
  });

  test('waits while Image Builder does not answer for its image', async () => {
    const rig = new Rig();
    rig.clock.after(40 * 60_000, () => rig.cloud.removeRule('down'));
    rig.cloud.addRule({ id: 'down', match: { action: 'GetImage' }, effect: { kind: 'serverError', status: 503 } });
    expect(succeeded(await rig.deliver(rig.create())).seconds).toBe(2400);
  });
});
