import { App, CfnParameter, Duration, NestedStack, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { anAdoption, anImport, arn, newStack, SNAPSHOT } from './an-import';
import { DiskContainer, VmImportProvider, VmImportRole } from '../../src';

const REGION = '${AWS::Region}';
const ACCOUNT = '${AWS::AccountId}';

function counts(stack: Stack): Record<string, number> {
  const types = Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  return Object.fromEntries([...new Set(types)].sort().map((type) => [type, types.filter((other) => other === type).length]));
}

function handlerRole(stack: Stack) {
  const [role] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(({ Properties }) => JSON.stringify(Properties).includes('ec2:ImportImage'));
  return role;
}

function statementsOf(stack: Stack): { Action: string | string[]; Resource: unknown; Condition?: unknown }[] {
  return handlerRole(stack)?.Properties.Policies[0].PolicyDocument.Statement;
}

describe('the provider of a stack', () => {
  test('is shared by its imports: an import more is a role and its segments more', () => {
    const one = newStack();
    anImport(one, 'A', { timeout: Duration.minutes(50) });
    const fixed = {
      'AWS::IAM::Policy': 1,
      'AWS::Lambda::Function': 5,
      'AWS::Logs::LogGroup': 3,
      'AWS::StepFunctions::StateMachine': 1,
    };
    expect(counts(one)).toStrictEqual({ ...fixed, 'AWS::IAM::Role': 6, 'Custom::VmImportImage': 1 });
    const many = newStack();
    for (let index = 0; index < 10; index++) {
      anImport(many, `Import${index}`, { timeout: Duration.minutes(100) });
    }
    expect(counts(many)).toStrictEqual({ ...fixed, 'AWS::IAM::Role': 15, 'Custom::VmImportImage': 20 });
  });

  test('is got by any construct in the stack', () => {
    const stack = newStack();
    const provider = VmImportProvider.getOrCreate(new Construct(stack, 'Deep'));
    expect(VmImportProvider.getOrCreate(stack)).toBe(provider);
    expect(anImport(stack, 'Golden').node.root.node.findAll().filter((child) => child instanceof VmImportProvider)).toStrictEqual([provider]);
  });

  test('is another one in a nested stack', () => {
    const stack = newStack();
    const nested = new NestedStack(stack, 'Nested');
    anImport(nested, 'Golden');
    expect(VmImportProvider.getOrCreate(nested)).not.toBe(VmImportProvider.getOrCreate(stack));
  });

  test('is not mistaken for another construct of its id', () => {
    const stack = newStack();
    new Construct(stack, 'VmImportProvider');
    expect(() => VmImportProvider.getOrCreate(stack)).toThrow(
      'The stack has another construct with the id VmImportProvider, which the provider of its VM imports needs: use another id for that construct. [at Stack/VmImportProvider]',
    );
  });

  test('is not made where one is given', () => {
    const stack = newStack();
    const provider = new VmImportProvider(stack, 'Own');
    anImport(stack, 'Golden', { provider, timeout: Duration.minutes(1) });
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 5);
    Template.fromStack(stack).hasResourceProperties('Custom::VmImportImage', { ServiceToken: stack.resolve(provider.serviceToken) });
  });
});

