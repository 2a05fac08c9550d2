import { ImportImageCommand } from '@aws-sdk/client-ec2';
import {
  CancelImageCreationCommand, CreateImageRecipeCommand, DeleteImageCommand, DeleteImageRecipeCommand, GetImageCommand, GetImageRecipeCommand,
  ImportVmImageCommand, ListImageBuildVersionsCommand, ListImagesCommand, ListTagsForResourceCommand, paginateListImageBuildVersions,
  TagResourceCommand, UntagResourceCommand,
} from '@aws-sdk/client-imagebuilder';
import { accountWithDisk, DISK } from '../sdk-clients';

const MINUTE = 60_000;
const NOBODY = 'arn:aws:imagebuilder:us-east-1:000000000000:image/nobody/1.0.0/1';

async function account() {
  const made = accountWithDisk();
  const { ImportTaskId: task = '' } = await made.ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
  const make = async (semanticVersion = '1.0.0', tags: Record<string, string> = { a: 'b' }) => {
    const { imageArn } = await made.imagebuilder.send(new ImportVmImageCommand({
      name: 'Golden', semanticVersion, platform: 'Linux', vmImportTaskId: task, tags,
    }));
    return imageArn ?? '';
  };
  const remove = async (imageBuildVersionArn: string) => made.imagebuilder.send(new DeleteImageCommand({ imageBuildVersionArn }));
  const createRecipe = async (parentImage: string, name = 'recipe') => (
    await made.imagebuilder.send(new CreateImageRecipeCommand({ name, semanticVersion: '1.0.0', parentImage, tags: { r: 's' } }))
  ).imageRecipeArn ?? '';
  return { ...made, make, remove, createRecipe };
}

describe('DeleteImage', () => {
  test('is refused while the image is being made, then deletes the image but not the AMI', async () => {
    const { make, remove, clock, emulator } = await account();
    const arn = await make();
    await expect(remove(arn)).rejects.toMatchObject({ name: 'ResourceDependencyException', $metadata: { httpStatusCode: 400 } });
    clock.advance(21 * MINUTE);
    expect(await remove(arn)).toMatchObject({ imageBuildVersionArn: arn });
    expect(await emulator.remaining()).toMatchObject({ images: [], amis: [expect.any(String)] });
    await expect(remove(arn)).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } });
  });

  test.each([
    ['this very build', (arn: string) => arn],
    ['its version', (arn: string) => arn.replace(/\/1$/, '')],
    ['any version', (arn: string) => arn.replace('1.0.0/1', 'x.x.x')],
  ])('is refused while a recipe builds on %s', async (_, parentOf) => {
    const { make, remove, createRecipe, clock, imagebuilder } = await account();
    const arn = await make();
    clock.advance(21 * MINUTE);
    const imageRecipeArn = await createRecipe(parentOf(arn));
    await expect(remove(arn)).rejects.toMatchObject({ name: 'ResourceDependencyException', message: expect.stringContaining(imageRecipeArn) });
    await imagebuilder.send(new DeleteImageRecipeCommand({ imageRecipeArn }));
    await expect(remove(arn)).resolves.toBeDefined();
  });
});

describe('CancelImageCreation', () => {
  test('ends an image that is being made, which can then be deleted', async () => {
    const { make, remove, imagebuilder, emulator } = await account();
    const arn = await make();
    await imagebuilder.send(new CancelImageCreationCommand({ imageBuildVersionArn: arn }));
    expect((await emulator.state()).images).toMatchObject([{ state: { status: 'CANCELLED' } }]);
    await expect(remove(arn)).resolves.toBeDefined();
  });

  test('is refused for an image that is available', async () => {
    const { make, imagebuilder, clock } = await account();
    const arn = await make();
    clock.advance(21 * MINUTE);
    await expect(imagebuilder.send(new CancelImageCreationCommand({ imageBuildVersionArn: arn }))).rejects.toMatchObject({ name: 'ResourceInUseException' });
  });
});

