import { writeFileSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, CfnParameter, Duration, RemovalPolicy, Size, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { anImport, KEY_ARN, SNAPSHOT } from './an-import';
import { errorOf } from './error-of';
import * as bundled from '../../lambda/disk-copy';
import { DiskContainer, DiskFormat, VmImportProvider, VmImportSnapshot, VmImportSnapshotProps } from '../../src';
import { recordedImage } from '../disk-images/image-library';

const env = { account: '111122223333', region: 'eu-west-1' };
const newStack = () => new Stack(new App(), 'Stack', { env });
const bucketOf = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'disks');

function aSnapshot(stack: Stack, props: Partial<VmImportSnapshotProps> = {}): VmImportSnapshot {
  return new VmImportSnapshot(stack, 'Data', { diskContainer: DiskContainer.fromBucket(bucketOf(stack), 'data.qcow2'), ...props });
}

/** The custom resource of the only snapshot of a stack. */
function resourceOf(stack: Stack) {
  const resources = Object.entries(Template.fromStack(stack).findResources('Custom::VmImportSnapshot'));
  const [logicalId, resource] = resources[0] ?? ['', {}];
  const { Properties = {}, ...others } = resource as { readonly Properties?: Record<string, unknown>; readonly DependsOn?: unknown };
  return { logicalId, Properties, ...others };
}

/** The properties of the custom resource, with given options. */
function propertiesWith(props: (stack: Stack) => Partial<VmImportSnapshotProps>): Record<string, unknown> {
  const stack = newStack();
  aSnapshot(stack, props(stack));
  return resourceOf(stack).Properties;
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What a role may do beside its logs, by the beginning of its logical ID. */
function statementsOf(stack: Stack, role: string): Statement[] {
  const [found] = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith(role));
  return (found?.[1].Properties.Policies[0].PolicyDocument.Statement as Statement[]).filter(({ Action }) => !String(Action).startsWith('logs:'));
}

const actionsOf = (statements: readonly Statement[]) => statements.flatMap(({ Action }) => Action).sort();

const COPIER = 'VmImportProviderDiskCopier';
const OURS = (key: string) => ({ StringLike: { [`aws:${key}/cdk-vm-import:id`]: expect.anything() } });

