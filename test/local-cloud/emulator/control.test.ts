import { DescribeImagesCommand, DescribeSnapshotsCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import { Ec2AndImageBuilder, FakeClock, MemoryDiskSource, ScaledClock } from './index';
import { DISK, httpClients, SdkClients } from './sdk-clients';

const NOTHING = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };

describe('From another process', () => {
  let emulator: Ec2AndImageBuilder;
  let endpoint: string;
  let ec2: SdkClients['ec2'];

  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${endpoint}/_emulator/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    return { status: response.status, content: await response.json() as unknown };
  };

  beforeEach(async () => {
    emulator = new Ec2AndImageBuilder({ clock: new ScaledClock(1), disks: new MemoryDiskSource().putObject('bucket', 'disk.vmdk', 'disk') });
    endpoint = await emulator.listen();
    ({ ec2 } = httpClients(emulator, endpoint));
  });

  afterEach(async () => {
    ec2.destroy();
    await emulator.close();
  });

  test('rules are added, shown and removed', async () => {
    const { content } = await ask('POST', 'rules', { match: { action: 'DescribeImages' }, effect: { kind: 'throttle' } });
    await expect(ec2.send(new DescribeImagesCommand({}))).rejects.toMatchObject({ name: 'RequestLimitExceeded' });
    expect(await ask('GET', 'rules')).toMatchObject({ content: [{ ...content as object, matched: 1 }] });
    await ask('DELETE', `rules/${(content as { id: string }).id}`);
    await expect(ec2.send(new DescribeImagesCommand({}))).resolves.toMatchObject({ Images: [] });
    await ask('POST', 'rules', { effect: { kind: 'throttle' } });
    await ask('DELETE', 'rules');
    expect(await ask('GET', 'rules')).toEqual({ status: 200, content: [] });
  });

  test('a rule that is none is refused', async () => {
    expect(await ask('POST', 'rules', { effect: { kind: 'nonsense' } })).toMatchObject({ status: 400, content: { message: expect.stringContaining('nonsense') } });
  });

  test('calls, state and what remains are shown, and forgotten on demand', async () => {
    const { ImportTaskId = '' } = await ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
    await ec2.send(new DescribeImagesCommand({}));
    expect(await ask('GET', 'calls')).toMatchObject({
      content: [
        { seq: 1, service: 'ec2', action: 'ImportImage', parameters: { DiskContainers: [DISK] }, outcome: { kind: 'answered', status: 200 }, resources: [ImportTaskId] },
        { seq: 2, action: 'DescribeImages' },
      ],
    });
    expect(await ask('GET', 'calls?since=1')).toMatchObject({ content: [{ seq: 2 }] });
    await ask('DELETE', 'calls');
    await ec2.send(new DescribeImagesCommand({}));
    expect(await ask('GET', 'calls?since=2')).toMatchObject({ content: [{ seq: 3 }] });
    expect(await ask('GET', 'state')).toMatchObject({ content: { tasks: [{ ImportTaskId }] } });
    expect(await ask('GET', 'remaining')).toMatchObject({ content: { ...NOTHING, tasks: [ImportTaskId] } });
    expect(await ask('GET', `disks/${ImportTaskId}`)).toMatchObject({ content: [{ bucket: 'bucket', key: 'disk.vmdk', size: 4 }] });
    await ask('POST', 'reset');
    expect(await ask('GET', 'remaining')).toMatchObject({ content: NOTHING });
    expect(await ask('GET', 'calls')).toMatchObject({ content: [] });
  });

  test('a snapshot is given, which never counts as remaining', async () => {
    const { content } = await ask('POST', 'snapshots', { VolumeSize: 3 });
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [(content as { id: string }).id] }));
    expect(Snapshots).toMatchObject([{ VolumeSize: 3 }]);
    expect(await ask('GET', 'remaining')).toMatchObject({ content: NOTHING });
  });

  test('time is made faster', async () => {
    expect(await ask('GET', 'time')).toMatchObject({ content: { speed: 1, now: expect.any(Number) } });
    expect(await ask('PUT', 'time', { speed: 50 })).toMatchObject({ status: 200, content: { speed: 50 } });
    expect(await ask('PUT', 'time', { speed: -1 })).toMatchObject({ status: 400 });
  });

  test('what the control does not have is not found', async () => {
    expect(await ask('GET', 'rockets')).toMatchObject({ status: 404 });
  });
});

test('A fake clock has no speed to set', async () => {
  const emulator = new Ec2AndImageBuilder({ clock: new FakeClock() });
  const endpoint = await emulator.listen();
  try {
    const response = await fetch(`${endpoint}/_emulator/time`, { method: 'PUT', body: '{"speed":2}' });
    expect(response.status).toBe(400);
  } finally {
    await emulator.close();
  }
});
