/**
 * Lifecycles of stacks of imports, and what goes wrong meanwhile, as plain data that fast-check can make up and shrink.
 */
import fc from 'fast-check';
import type { CloudFormationFault, Kill, ServiceFault } from './stack-rig';
import { drawnAnswers, UNKNOWN_IDS, type Answers, type FaultEffect, type FaultRule } from '../local-cloud/emulator';

export interface ImportPlan {
  readonly segments: number;
  readonly retain: 'no' | 'on-delete' | 'always';
  /** Whether it tells how it ended. */
  readonly events: 'none' | 'sent';
  /** What becomes of the disk images that it has imported. */
  readonly sources: 'kept' | 'deleted';
}

/** Properties of an AMI; a number stands for a value of it. */
export interface AmiPlan {
  /** One of two names for each content; none is no copy. */
  readonly name?: number;
  readonly description?: number;
  readonly accountIds?: readonly string[];
  readonly deprecateAt?: string;
  readonly protection?: 'enabled-without-cooldown' | 'disabled';
}

/** An AMI of two disks that are copied. A number stands for a content, or for a name. */
export interface MachinePlan {
  readonly boot: number;
  readonly data: number;
  /** One of two names for each pair of disks. Undefined for a unique name. */
  readonly name?: number;
}

/** What is asked of one stack. A step of a stack that has to go first after its failure deletes it before. */
export type Step =
  | {
    readonly kind: 'deploy';
    /** What each import is to contain; 0 leaves it out of the template. */
    readonly contents: readonly number[];
    /** What the AMI of each import is to be like; without it, as it was made. */
    readonly amis?: readonly (AmiPlan | undefined)[];
    /** Which disk is copied into a snapshot; 0 or nothing leaves the copy out of the template. */
    readonly copy?: number;
    /** The AMI of disks that are copied. */
    readonly machine?: MachinePlan;
    readonly team: string;
    /** Another resource that fails after so many seconds; CloudFormation cancels what is under way, and rolls back. */
    readonly breaksAfter?: number;
  }
  | { readonly kind: 'delete' };

export interface StackPlan {
  readonly imports: readonly ImportPlan[];
  readonly steps: readonly Step[];
}

export interface CopyFaults {
  /** Calls to AWS Step Functions, by their number, that fail. */
  readonly stepFunctions: readonly ServiceFault[];
  /** The executions, by their number, whose functions fail. */
  readonly failing: readonly number[];
  /** Seconds after which the person of the answer `person` comes. */
  readonly personComesAfter: number;
}

export interface Schedule {
  /** How AWS behaves where it leaves that open: one answer to each question that can be played in more than one way. */
  readonly answers: Partial<Answers>;
  readonly stacks: readonly StackPlan[];
  readonly quota: number;
  /** Whether the account encrypts every new snapshot, with a key of AWS or with one of its own that VM Import/Export was not granted. */
  readonly encryptionByDefault: 'off' | 'awsManagedKey' | 'customerKey';
  readonly rollbackOfReplacement: 'update' | 'restore';
  readonly faults: readonly FaultRule[];
  readonly kills: readonly Kill[];
  readonly cloudFormation: readonly CloudFormationFault[];
  /** Whether the disks are looked at first. */
  readonly preflight: 'true' | 'false';
  readonly s3: readonly ServiceFault[];
  /** What goes wrong where disks are copied. */
  readonly copies?: CopyFaults;
  /** Milliseconds after which the n-th request is delivered once more. */
  readonly duplicates: readonly { readonly request: number; readonly after: number }[];
}

const EC2_ACTIONS = [
  'ImportImage', 'DescribeImportImageTasks', 'CancelImportTask', 'DescribeImages', 'DescribeSnapshots', 'DeregisterImage', 'DeleteSnapshot',
  'CreateTags', 'DeleteTags',
] as const;
const IMAGE_BUILDER_ACTIONS = ['ImportVmImage', 'GetImage', 'DeleteImage', 'ListImageBuildVersions', 'TagResource', 'UntagResource'] as const;

const passing: fc.Arbitrary<FaultEffect> = fc.oneof(
  fc.constantFrom<FaultEffect>(
    { kind: 'throttle' }, { kind: 'serverError', status: 500 }, { kind: 'serverError', status: 503 }, { kind: 'dropBefore' }, { kind: 'dropAfter' },
  ),
  fc.integer({ min: 1, max: 10 }).map((seconds): FaultEffect => ({ kind: 'delay', ms: seconds * 1000 })),
);