describe('Lists of images', () => {
  test('show every build of a version with its tags, over pages', async () => {
    const { make, imagebuilder } = await account();
    const arns = [await make(), await make(), await make()];
    await make('2.0.0');
    const seen: unknown[] = [];
    let pages = 0;
    for await (const page of paginateListImageBuildVersions({ client: imagebuilder, pageSize: 2 }, { imageVersionArn: arns[0]?.replace(/\/1$/, '') })) {
      seen.push(...(page.imageSummaryList ?? []).map(({ arn, tags, version }) => ({ arn, tags, version })));
      pages += 1;
    }
    expect([seen, pages]).toEqual([arns.map((arn, index) => ({ arn, tags: { a: 'b' }, version: `1.0.0/${index + 1}` })), 2]);
  });

  test('show at most 25 entries a page, and nothing of a version that is not there', async () => {
    const { make, imagebuilder } = await account();
    for (let build = 0; build < 26; build++) {
      await make();
    }
    const { imageSummaryList, nextToken } = await imagebuilder.send(new ListImageBuildVersionsCommand({}));
    expect([imageSummaryList?.length, typeof nextToken]).toEqual([25, 'string']);
    const imageVersionArn = NOBODY.replace(/\/1$/, '');
    expect(await imagebuilder.send(new ListImageBuildVersionsCommand({ imageVersionArn }))).toMatchObject({ imageSummaryList: [] });
  });

  test('of versions name each once, without build and tags', async () => {
    const { make, imagebuilder } = await account();
    await make();
    await make();
    await make('2.0.0');
    const { imageVersionList } = await imagebuilder.send(new ListImagesCommand({ filters: [{ name: 'name', values: ['Golden'] }] }));
    expect(imageVersionList?.map(({ arn, version }) => [arn?.replace(/^.*:/, ''), version])).toEqual([
      ['image/golden/1.0.0', '1.0.0'], ['image/golden/2.0.0', '2.0.0'],
    ]);
    expect(imageVersionList?.[0]).not.toHaveProperty('tags');
    expect((await imagebuilder.send(new ListImagesCommand({ owner: 'Amazon' }))).imageVersionList).toEqual([]);
    expect((await imagebuilder.send(new ListImagesCommand({ filters: [{ name: 'version', values: ['3.0.0'] }] }))).imageVersionList).toEqual([]);
  });

  test.each([
    ['an ARN with a build', { imageVersionArn: NOBODY }, 'InvalidParameterValueException'],
    ['pages over 25', { maxResults: 26 }, 'InvalidParameterValueException'],
    ['a token that it did not give', { nextToken: 'nonsense' }, 'InvalidPaginationTokenException'],
    ['a filter it does not know', { filters: [{ name: 'colour', values: ['red'] }] }, 'InvalidParameterValueException'],
  ])('refuse %s', async (_, input, code) => {
    const { make, imagebuilder } = await account();
    await make();
    await expect(imagebuilder.send(new ListImageBuildVersionsCommand(input))).rejects.toMatchObject({ name: code });
  });
});

