import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, NagPackSuppression, NagSuppressions, NIST80053R5Checks } from 'cdk-nag';
import { everyOption, noOption } from './all-options';
import { EXAMPLE_NAMES, ExampleDisks, exampleStack } from './example-stacks';
import { DiskContainer, Platform, VmImportImage, VmImportProvider } from '../../src';

const env = { account: '111122223333', region: 'eu-west-1' };

/** What cdk-nag finds and nothing explains: rule and path. */
function findings(make: (app: App) => Stack, checks: AwsSolutionsChecks | NIST80053R5Checks): string[] {
  const app = new App();
  const stack = make(app);
  Aspects.of(app).add(checks);
  const annotations = Annotations.fromStack(stack);
  const found = [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.stringLikeRegexp('^(AwsSolutions|NIST|CdkNag)'))];
  return found.map(({ id, entry }) => `${String(entry.data).split(/: | - /)[0]} ${id}`);
}

/** What an example need not show to be one; docs/security.md has the table. */
const FOR_AN_OPTION: readonly NagPackSuppression[] = [
  { id: 'NIST.800.53.R5-CloudWatchLogGroupEncrypted', reason: 'CloudWatch Logs encrypts with keys of its own; logEncryptionKey is for a key of one\'s own.' },
  { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: 'The functions call AWS APIs only; vpc is for those who want the calls in a network of their own.' },
];

function withoutOptionsOfTheProvider(stack: Stack): Stack {
  for (const provider of stack.node.findAll().filter((construct) => construct instanceof VmImportProvider)) {
    NagSuppressions.addResourceSuppressions(provider, [...FOR_AN_OPTION], true);
  }
  return stack;
}

/** More imports than the inline policy of the provider's role holds. */
function manyImports(app: App): Stack {
  const stack = new Stack(app, 'Stack', { env });
  for (let index = 0; index < 40; index++) {
    new VmImportImage(stack, `Golden${index}`, {
      diskContainers: [DiskContainer.fromSnapshot('snap-0123456789abcdef0')], platform: Platform.LINUX, semanticVersion: '1.0.0',
    });
  }
  return stack;
}

test.each([
  ['no option', (app: App) => noOption(app, 'Stack', { env })],
  ['every option', (app: App) => everyOption(app, 'Stack', { env })],
  ['40 imports', manyImports],
])('AwsSolutions finds nothing in a stack with %s that is not explained', (_name, make) => {
  expect(findings(make, new AwsSolutionsChecks())).toStrictEqual([]);
});

test('AwsSolutions finds nothing in an import from an encrypted bucket that the app makes in another account', () => {
  const found = findings((app) => {
    const theirs = new Stack(app, 'Theirs', { env: { ...env, account: '444455556666' } });
    const bucket = new Bucket(theirs, 'Bucket', { bucketName: 'their-disks', encryptionKey: new Key(theirs, 'Key') });
    const stack = new Stack(app, 'Stack', { env });
    new VmImportImage(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a.ova')], platform: Platform.LINUX, semanticVersion: '1.0.0' });
    return stack;
  }, new AwsSolutionsChecks());
  expect(found).toStrictEqual([]);
});

test('NIST.800-53.R5 finds nothing in a stack with every option that is not explained', () => {
  expect(findings((app) => everyOption(app, 'Stack', { env }), new NIST80053R5Checks())).toStrictEqual([]);
});

test('NIST.800-53.R5 finds nothing in a stack with no option but what logEncryptionKey and vpc are for', () => {
  const found = findings((app) => noOption(app, 'Stack', { env }), new NIST80053R5Checks());
  expect([...new Set(found.map((finding) => finding.split(' ')[0]))].sort()).toStrictEqual(FOR_AN_OPTION.map(({ id }) => id));
});

describe.each(EXAMPLE_NAMES)('in the example %s', (name) => {
  const disks = new ExampleDisks();
  afterAll(() => disks.delete());
  const Example = exampleStack(name);

  test('AwsSolutions finds nothing that is not explained', () => {
    expect(findings(() => new Example(disks.app(), 'Example', { env }), new AwsSolutionsChecks())).toStrictEqual([]);
  });

  test('NIST.800-53.R5 finds nothing that is not explained, or what an option of the provider is for', () => {
    expect(findings(() => withoutOptionsOfTheProvider(new Example(disks.app(), 'Example', { env })), new NIST80053R5Checks())).toStrictEqual([]);
  });
});

test('a wildcard that a user adds to the service role is found still', () => {
  const found = findings((app) => {
    const stack = noOption(app, 'Stack', { env });
    const image = stack.node.findChild('Golden');
    if (image instanceof VmImportImage) {
      image.role?.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:*'], resources: ['arn:aws:s3:::other/*'] }));
    }
    return stack;
  }, new AwsSolutionsChecks());
  expect(found).toStrictEqual([
    'AwsSolutions-IAM5[Action::s3:*] /Stack/VmImportProvider/GoldenRole39c5897a/Resource',
    'AwsSolutions-IAM5[Resource::arn:aws:s3:::other/*] /Stack/VmImportProvider/GoldenRole39c5897a/Resource',
  ]);
});
