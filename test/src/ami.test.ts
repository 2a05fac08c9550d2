import { Lazy, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { anAdoption, anImport, KEY_ARN, newStack, TASK } from './an-import';
import { AmiOptions, DeregistrationProtection, VmImportImageProps } from '../../src';

const ACCOUNT = '222233334444';
const ORGANIZATION = 'arn:aws:organizations::111122223333:organization/o-0123456789';
const UNIT = 'arn:aws:organizations::111122223333:ou/o-0123456789/ou-0123-01234567';
const ENV = { env: { account: '111122223333', region: 'eu-west-1' } };
const YEAR = 365.25 * 24 * 3_600_000;
const inYears = (years: number) => new Date(Date.now() + years * YEAR).toISOString();

const EVERYTHING: AmiOptions = {
  deprecateAt: '2030-01-31T09:30:00Z',
  deregistrationProtection: DeregistrationProtection.ENABLED_WITH_COOLDOWN,
  description: 'golden',
  launchPermissions: { accountIds: [ACCOUNT], organizationArns: [ORGANIZATION], organizationalUnitArns: [UNIT] },
  liftProtectionOnDelete: true,
  name: 'golden-1.0.0',
  requireImdsv2: true,
};

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no error';
}

describe('the properties of an AMI', () => {
  test('are a resource of their own, after the import, whose AMI is the image\'s', () => {
    const stack = newStack();
    const image = anImport(stack, 'Golden', { ami: EVERYTHING });
    const template = Template.fromStack(stack);
    const [logicalId = ''] = Object.keys(template.findResources('Custom::VmImportAmi'));
    template.hasResource('Custom::VmImportAmi', {
      Properties: {
        SourceImageId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^GoldenSegment5'), 'AmiId'] },
        Name: 'golden-1.0.0',
        Description: 'golden',
        LaunchPermissions: { UserIds: [ACCOUNT], OrganizationArns: [ORGANIZATION], OrganizationalUnitArns: [UNIT] },
        ImdsSupport: 'v2.0',
        DeprecateAt: '2030-01-31T09:30:00Z',
        DeregistrationProtection: 'enabled-with-cooldown',
        LiftProtection: true,
      },
      DependsOn: [Match.stringLikeRegexp('AmiPermissions')],
    });
    expect(stack.resolve(image.amiId)).toEqual({ 'Fn::GetAtt': [logicalId, 'AmiId'] });
    expect(stack.resolve(image.snapshotIds)).toEqual({ 'Fn::Split': [',', { 'Fn::GetAtt': [logicalId, 'SnapshotIds'] }] });
    expect(stack.resolve(image.imageArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^GoldenSegment5/), 'ImageArn'] });
  });

  test.each<[string, AmiOptions | undefined]>([
    ['are not given', undefined], ['are empty', {}], ['only say no', { requireImdsv2: false, liftProtectionOnDelete: undefined }],
  ])('that %s take no resource and no permission', (_what, ami) => {
    const stack = newStack();
    anImport(stack, 'Golden', { ami });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::VmImportAmi', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/CopyImage|ModifyImageAttribute/);
  });

  test('of several imports share one policy, which lets EC2 be asked about what carries the stack\'s tag only', () => {
    const stack = newStack();
    anImport(stack, 'A', { ami: { description: 'a' } });
    anImport(stack, 'B', { ami: { requireImdsv2: true } });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: [{
          Action: [
            'ec2:DescribeImageAttribute', 'ec2:DisableImageDeprecation', 'ec2:DisableImageDeregistrationProtection',
            'ec2:EnableImageDeprecation', 'ec2:EnableImageDeregistrationProtection', 'ec2:ModifyImageAttribute',
          ],
          Condition: { StringLike: { 'aws:ResourceTag/cdk-vm-import:id': { 'Fn::Join': ['', ['vm-import-', Match.anyValue(), '-*']] } } },
          Effect: 'Allow',
          Resource: Match.anyValue(),
        }],
      },
    });
  });

  test('with a name let EC2 copy into what gets the stack\'s tag', () => {
    const stack = newStack();
    anImport(stack, 'A', { ami: { name: 'golden' } });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'ec2:CopyImage', Condition: { StringLikeIfExists: { 'aws:RequestTag/cdk-vm-import:id': Match.anyValue() } } }),
          Match.objectLike({ Action: 'ec2:CreateTags', Condition: Match.objectLike({ StringEquals: { 'ec2:CreateAction': 'CopyImage' } }) }),
        ]),
      },
    });
  });

  test('with a name and a key let EC2 copy with that key, through EC2 only', () => {
    const stack = newStack(ENV);
    anImport(stack, 'A', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN), ami: { name: 'golden' } });
    const copying = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')).flatMap(({ Properties }) => Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().includes('kms:GenerateDataKeyWithoutPlaintext'));
    expect(copying).toEqual([{
      Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncrypt*'],
      Condition: { StringLike: { 'kms:ViaService': 'ec2.eu-west-1.amazonaws.com*' } },
      Effect: 'Allow',
      Resource: KEY_ARN,
    }]);
  });

  test('with a name and a key of another account warn of what to add to its policy', () => {
    const stack = newStack(ENV);
    anImport(stack, 'A', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN.replace('111122223333', ACCOUNT)), ami: { name: 'golden' } });
    Annotations.fromStack(stack).hasWarning('/Stack/VmImportProvider', Match.stringLikeRegexp('Add this statement to it: .*kms:GenerateDataKeyWithoutPlaintext.*cdk-vm-import:keyPolicy'));
  });

  test('with a name reach the first segment, so that a name which is taken fails before the import', () => {
    const stack = newStack();
    anImport(stack, 'A', { ami: { name: 'golden' } });
    const segments = Object.values(Template.fromStack(stack).findResources('Custom::VmImportImage'));
    expect(segments.map(({ Properties }) => [Properties.Segment, Properties.AmiName])).toEqual([[1, 'golden'], [2, undefined], [3, undefined], [4, undefined], [5, undefined]]);
  });

  test('tag copies like the rest, and imported AMIs not again', () => {
    const stack = newStack();
    anImport(stack, 'Named', { ami: { name: 'golden' } });
    anImport(stack, 'Imported', { ami: { description: 'a' } });
    Tags.of(stack).add('team', 'a');
    const kept = Object.values(Template.fromStack(stack).findResources('Custom::VmImportAmi')).map(({ Properties }) => [Properties.Name, Properties.Tags]);
    expect(kept).toEqual(expect.arrayContaining([['golden', { team: 'a' }], [undefined, undefined]]));
  });

  test.each([
    [undefined, 'Delete', 'Delete'], [RemovalPolicy.DESTROY, 'Delete', 'Delete'], [RemovalPolicy.RETAIN, 'RetainExceptOnCreate', 'Retain'],
  ])('with the removal policy %s are kept or undone like the import', (removalPolicy, DeletionPolicy, UpdateReplacePolicy) => {
    const stack = newStack();
    anImport(stack, 'A', { ami: { description: 'a' }, removalPolicy });
    for (const type of ['Custom::VmImportAmi', 'Custom::VmImportImage']) {
      Template.fromStack(stack).hasResource(type, { DeletionPolicy, UpdateReplacePolicy });
    }
  });

  test('may be tokens', () => {
    const stack = newStack();
    const text = (value: string) => Lazy.string({ produce: () => value });
    anImport(stack, 'A', {
      ami: {
        name: text('n'),
        description: text(''),
        deprecateAt: text('soon'),
        launchPermissions: { accountIds: [text('me')], organizationArns: Lazy.list({ produce: () => [ORGANIZATION] }) },
      },
    });
    Template.fromStack(stack).hasResourceProperties('Custom::VmImportAmi', { Name: 'n', LaunchPermissions: { UserIds: ['me'], OrganizationArns: [ORGANIZATION] } });
  });
});

