/**
 * Replacement, rollback and redelivery as CloudFormation does them: MiniStack knows some of it only in part (it sends
 * a rolled back replacement no Update, and delivers every request once), so here the very bundle that is deployed runs
 * under a driver that does, on a fake clock, against the emulator over HTTP.
 */
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { startBundledHandlers, type BundledHandlers } from './bundled-handlers';
import { CloudFormationDriver, CloudFormationDriverOptions, StackOutcome } from '../local-cloud/cloudformation-driver';
import type { TemplateResource, TemplateResources } from '../local-cloud/cloudformation-template';
import { Ec2AndImageBuilder, FaultRule, MemoryDiskSource } from '../local-cloud/emulator';
import { IdleClock } from '../local-cloud/idle-clock';
import type { CustomResourceRequest, Handler, UserHandlers } from '../local-cloud/provider-framework';
import { DiskContainer, LicenseType, Platform, VmImportImage, VmImportImageProps } from 'cdk-vm-import';

const MINUTE = 60_000;
const NOTHING = { tasks: [], amis: [], snapshots: [], images: [], recipes: [] };
const BAD_DISK: FaultRule = {
  match: { action: 'ImportImage' },
  effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: Unknown OS / Missing OS files.' } },
};

describe('the bundled handlers under CloudFormation', () => {
  const disks = new MemoryDiskSource().putObject('exports', 'a.ova', 'a').putObject('exports', 'b.ova', 'b');
  const clock = new IdleClock();
  const emulator = new Ec2AndImageBuilder({ clock, disks });
  let bundled: BundledHandlers;

  beforeAll(async () => {
    bundled = await startBundledHandlers(emulator, clock);
  });

  beforeEach(() => emulator.reset());

  afterAll(async () => bundled.stop());

  function cloudFormation(options: Partial<CloudFormationDriverOptions> = {}): CloudFormationDriver {
    // What the template refers to beside the imports: the provider, by its ARN, and the service role, by its name.
    const driver = new CloudFormationDriver({
      handlers: withBroken(bundled.handlers),
      clock,
      externals: (reference) => (reference.endsWith('.Arn') ? 'arn:aws:lambda:provider' : 'vmimport'),
      ...options,
    });
    bundled.cloudFormation.describe(driver);
    return driver;
  }

  test('make an image, and delete it with everything', async () => {
    const driver = cloudFormation();
    expect((await driver.createStack('S', imports())).status).toBe('CREATE_COMPLETE');
    expect(await emulator.remaining()).toMatchObject({ images: [imageOf(driver)], amis: [expect.any(String)], snapshots: [expect.any(String)] });
    expect((await driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
    expect(await emulator.remaining()).toEqual(NOTHING);
  });

  test('replace the image of another disk, the former one goes in the cleanup', async () => {
    const driver = cloudFormation();
    await driver.createStack('S', imports());
    const former = imageOf(driver);
    const outcome = await driver.updateStack('S', imports({ key: 'b.ova' }));
    expect(outcome.status).toBe('UPDATE_COMPLETE');
    expect(imageOf(driver)).not.toBe(former);
    expect((await emulator.remaining()).images).toEqual([imageOf(driver)]);
    await driver.deleteStack('S');
    expect(await emulator.remaining()).toEqual(NOTHING);
  });

  test('say in one clean sentence why an import failed, and leave nothing', async () => {
    emulator.addRule(BAD_DISK);
    const driver = cloudFormation();
    const outcome = await driver.createStack('S', imports());
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(failureOf(outcome)).toMatch(/ClientError: Unknown OS \/ Missing OS files\..*\n\nLogs: /);
    expect(failureOf(outcome)).not.toMatch(/^\s+at /m);
    expect(await emulator.remaining()).toEqual(NOTHING);
  });

  describe.each(['update', 'restore'] as const)('when CloudFormation rolls a replacement back by %s', (rollbackOfReplacement) => {
    test('keep the former image when the new import failed', async () => {
      const driver = cloudFormation({ rollbackOfReplacement });
      await driver.createStack('S', imports());
      const former = { image: imageOf(driver), remaining: await emulator.remaining() };
      emulator.addRule(BAD_DISK);
      expect((await driver.updateStack('S', imports({ key: 'b.ova' }))).status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(imageOf(driver)).toBe(former.image);
      expect(await emulator.remaining()).toEqual(former.remaining);
      await driver.deleteStack('S');
      expect(await emulator.remaining()).toEqual(NOTHING);
    });

    test('keep the former image, and delete the new one, when something else in the stack failed', async () => {
      const driver = cloudFormation({ rollbackOfReplacement });
      await driver.createStack('S', imports());
      const former = { image: imageOf(driver), remaining: await emulator.remaining() };
      const outcome = await driver.updateStack('S', { ...imports({ key: 'b.ova' }), Broken: broken('ImageSegment5') });
      expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(imageOf(driver)).toBe(former.image);
      expect(await emulator.remaining()).toEqual(former.remaining);
      expect(emulator.calls({ action: 'ImportImage' })).toHaveLength(2);
    });
  });

  test('clean up an import that was under way when something else in the stack failed', async () => {
    const driver = cloudFormation();
    const outcome = await driver.createStack('S', { ...imports(), Broken: broken() });
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(emulator.calls({ action: 'ImportImage' })).toHaveLength(1);
    await driver.settled();
    expect(await emulator.remaining()).toEqual(NOTHING);
  });

  describe.each`
    when                | gap
    ${'at once'}        | ${0}
    ${'a minute apart'} | ${MINUTE}
    ${'an hour apart'}  | ${60 * MINUTE}
  `('when every request is delivered twice, $when,', ({ gap }: { readonly gap: number }) => {
    test('import once', async () => {
      const driver = cloudFormation({ deliveries: () => [0, gap] });
      expect((await driver.createStack('S', imports())).status).toBe('CREATE_COMPLETE');
      await driver.settled();
      expect(emulator.calls({ action: 'ImportImage' })).toHaveLength(1);
      expect((await driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
      await driver.settled();
      expect(await emulator.remaining()).toEqual(NOTHING);
    });
  });

  test('keep the image with RETAIN on replacement and on delete, but not after a failed create', async () => {
    const driver = cloudFormation();
    await driver.createStack('S', imports({ removalPolicy: RemovalPolicy.RETAIN }));
    await driver.updateStack('S', imports({ key: 'b.ova', removalPolicy: RemovalPolicy.RETAIN }));
    await driver.deleteStack('S');
    expect((await emulator.remaining()).images).toHaveLength(2);
    emulator.reset();
    emulator.addRule(BAD_DISK);
    await driver.createStack('T', imports({ removalPolicy: RemovalPolicy.RETAIN }));
    expect(await emulator.remaining()).toEqual(NOTHING);
  });
});

/** The custom resources that the construct synthesizes. */
function imports({ key = 'a.ova', ...props }: { readonly key?: string } & Partial<VmImportImageProps> = {}): TemplateResources {
  const app = new App();
  const stack = new Stack(app, 'S');
  new VmImportImage(stack, 'Image', {
    diskContainers: [DiskContainer.fromBucket(Bucket.fromBucketName(stack, 'Exports', 'exports'), key)],
    platform: Platform.LINUX,
    licenseType: LicenseType.BYOL,
    semanticVersion: '1.0.0',
    imageName: 'golden',
    // Amazon S3 is not there, and these disks are no disk images.
    preflight: false,
    ...props,
  });
  const { Resources } = app.synth().getStackByName('S').template as { readonly Resources: TemplateResources };
  return Object.fromEntries(Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'Custom::VmImportImage')
    .map(([logicalId, resource]) => [logicalId.replace(/[0-9A-F]{8}$/, ''), renamed(resource)]));
}

/** Without the hashes of the logical ids, so that tests can name them. */
function renamed(resource: TemplateResource): TemplateResource {
  return JSON.parse(JSON.stringify(resource).replaceAll(/"((?:ImageImport|ImageSegment\d)?)[0-9A-F]{8}"/g, '"$1"')) as TemplateResource;
}

/** Another resource of the stack, which fails at its tenth poll. */
function broken(after?: string): TemplateResource {
  return { Type: 'Custom::Broken', DependsOn: after };
}

function withBroken({ onEvent, isComplete }: UserHandlers): UserHandlers {
  let polls = 0;
  const unlessBroken = (handler: Handler | undefined, instead: (event: CustomResourceRequest) => object): Handler =>
    async (event: CustomResourceRequest, context) =>
      (event.ResourceType === 'Custom::Broken' ? instead(event) : handler?.(event as never, context));
  return {
    onEvent: unlessBroken(onEvent, () => ({ PhysicalResourceId: 'broken' })),
    isComplete: unlessBroken(isComplete, ({ RequestType }) => {
      if (RequestType !== 'Delete' && ++polls >= 10) {
        throw new Error('It broke.');
      }
      return { IsComplete: RequestType === 'Delete' };
    }),
  };
}

function imageOf(driver: CloudFormationDriver): unknown {
  return driver.resource('S', 'ImageSegment5')?.attributes.ImageArn;
}

function failureOf(outcome: StackOutcome): string | undefined {
  return outcome.events.find(({ status }) => status.endsWith('_FAILED'))?.reason;
}
