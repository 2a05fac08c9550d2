import { CreateImageRecipeCommand, DeleteImageRecipeCommand, GetImageCommand } from '@aws-sdk/client-imagebuilder';
import { DEPLOY_TIMEOUT_MS, Deployment, disk, NOTHING, startCloud } from './deployment';
import type { LocalCloud } from '../local-cloud/local-cloud';


/** The tests follow one stack through its life, so they build on one another. */
describe('a stack with one imported image, deployed by the CDK CLI', () => {
  let cloud: LocalCloud;
  let deployment: Deployment;
  let first: Readonly<Record<string, string>>;
  const imports = () => cloud.emulator.calls({ action: 'ImportImage' }).length;

  beforeAll(async () => {
    cloud = await startCloud();
    deployment = new Deployment(cloud, 'Lifecycle');
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('gives the ARN of an image that is available, with its AMI', async () => {
    first = await deployment.outputs({ diskPath: disk(cloud, 'a'), imageName: 'Golden_RHEL 9', tags: { team: 'one' } });
    expect(first).toEqual({
      ImageArn: 'arn:aws:imagebuilder:us-east-1:000000000000:image/golden-rhel-9/1.0.0/1',
      AmiId: expect.stringMatching(/^ami-/),
      SnapshotIds: expect.stringMatching(/^snap-/),
      ImportTaskId: expect.stringMatching(/^import-ami-/),
    });
    const { image } = await cloud.imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: first.ImageArn }));
    expect(image).toMatchObject({ state: { status: 'AVAILABLE' }, outputResources: { amis: [{ image: first.AmiId }] }, tags: { team: 'one' } });
  }, DEPLOY_TIMEOUT_MS);

  test('imports the very bytes of the disk in the app', async () => {
    expect(await cloud.emulator.disksRead(first.ImportTaskId ?? '')).toEqual([expect.objectContaining({ size: 64 * 1024 })]);
  });

  test('runs its functions on Node.js 22, the runtime that the template names', () => {
    const versions = cloud.emulator.calls({ action: 'ImportImage' }).map(({ userAgent = '' }) => /md\/nodejs#(\d+)\./.exec(userAgent)?.[1]);
    expect(versions).toEqual(['22']);
  });

  test('logs one JSON object for every pass, with the progress of the import', async () => {
    const lines = [...await cloud.functionLogs()].flatMap(([group, messages]) => (group.startsWith('/aws/lambda/vm-import-complete') ? messages : []));
    const passes = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(passes.length).toBeGreaterThan(3);
    expect(passes).toContainEqual(expect.objectContaining({
      id: expect.stringMatching(/^vm-import-/), segment: '1/5', action: expect.any(String), progress: expect.anything(),
    }));
    expect(passes.every(({ id, action }) => typeof id === 'string' && typeof action === 'string')).toBe(true);
  });

  test('names an image that a recipe accepts as its parent', async () => {
    const { imageRecipeArn } = await cloud.imagebuilder.send(new CreateImageRecipeCommand({
      name: 'recipe',
      semanticVersion: '1.0.0',
      parentImage: first.ImageArn,
      components: [{ componentArn: 'arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x' }],
    }));
    expect(imageRecipeArn).toContain(':image-recipe/recipe/1.0.0');
    await cloud.imagebuilder.send(new DeleteImageRecipeCommand({ imageRecipeArn }));
  });

  test('asks nothing of AWS when nothing changed', async () => {
    const before = cloud.emulator.calls().length;
    expect(await deployment.outputs({ diskPath: disk(cloud, 'a'), imageName: 'Golden_RHEL 9', tags: { team: 'one' } })).toEqual(first);
    expect(cloud.emulator.calls()).toHaveLength(before);
  }, DEPLOY_TIMEOUT_MS);

  test('changes tags in place on image, AMI and snapshot, without another import', async () => {
    expect(await deployment.outputs({ diskPath: disk(cloud, 'a'), imageName: 'Golden_RHEL 9', tags: { cost: 'two' } })).toEqual(first);
    expect(imports()).toBe(1);
    const { images, amis, snapshots } = await cloud.emulator.state();
    expect(images[0]?.tags).toMatchObject({ cost: 'two' });
    expect(images[0]?.tags).not.toHaveProperty('team');
    for (const { Tags } of [...amis, ...snapshots]) {
      expect(Tags).toContainEqual({ Key: 'cost', Value: 'two' });
      expect(Tags?.map(({ Key }) => Key)).not.toContain('team');
    }
  }, DEPLOY_TIMEOUT_MS);

  test('replaces the image when the disk changed, and deletes the former one with its AMI and snapshots', async () => {
    const second = await deployment.outputs({ diskPath: disk(cloud, 'b'), imageName: 'Golden_RHEL 9', tags: { cost: 'two' } });
    expect(imports()).toBe(2);
    expect(second.ImageArn).toBe('arn:aws:imagebuilder:us-east-1:000000000000:image/golden-rhel-9/1.0.0/2');
    const seconds = { images: [second.ImageArn], amis: [second.AmiId], snapshots: [second.SnapshotIds] };
    expect(await cloud.emulator.remaining()).toEqual({ ...NOTHING, ...seconds });
  }, DEPLOY_TIMEOUT_MS);

  test('is gone with everything that was imported after cdk destroy', async () => {
    expect((await deployment.destroy({ diskPath: disk(cloud, 'b') })).code).toBe(0);
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});