describe('are refused with one sentence', () => {
  test.each<[string, Partial<VmImportImageProps>, string]>([
    ...['ab', 'a'.repeat(129), 'gölden', 'a:b', ''].map((name): [string, Partial<VmImportImageProps>, string] => [
      `the name ${JSON.stringify(name)}`, { ami: { name } }, `${JSON.stringify(name)} cannot be the name of an AMI: use 3 to 128 letters, digits, spaces and ()[]./-'@_.`,
    ]),
    ['an empty description', { ami: { description: '' } }, 'The description of the AMI is empty: use at least 1 character, or remove it.'],
    ['a long description', { ami: { description: 'x'.repeat(256) } }, 'The description of the AMI has 256 characters: shorten it to 255.'],
    ['a lift without protection', { ami: { liftProtectionOnDelete: true } }, 'liftProtectionOnDelete is set without deregistrationProtection: set both, or neither.'],
    ['no date', { ami: { deprecateAt: 'soon' } }, 'The deprecateAt of the AMI is "soon": use an ISO 8601 date and time with its zone, like 2027-01-31T09:30:00Z.'],
    ['a day too many', { ami: { deprecateAt: '2028-02-31T00:00:00Z' } }, 'The deprecateAt of the AMI is "2028-02-31T00:00:00Z": use an ISO 8601 date and time with its zone, like 2027-01-31T09:30:00Z.'],
    ['a month too many', { ami: { deprecateAt: '2027-13-31T09:30:00Z' } }, 'The deprecateAt of the AMI is "2027-13-31T09:30:00Z": use an ISO 8601 date and time with its zone, like 2027-01-31T09:30:00Z.'],
    ['an account', { ami: { launchPermissions: { accountIds: ['123'] } } }, '"123" in accountIds is not the id of an account: use one like 123456789012.'],
    ['an organization', { ami: { launchPermissions: { organizationArns: [UNIT] } } }, `"${UNIT}" in organizationArns is not the ARN of an organization: use one like arn:aws:organizations::123456789012:organization/o-0123456789.`],
    ['a unit', { ami: { launchPermissions: { organizationalUnitArns: ['ou-1'] } } }, '"ou-1" in organizationalUnitArns is not the ARN of an organizational unit: use one like arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567.'],
    ['an account twice', { ami: { launchPermissions: { accountIds: [ACCOUNT, ACCOUNT] } } }, `${ACCOUNT} is in accountIds more than once: list it once.`],
    ['a public AMI that is encrypted', { encrypted: true, ami: { launchPermissions: { publicAccess: true } } }, 'The AMI is encrypted and has publicAccess, which EC2 does not allow: remove one of them.'],
    ['a shared AMI under the default key', { encrypted: true, ami: { launchPermissions: { accountIds: [ACCOUNT] } } }, 'An AMI that is encrypted with the default key of EBS cannot be shared: set encryptionKey, or remove launchPermissions.'],
  ])('%s', (_what, props, sentence) => {
    expect(errorOf(() => anImport(newStack(), 'Golden', props))).toBe(`${sentence} [at Stack/Golden]`);
  });

  test('no deprecation of exactly 10 years from now', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now());
    expect(() => anImport(newStack(), 'Golden', { ami: { deprecateAt: inYears(10) } })).not.toThrow();
    now.mockRestore();
  });

  test('a deprecation more than 10 years away, of a public AMI more than 2', () => {
    const far = inYears(10.1);
    const near = inYears(2.1);
    expect(errorOf(() => anImport(newStack(), 'Golden', { ami: { deprecateAt: far } }))).toBe(`The deprecateAt of the AMI is ${far}: use a time within 10 years, the most that EC2 accepts. [at Stack/Golden]`);
    expect(errorOf(() => anImport(newStack(), 'Golden', { ami: { deprecateAt: near, launchPermissions: { publicAccess: true } } }))).toContain('within 2 years');
    expect(errorOf(() => anImport(newStack(), 'Golden', { ami: { deprecateAt: near } }))).toBe('no error');
  });

  test('the AMI of somebody\'s task, unless a name has it copied', () => {
    expect(errorOf(() => anAdoption(newStack(), 'Golden', { ami: { description: 'a' } }))).toBe(
      `This stack cannot modify the AMI of the import task ${TASK}: set ami.name to create a copy. [at Stack/Golden]`,
    );
    expect(errorOf(() => anAdoption(newStack(), 'Golden', { ami: { description: 'a', name: 'golden' } }))).toBe('no error');
  });
});

