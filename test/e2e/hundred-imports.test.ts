/**
 * A hundred imports in one app behind EC2's quota of twenty: the templates that the constructs make, all with the timeout that is the
 * default, under CloudFormation in fake time.
 */
import { App, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { StackRig } from '../lambda/stack-rig';
import type { TemplateResources } from '../local-cloud/cloudformation-template';
import { DiskContainer, LicenseType, Platform, VmImportImage } from 'cdk-vm-import';

const MINUTE = 60_000;
const [STACKS, IMPORTS_PER_STACK, QUOTA] = [4, 25, 20];

test('a hundred imports in one app deploy behind a quota of twenty, within the default timeout', async () => {
  const rig = new StackRig({
    settings: { activeTaskQuota: QUOTA, taskDurationMs: 15 * MINUTE, imageDurationMs: 2 * MINUTE },
    driver: { externals: (reference) => (reference.endsWith('.Arn') ? 'arn:aws:lambda:provider' : 'vmimport') },
  });
  const started = rig.clock.now();
  const outcomes = await Promise.all(templates().map(async (template, index) => rig.driver.createStack(`Fleet${index}`, template)));
  const refused = rig.cloud.calls({ action: 'ImportImage' }).filter(({ outcome }) => outcome?.kind === 'answered' && outcome.errorCode !== undefined);
  const minutes = (rig.clock.now() - started) / MINUTE;
  process.stdout.write(`${STACKS * IMPORTS_PER_STACK} imports in one app, quota ${QUOTA}: done after ${minutes} simulated minutes, EC2 refused ${refused.length} times\n`);
  expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: STACKS }, () => 'CREATE_COMPLETE'));
  expect((await rig.cloud.remaining()).images).toHaveLength(STACKS * IMPORTS_PER_STACK);
  expect((await rig.cloud.state()).tasks).toHaveLength(STACKS * IMPORTS_PER_STACK);
  // Five rounds of tasks; those that wait for a slot are refused.
  expect(refused.length).toBeGreaterThan(STACKS * IMPORTS_PER_STACK - QUOTA);
  expect(minutes).toBeGreaterThan(5 * 15);
  expect(minutes).toBeLessThan(5 * 25);
}, 600_000);

/** Of the stacks of one app, the custom resources. */
function templates(): TemplateResources[] {
  const app = new App();
  for (let index = 0; index < STACKS; index++) {
    const stack = new Stack(app, `Fleet${index}`);
    const exports = Bucket.fromBucketName(stack, 'Exports', 'exports');
    for (let number = 0; number < IMPORTS_PER_STACK; number++) {
      new VmImportImage(stack, `Image${number}`, {
        diskContainers: [DiskContainer.fromBucket(exports, 'golden.vmdk')],
        platform: Platform.LINUX,
        licenseType: LicenseType.BYOL,
        semanticVersion: '1.0.0',
        imageName: `golden-${index}-${number}`,
      });
    }
  }
  return app.synth().stacks.map(({ template }) => {
    const { Resources } = template as { readonly Resources: TemplateResources };
    return Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => Type === 'Custom::VmImportImage'));
  });
}