describe('Tags of images and recipes', () => {
  test('are set, listed and taken away', async () => {
    const { make, createRecipe, imagebuilder } = await account();
    const arn = await make();
    for (const [resourceArn, own] of [[arn, { a: 'b' }], [await createRecipe(arn), { r: 's' }]] as const) {
      await imagebuilder.send(new TagResourceCommand({ resourceArn, tags: { 'x': 'y z', 'cdk-vm-import:id': '1' } }));
      await imagebuilder.send(new UntagResourceCommand({ resourceArn, tagKeys: ['x', 'never-there'] }));
      expect((await imagebuilder.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ ...own, 'cdk-vm-import:id': '1' });
    }
  });

  test('are no more than 50', async () => {
    const { make, imagebuilder } = await account();
    const resourceArn = await make();
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']));
    await expect(imagebuilder.send(new TagResourceCommand({ resourceArn, tags }))).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  test('need a resource and a key', async () => {
    const { make, imagebuilder } = await account();
    await expect(imagebuilder.send(new TagResourceCommand({ resourceArn: NOBODY, tags: { a: 'b' } }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(imagebuilder.send(new UntagResourceCommand({ resourceArn: await make(), tagKeys: [] }))).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('An image recipe', () => {
  test('is created, shown, and deleted', async () => {
    const { make, createRecipe, imagebuilder, emulator } = await account();
    const parentImage = await make();
    const imageRecipeArn = await createRecipe(parentImage, 'My Recipe');
    expect(imageRecipeArn).toBe('arn:aws:imagebuilder:us-east-1:000000000000:image-recipe/my-recipe/1.0.0');
    const { imageRecipe } = await imagebuilder.send(new GetImageRecipeCommand({ imageRecipeArn }));
    expect(imageRecipe).toMatchObject({ arn: imageRecipeArn, name: 'My Recipe', version: '1.0.0', parentImage, tags: { r: 's' } });
    await expect(createRecipe(parentImage, 'my_recipe')).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await imagebuilder.send(new DeleteImageRecipeCommand({ imageRecipeArn }));
    await expect(imagebuilder.send(new GetImageRecipeCommand({ imageRecipeArn }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await emulator.remaining()).recipes).toEqual([]);
  });

  test('is made once under one client token', async () => {
    const { imagebuilder, emulator } = await account();
    const input = { name: 'recipe', semanticVersion: '1.0.0', parentImage: 'ami-0123456789abcdef0', clientToken: 'token' };
    const create = async (more = {}) => (await imagebuilder.send(new CreateImageRecipeCommand({ ...input, ...more }))).imageRecipeArn;
    expect(await create()).toBe(await create());
    await expect(create({ description: 'other' })).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
    expect((await emulator.remaining()).recipes).toHaveLength(1);
  });

  test('has at least one component, when it has components', async () => {
    const { imagebuilder } = await account();
    const input = { name: 'recipe', semanticVersion: '1.0.0', parentImage: 'ami-0123456789abcdef0', components: [] };
    await expect(imagebuilder.send(new CreateImageRecipeCommand(input))).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test.each([
    ['an AMI', 'ami-0123456789abcdef0'],
    ['an SSM parameter', 'ssm:/golden/ami'],
    ['an image of Amazon', 'arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x'],
  ])('may build on %s', async (_, parent) => {
    const { createRecipe } = await account();
    await expect(createRecipe(parent)).resolves.toContain(':image-recipe/');
  });

  test.each([
    ['an image that is not there', NOBODY],
    ['something that is no image', 'arn:aws:s3:::bucket'],
    ['nonsense', 'not an image'],
  ])('cannot build on %s', async (_, parent) => {
    const { createRecipe, emulator } = await account();
    await expect(createRecipe(parent)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    expect((await emulator.remaining()).recipes).toEqual([]);
  });
});

describe('An image ARN', () => {
  test.each([
    ['without a build', (arn: string) => arn.replace(/\/1$/, '')],
    ['with wildcards', (arn: string) => arn.replace('1.0.0/1', '1.x.x')],
  ])('%s gets the latest build', async (_, latestOf) => {
    const { make, imagebuilder } = await account();
    const arn = await make();
    const latest = await make();
    expect((await imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: latestOf(arn) }))).image?.arn).toBe(latest);
  });

  test.each([
    ['of a recipe', NOBODY.replace(':image/', ':image-recipe/'), 'InvalidParameterValueException'],
    ['with a wildcard and a build', NOBODY.replace('1.0.0/1', '1.0.x/1'), 'InvalidParameterValueException'],
    ['of nothing that exists', NOBODY, 'ResourceNotFoundException'],
    ['of no version that exists', NOBODY.replace('1.0.0/1', 'x.x.x'), 'ResourceNotFoundException'],
  ])('%s is refused', async (_, imageBuildVersionArn, code) => {
    const { imagebuilder } = await account();
    await expect(imagebuilder.send(new GetImageCommand({ imageBuildVersionArn }))).rejects.toMatchObject({ name: code });
  });
});
