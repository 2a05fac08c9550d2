import { join } from 'node:path';
import { App, CfnResource, CustomResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { capacities, capacityTable } from './capacity';
import { count, rounded, spread, type Group } from './figure';
import { DiskContainer, LicenseType, Platform, VmImportImage } from '../src';

const COUNTS = [1, 10, 100];
const ADDED = ['the first import, with its provider,', 'each of the 2nd to the 10th', 'each of the 11th to the 100th'];
const RIVAL = 'bare custom resources and role';
const ROUNDS = 5;

export interface Template {
  /** As it is written, indented. */
  readonly bytes: number;
  readonly resources: Readonly<Record<string, { readonly Type: string }>>;
}

type Fill = (stack: Stack, index: number) => void;

/** An import as people write it. */
export function addImport(stack: Stack, index: number): void {
  new VmImportImage(stack, `Image${index}`, {
    diskContainers: [DiskContainer.fromBucket(Bucket.fromBucketName(stack, `Exports${index}`, 'exports'), `${index}.ova`)],
    platform: Platform.LINUX,
    licenseType: LicenseType.BYOL,
    semanticVersion: '1.0.0',
  });
}

/** The least that an import could be of: as many custom resources with the same properties, and a role; and for all, one provider. */
function bareImports(like: readonly Record<string, unknown>[]): Fill {
  return (stack, index) => {
    const { serviceToken } = (stack.node.tryFindChild('Provider') ?? bareProvider(stack)) as Provider;
    new iam.Role(stack, `Role${index}`, { assumedBy: new iam.ServicePrincipal('vmie.amazonaws.com') });
    like.forEach((properties, segment) => new CustomResource(stack, `Custom${index}x${segment}`, {
      resourceType: 'Custom::VmImportImage', serviceToken, properties,
    }));
  };
}

function bareProvider(stack: Stack): Provider {
  const [onEventHandler, isCompleteHandler] = ['onEvent', 'isComplete'].map((name) => new lambda.Function(stack, name, {
    code: lambda.Code.fromAsset(join(__dirname, '..', 'assets', 'provider')), handler: `index.${name}`, runtime: lambda.Runtime.NODEJS_22_X,
  })) as [lambda.Function, lambda.Function];
  return new Provider(stack, 'Provider', { onEventHandler, isCompleteHandler });
}

export function synthesize(imports: number, fill: Fill): Template {
  // More than CloudFormation takes, to see how it grows.
  const app = new App({ analyticsReporting: false, context: { '@aws-cdk/core:stackResourceLimit': 0 } });
  const stack = new Stack(app, 'S', { env: { account: '111122223333', region: 'us-east-1' } });
  Array.from({ length: imports }, (_, index) => fill(stack, index));
  const { template } = app.synth().getStackByName('S') as { readonly template: { readonly Resources?: Template['resources'] } };
  return { bytes: JSON.stringify(template, undefined, 1).length, resources: template.Resources ?? {} };
}

export interface TemplateGrowth {
  /** Types and numbers of the resources that one more import adds. */
  readonly perImport: readonly (readonly [type: string, count: number])[];
  readonly fixedResources: number;
  /** Bytes that an import adds: the first, and each up to the 10th and up to the 100th. */
  readonly bytes: { readonly first: number; readonly tenth: number; readonly hundredth: number };
  readonly bareBytes: number;
}

export function templateGrowth(): TemplateGrowth {
  const [none, one, two, ten, hundred] = [0, 1, 2, 10, 100].map((imports) => synthesize(imports, addImport));
  if (!none || !one || !two || !ten || !hundred) {
    throw new Error('Nothing was synthesized.');
  }
  const known = typesOf(one);
  const perImport = [...typesOf(two)].map(([type, number]) => [type, number - (known.get(type) ?? 0)] as const).filter(([, number]) => number > 0);
  const added = perImport.reduce((sum, [, number]) => sum + number, 0);
  const fixedResources = Object.keys(one.resources).length - added;
  const like = segmentsOf(one);
  const fill = bareImports(like);
  const bare = (imports: number) => synthesize(imports, fill).bytes;
  return {
    perImport,
    fixedResources,
    bytes: { first: one.bytes - none.bytes, tenth: (ten.bytes - one.bytes) / 9, hundredth: (hundred.bytes - ten.bytes) / 90 },
    bareBytes: (bare(100) - bare(10)) / 90,
  };
}

/** Processor time, which what else is at work lengthens least; each of a new app, in turns. */
export function synthesisGroup(growth: TemplateGrowth): Group {
  const like = segmentsOf(synthesize(1, addImport));
  const bare = bareImports(like);
  const timed = (imports: number, fill: Fill) => {
    const started = process.cpuUsage();
    synthesize(imports, fill);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1_000;
  };
  const round = (fill: Fill): readonly number[] => {
    const [one = NaN, ten = NaN, hundred = NaN] = COUNTS.map((imports) => timed(imports, fill));
    return [one, (ten - one) / 9, (hundred - ten) / 90];
  };
  // The code is warm when the time counts.
  [addImport, bare].forEach((fill) => timed(100, fill));
  const rounds = Array.from({ length: ROUNDS }, () => ({ here: round(addImport), rival: round(bare) }));
  const times = ADDED.map((what, index) => ({
    what: `Processor time of synthesis that ${what} adds`,
    here: spread(rounds.map(({ here }) => here[index] ?? NaN), 'ms'),
    rival: { name: RIVAL, ...spread(rounds.map(({ rival }) => rival[index] ?? NaN), 'ms') },
    limit: { kind: 'ratio' as const, atMost: 2 },
  }));
  return {
    title: 'Synthesis',
    comparisons: [
      ...times,
      {
        what: 'Bytes of template that an import adds',
        here: count(Math.round(growth.bytes.hundredth), 'bytes'),
        rival: { name: RIVAL, ...count(Math.round(growth.bareBytes), 'bytes') },
      },
    ],
    tables: [
      {
        head: ['Import', 'Bytes that it adds to the template'],
        rows: [
          ...Object.values(growth.bytes).map((bytes, index) => [ADDED[index] ?? '', rounded(Math.round(bytes))]),
        ],
      },
      { head: ['Resource of one more import', 'Number'], rows: growth.perImport.map(([type, number]) => [`\`${type}\``, String(number)]) },
      capacityTable(capacities()),
    ],
    notes: [
      `${ROUNDS} times each, in turns; medians, with the least and the greatest. ${growth.fixedResources} resources are the provider's, which all imports of a stack share.`,
      'An import is one custom resource for each 50 minutes of its `timeout` and the service role with its policy: `timeout` of 50 minutes makes one, and a `role` that imports share leaves the role out.',
    ],
  };
}

/** The properties of the custom resources of one import. */
function segmentsOf({ resources }: Template): Record<string, unknown>[] {
  return Object.values(resources as Record<string, CfnResource & { readonly Type: string; readonly Properties: Record<string, unknown> }>)
    .filter(({ Type }) => Type === 'Custom::VmImportImage')
    .map(({ Properties: { ServiceToken: _, ...properties } }) => JSON.parse(JSON.stringify(properties).replace(/\{"(Ref|Fn::GetAtt)":("[^"]*"|\[[^\]]*\])\}/g, '"reference"')) as Record<string, unknown>);
}

function typesOf({ resources }: Template): Map<string, number> {
  const types = new Map<string, number>();
  Object.values(resources).forEach(({ Type }) => types.set(Type, (types.get(Type) ?? 0) + 1));
  return types;
}
