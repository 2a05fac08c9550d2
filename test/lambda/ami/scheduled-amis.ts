/** The AMIs of a schedule: the resources that keep them, and whether they are as they should be. */
import { amiIdOf } from '../../../lambda/ami/name';
import { parseAmiRequest } from '../../../lambda/ami/request';
import { importIdOf } from '../../../lambda/cloudformation/physical-id';
import type { CloudFormationRequest } from '../../../lambda/cloudformation/requests';
import { newImportName } from '../../../lambda/import/name';
import { parseRequest } from '../../../lambda/import/request';
import { AMI_RESOURCE_TYPE } from '../../../src/shared/contract/names';
import type { TemplateResource, TemplateResources } from '../../local-cloud/cloudformation-template';
import type { Answers } from '../../local-cloud/emulator';
import type { AmiPlan } from '../schedules';
import type { StackRig } from '../stack-rig';

/** Where an AMI comes from, by what it is called in its template. */
export interface PlannedAmi {
  readonly plan: AmiPlan;
  readonly importName: string;
  readonly segments: number;
  readonly content: number;
  readonly stackName: string;
  readonly team: string;
}

export function nameOf({ plan, stackName, importName, content }: PlannedAmi): string | undefined {
  return plan.name === undefined ? undefined : `${stackName}-${importName}-${content}-${plan.name}`;
}

/** The custom resource of an AMI, which depends on the last segment of its import. */
export function amiTemplate(ami: PlannedAmi, policies: Pick<TemplateResource, 'DeletionPolicy' | 'UpdateReplacePolicy'>): TemplateResources {
  const { plan, importName, segments, team } = ami;
  const name = nameOf(ami);
  const properties = {
    ServiceToken: 'provider',
    SourceImageId: { 'Fn::GetAtt': [segments === 1 ? importName : `${importName}${segments}`, 'AmiId'] },
    ...(name !== undefined && { Name: name, Tags: { team } }),
    ...(plan.description !== undefined && { Description: `description ${plan.description}` }),
    ...(plan.accountIds && { LaunchPermissions: { UserIds: plan.accountIds } }),
    ...(plan.deprecateAt !== undefined && { DeprecateAt: plan.deprecateAt }),
    ...(plan.protection && { DeregistrationProtection: plan.protection, LiftProtection: 'true' }),
  };
  return { [`${importName}Ami`]: { Type: AMI_RESOURCE_TYPE, Properties: properties, ...policies } } as TemplateResources;
}

/** Returns what is wrong with an AMI whose stack is complete. What a person disabled or deregistered since then is not checked. */
export async function amiViolations(rig: StackRig, ami: PlannedAmi, person: Answers['person']): Promise<readonly string[]> {
  const { plan, stackName, importName, team } = ami;
  const amiId = rig.driver.resource(stackName, `${importName}Ami`)?.attributes.AmiId;
  const found = (await rig.cloud.state()).amis.find(({ ImageId }) => ImageId === amiId);
  if ((person === 'disablesAmi' && found?.State === 'disabled') || (person === 'deletesAmi' && found === undefined)) {
    return [];
  }
  const name = nameOf(ami);
  const is = {
    name: name === undefined ? undefined : found?.Name,
    team: found?.Tags?.find(({ Key }) => Key === 'team')?.Value,
    description: plan.description === undefined ? undefined : found?.Description,
    deprecated: found?.DeprecationTime?.slice(0, 16),
    protection: found?.DeregistrationProtection ?? 'disabled',
    sharedWith: found?.launchPermissions.map(({ UserId }) => UserId).sort(),
  };
  const wanted = {
    name,
    team,
    description: plan.description === undefined ? undefined : `description ${plan.description}`,
    deprecated: plan.deprecateAt?.slice(0, 16),
    protection: plan.protection ?? 'disabled',
    sharedWith: [...plan.accountIds ?? []].sort(),
  };
  const [seen, asked] = [JSON.stringify(is), JSON.stringify(wanted)];
  return found !== undefined && seen === asked ? [] : [`the AMI ${String(amiId)} of ${importName} is ${found ? seen : 'gone'}, and not ${asked}`];
}

/** The physical id that a request of either kind gives, where it begins something. */
export function physicalIdOf(request: CloudFormationRequest): string {
  return request.ResourceType === AMI_RESOURCE_TYPE
    ? amiIdOf(request, parseAmiRequest(request))
    : importIdOf(newImportName(request, parseRequest(request)));
}