describe('the text on the copied content in a diff', () => {
  const textOf = (props: Partial<VmImportSnapshotProps>) => propertiesWith(() => ({ revision: '1', ...props })).CopiedContent;

  test.each<Partial<VmImportSnapshotProps>>([
    { revision: '2' }, { encrypted: true }, { volumeSize: Size.gibibytes(20) }, { description: 'data' }, { omitUnallocatedBlocks: true },
  ])('is another one if the disk is copied again: %j', (props) => {
    expect(textOf(props)).not.toBe(textOf({}));
  });

  test('is another one for another disk, and for another key', () => {
    const texts = [
      (stack: Stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }),
      (stack: Stack) => ({ diskContainer: DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Other', 'disks'), 'other.qcow2') }),
      () => ({}),
    ].map((props) => propertiesWith(props).CopiedContent);
    expect(new Set(texts).size).toBe(3);
  });

  test.each<Partial<VmImportSnapshotProps>>([
    {}, { tags: { team: 'a' } }, { timeout: Duration.minutes(10) }, { preflight: false }, { removalPolicy: RemovalPolicy.RETAIN },
  ])('is the same if it is not: %j', (props) => {
    expect(textOf(props)).toBe(textOf({}));
  });
});

describe('the custom resource', () => {
  test('has the disk, the state machine and the timeout, and nothing that was not asked for', () => {
    expect(propertiesWith(() => ({}))).toStrictEqual({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^VmImportProviderFramework/), 'Arn'] },
      ServiceTimeout: '3600',
      Disk: { S3Bucket: 'disks', S3Key: 'data.qcow2', Format: 'QCOW2' },
      StateMachineArn: { Ref: expect.stringMatching(new RegExp(`^${COPIER}StateMachine`)) },
      CopiedContent: expect.stringMatching(/^[0-9a-f]{12}: another value copies the disk again, and the old snapshot is deleted afterwards unless removalPolicy is RETAIN$/),
      Timeout: 3000,
    });
  });

  test('has every option', () => {
    const properties = propertiesWith((stack) => ({
      description: 'the data',
      encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN),
      preflight: false,
      revision: '2',
      tags: { team: 'data' },
      timeout: Duration.minutes(1),
      volumeSize: Size.tebibytes(1),
    }));
    expect(properties).toMatchObject({
      Description: 'the data', Encrypted: true, KmsKeyArn: KEY_ARN, Preflight: false, Revision: '2', Tags: { team: 'data' }, Timeout: 60, VolumeSize: 1024,
    });
  });

  test.each([
    [{ encrypted: true }, { Encrypted: true }], [{ encrypted: false }, { Encrypted: false }],
    [{ omitUnallocatedBlocks: true, encrypted: false }, { Encrypted: false, OmitUnallocatedBlocks: true }],
    [{ timeout: Duration.millis(60_001) }, { Timeout: 61 }],
  ])('has %j as %j', (props, expected) => {
    expect(propertiesWith(() => props)).toMatchObject(expected);
  });

  test.each([[{ omitUnallocatedBlocks: false }, 'OmitUnallocatedBlocks'], [{ preflight: true }, 'Preflight']])('leaves out the default %j', (props, name) => {
    expect(propertiesWith(() => props)).not.toHaveProperty(name);
  });

  test.each([[undefined, 0], [2, 2]])('names the disk of an OVA: %p is %p', (ovaDisk, expected) => {
    const { Disk } = propertiesWith((stack) => ({ diskContainer: DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Ova', 'disks'), 'a.ova', { ovaDisk }) }));
    expect(Disk).toStrictEqual({ S3Bucket: 'disks', S3Key: 'a.ova', Format: 'OVA', OvaDisk: expected });
  });

  test('takes tags of Tags.of()', () => {
    const stack = newStack();
    Tags.of(aSnapshot(stack, { tags: { a: '1' } })).add('b', '2');
    expect(resourceOf(stack).Properties.Tags).toStrictEqual({ a: '1', b: '2' });
  });

  test('takes a size that is only known at deployment', () => {
    expect(propertiesWith((stack) => ({ volumeSize: Size.gibibytes(new CfnParameter(stack, 'Size', { type: 'Number' }).valueAsNumber) }))).toMatchObject({
      VolumeSize: { Ref: 'Size' },
    });
  });

  test('returns the ID and the size of the snapshot', () => {
    const stack = newStack();
    const { snapshotId, volumeSize } = aSnapshot(stack);
    const { logicalId } = resourceOf(stack);
    expect(stack.resolve([snapshotId, volumeSize])).toStrictEqual([{ 'Fn::GetAtt': [logicalId, 'SnapshotId'] }, { 'Fn::GetAtt': [logicalId, 'VolumeSize'] }]);
  });

  test('reads a local file from the bootstrap bucket', () => {
    const folder = mkdtempSync(join(tmpdir(), 'disk-'));
    try {
      writeFileSync(join(folder, 'data.raw'), 'data');
      const { Disk } = propertiesWith(() => ({ diskContainer: DiskContainer.fromAsset(join(folder, 'data.raw')), preflight: false }));
      expect(Disk).toStrictEqual({
        S3Bucket: 'cdk-hnb659fds-assets-111122223333-eu-west-1', S3Key: expect.stringMatching(/^[0-9a-f]{64}\.raw$/), Format: 'RAW',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('reads a local file in a format that VM Import/Export does not import', () => {
    const folder = mkdtempSync(join(tmpdir(), 'disk-'));
    try {
      const qcow2 = recordedImage('gpt-uefi-qcow2');
      writeFileSync(join(folder, 'data.qcow2'), qcow2);
      expect(propertiesWith(() => ({ diskContainer: DiskContainer.fromAsset(join(folder, 'data.qcow2')) })).Disk).toMatchObject({ Format: 'QCOW2' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('tells the disk container to look at the disk, unless preflight is false', () => {
    const told: unknown[] = [];
    for (const preflight of [undefined, true, false]) {
      const stack = newStack();
      aSnapshot(stack, {
        preflight,
        diskContainer: {
          bind: (_scope, options) => {
            told.push(options);
            return { bucket: s3.Bucket.fromBucketName(stack, 'Own', 'disks'), objectKey: 'a.raw', format: DiskFormat.RAW };
          },
        },
      });
    }
    expect(told).toStrictEqual([true, true, false].map((preflight) => ({ architecture: undefined, asItIs: true, bootDisk: false, bootMode: undefined, platform: 'Linux', preflight })));
  });

  test('depends on the policies that nothing else in it refers to', () => {
    const stack = newStack();
    aSnapshot(stack);
    const { DependsOn } = resourceOf(stack);
    expect(DependsOn).toStrictEqual([
      expect.stringMatching(new RegExp(`^${COPIER}Permissions`)),
      expect.stringMatching(/^VmImportProviderOnEventRole/),
    ]);
  });
});

describe('the removal policy', () => {
  test.each([
    [undefined, 'Delete', 'Delete'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
    [RemovalPolicy.RETAIN, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain'],
  ])('%s deletes with %s and replaces with %s', (removalPolicy, DeletionPolicy, UpdateReplacePolicy) => {
    const stack = newStack();
    aSnapshot(stack, { removalPolicy });
    expect(resourceOf(stack)).toMatchObject({ DeletionPolicy, UpdateReplacePolicy });
  });

  test('can be set later', () => {
    const stack = newStack();
    aSnapshot(stack).applyRemovalPolicy(RemovalPolicy.RETAIN);
    expect(resourceOf(stack)).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
  });
});

describe('the state machine', () => {
  /** Its definition, with references in angle brackets. */
  function definition() {
    const stack = newStack();
    aSnapshot(stack);
    const [machine] = Object.entries(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine')).filter(([id]) => id.startsWith(COPIER));
    const parts: (string | Record<string, unknown>)[] = machine?.[1].Properties.DefinitionString['Fn::Join'][1];
    return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : `<${Object.values(part).flat().join('.')}>`)).join(''));
  }
  const retry = [
    { ErrorEquals: ['VirtualDiskError', 'SourceChanged', 'SnapshotNotWritable'], MaxAttempts: 0 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 5, BackoffRate: 2 },
  ];
  const functionCalled = (id: string) => expect.stringMatching(new RegExp(`^<${COPIER}${id}Function\\w+\\.Arn>$`));

  test('copies each shard, 8 at a time, then sums up, and retries what may pass', () => {
    expect(definition()).toStrictEqual({
      StartAt: 'CopyEachShard',
      States: {
        CopyEachShard: {
          Type: 'Map',
          ItemsPath: '$.shards',
          ItemSelector: { 'copy.$': '$.copy', 'shard.$': '$$.Map.Item.Value' },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'INLINE' },
            StartAt: 'CopyOneShard',
            States: {
              CopyOneShard: {
                Type: 'Task',
                Resource: 'arn:<AWS::Partition>:states:::lambda:invoke',
                Parameters: { 'FunctionName': functionCalled('CopyShard'), 'Payload.$': '$' },
                ResultSelector: { 'shard.$': '$.Payload.shard' },
                Retry: retry,
                End: true,
              },
            },
          },
          MaxConcurrency: 8,
          ResultPath: null,
          Next: 'SumUpAllShards',
        },
        SumUpAllShards: {
          Type: 'Task',
          Resource: 'arn:<AWS::Partition>:states:::lambda:invoke',
          Parameters: { FunctionName: functionCalled('SumUp'), Payload: { 'copy.$': '$.copy', 'executionArn.$': '$$.Execution.Id' } },
          OutputPath: '$.Payload',
          Retry: retry,
          End: true,
        },
      },
    });
  });

  test('runs two functions that the bundle for disk copies exports', () => {
    const stack = newStack();
    aSnapshot(stack);
    const functions = Object.entries(Template.fromStack(stack).findResources('AWS::Lambda::Function')).filter(([id]) => id.startsWith(COPIER));
    expect(functions.map(([, { Properties: { Handler, MemorySize, Timeout } }]) => ({ Handler, MemorySize, Timeout }))).toStrictEqual([
      { Handler: 'index.copyShardHandler', MemorySize: 1769, Timeout: 900 }, { Handler: 'index.sumUpHandler', MemorySize: 512, Timeout: 900 },
    ]);
    expect(Object.keys(bundled).map((name) => `index.${name}`)).toStrictEqual(functions.map(([, { Properties: { Handler } }]) => Handler));
  });

  test('is one for all snapshots of a provider', () => {
    const stack = newStack();
    aSnapshot(stack);
    new VmImportSnapshot(stack, 'More', { diskContainer: DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Other', 'others'), 'a.raw') });
    const template = Template.fromStack(stack);
    template.resourceCountIs('Custom::VmImportSnapshot', 2);
    // The other one is the provider framework's.
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 1);
    expect(JSON.stringify(statementsOf(stack, `${COPIER}CopyShardRole`))).toMatch(/disks\/data\.qcow2.*others\/a\.raw/);
  });

  test('is absent from an app without a snapshot', () => {
    const stack = newStack();
    anImport(stack, 'Golden');
    const template = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(template).not.toMatch(/DiskCopier|"ebs:|copyShard|sumUp/);
    expect(template).toContain('isComplete');
  });
});

describe('permissions', () => {
  function copying(props: (stack: Stack) => Partial<VmImportSnapshotProps> = () => ({})): Stack {
    const stack = newStack();
    aSnapshot(stack, props(stack));
    return stack;
  }

  test('the copying function reads the object, and writes blocks of snapshots of this stack', () => {
    const statements = statementsOf(copying(), `${COPIER}CopyShardRole`);
    expect(actionsOf(statements)).toStrictEqual(['ebs:PutSnapshotBlock', 's3:GetObject', 's3:ListBucket']);
    expect(statements).toContainEqual({
      Action: 'ebs:PutSnapshotBlock', Effect: 'Allow', Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:eu-west-1::snapshot/*' }, Condition: OURS('ResourceTag'),
    });
    expect(statements).toContainEqual({ Action: 's3:GetObject', Effect: 'Allow', Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::disks/data.qcow2' } });
  });

  test('the summing function reads the history of executions of this stack, and nothing else', () => {
    const statements = statementsOf(copying(), `${COPIER}SumUpRole`);
    expect(actionsOf(statements)).toStrictEqual(['states:GetExecutionHistory']);
    expect(JSON.stringify(statements)).toMatch(/:states:eu-west-1:111122223333:execution:\*:/);
  });

  test('the state machine invokes the two functions, and does nothing else', () => {
    const statements = statementsOf(copying(), `${COPIER}Role`);
    expect(actionsOf(statements)).toStrictEqual(['lambda:InvokeFunction']);
    expect(JSON.stringify(statements)).toMatch(/CopyShardFunction.*SumUpFunction/);
  });

  test('isComplete starts, completes and stops copies by a policy of its own', () => {
    const template = Template.fromStack(copying());
    const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const statements: Statement[] = policy?.Properties.PolicyDocument.Statement;
    expect(policy?.Properties.Roles).toStrictEqual([{ Ref: expect.stringMatching(/^VmImportProviderIsCompleteRole/) }]);
    const snapshot = expect.stringMatching(/:ec2:eu-west-1::snapshot\/\*/);
    const written = statements.map(({ Action, Resource, Condition }) => ({ Action, Resource: JSON.stringify(Resource), Condition }));
    expect(written).toStrictEqual(expect.arrayContaining([
      { Action: 'ebs:StartSnapshot', Resource: snapshot, Condition: OURS('RequestTag') },
      { Action: 'ebs:CompleteSnapshot', Resource: snapshot, Condition: OURS('ResourceTag') },
      { Action: 'states:StartExecution', Resource: expect.stringMatching(/"Ref":"\w+StateMachine/), Condition: undefined },
      {
        Action: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'], Resource: expect.stringContaining(':execution:*:'), Condition: undefined,
      },
    ]));
    expect(statements).toHaveLength(4);
  });

  test.each(['OnEvent', 'IsComplete'])('%s reads the object to plan the copy', (handler) => {
    expect(statementsOf(copying(), `VmImportProvider${handler}Role`)).toContainEqual({
      Action: 's3:GetObject', Effect: 'Allow', Resource: expect.objectContaining({ 'Fn::Sub': expect.stringContaining('disks/data.qcow2') }),
    });
  });

  test('with a preflight onEvent asks which key encrypts by default', () => {
    expect(statementsOf(copying(), 'VmImportProviderOnEventRole').filter(({ Action }) => JSON.stringify(Action).includes('GetEbs'))).toMatchObject([
      { Action: expect.arrayContaining(['ec2:GetEbsDefaultKmsKeyId', 'ec2:GetEbsEncryptionByDefault']), Effect: 'Allow', Resource: '*' },
    ]);
  });

  test('without a preflight onEvent reads no object, and asks for no key', () => {
    const statements = statementsOf(copying(() => ({ preflight: false })), 'VmImportProviderOnEventRole');
    expect(actionsOf(statements).filter((action) => /^(s3|kms):|GetEbs/.test(action))).toStrictEqual([]);
  });

  test('onEvent finds the snapshot that a rollback returns to', () => {
    expect(actionsOf(statementsOf(copying(), 'VmImportProviderOnEventRole'))).toContain('ec2:DescribeSnapshots');
  });

  test.each([`${COPIER}CopyShardRole`, 'VmImportProviderIsCompleteRole'])('a key is granted to %s, and only the one that is given', (role) => {
    const uses = (stack: Stack) => statementsOf(stack, role).filter(({ Action }) => String(Action).includes('kms:'));
    expect(uses(copying())).toStrictEqual([]);
    expect(uses(copying((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) })))).toStrictEqual([{
      Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'], Effect: 'Allow', Resource: KEY_ARN,
    }]);
  });
});

describe('what cannot be copied is refused with one sentence', () => {
  const disk = (container: (stack: Stack) => DiskContainer) => (stack: Stack) => ({ diskContainer: container(stack) });
  const object = (format: DiskFormat, ovaDisk?: number) => disk((stack) => DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Own', 'disks'), 'a', { format, ovaDisk }));
  const untyped = (value: unknown) => value as never;
  const NOT_AN_OBJECT = 'The disk is not an object in Amazon S3: use DiskContainer.fromBucket or DiskContainer.fromAsset. [at Stack/Data/Import/Disk]';

  test.each<[string, (stack: Stack) => Partial<VmImportSnapshotProps>, string]>([
    ['too short a timeout', () => ({ timeout: Duration.seconds(59) }), 'timeout is 59 seconds: use 1 to 50 minutes, which is enough for a disk of 1.4 TiB. [at Stack/Data/Import]'],
    ['too long a timeout', () => ({ timeout: Duration.seconds(3001) }), 'timeout is 3001 seconds: use 1 to 50 minutes, which is enough for a disk of 1.4 TiB. [at Stack/Data/Import]'],
    ['no Duration', () => ({ timeout: untyped(60) }), 'timeout is 60: use a Duration, such as Duration.minutes(50). [at Stack/Data]'],
    ['too long a description', () => ({ description: 'x'.repeat(256) }), 'description has 256 characters: shorten it to 255. [at Stack/Data/Import]'],
    [
      'a provider of another stack', (stack) => ({ provider: new VmImportProvider(new Stack(stack.node.root as App, 'Other'), 'Provider') }),
      'The provider Other/Provider is in another stack: use a provider of the same stack. [at Stack/Data/Import]',
    ],
    [
      'a key without encryption', (stack) => ({ encrypted: false, encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN) }),
      'encrypted is false, but encryptionKey is set: remove one of them. [at Stack/Data/Import]',
    ],
    ...[
      () => ({ encrypted: true, omitUnallocatedBlocks: true }),
      (stack: Stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY_ARN), omitUnallocatedBlocks: true }),
    ].map((props): [string, (stack: Stack) => Partial<VmImportSnapshotProps>, string] => [
      'holes with encryption', props,
      'omitUnallocatedBlocks cannot be combined with encryption, because blocks that were never written read as noise on an encrypted volume: remove omitUnallocatedBlocks. [at Stack/Data/Import]',
    ]),
    ...([[Size.mebibytes(1536), 1.5], [Size.gibibytes(0), 0], [Size.gibibytes(65_537), 65_537]] as const)
      .map(([volumeSize, gib]): [string, () => Partial<VmImportSnapshotProps>, string] => [
        `a volume of ${gib} GiB`, () => ({ volumeSize }), `volumeSize is ${gib} GiB: use a whole number from 1 to 65536. [at Stack/Data/Import]`,
      ]),
    ['no disk container', () => ({ diskContainer: untyped(undefined) }), 'diskContainer is undefined: use DiskContainer.fromBucket or DiskContainer.fromAsset. [at Stack/Data/Import]'],
    ['a name', () => ({ diskContainer: untyped('a.raw') }), 'diskContainer is "a.raw": use DiskContainer.fromBucket or DiskContainer.fromAsset. [at Stack/Data/Import]'],
    ['a snapshot', disk(() => DiskContainer.fromSnapshot(SNAPSHOT)), NOT_AN_OBJECT],
    ['a URL', disk(() => DiskContainer.fromUrl('https://example.com/a.raw')), NOT_AN_OBJECT],
    ['a URL of an object', disk(() => DiskContainer.fromUrl('s3://disks/a.raw')), NOT_AN_OBJECT],
    [
      'a disk to delete', disk((stack) => DiskContainer.fromBucket(s3.Bucket.fromBucketName(stack, 'Own', 'disks'), 'a.raw', { deleteSourceOnSuccess: true })),
      'deleteSourceOnSuccess works with VmImportImage only: remove it. [at Stack/Data/Import/Disk]',
    ],
    ['ovaDisk without an OVA', object(DiskFormat.RAW, 0), 'ovaDisk is 0, but the format of the disk is RAW: remove ovaDisk. [at Stack/Data/Import/Disk]'],
    ['a removal policy of RDS', () => ({ removalPolicy: RemovalPolicy.SNAPSHOT }), 'removalPolicy is "snapshot": use DESTROY or RETAIN. [at Stack/Data/Import]'],
  ])('%s', (_name, props, sentence) => {
    const stack = newStack();
    expect(errorOf(() => aSnapshot(stack, props(stack)))).toBe(`ValidationError: ${sentence}`);
  });

  test.each([1, 65_536])('but a volume of %i GiB is taken', (gib) => {
    expect(propertiesWith(() => ({ volumeSize: Size.gibibytes(gib) }))).toMatchObject({ VolumeSize: gib });
  });

  test('a tag that the library keeps for itself', () => {
    const stack = newStack();
    aSnapshot(stack, { tags: { 'cdk-vm-import:id': 'x' } });
    expect(errorOf(() => Template.fromStack(stack))).toContain('The tag key "cdk-vm-import:id" begins with cdk-vm-import:, which this library keeps for itself: choose another one.');
  });
});

test('holes are warned of, and nothing else is', () => {
  const warnings = (props: Partial<VmImportSnapshotProps>) => {
    const stack = newStack();
    aSnapshot(stack, props);
    return Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
  };
  expect(warnings({})).toStrictEqual([]);
  expect(warnings({ omitUnallocatedBlocks: true })).toStrictEqual([expect.stringMatching(/^omitUnallocatedBlocks leaves holes in the snapshot\. .*\[ack: cdk-vm-import:omitUnallocatedBlocks\]$/)]);
});

test('an existing snapshot is referenced without a resource', () => {
  const stack = newStack();
  const { snapshotId, volumeSize } = VmImportSnapshot.fromVmImportSnapshotAttributes(stack, 'Existing', { snapshotId: SNAPSHOT, volumeSize: 8 });
  expect({ snapshotId, volumeSize }).toStrictEqual({ snapshotId: SNAPSHOT, volumeSize: 8 });
  expect(Template.fromStack(stack).toJSON()).not.toHaveProperty('Resources');
});