describe('the handlers', () => {
  const uuid = { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] };

  test.each([['onEvent', 'vm-import-event', 60], ['isComplete', 'vm-import-complete', 300]])('%s logs to the group that the framework\'s errors name', (handler, prefix, Timeout) => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider');
    const template = Template.fromStack(stack);
    const [fn] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: `index.${handler}` } }));
    const name = fn?.Properties.FunctionName;
    expect(name).toStrictEqual({ 'Fn::Join': ['-', [expect.stringMatching(new RegExp(`^${prefix}-[0-9a-f]{8}$`)), uuid]] });
    // With the 36 characters of the UUID, Lambda's limit is 64.
    expect(`${name['Fn::Join'][1][0]}-`.length + 36).toBeLessThanOrEqual(64);
    const groups = template.findResources('AWS::Logs::LogGroup', { Properties: { LogGroupName: { 'Fn::Join': ['', ['/aws/lambda/', name]] } } });
    expect(Object.values(groups)).toMatchObject([{ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete', Properties: { RetentionInDays: 30 } }]);
    expect(fn?.Properties).toMatchObject({
      LoggingConfig: { LogGroup: { Ref: Object.keys(groups)[0] } }, MemorySize: 256, Runtime: 'nodejs22.x', Timeout,
    });
  });

  test('of two providers in one stack have names of their own', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'A');
    new VmImportProvider(stack, 'B');
    const names = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function', { Properties: { FunctionName: Match.anyValue() } }))
      .map(({ Properties }) => JSON.stringify(Properties.FunctionName));
    expect(new Set(names).size).toBe(4);
  });

  test('have no managed policies, and write to no log group but theirs', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider');
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined)).toStrictEqual([]);
    const logStatements = roles.flatMap(({ Properties }) => Properties.Policies?.[0].PolicyDocument.Statement ?? [])
      .filter(({ Action }: { Action: unknown }) => JSON.stringify(Action).includes('logs:'));
    expect(logStatements).toHaveLength(4);
    for (const statement of logStatements) {
      expect(statement).toStrictEqual({
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Effect: 'Allow', Resource: { 'Fn::GetAtt': [expect.stringMatching(/Logs/), 'Arn'] },
      });
    }
  });

  test('log for themselves: the framework around them, which would log every event with all properties, sends nothing of it', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider');
    const template = Template.fromStack(stack);
    const [group] = Object.keys(template.findResources('AWS::Logs::LogGroup', { Properties: { LogGroupName: Match.absent() } }));
    const framework = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { Handler: Match.stringLikeRegexp('^framework\\.') } }));
    expect(framework).toHaveLength(3);
    for (const { Properties } of framework) {
      expect(Properties.LoggingConfig).toStrictEqual({ ApplicationLogLevel: 'FATAL', LogFormat: 'JSON', LogGroup: { Ref: group } });
    }
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', { LoggingConfiguration: Match.absent() });
  });

  test('are asked for as long as CloudFormation waits, every 30 seconds', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider', { logRetention: logs.RetentionDays.ONE_YEAR });
    const template = Template.fromStack(stack);
    const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
    expect(JSON.stringify(machine?.Properties.DefinitionString)).toMatch(/IntervalSeconds\\":30,\\"MaxAttempts\\":120,\\"BackoffRate\\":1\}/);
    expect(machine?.Properties).not.toHaveProperty('LoggingConfiguration');
    template.resourcePropertiesCountIs('AWS::Logs::LogGroup', { RetentionInDays: 365 }, 3);
  });
});

describe('the poll interval', () => {
  test.each([Duration.seconds(5), Duration.minutes(1), Duration.minutes(5)])('can be %s', (pollInterval) => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider', { pollInterval });
    const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
    expect(JSON.stringify(machine?.Properties.DefinitionString)).toContain(`IntervalSeconds\\":${pollInterval.toSeconds()},`);
  });

  test.each([
    [Duration.seconds(4), 'pollInterval is 4 seconds: use 5 seconds to 5 minutes.'],
    [Duration.seconds(301), 'pollInterval is 301 seconds: use 5 seconds to 5 minutes.'],
    [Duration.seconds(7), 'pollInterval is 7 seconds, which does not divide an hour evenly, as the CDK\'s provider framework requires: use 30 seconds, for example.'],
    [Duration.seconds(Token.asNumber({ Ref: 'Interval' })), 'pollInterval is only known at deployment, but shapes the template: use a number.'],
  ])('cannot be %s', (pollInterval, sentence) => {
    expect(() => new VmImportProvider(newStack(), 'Provider', { pollInterval })).toThrow(`${sentence} [at Stack/Provider]`);
  });
});