/** Some calls in a row of one action, or of any; the SDK's own attempts count, so four of them are one call of the handler. */
const passingFaultOf = (...actions: readonly string[]): fc.Arbitrary<FaultRule> => fc.record({
  action: fc.constantFrom(undefined, ...actions),
  from: fc.integer({ min: 1, max: 24 }),
  length: fc.integer({ min: 1, max: 12 }),
  effect: passing,
}).map(({ action, from, length, effect }) => ({ match: { ...(action && { action }), call: { from, to: from + length - 1 } }, effect }));

/** Lists that lag behind: EC2's by seconds, Image Builder's by minutes. */
const lag: fc.Arbitrary<FaultRule> = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((s): FaultRule => ({ match: { service: 'ec2' }, effect: { kind: 'invisible', listMs: s * 1000, getMs: s * 500 } })),
  fc.integer({ min: 1, max: 60 }).map((s): FaultRule => ({ match: { service: 'ec2' }, effect: { kind: 'lingering', listMs: s * 1000 } })),
  fc.integer({ min: 1, max: 240 }).map((s): FaultRule => ({ match: { service: 'imagebuilder' }, effect: { kind: 'invisible', listMs: s * 1000, getMs: s * 100 } })),
  fc.integer({ min: 1, max: 240 }).map((s): FaultRule => ({ match: { service: 'imagebuilder' }, effect: { kind: 'lingering', listMs: s * 1000 } })),
);

export const CLIENT_ERROR = 'ClientError: Unknown OS / Missing OS files.';
export const SERVER_ERROR = 'ServerError: Internal error';

const taskFault: fc.Arbitrary<FaultRule> = fc.record({
  call: fc.integer({ min: 1, max: 5 }),
  effect: fc.oneof(
    fc.constantFrom<FaultEffect>(
      { kind: 'task', outcome: { kind: 'fail', message: CLIENT_ERROR, leaves: 'nothing' } },
      { kind: 'task', outcome: { kind: 'fail', message: CLIENT_ERROR, leaves: 'snapshots' } },
      { kind: 'task', outcome: { kind: 'fail', message: SERVER_ERROR, leaves: 'nothing' } },
      { kind: 'task', outcome: { kind: 'fail', message: SERVER_ERROR, leaves: 'snapshots' } },
      { kind: 'task', outcome: { kind: 'stuck' } },
    ),
    fc.integer({ min: 2, max: 60 }).map((factor): FaultEffect => ({ kind: 'task', outcome: { kind: 'slow', factor } })),
  ),
}).map(({ call, effect }) => ({ match: { action: 'ImportImage', call }, effect }));

export const COPY_ERROR = 'Internal error of the copy';

const copyFault: fc.Arbitrary<FaultRule> = fc.integer({ min: 1, max: 3 })
  .map((call): FaultRule => ({ match: { action: 'CopyImage', call }, effect: { kind: 'copyFails', reason: COPY_ERROR } }));

const roleFault: fc.Arbitrary<FaultRule> = fc.constantFrom(30, 90, 200, 600)
  .map((s): FaultRule => ({ match: { action: 'ImportImage' }, effect: { kind: 'roleNotPropagated', forMs: s * 1000 } }));

const recipeFault: fc.Arbitrary<FaultRule> = fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 10, 90)
  .map((minutes): FaultRule => ({ match: { action: 'DeleteImage' }, effect: { kind: 'recipeHoldsImage', forMs: minutes * 60_000 } }));

const faults = fc.array(
  fc.oneof(
    { arbitrary: passingFaultOf(...EC2_ACTIONS, ...IMAGE_BUILDER_ACTIONS), weight: 8 },
    { arbitrary: lag, weight: 3 },
    { arbitrary: taskFault, weight: 3 },
    { arbitrary: roleFault, weight: 1 },
    { arbitrary: recipeFault, weight: 1 },
  ),
  { maxLength: 6 },
);

const kill: fc.Arbitrary<Kill> = fc.record({
  call: fc.integer({ min: 1, max: 120 }),
  moment: fc.constantFrom('before', 'after'),
  then: fc.constantFrom('called-again', 'told'),
});

/** What lags by less than the time for which a request is wanted without asking. */
const cloudFormationFault: fc.Arbitrary<CloudFormationFault> = fc.record({
  from: fc.integer({ min: 1, max: 30 }),
  length: fc.integer({ min: 1, max: 20 }),
  fault: fc.oneof(
    fc.constantFrom({ kind: 'throttled' as const }, { kind: 'broken' as const }),
    fc.integer({ min: 1, max: 8 }).map((seconds) => ({ kind: 'stale' as const, ms: seconds * 1000 })),
  ),
}).map(({ from, length, fault }) => ({ ...fault, from, to: from + length - 1 }));

const duplicate = fc.record({ request: fc.integer({ min: 1, max: 10 }), after: fc.integer({ min: 0, max: 60_000 }) });