describe('warn', () => {
  const warningsOf = (props: Partial<VmImportImageProps>, stack: Stack = newStack(ENV)) => {
    anImport(stack, 'Golden', props);
    return Annotations.fromStack(stack).findWarning('/Stack/Golden', Match.anyValue()).map(({ entry }) => String(entry.data));
  };

  test('a JavaScript Date as the time of its deprecation is written as text', () => {
    const stack = newStack();
    const deprecateAt = new Date('2030-01-31T09:30:00Z') as unknown as string;
    anImport(stack, 'Golden', { ami: { deprecateAt } });
    Template.fromStack(stack).hasResourceProperties('Custom::VmImportAmi', { DeprecateAt: '2030-01-31T09:30:00.000Z' });
    expect(errorOf(() => anImport(newStack(), 'Golden', { ami: { deprecateAt: new Date('soon') as unknown as string } })))
      .toContain('The deprecateAt of the AMI is null: use an ISO 8601 date');
  });

  test('of a deprecation that has passed', () => {
    expect(warningsOf({ ami: { deprecateAt: '2020-01-31T09:30:00Z' } })).toEqual([
      'The deprecateAt of the AMI, 2020-01-31T09:30:00Z, has passed: a new AMI is deprecated as soon as it exists. [ack: cdk-vm-import:deprecatedAmi]',
    ]);
  });

  test('of a deprecation from this moment on', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2030-01-31T09:30:00Z'));
    expect(warningsOf({ ami: { deprecateAt: '2030-01-31T09:30:00Z' } })).toEqual([expect.stringContaining('[ack: cdk-vm-import:deprecatedAmi]')]);
    expect(warningsOf({ ami: { deprecateAt: '2030-01-31T09:31:00Z' } })).toEqual([]);
    now.mockRestore();
  });

  test('of a public AMI', () => {
    expect(warningsOf({ ami: { launchPermissions: { publicAccess: true } } })).toEqual([expect.stringContaining('[ack: cdk-vm-import:publicAmi]')]);
  });

  test('of a key that those who launch the AMI must be allowed to use, with the statements to add', () => {
    const stack = newStack(ENV);
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', KEY_ARN);
    const [warning = ''] = warningsOf({ encryptionKey, ami: { launchPermissions: EVERYTHING.launchPermissions } }, stack);
    const actions = ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];
    expect(JSON.parse(/unless it is there: (.*) \[ack: cdk-vm-import:sharedKeyPolicy\]$/.exec(warning)?.[1] ?? '')).toEqual([
      { Action: actions, Effect: 'Allow', Resource: '*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
      { Action: actions, Effect: 'Allow', Resource: '*', Principal: { AWS: '*' }, Condition: { StringEquals: { 'aws:PrincipalOrgID': ['o-0123456789'] } } },
      { Action: actions, Effect: 'Allow', Resource: '*', Principal: { AWS: '*' }, Condition: { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': ['o-0123456789/*/ou-0123-01234567/*'] } } },
    ]);
  });

  test.each<[string, AmiOptions['launchPermissions'], readonly object[]]>([
    ['accounts', { accountIds: [ACCOUNT, Lazy.string({ produce: () => ACCOUNT })] }, [{ AWS: [ACCOUNT, '<account>'].map((account) => `arn:aws:iam::${account}:root`) }]],
    ['accounts as a list of their own', { accountIds: Lazy.list({ produce: () => [ACCOUNT] }) }, [{ AWS: 'arn:aws:iam::<account>:root' }]],
    ['organizations and units', { organizationArns: Lazy.list({ produce: () => [ORGANIZATION] }), organizationalUnitArns: [Lazy.string({ produce: () => UNIT })] }, [{ AWS: '*' }, { AWS: '*' }]],
  ])('of a key, with a place for %s that are only known at deployment', (_what, launchPermissions, principals) => {
    const stack = newStack(ENV);
    const [warning = ''] = warningsOf({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN), ami: { launchPermissions } }, stack);
    const pasted = JSON.parse(/unless it is there: (.*) \[ack/.exec(warning)?.[1] ?? '') as { readonly Principal: object } | readonly { readonly Principal: object }[];
    expect([pasted].flat().map(({ Principal }) => Principal)).toEqual(principals);
    expect(warning).not.toContain('Token');
  });

  test('of nothing where nobody else may launch it', () => {
    const stack = newStack(ENV);
    expect(warningsOf({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN), ami: { launchPermissions: { accountIds: [] }, deprecateAt: inYears(1) } }, stack)).toEqual([]);
  });
});
