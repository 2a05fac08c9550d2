/** The templates that a schedule asks CloudFormation for. */
import { amiTemplate, nameOf, type PlannedAmi } from './ami/scheduled-amis';
import { BUCKET, keyOf, type PlannedSource } from './scheduled-sources';
import type { ImportPlan, MachinePlan, Schedule, StackPlan, Step } from './schedules';
import { copiedKeyOf } from './snapshot/copied-disks';
import { BROKEN_TYPE, copyTemplate, importTemplate, machineTemplate } from './stack-rig';
import type { TemplateResource, TemplateResources } from '../local-cloud/cloudformation-template';

/**
 * Seconds of one segment. Without a stuck or slow task no import takes as long: faults strike some calls in a row, and an
 * import that is queued makes one in four minutes.
 */
const BUDGET = 3000;

type Deploy = Step & { readonly kind: 'deploy' };

export function templateOf(stackName: string, plan: StackPlan, step: Deploy, { preflight }: Schedule): TemplateResources {
  const { contents, team, breaksAfter, copy = 0, machine } = step;
  const amis = amisOf(stackName, plan, step);
  return Object.assign(
    { Other: { Type: BROKEN_TYPE, Properties: { Seconds: breaksAfter ?? 'never' } } },
    copy === 0 ? {} : copyTemplate({ Disk: { S3Bucket: BUCKET, S3Key: copiedKeyOf(copy), Format: 'RAW' }, Tags: { team }, Preflight: preflight }),
    machine === undefined ? {} : machineTemplate({
      bootKey: copiedKeyOf(machine.boot), dataKey: copiedKeyOf(machine.data), name: machineNameOf(stackName, machine), team,
    }),
    ...plan.imports.map((planned, index) => {
      const name = importName(index);
      const policies = policiesOf(planned);
      const kept = amis.find((ami) => ami.importName === name);
      const change = {
        AmiName: kept && nameOf(kept),
        Events: planned.events === 'sent' ? name : undefined,
        ...sourcesOf(planned, { stackName, importName: name, content: contents[index] ?? 0 }),
        ImportVmImage: { name: 'Golden', semanticVersion: `${contents[index]}.0.0`, platform: 'Linux' },
        Tags: { team },
        Budget: BUDGET,
        Timeout: BUDGET * planned.segments,
        Preflight: preflight,
      };
      return contents[index] === 0 ? {} : { ...importTemplate(change, planned.segments, name, policies), ...(kept && amiTemplate(kept, policies)) };
    }),
  ) as TemplateResources;
}

/** Another pair of disks has another name, because the AMI before it keeps its name until CloudFormation deletes it. */
export function machineNameOf(stackName: string, { boot, data, name }: MachinePlan): string | undefined {
  return name === undefined ? undefined : `${stackName}-${boot}-${data}-${name}`;
}

/** The AMIs that a template keeps. */
export function amisOf(stackName: string, { imports }: StackPlan, { contents, amis = [], team }: Deploy): PlannedAmi[] {
  return imports.flatMap(({ segments }, index) => {
    const [plan, content = 0] = [amis[index], contents[index]];
    return plan === undefined || content === 0 ? [] : [{ plan, importName: importName(index), segments, content, stackName, team }];
  });
}

/** The disk that a content of an import is made of, where it is to be deleted. */
function sourcesOf({ sources }: ImportPlan, source: PlannedSource): object {
  const place = { S3Bucket: BUCKET, S3Key: keyOf(source) };
  return sources === 'kept'
    ? {}
    : { ImportImage: { DiskContainers: [{ Format: 'VMDK', UserBucket: place }], RoleName: 'vmimport' }, DeleteSources: [place] };
}

/** The disks of a template that go with its success. */
export function deletedSourcesOf(stackName: string, { imports }: StackPlan, { contents }: Deploy): PlannedSource[] {
  return imports.flatMap(({ sources }, index) => {
    const content = contents[index] ?? 0;
    return sources === 'kept' || content === 0 ? [] : [{ stackName, importName: importName(index), content }];
  });
}

function importName(index: number): string {
  return `Import${'AB'[index]}`;
}

/** As the construct writes them. */
function policiesOf({ retain }: ImportPlan): Pick<TemplateResource, 'DeletionPolicy' | 'UpdateReplacePolicy'> {
  return {
    ...(retain === 'no' ? {} : { DeletionPolicy: 'RetainExceptOnCreate' }),
    ...(retain === 'always' ? { UpdateReplacePolicy: 'Retain' } : {}),
  };
}