/** A request that is delivered twice is told by CloudFormation's own API from two: where that fails, it fails (docs/reliability.md). */
const doubtful = fc.oneof(
  { arbitrary: fc.record({ cloudFormation: fc.constant([]), duplicates: fc.array(duplicate, { maxLength: 2 }) }), weight: 2 },
  { arbitrary: fc.record({ cloudFormation: fc.array(cloudFormationFault, { minLength: 1, maxLength: 2 }), duplicates: fc.constant([]) }), weight: 1 },
);

const stack: fc.Arbitrary<StackPlan> = fc.integer({ min: 1, max: 2 }).chain((count) => fc.record({
  imports: fc.array(
    fc.record<ImportPlan>({
      segments: fc.integer({ min: 1, max: 3 }),
      events: fc.constantFrom('none', 'sent'),
      sources: fc.constant('kept'),
      retain: fc.oneof({ arbitrary: fc.constant('no' as const), weight: 6 }, { arbitrary: fc.constantFrom('on-delete' as const, 'always' as const), weight: 1 }),
    }),
    { minLength: count, maxLength: count },
  ),
  steps: fc.array(
    fc.oneof(
      {
        arbitrary: fc.record({
          kind: fc.constant('deploy' as const),
          contents: fc.array(
            fc.oneof({ arbitrary: fc.integer({ min: 1, max: 3 }), weight: 6 }, { arbitrary: fc.constant(0), weight: 1 }),
            { minLength: count, maxLength: count },
          ),
          team: fc.constantFrom('a', 'b'),
          breaksAfter: fc.option(fc.integer({ min: 0, max: 240 }), { freq: 2, nil: undefined }),
        }),
        weight: 6,
      },
      { arbitrary: fc.constant({ kind: 'delete' as const }), weight: 1 },
    ),
    { minLength: 1, maxLength: 3 },
  ),
}));

const answers = fc.record(Object.fromEntries(UNKNOWN_IDS.flatMap((id) => {
  const drawn = drawnAnswers(id);
  return drawn.length < 2 ? [] : [[id, fc.oneof(...drawn.map(({ answer, weight }) => ({ arbitrary: fc.constant(answer), weight })))]];
}))) as fc.Arbitrary<Partial<Answers>>;

const importSchedules: fc.Arbitrary<Schedule> = fc.tuple(fc.record({
  // One stack finds most of what there is to find, at half the price.
  stacks: fc.oneof({ arbitrary: fc.tuple(stack), weight: 3 }, { arbitrary: fc.tuple(stack, stack), weight: 1 }),
  answers,
  quota: fc.integer({ min: 1, max: 3 }),
  encryptionByDefault: fc.oneof({ arbitrary: fc.constant('off' as const), weight: 14 }, { arbitrary: fc.constantFrom('awsManagedKey' as const, 'customerKey' as const), weight: 2 }),
  rollbackOfReplacement: fc.constantFrom('update', 'restore'),
  faults,
  kills: fc.array(kill, { maxLength: 2 }),
  preflight: fc.constantFrom('true', 'false'),
}), doubtful).map(([schedule, doubt]) => ({
  ...schedule,
  ...doubt,
  // Of two deliveries with different ResponseURLs, each alone knows its import: where the framework gives up on one, its import is left (docs/reliability.md).
  kills: schedule.answers.deliveries === 'presignedAnew' && doubt.duplicates.length > 0
    ? schedule.kills.map((each) => ({ ...each, then: 'called-again' as const })) : schedule.kills,
  s3: [],
}));

const AMI_ACTIONS = [
  'CopyImage', 'CreateTags', 'DescribeImageAttribute', 'DescribeImages', 'DeregisterImage', 'DeleteSnapshot', 'DisableImageDeprecation',
  'DisableImageDeregistrationProtection', 'EnableImageDeprecation', 'EnableImageDeregistrationProtection', 'ModifyImageAttribute',
] as const;

const amiPlan: fc.Arbitrary<AmiPlan> = fc.record({
  name: fc.integer({ min: 1, max: 2 }),
  description: fc.integer({ min: 1, max: 2 }),
  accountIds: fc.subarray(['222233334444', '333344445555']),
  deprecateAt: fc.constantFrom('2030-01-31T09:30:00Z', '2031-01-31T09:30:00Z'),
  protection: fc.constantFrom('enabled-without-cooldown', 'disabled'),
}, { requiredKeys: [] });

