import { DEPLOY_TIMEOUT_MS, Deployment, makeBucket, NOTHING, startCloud } from './deployment';
import { recordedImage } from '../disk-images/image-library';
import { streamVmdk } from '../disk-images/stream-vmdk';
import type { LocalCloud } from '../local-cloud/local-cloud';

describe('the look at a disk before its import, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;
  const imports = () => cloud.emulator.calls({ action: 'ImportImage' }).length;

  beforeAll(async () => {
    cloud = await startCloud();
    await makeBucket(cloud, 'disks', {
      'qcow2.vmdk': recordedImage('gpt-uefi-qcow2').subarray(0, 64 * 1024),
      'good.vmdk': streamVmdk(recordedImage('mbr-raw')),
    });
  }, DEPLOY_TIMEOUT_MS);

  beforeEach(() => cloud.emulator.reset());

  afterAll(async () => cloud.stop());

  test('fails for a qcow2 named .vmdk within seconds, says in one clean sentence why, and imports nothing', async () => {
    const deployment = new Deployment(cloud, 'PreflightFails');
    const { code } = await deployment.deploy({ object: { bucket: 'disks', key: 'qcow2.vmdk' } });
    expect(code).not.toBe(0);
    const [started, failed] = ['CREATE_IN_PROGRESS', 'CREATE_FAILED'].map((status) => importEvents(deployment, status));
    const [sentence = '', ...rest] = ((await failed)?.ResourceStatusReason ?? '').split('\n');
    expect(sentence).toContain('This VM cannot be imported: s3://disks/qcow2.vmdk is a qcow2 image, which VM Import/Export does not import.');
    expect(sentence).toContain('qemu-img convert -p -f qcow2 -O vmdk -o subformat=streamOptimized qcow2.vmdk qcow2-importable.vmdk');
    expect(rest.join('\n')).not.toMatch(/^\s+at /m);
    expect(Number((await failed)?.Timestamp) - Number((await started)?.Timestamp)).toBeLessThan(30_000);
    expect(imports()).toBe(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  test('lets a stream-optimized VMDK pass', async () => {
    const deployment = new Deployment(cloud, 'PreflightPasses');
    const { ImageArn } = await deployment.outputs({ object: { bucket: 'disks', key: 'good.vmdk' } });
    expect(imports()).toBe(1);
    expect((await cloud.emulator.remaining()).images).toEqual([ImageArn]);
    const logs = [...(await cloud.functionLogs()).values()].flat();
    expect(logs).toContainEqual(expect.stringMatching(/"disk":"s3:\/\/disks\/good\.vmdk","status":"VMDK \(streamOptimized\), \d+ bytes in \d reads"/));
    await deployment.delete();
  }, DEPLOY_TIMEOUT_MS);

  async function importEvents(deployment: Deployment, status: string) {
    return (await deployment.events()).find((event) => event.ResourceType === 'Custom::VmImportImage' && event.ResourceStatus === status);
  }
});
