import { CancelImportTaskCommand, DeregisterImageCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import { GetImageCommand, ImportVmImageCommand } from '@aws-sdk/client-imagebuilder';
import type { ImportVmImageCommandInput } from '@aws-sdk/client-imagebuilder';
import { accountWithDisk, DISK } from '../sdk-clients';

const MINUTE = 60_000;

async function account(settings: Parameters<typeof accountWithDisk>[0] = {}) {
  const made = accountWithDisk(settings);
  const { ImportTaskId: task = '' } = await made.ec2.send(new ImportImageCommand({ DiskContainers: [DISK] }));
  const input: ImportVmImageCommandInput = { name: 'Golden', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: task };
  const importVmImage = async (more: Partial<ImportVmImageCommandInput> = {}) => (
    made.imagebuilder.send(new ImportVmImageCommand({ ...input, ...more }))
  );
  const get = async (arn: string | undefined) => (await made.imagebuilder.send(new GetImageCommand({ imageBuildVersionArn: arn }))).image;
  return { ...made, task, importVmImage, get };
}

describe('ImportVmImage', () => {
  test('answers at once; the image is PENDING until the task is done, then AVAILABLE with the AMI', async () => {
    const { importVmImage, get, clock, emulator, task } = await account();
    const { imageArn } = await importVmImage({
      description: 'd', osVersion: 'Rocky 9', tags: { a: 'b' }, loggingConfiguration: { logGroupName: '/my/logs' },
    });
    expect(await get(imageArn)).toMatchObject({ state: { status: 'PENDING' }, outputResources: { amis: [] } });
    clock.advance(20 * MINUTE);
    expect((await get(imageArn))?.state?.status).toBe('PENDING');
    clock.advance(MINUTE);
    expect(await get(imageArn)).toMatchObject({
      arn: imageArn,
      name: 'Golden',
      version: '1.0.0/1',
      platform: 'Linux',
      osVersion: 'Rocky 9',
      type: 'AMI',
      buildType: 'IMPORT',
      imageSource: 'IMPORTED',
      tags: { a: 'b' },
      loggingConfiguration: { logGroupName: '/my/logs' },
      state: { status: 'AVAILABLE' },
      outputResources: { amis: [{ region: 'us-east-1', accountId: '000000000000', image: (await emulator.remaining()).amis[0], name: task }] },
    });
  });

  test('logs to a group named like the image by default', async () => {
    const { importVmImage, get } = await account();
    const { imageArn } = await importVmImage();
    expect((await get(imageArn))?.loggingConfiguration).toEqual({ logGroupName: '/aws/imagebuilder/Golden' });
  });

  test('fails the image when the task fails, with the reason', async () => {
    const { importVmImage, get, ec2, task } = await account();
    const { imageArn } = await importVmImage();
    await ec2.send(new CancelImportTaskCommand({ ImportTaskId: task, CancelReason: 'no longer wanted' }));
    expect((await get(imageArn))?.state).toEqual({ status: 'FAILED', reason: expect.stringContaining('no longer wanted') });
  });

  test('fails the image when the AMI is gone before it is recorded', async () => {
    const { importVmImage, get, ec2, clock, emulator } = await account();
    clock.advance(20 * MINUTE);
    const { imageArn } = await importVmImage();
    const { amis: [ami] } = await emulator.remaining();
    await ec2.send(new DeregisterImageCommand({ ImageId: ami }));
    clock.advance(MINUTE);
    expect((await get(imageArn))?.state).toEqual({ status: 'FAILED', reason: expect.stringContaining(ami ?? '') });
  });

  test('has the image available although its task was forgotten before anybody looked', async () => {
    const { importVmImage, get, clock } = await account({ answers: { taskMemory: 'oneHour' } });
    const { imageArn } = await importVmImage();
    clock.advance(24 * 60 * MINUTE);
    expect((await get(imageArn))?.state).toEqual({ status: 'AVAILABLE' });
  });

  test('fails the image when the task is forgotten', async () => {
    const { importVmImage, get, clock, emulator, task } = await account();
    clock.advance(20 * MINUTE);
    const { imageArn } = await importVmImage();
    emulator.forgetTask(task);
    expect((await get(imageArn))?.state).toEqual({ status: 'FAILED', reason: expect.stringContaining(task) });
  });

  test('counts builds up per name and version, and never gives a number twice', async () => {
    const { importVmImage, get, emulator } = await account();
    const arns = [await importVmImage(), await importVmImage(), await importVmImage({ semanticVersion: '1.0.1' }), await importVmImage({ name: 'golden' })]
      .map(({ imageArn }) => imageArn?.replace(/^.*:image/, 'image'));
    expect(arns).toEqual(['image/golden/1.0.0/1', 'image/golden/1.0.0/2', 'image/golden/1.0.1/1', 'image/golden/1.0.0/3']);
    expect((await get((await emulator.remaining()).images[3]))?.version).toBe('1.0.0/3');
  });

  test('spells the name in lower case and with hyphens in the ARN', async () => {
    const { importVmImage, get } = await account();
    const { imageArn } = await importVmImage({ name: 'My Golden_Image' });
    expect(imageArn).toContain(':image/my-golden-image/');
    expect((await get(imageArn))?.name).toBe('My Golden_Image');
  });

  test('answers the same client token the same, and refuses it for anything else', async () => {
    const { importVmImage, emulator } = await account();
    const first = await importVmImage({ clientToken: 'token', tags: { a: '1', b: '2' } });
    const second = await importVmImage({ clientToken: 'token', tags: { b: '2', a: '1' } });
    expect(second.imageArn).toBe(first.imageArn);
    await expect(importVmImage({ clientToken: 'token', tags: { a: '1' } })).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
    expect((await emulator.remaining()).images).toHaveLength(1);
  });

  const refused: [string, Partial<ImportVmImageCommandInput>, string][] = [
    ['an empty name', { name: '' }, 'InvalidParameterValueException'],
    ['a name of 1,025 characters', { name: 'n'.repeat(1025) }, 'InvalidParameterValueException'],
    ['a name that no ARN can carry', { name: 'rhel9.ova' }, 'InvalidParameterValueException'],
    ['no name', { name: undefined }, 'InvalidParameterValueException'],
    ['a version of two nodes', { semanticVersion: '1.0' }, 'InvalidParameterValueException'],
    ['a version with a wildcard', { semanticVersion: '1.0.x' }, 'InvalidParameterValueException'],
    ['a version node of 2^30', { semanticVersion: `1.0.${2 ** 30}` }, 'InvalidVersionNumberException'],
    ['an empty description', { description: '' }, 'InvalidParameterValueException'],
    ['a platform it does not know', { platform: 'BeOS' as 'Linux' }, 'InvalidParameterValueException'],
    ['a task id that is none', { vmImportTaskId: 'nonsense' }, 'InvalidParameterValueException'],
    ['a task that is not there', { vmImportTaskId: 'import-ami-0123456789abcdef0' }, 'ResourceNotFoundException'],
    ['a client token of 37 characters', { clientToken: 't'.repeat(37) }, 'InvalidParameterValueException'],
    ['a log group name with blanks', { loggingConfiguration: { logGroupName: 'my logs' } }, 'InvalidParameterValueException'],
    ['no tags at all, when it gives tags', { tags: {} }, 'InvalidParameterException'],
    ['51 tags', { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, ''])) }, 'InvalidParameterException'],
    ['a reserved tag key', { tags: { 'aws:x': '' } }, 'InvalidParameterValueException'],
    ['a tag key with a blank', { tags: { 'a b': '' } }, 'InvalidParameterValueException'],
    ['a tag value of 257 characters', { tags: { a: 'v'.repeat(257) } }, 'InvalidParameterValueException'],
  ];
  test.each(refused)('refuses %s', async (_, input, code) => {
    const { importVmImage, emulator } = await account();
    await expect(importVmImage(input)).rejects.toMatchObject({ name: code });
    expect((await emulator.remaining()).images).toEqual([]);
  });
});