/** Schedules in which the imports have AMIs with properties, and what is asked about these fails as well. */
const amiSchedules: fc.Arbitrary<Schedule> = fc.tuple(
  importSchedules,
  fc.array(fc.option(amiPlan, { freq: 4, nil: undefined }), { minLength: 12, maxLength: 12 }),
  fc.array(fc.oneof({ arbitrary: passingFaultOf(...AMI_ACTIONS), weight: 6 }, { arbitrary: copyFault, weight: 1 }), { maxLength: 4 }),
).map(([schedule, plans, more]) => ({
  ...schedule,
  // The Delete of an AMI resource relies on the properties of before (docs/loopback-aws.md).
  answers: { ...schedule.answers, replacedProperties: 'before' as const },
  faults: [...schedule.faults, ...more],
  stacks: schedule.stacks.map(({ imports, steps }, index) => ({
    imports,
    steps: steps.map((step, at) => (step.kind === 'deploy' ? { ...step, amis: imports.map((_, of) => plans[index * 6 + at * 2 + of]) } : step)),
  })),
}));

/** Calls in a row, of which the handlers' own attempts are some. */
const s3Fault: fc.Arbitrary<ServiceFault> = fc.record({
  from: fc.integer({ min: 1, max: 20 }),
  length: fc.integer({ min: 1, max: 12 }),
  kind: fc.constantFrom('throttled', 'broken', 'dropBefore', 'dropAfter'),
}).map(({ from, length, kind }) => ({ from, to: from + length - 1, kind }));

/** Schedules in which imports delete their disk images, and Amazon S3 fails as well. */
const sourceSchedules: fc.Arbitrary<Schedule> = fc.tuple(
  importSchedules,
  fc.array(fc.constantFrom('deleted' as const, 'deleted' as const, 'kept' as const), { minLength: 4, maxLength: 4 }),
  fc.array(s3Fault, { maxLength: 3 }),
).map(([schedule, sources, s3]) => ({
  ...schedule,
  s3,
  stacks: schedule.stacks.map(({ imports, steps }, index) => (
    { imports: imports.map((planned, of) => ({ ...planned, sources: sources[index * 2 + of] ?? planned.sources })), steps }
  )),
}));

const COPY_ACTIONS = [
  'StartSnapshot', 'PutSnapshotBlock', 'CompleteSnapshot', 'DescribeSnapshots', 'DeleteSnapshot', 'CreateTags', 'DeleteTags', 'RegisterImage', 'DescribeImages',
  'DeregisterImage',
] as const;

const machinePlan: fc.Arbitrary<MachinePlan> = fc.record({
  boot: fc.integer({ min: 1, max: 2 }), data: fc.integer({ min: 1, max: 3 }), name: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
});

/** Schedules of disks that are copied, and of AMIs of such disks, without imports. EBS, EC2, Step Functions and Amazon S3 fail as well. */
const copySchedules: fc.Arbitrary<Schedule> = fc.record({
  schedule: importSchedules,
  copies: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 6, maxLength: 6 }),
  machines: fc.array(fc.option(machinePlan, { freq: 2, nil: undefined }), { minLength: 6, maxLength: 6 }),
  // Later than the pass after a registration: an AMI that goes sooner is registered again and again.
  personComesAfter: fc.integer({ min: 45, max: 180 }),
  faults: fc.array(fc.oneof({ arbitrary: passingFaultOf(...COPY_ACTIONS), weight: 4 }, { arbitrary: lag, weight: 1 }), { maxLength: 5 }),
  s3: fc.array(s3Fault, { maxLength: 2 }),
  stepFunctions: fc.array(s3Fault, { maxLength: 2 }),
  failing: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
}).map(({ schedule, copies, machines, faults: given, s3, ...troubles }) => ({
  ...schedule,
  faults: given,
  s3,
  copies: troubles,
  stacks: schedule.stacks.map(({ steps }, index) => ({
    imports: [],
    steps: steps.map((step, at) => (step.kind === 'deploy' ? { ...step, contents: [], copy: copies[index * 3 + at], machine: machines[index * 3 + at] } : step)),
  })),
}));

/** Schedules of imports. Some set properties of AMIs, delete disk images, or copy disks: most violations are found without. */
const mixedSchedules: fc.Arbitrary<Schedule> = fc.oneof(
  { arbitrary: importSchedules, weight: 3 }, { arbitrary: amiSchedules, weight: 1 }, { arbitrary: sourceSchedules, weight: 1 },
  { arbitrary: copySchedules, weight: 1 },
);

/** Schedules of one kind. */
export interface Kind {
  /** Its default seed, counted from that of the first kind. */
  readonly index: number;
  /** How many there are, as a share of all schedules. The shares of all kinds add up to 1. */
  readonly share: number;
  readonly schedules: fc.Arbitrary<Schedule>;
}

/** What the random tests and `npm run soak` play. */
export const KINDS = {
  imports: { index: 0, share: 0.65, schedules: mixedSchedules },
  copies: { index: 3, share: 0.25, schedules: copySchedules },
  amis: { index: 2, share: 0.1, schedules: amiSchedules },
} as const satisfies Readonly<Record<string, Kind>>;
