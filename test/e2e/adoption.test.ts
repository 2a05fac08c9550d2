import { DEPLOY_TIMEOUT_MS, Deployment, startCloud } from './deployment';
import { importByHand } from './import-by-hand';
import type { LocalCloud } from '../local-cloud/local-cloud';

describe('a task that somebody ran before, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;
  let importTaskId: string;
  const imports = () => cloud.emulator.calls({ action: 'ImportImage' }).length;

  beforeAll(async () => {
    cloud = await startCloud();
    importTaskId = await importByHand(cloud);
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('becomes an image without another import, and its AMI survives the stack', async () => {
    const deployment = new Deployment(cloud, 'Adoption');
    const { ImageArn, AmiId, SnapshotIds } = await deployment.outputs({ importTaskId, imageName: 'adopted' });
    expect(ImageArn).toBe('arn:aws:imagebuilder:us-east-1:000000000000:image/adopted/1.0.0/1');
    expect(imports()).toBe(1);
    await deployment.delete();
    expect(await cloud.emulator.remaining()).toEqual({ tasks: [], images: [], recipes: [], amis: [AmiId], snapshots: [SnapshotIds] });
  }, DEPLOY_TIMEOUT_MS);
});