describe('in a VPC', () => {
  const eni = [
    'ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets', 'ec2:UnassignPrivateIpAddresses',
  ];

  test('all functions run in its private subnets with one security group, and may make network interfaces', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider', { vpc: new ec2.Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }) });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    const [group] = Object.keys(template.findResources('AWS::EC2::SecurityGroup'));
    template.resourcePropertiesCountIs('AWS::Lambda::Function', {
      VpcConfig: {
        SecurityGroupIds: [{ 'Fn::GetAtt': [group, 'GroupId'] }],
        SubnetIds: [{ Ref: Match.stringLikeRegexp('Private') }, { Ref: Match.stringLikeRegexp('Private') }],
      },
    }, 5);
    const roles = Object.values(template.findResources('AWS::IAM::Role')).filter(({ Properties }) => eni.every((action) => JSON.stringify(Properties).includes(action)));
    expect(roles).toHaveLength(4);
  });

  test('they run where they are told to', () => {
    const stack = newStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', {
      restrictDefaultSecurityGroup: false, subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
    const securityGroups = [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')];
    new VmImportProvider(stack, 'Provider', { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, securityGroups });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', {
      VpcConfig: { SecurityGroupIds: ['sg-0123456789abcdef0'], SubnetIds: Match.arrayWith([{ Ref: Match.stringLikeRegexp('Isolated') }]) },
    }, 5);
  });

  test.each([
    ['vpcSubnets are', { vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } }],
    ['securityGroups are', { securityGroups: [] }],
  ])('%s not taken without one', (what, props) => {
    expect(() => new VmImportProvider(newStack(), 'Provider', props)).toThrow(`${what} set without a VPC: set vpc too. [at Stack/Provider]`);
  });
});

test.each([[undefined, '30'], [Duration.minutes(5), '300']])('isComplete knows how often it is called (pollInterval %s)', (pollInterval, POLL_INTERVAL) => {
  const stack = newStack();
  new VmImportProvider(stack, 'Provider', { pollInterval });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Handler: 'index.isComplete', Environment: { Variables: { POLL_INTERVAL } } });
});

