import { App, Duration, Lazy, RemovalPolicy, Stack, Tags, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { anAdoption, anImport, KEY_ARN, LICENSE_ARN, newStack, SNAPSHOT, TASK } from './an-import';
import { errorOf } from './error-of';
import { Architecture, BootMode, DiskContainer, Hypervisor, LicenseType, Platform, VmImportImage, VmImportImageProps, VmImportProvider } from '../../src';

const disk = () => DiskContainer.fromSnapshot(SNAPSHOT);
const text = (value: string) => Lazy.string({ produce: () => value });

describe('an import is refused with one sentence, and where it stands', () => {
  const stackOf = () => newStack({ env: { account: '111122223333', region: 'eu-west-1' } });

  test.each<[string, (stack: Stack) => Partial<VmImportImageProps>, string]>([
    ['no source', () => ({ diskContainers: undefined }), 'Neither diskContainers nor importTaskId is set: set exactly one of them.'],
    ['two sources', () => ({ importTaskId: TASK }), 'Both diskContainers and importTaskId are set: set only one of them.'],
    ['no disks', () => ({ diskContainers: [] }), 'There are 0 disk containers, but an import has 1 to 21: add at least one.'],
    [
      '22 disks', () => ({ diskContainers: Array.from({ length: 22 }, disk) }),
      'There are 22 disk containers, but an import has 1 to 21: remove some, and attach them as volumes.',
    ],
    ['disks of macOS', () => ({ platform: Platform.MACOS }), 'platform is macOS, but EC2 does not import disks of macOS: set importTaskId, or use another platform.'],
    [
      'a device twice', () => ({ diskContainers: ['/dev/sda1', '/dev/sdb', '/dev/sda1'].map((deviceName) => DiskContainer.fromSnapshot(SNAPSHOT, { deviceName })) }),
      'Two disk containers have the deviceName /dev/sda1: use a different one for each disk.',
    ],
    ...['1.0', '1.0.0.0', 'v1.0.0', '1.0.x', '', '1.0.0\n'].map((semanticVersion): [string, () => Partial<VmImportImageProps>, string] => [
      `semanticVersion ${JSON.stringify(semanticVersion)}`, () => ({ semanticVersion }),
      `semanticVersion ${JSON.stringify(semanticVersion)} is not of the form <major>.<minor>.<patch>: use one like 1.0.0.`,
    ]),
    [
      'a version over 2^30-1', () => ({ semanticVersion: '1.1073741824.0' }),
      'semanticVersion 1.1073741824.0 has the number 1073741824: use numbers up to 1073741823 (2^30-1).',
    ],
    ['an empty imageName', () => ({ imageName: '' }), 'imageName is empty: use at least 1 character, or remove it.'],
    ...[' golden', 'golden ', 'gol/den', 'gölden', 'a\nb', 'g'.repeat(129)].map((imageName): [string, () => Partial<VmImportImageProps>, string] => [
      `imageName ${JSON.stringify(imageName)}`, () => ({ imageName }),
      `imageName ${JSON.stringify(imageName)} cannot be part of an ARN: use 1 to 128 letters, digits, hyphens, underscores and inner spaces.`,
    ]),
    ['no platform', () => ({ platform: undefined }), 'platform is undefined: use one of Linux, Windows, macOS.'],
    ['an empty description', () => ({ description: '' }), 'description is empty: use at least 1 character, or remove it.'],
    ['a long description', () => ({ description: 'd'.repeat(1025) }), 'description has 1025 characters: shorten it to 1024.'],
    ['a description with half of a surrogate pair', () => ({ description: 'a\ud800' }), 'description has the character U+D800, which does not reach AWS as it is: remove it.'],
    ['a description with a control character', () => ({ description: '\u0000' }), 'description has the character U+0000, which does not reach AWS as it is: remove it.'],
    ['an empty osVersion', () => ({ osVersion: '' }), 'osVersion is empty: use at least 1 character, or remove it.'],
    ['a tag key that JavaScript keeps', () => ({ tags: { ['__proto__']: 'v' } }), 'The tag key "__proto__" means something else in JavaScript: choose another one.'],
    ['no attempt', () => ({ maxAttempts: 0 }), 'maxAttempts is 0: use a whole number of 1 to 10.'],
    ['too many attempts', () => ({ maxAttempts: 11 }), 'maxAttempts is 11: use a whole number of 1 to 10.'],
    ['half an attempt', () => ({ maxAttempts: 1.5 }), 'maxAttempts is 1.5: use a whole number of 1 to 10.'],
    ['an empty revision', () => ({ revision: '' }), 'revision is empty: use at least 1 character, or remove it.'],
    ['an empty importDescription', () => ({ importDescription: '' }), 'importDescription is empty: use at least 1 character, or remove it.'],
    ['UEFI_PREFERRED', () => ({ bootMode: BootMode.UEFI_PREFERRED }), 'bootMode is uefi-preferred, which EC2 does not support for imports: use UEFI or LEGACY_BIOS.'],
    [
      'a key without encryption', (stack) => ({ encrypted: false, encryptionKey: new kms.Key(stack, 'Key') }),
      'encryptionKey is set, but encrypted is false: remove one of them.',
    ],
    [
      'a key of another Region', (stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN.replace('eu-west-1', 'eu-west-2')) }),
      'The encryptionKey is in eu-west-2, but must be in the Region of the import, eu-west-1: use a key of that Region.',
    ],
    [
      'a role of another account', (stack) => ({ role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::444455556666:role/vmimport') }),
      'The role is in the account 444455556666, but VM Import/Export assumes roles of the account of the import only, 111122223333: use a role of that account.',
    ],
    [
      'a license type and a usage operation', () => ({ licenseType: LicenseType.BYOL, usageOperation: 'RunInstances' }),
      'Both licenseType BYOL and usageOperation RunInstances are set: use one of them.',
    ],
    [
      'a usage operation that is none', () => ({ licenseType: undefined, usageOperation: 'RunInstance:0002' }),
      '"RunInstance:0002" is not a usage operation: use RunInstances, or one with a code, like RunInstances:0002.',
    ],
    [
      'a license configuration that is none', () => ({ licenseConfigurationArns: [LICENSE_ARN, 'lic-0123'] }),
      '"lic-0123" is not the ARN of a License Manager license configuration: use one like arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef.',
    ],
    ['an empty comment', () => ({ clientData: { comment: '' } }), 'The comment of clientData is empty: use at least 1 character, or remove it.'],
    ...['31.01.2025', '2025-01-31T09:00:00', '2025-13-31T09:00:00Z', '2025-02-29T09:00:00Z', '2025-01-31T25:00:00Z'].map((uploadStart): [string, () => Partial<VmImportImageProps>, string] => [
      `uploadStart ${uploadStart}`, () => ({ clientData: { uploadStart } }),
      `The uploadStart of clientData is "${uploadStart}": use an ISO 8601 date and time with its zone, like 2025-01-31T09:00:00Z.`,
    ]),
    [
      'an uploadEnd that is no time', () => ({ clientData: { uploadEnd: 'noon' } }),
      'The uploadEnd of clientData is "noon": use an ISO 8601 date and time with its zone, like 2025-01-31T09:00:00Z.',
    ],
    ['an upload of nothing', () => ({ clientData: { uploadSize: 0 } }), 'The uploadSize of clientData is 0: use a number of GiB greater than 0.'],
    [
      'a log group where Image Builder may not write', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs', { logGroupName: '/golden' }) }),
      'The log group "/golden" is outside /aws/imagebuilder/, the only place where the service-linked role of Image Builder may write: set a logGroupName that begins with /aws/imagebuilder/.',
    ],
    [
      'an imported log group where Image Builder may not write', (stack) => ({ logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', '/golden') }),
      'The log group "/golden" is outside /aws/imagebuilder/, the only place where the service-linked role of Image Builder may write: set a logGroupName that begins with /aws/imagebuilder/.',
    ],
    [
      'a log group whose name CloudFormation chooses', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs') }),
      'The log group Stack/Logs is outside /aws/imagebuilder/, the only place where the service-linked role of Image Builder may write: set a logGroupName that begins with /aws/imagebuilder/.',
    ],
    [
      'a machine for ARM', () => ({ architecture: Architecture.ARM64 }),
      'architecture is arm64, which VM Import/Export does not support: use VmImportAmi, which imports a disk as it is.',
    ],
    [
      'a log group with a wrong name', (stack) => ({ logGroup: new logs.LogGroup(stack, 'Logs', { logGroupName: '/aws/imagebuilder/a#b' }) }),
      'Image Builder does not write to the log group "/aws/imagebuilder/a#b": use one whose name has 1 to 512 letters, digits, hyphens, underscores, slashes and dots.',
    ],
    ['a short timeout', () => ({ timeout: Duration.seconds(59) }), 'timeout is 59 seconds: use 1 minute to 48 hours.'],
    ['a long timeout', () => ({ timeout: Duration.hours(49) }), 'timeout is 176400 seconds: use 1 minute to 48 hours.'],
    [
      'a timeout that is not known', () => ({ timeout: Duration.seconds(Token.asNumber({ Ref: 'Timeout' })) }),
      'timeout is only known at deployment, but shapes the template: use a number.',
    ],
    ['SNAPSHOT', () => ({ removalPolicy: RemovalPolicy.SNAPSHOT }), 'removalPolicy is SNAPSHOT, which images do not support: use DESTROY or RETAIN.'],
    [
      'a provider of another stack', () => ({ provider: new VmImportProvider(new Stack(new App(), 'Other'), 'Provider') }),
      'The provider Other/Provider is in another stack, where its policy cannot name this import\'s role: use a provider of the same stack.',
    ],
  ])('%s', (_name, props, sentence) => {
    const stack = stackOf();
    expect(errorOf(() => anImport(stack, 'Golden', props(stack)))).toBe(`ValidationError: ${sentence} [at Stack/Golden]`);
  });

  test.each(['ami-0123456789abcdef0', 'import-ami-', 'import-snap-0123456789abcdef0', ' import-ami-0123456789abcdef0'])('the task id %p', (importTaskId) => {
    expect(errorOf(() => anAdoption(newStack(), 'Golden', { importTaskId }))).toBe(
      `ValidationError: "${importTaskId}" is not the id of an EC2 import task: use one like import-ami-0123456789abcdef0. [at Stack/Golden]`,
    );
  });

  test.each<[keyof VmImportImageProps, (stack: Stack) => Partial<VmImportImageProps>]>([
    ['architecture', () => ({ architecture: Architecture.ARM64 })],
    ['bootMode', () => ({ bootMode: BootMode.UEFI })],
    ['clientData', () => ({ clientData: {} })],
    ['encrypted', () => ({ encrypted: false })],
    ['encryptionKey', (stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })],
    ['hypervisor', () => ({ hypervisor: Hypervisor.XEN })],
    ['importDescription', () => ({ importDescription: 'task' })],
    ['licenseConfigurationArns', () => ({ licenseConfigurationArns: [] })],
    ['licenseType', () => ({ licenseType: LicenseType.AWS })],
    ['role', (stack) => ({ role: iam.Role.fromRoleName(stack, 'Role', 'vmimport') })],
    ['usageOperation', () => ({ usageOperation: 'RunInstances' })],
  ])('%s of an adopted task', (name, props) => {
    const stack = newStack();
    expect(errorOf(() => anAdoption(stack, 'Golden', props(stack)))).toBe(
      `ValidationError: ${name} has no effect on the import task ${TASK}, which already ran: remove it. [at Stack/Golden]`,
    );
  });
});

describe('an import is accepted', () => {
  test.each<[string, Partial<VmImportImageProps>]>([
    ['with 21 disks', { diskContainers: Array.from({ length: 21 }, disk) }],
    ['with one attempt', { maxAttempts: 1 }],
    ['with ten attempts', { maxAttempts: 10 }],
    ['with the largest version', { semanticVersion: '1073741823.1073741823.1073741823' }],
    ['with leading zeros in a version', { semanticVersion: '2021.01.01' }],
    ['with the longest name', { imageName: 'g'.repeat(128) }],
    ['with a name of one letter', { imageName: 'g' }],
    ['with the longest description', { description: 'd'.repeat(1024) }],
    ['with a usage operation', { licenseType: undefined, usageOperation: 'RunInstances:00g0' }],
    ['with a leap day', { clientData: { uploadStart: '2024-02-29T23:59:59.9-12:00' } }],
    ['with a date with an offset', { clientData: { uploadStart: '2025-01-31T09:00+01:00' } }],
    ['with an upload of half a GiB', { clientData: { uploadSize: 0.5 } }],
    ['with devices of their own', { diskContainers: ['/dev/sda1', '/dev/sdb'].map((deviceName) => DiskContainer.fromSnapshot(SNAPSHOT, { deviceName })) }],
  ])('%s', (_name, props) => {
    expect(errorOf(() => anImport(newStack(), 'Golden', props))).toBe('no error');
  });

  test('with tokens wherever a text is checked', () => {
    const stack = newStack();
    const deviceName = text('?');
    const props: VmImportImageProps = {
      clientData: { comment: text(''), uploadEnd: text('?'), uploadSize: Token.asNumber({ Ref: 'Size' }), uploadStart: text('?') },
      description: text(''),
      diskContainers: [text('?'), text('?')].map((token) => DiskContainer.fromSnapshot(token, { description: text(''), deviceName })),
      imageName: text('?'),
      importDescription: text(''),
      licenseConfigurationArns: [text('?')],
      logGroup: logs.LogGroup.fromLogGroupName(stack, 'Logs', text('?')),
      maxAttempts: Token.asNumber({ Ref: 'Attempts' }),
      osVersion: text(''),
      platform: Platform.LINUX,
      revision: text(''),
      semanticVersion: text('?'),
      usageOperation: text('?'),
    };
    expect(errorOf(() => new VmImportImage(stack, 'Golden', props))).toBe('no error');
    expect(errorOf(() => anAdoption(stack, 'Adopted', { importTaskId: text('?') }))).toBe('no error');
  });
});

describe('tags are refused at synthesis, whoever added them', () => {
  const errorsOf = (tags: Record<string, string>) => {
    const stack = newStack();
    anImport(stack, 'Golden');
    Object.entries(tags).forEach(([key, value]) => Tags.of(stack).add(key, value, { includeResourceTypes: ['Custom::VmImportImage'] }));
    return errorOf(() => Template.fromStack(stack));
  };
  const numbered = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag${index}`, 'value']));

  test.each<[string, Record<string, string>, string]>([
    ['46 of them', numbered(46), 'The image has 46 tags: remove some, as 45 are the most that AWS leaves beside this library\'s.'],
    ['a key of the library', { 'cdk-vm-import:id': 'x' }, 'The tag key "cdk-vm-import:id" begins with cdk-vm-import:, which this library keeps for itself: choose another one.'],
    ['a long key', { ['k'.repeat(128)]: 'x' }, `The tag key "${'k'.repeat(128)}" has 128 characters: shorten it to 127.`],
    [
      'a key that Image Builder refuses', { 'Kosten€': 'x' },
      'The tag key "Kosten€" has a character that Image Builder does not accept: use letters, digits, spaces and +-=._:/@, or exclude the import, as in Tags.of(app).add(key, value, { excludeResourceTypes: [\'Custom::VmImportImage\'] }).',
    ],
    ['a long value', { team: 'v'.repeat(257) }, 'The value of the tag team has 257 characters: shorten it to 256.'],
  ])('%s', (_name, tags, sentence) => {
    expect(errorsOf(tags)).toContain(`[Stack/Golden] ${sentence}`);
  });

  test('but for keys that one of the known patterns of Image Builder allows', () => {
    expect(errorsOf({ 'Cost Center': 'x', 'a;b<c': 'x', 'a@b': 'x' })).toBe('no error');
  });

  test('a key of AWS', () => {
    const stack = newStack();
    anImport(stack, 'Golden', { tags: { 'aws:team': 'x' } });
    expect(errorOf(() => Template.fromStack(stack))).toContain('[Stack/Golden] The tag key "aws:team" begins with aws:, which AWS keeps for itself: choose another one.');
  });

  test('but not those that AWS takes', () => {
    expect(errorsOf({ ...numbered(43), ['k'.repeat(127)]: 'v'.repeat(256), 'team/a.b_c:d-e=f+1': '' })).toBe('no error');
  });
});
