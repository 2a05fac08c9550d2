/** What imports add to a CDK app: time of synthesis, bytes of template, and how many a stack holds. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { rounded, spread, type Group } from './figure';
import { DiskContainer, Platform, VmImportImage, VmImportRole } from '../src';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MOST_RESOURCES = 500;
export const MOST_BYTES = 1_000_000;
/** Of one role, unless AWS raises the quota: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MOST_MANAGED_POLICIES = 10;

const ROUNDS = 3;
const COUNTS = [1, 10, 80];

/** How the imports of a stack are declared. */
export interface Declared {
  readonly timeout: Duration;
  readonly role: 'own' | 'shared';
  readonly tags: number;
}

export interface Template {
  /** Bytes of the file that the CDK uploads. */
  readonly bytes: number;
  readonly resources: number;
  /** Managed policies of the role that has the most. */
  readonly managedPolicies: number;
}

const DEFAULTS: Declared = { timeout: Duration.hours(4), role: 'own', tags: 0 };

/** Synthesizes a stack with so many imports, each from a bucket and key of its own. */
export function synthesize(imports: number, { timeout, role, tags }: Declared = DEFAULTS): Template {
  const outdir = mkdtempSync(join(tmpdir(), 'bench-synthesis-'));
  try {
    // Without a limit, to see how the template grows beyond it.
    const app = new App({ outdir, analyticsReporting: false, context: { '@aws-cdk/core:stackResourceLimit': 0 } });
    const stack = new Stack(app, 'S', { env: { account: '111122223333', region: 'us-east-1' } });
    const shared = role === 'shared' ? new VmImportRole(stack, 'Role') : undefined;
    for (let index = 0; index < imports; index++) {
      new VmImportImage(stack, `Image${index}`, {
        diskContainers: [DiskContainer.fromBucket(Bucket.fromBucketName(stack, `Exports${index}`, `exports-${index}`), `${index}.ova`)],
        platform: Platform.LINUX,
        semanticVersion: '1.0.0',
        timeout,
        role: shared,
        tags: Object.fromEntries(Array.from({ length: tags }, (_, tag) => [`example:tag-${tag}`, `value-${tag}`])),
      });
    }
    const { templateFullPath, template } = app.synth().getStackByName('S');
    const { Resources = {} } = template as { readonly Resources?: Readonly<Record<string, Resource>> };
    return { bytes: statSync(templateFullPath).size, resources: Object.keys(Resources).length, managedPolicies: mostManagedPolicies(Resources) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

interface Resource {
  readonly Type: string;
  readonly Properties?: { readonly Roles?: readonly unknown[]; readonly ManagedPolicyArns?: readonly unknown[] };
}

function mostManagedPolicies(resources: Readonly<Record<string, Resource>>): number {
  const attached = new Map<string, number>();
  const add = (role: string, policies: number) => attached.set(role, (attached.get(role) ?? 0) + policies);
  for (const [id, { Type, Properties: { Roles = [], ManagedPolicyArns = [] } = {} }] of Object.entries(resources)) {
    if (Type === 'AWS::IAM::Role') {
      add(JSON.stringify({ Ref: id }), ManagedPolicyArns.length);
    } else if (Type === 'AWS::IAM::ManagedPolicy') {
      Roles.forEach((role) => add(JSON.stringify(role), 1));
    }
  }
  return Math.max(0, ...attached.values());
}

export type Limit = 'resources' | 'template bytes' | 'managed policies of a role';

/** Returns the limit that a template exceeds. */
export function exceeded({ bytes, resources, managedPolicies }: Template): Limit | undefined {
  if (resources > MOST_RESOURCES) {
    return 'resources';
  }
  if (bytes > MOST_BYTES) {
    return 'template bytes';
  }
  return managedPolicies > MOST_MANAGED_POLICIES ? 'managed policies of a role' : undefined;
}

export interface Capacity {
  readonly imports: number;
  readonly template: Template;
  /** The limit that one more import exceeds. */
  readonly heldBy: Limit;
}

/** Finds how many imports fit into one stack: by a guess, or between two numbers of which only the smaller one fits. */
export function capacityOf(declared: Declared): Capacity {
  const sample = (imports: number): Sample => ({ imports, template: synthesize(imports, declared) });
  let fitting = sample(20);
  let next = guess(sample(10), fitting);
  let exceeding = Infinity;
  let heldBy: Limit | undefined;
  while (heldBy === undefined || exceeding - fitting.imports > 1) {
    const probe = sample(next);
    const limit = exceeded(probe.template);
    if (limit === undefined) {
      fitting = probe;
    } else {
      [exceeding, heldBy] = [probe.imports, limit];
    }
    next = exceeding === Infinity ? fitting.imports + 1 : Math.floor((fitting.imports + exceeding) / 2);
  }
  return { imports: fitting.imports, template: fitting.template, heldBy };
}

interface Sample {
  readonly imports: number;
  readonly template: Template;
}

/** Returns the number of imports at which the line through two samples meets the first limit. */
function guess(one: Sample, other: Sample): number {
  const at = (limit: number, of: (template: Template) => number) => {
    const each = (of(other.template) - of(one.template)) / (other.imports - one.imports);
    return other.imports + Math.floor((limit - of(other.template)) / each);
  };
  const found = Math.min(at(MOST_RESOURCES, ({ resources }) => resources), at(MOST_BYTES, ({ bytes }) => bytes));
  // Two samples of one number have no line through them.
  return found === other.imports ? found - 1 : found;
}

const CASES: readonly (readonly [what: string, declared: Omit<Declared, 'tags'>])[] = [
  ['`timeout` of 4 hours, the default', DEFAULTS],
  ['`timeout` of 4 hours, one `role` for all', { ...DEFAULTS, role: 'shared' }],
  ['`timeout` of 50 minutes', { ...DEFAULTS, timeout: Duration.minutes(50) }],
  ['`timeout` of 50 minutes, one `role` for all', { role: 'shared', timeout: Duration.minutes(50) }],
];
export const TAGS = [0, 10];

export function synthesisGroup(): Group {
  const timed = (imports: number) => {
    const started = process.cpuUsage();
    synthesize(imports);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  };
  // Warms up the code.
  timed(80);
  return {
    title: 'Synthesis',
    tables: [
      {
        head: ['Imports in a stack', 'Resources', 'Template', 'Template with 10 tags', 'Processor time of synthesis'],
        rows: COUNTS.map((imports) => {
          const [plain, tagged] = TAGS.map((tags) => synthesize(imports, { ...DEFAULTS, tags }));
          const times = Array.from({ length: ROUNDS }, () => timed(imports));
          return [rounded(imports), rounded(plain?.resources ?? NaN), ...[plain, tagged].map((each) => `${rounded(each?.bytes ?? NaN)} bytes`), spread(times, 'ms')];
        }),
      },
      {
        head: ['A stack holds at most', 'Tags', 'Imports', 'Resources', 'Template', 'One more exceeds'],
        rows: CASES.flatMap(([what, declared]) => TAGS.map((tags) => {
          const { imports, template: { resources, bytes }, heldBy } = capacityOf({ ...declared, tags });
          return [what, rounded(tags), rounded(imports), rounded(resources), `${rounded(bytes)} bytes`, heldBy];
        })),
      },
    ],
    notes: [
      `Checked against ${MOST_RESOURCES} resources and ${rounded(MOST_BYTES)} bytes, CloudFormation's limits, and ${MOST_MANAGED_POLICIES} managed policies of a role, the quota of IAM.`,
      `Synthesized ${ROUNDS} times: median, least and greatest. The template is the file that the CDK uploads.`,
    ],
  };
}