describe('the handlers may', () => {
  const ofThisStack = { 'Fn::Join': ['', ['vm-import-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }, '-*']] };
  const ours = { StringLike: { 'aws:ResourceTag/cdk-vm-import:id': ofThisStack } };
  const toBeOurs = { StringLike: { 'aws:RequestTag/cdk-vm-import:id': ofThisStack } };
  const staysOurs = { StringLike: { ...ours.StringLike, ...toBeOurs.StringLike } };
  const nobodys = {
    Null: {
      'aws:ResourceTag/cdk-vm-import:id': 'true',
      'aws:ResourceTag/Ec2ImageBuilderArn': 'true',
      'aws:ResourceTag/aws:backup:source-resource': 'true',
      'aws:ResourceTag/aws:dlm:lifecycle-policy-id': 'true',
    },
  };
  const userTagsOnly = { 'Null': { 'aws:TagKeys': 'false' }, 'ForAllValues:StringNotLike': { 'aws:TagKeys': 'cdk-vm-import:*' } };
  const task = arn(`:ec2:${REGION}:${ACCOUNT}:import-image-task/*`);
  const ami = arn(`:ec2:${REGION}::image/*`);
  const snapshot = arn(`:ec2:${REGION}::snapshot/*`);
  const image = (name: string) => arn(`:imagebuilder:${REGION}:${ACCOUNT}:image/${name}/*`);

  test('do what every import takes, each on the narrowest resource and condition', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider');
    const statements = [
      {
        Action: ['cloudformation:DescribeStackEvents', 'cloudformation:DescribeStackResource'], Resource: { Ref: 'AWS::StackId' },
      },
      { Action: ['ec2:DescribeImages', 'ec2:DescribeImportImageTasks', 'ec2:DescribeSnapshots'], Resource: '*' },
      { Action: 'ec2:ImportImage', Resource: ami },
      { Action: 'ec2:ImportImage', Resource: task, Condition: toBeOurs },
      { Action: 'ec2:CreateTags', Resource: task, Condition: { ...toBeOurs, StringEquals: { 'ec2:CreateAction': 'ImportImage' } } },
      { Action: 'ec2:CreateTags', Resource: [ami, snapshot], Condition: { ...toBeOurs, ...nobodys } },
      { Action: 'ec2:CreateTags', Resource: [task, ami, snapshot], Condition: staysOurs },
      { Action: 'ec2:DeleteTags', Resource: [task, ami, snapshot], Condition: { ...ours, ...userTagsOnly } },
      { Action: 'ec2:CancelImportTask', Resource: task, Condition: ours },
      { Action: 'ec2:DeregisterImage', Resource: ami, Condition: ours },
      { Action: 'ec2:DeleteSnapshot', Resource: snapshot, Condition: ours },
      {
        Action: ['DeleteImage', 'TagResource'].map((action) => `imagebuilder:${action}`), Resource: image('*'), Condition: ours,
      },
      { Action: 'imagebuilder:UntagResource', Resource: image('*'), Condition: { ...ours, ...userTagsOnly } },
      { Action: ['imagebuilder:GetImage', 'imagebuilder:ListImageBuildVersions'], Resource: image('*') },
      {
        Action: 'iam:CreateServiceLinkedRole',
        Resource: arn(`:iam::${ACCOUNT}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder`),
        Condition: { StringEquals: { 'iam:AWSServiceName': 'imagebuilder.amazonaws.com' } },
      },
    ].map((statement) => ({ Effect: 'Allow', ...statement }));
    const actual = statementsOf(stack).filter(({ Action }) => !JSON.stringify(Action).includes('logs:'));
    expect(actual).toEqual(expect.arrayContaining(statements));
    expect(actual).toHaveLength(statements.length);
  });

  test('look at what stands before they name an import', () => {
    const stack = newStack();
    new VmImportProvider(stack, 'Provider');
    const [role] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('ProviderOnEventRole'));
    expect(role?.[1].Properties.Policies[0].PolicyDocument.Statement.slice(1)).toStrictEqual([
      { Action: 'cloudformation:DescribeStackResource', Effect: 'Allow', Resource: { Ref: 'AWS::StackId' } },
      { Action: ['ec2:DescribeImages', 'ec2:DescribeImportImageTasks'], Effect: 'Allow', Resource: '*' },
      { Action: ['imagebuilder:GetImage', 'imagebuilder:ListImageBuildVersions'], Effect: 'Allow', Resource: image('*') },
    ]);
  });

  test('make images of the names in the stack, and pass the roles of its imports to VM Import/Export only', () => {
    const stack = newStack();
    const imports = ['A', 'B'].map((id) => anImport(stack, id, { imageName: `Golden RHEL_9 ${id}` }));
    expect(statementsOf(stack)).toEqual(expect.arrayContaining([
      {
        Action: ['imagebuilder:ImportVmImage', 'imagebuilder:TagResource'],
        Effect: 'Allow',
        Resource: [image('golden-rhel-9-a'), image('golden-rhel-9-b')],
        Condition: toBeOurs,
      },
      {
        Action: 'iam:PassRole',
        Effect: 'Allow',
        Resource: imports.map(({ role }) => stack.resolve(role?.roleArn)),
        Condition: { StringEquals: { 'iam:PassedToService': 'vmie.amazonaws.com' } },
      },
    ]));
  });

  test('import no snapshots but those that are disks in the stack', () => {
    const stack = newStack();
    anImport(stack, 'Golden');
    expect(statementsOf(stack)).toContainEqual({
      Action: 'ec2:ImportImage', Effect: 'Allow', Resource: [ami, arn(`:ec2:${REGION}::snapshot/${SNAPSHOT}`)],
    });
  });

  test('read the disks of the stack that ImportImage names, because EC2 checks the caller as well as the service role', () => {
    const stack = newStack();
    const bucket = new s3.Bucket(stack, 'Disks', { encryptionKey: new kms.Key(stack, 'Key') });
    anImport(stack, 'Golden', { diskContainers: [DiskContainer.fromBucket(bucket, 'a*.ova')], preflight: false });
    const attribute = (id: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(id), 'Arn'] });
    expect(statementsOf(stack).filter(({ Action }) => /"(s3|kms):/.test(JSON.stringify(Action)))).toStrictEqual([
      { Action: 's3:GetObject', Effect: 'Allow', Resource: { 'Fn::Join': ['', [attribute(/^Disks/), '/a${*}.ova']] } },
      { Action: 's3:GetBucketLocation', Effect: 'Allow', Resource: attribute(/^Disks/) },
      {
        Action: 'kms:Decrypt',
        Effect: 'Allow',
        Resource: attribute(/^Key/),
        Condition: { StringLike: { 'kms:ViaService': { 'Fn::Sub': 's3.${AWS::Region}.amazonaws.com*' } } },
      },
    ]);
  });

  test('make images of any name where one is only known at deployment, and pass no role for an adopted task', () => {
    const stack = newStack();
    anAdoption(stack, 'Golden', { imageName: new CfnParameter(stack, 'Name').valueAsString });
    expect(statementsOf(stack)).toEqual(expect.arrayContaining([
      { Action: ['imagebuilder:ImportVmImage', 'imagebuilder:TagResource'], Effect: 'Allow', Resource: image('*'), Condition: toBeOurs },
    ]));
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('iam:PassRole');
  });

  test.each([['with a role each', false], ['with one role', true]])('do so for 100 imports %s within IAM\'s limits', (_name, shared) => {
    const stack = new Stack(new App(), 'StackWithSomeLongerName');
    const role = shared ? new VmImportRole(stack, 'Role') : undefined;
    for (let index = 0; index < 100; index++) {
      anImport(stack, `ImportNumber${index}`, { imageName: `${'golden-image-'.repeat(4)}${index}`, role, timeout: Duration.minutes(50) });
    }
    // What the references become: a role's name has up to 64 characters.
    const deployed = (document: unknown) => JSON.stringify(document)
      .replaceAll(/\{"Fn::GetAtt":\["[^"]*","Arn"\]\}/g, JSON.stringify('r'.repeat(102)))
      .replaceAll('{"Fn::Select":[2,{"Fn::Split":["/",{"Ref":"AWS::StackId"}]}]}', JSON.stringify('u'.repeat(36)))
      .replaceAll(/\{"Ref":"AWS::[^"]*"\}/g, '"us-gov-west-1"')
      .replaceAll(/\$\{AWS::[^}]*\}/g, 'us-gov-west-1')
      .replaceAll(/\{"Fn::Join":\["",\[|\]\]\}|","|\{"Fn::Sub":/g, '').length;
    const role0 = handlerRole(stack);
    const overflow = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'));
    expect(deployed(role0?.Properties.Policies[0].PolicyDocument)).toBeLessThan(10_240);
    expect(overflow.length).toBeGreaterThan(0);
    expect(overflow.length).toBeLessThanOrEqual(10);
    for (const { Properties } of overflow) {
      expect(deployed(Properties.PolicyDocument)).toBeLessThan(6_144);
    }
    const text = JSON.stringify([role0, overflow]);
    for (let index = 0; index < 100; index++) {
      expect(text).toContain(`golden-image-${index}/*`);
    }
  });
});

test.each(['cn-north-1', 'us-gov-west-1', 'eu-west-1'])('a stack in %s leaves the partition of every ARN to CloudFormation', (region) => {
  const stack = newStack({ env: { account: '111122223333', region } });
  anImport(stack, 'Golden');
  const text = JSON.stringify(Template.fromStack(stack).toJSON());
  expect(text).not.toMatch(/arn:aws/);
  expect(text).toContain(`:imagebuilder:${region}:111122223333:image/`);
});
