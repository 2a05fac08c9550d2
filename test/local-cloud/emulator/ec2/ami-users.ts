import type {
  DescribeInstancesRequest, DescribeInstancesResult, DescribeLaunchTemplateVersionsRequest, DescribeLaunchTemplateVersionsResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { checkPaging, describePage } from './describe-page';
import { checkDryRun } from './dry-run';
import { filterBy } from './filters';

/** An instance that was there before. */
export interface InstanceResource {
  readonly id: string;
  readonly serial: number;
  readonly amiId: string;
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'terminated';
}

/** A launch template that was there before. */
export interface LaunchTemplateResource {
  readonly name: string;
  readonly serial: number;
  /** The AMI of its latest version. */
  readonly amiId: string;
  /** The AMI of its default version. */
  readonly defaultAmiId: string;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export function describeInstances(request: DescribeInstancesRequest, call: Call): DescribeInstancesResult {
  checkDryRun(request.DryRun);
  checkPaging(request, request.InstanceIds, { min: 5, max: 1000 });
  const found = filterBy(call.world.instances, request.Filters, ['image-id', 'instance-state-name'], ({ amiId, state }) => ({
    tags: new Map(), fields: { 'image-id': [amiId], 'instance-state-name': [state] },
  }));
  const page = describePage(found, request, call);
  return {
    Reservations: page.items.map(({ id, amiId, state }) => ({ Instances: [{ InstanceId: id, ImageId: amiId, State: { Name: state } }] })),
    NextToken: page.nextToken,
  };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html (`$Latest`, `$Default`: of all templates) */
export function describeLaunchTemplateVersions(request: DescribeLaunchTemplateVersionsRequest, call: Call): DescribeLaunchTemplateVersionsResult {
  checkDryRun(request.DryRun);
  const { Versions: versions = [] } = request;
  if (versions.length === 0 || versions.some((version) => version !== '$Latest' && version !== '$Default')) {
    throw new AwsError('InvalidParameterCombination', 'Without a launch template, Versions must be $Latest, $Default or both');
  }
  // A template of one version is its latest and its default one, and is told once for each.
  const asked = call.world.launchTemplates.flatMap((template) => versions.map((version) => ({
    ...template, amiId: version === '$Latest' ? template.amiId : template.defaultAmiId,
  })));
  const found = filterBy(asked, request.Filters, ['image-id'], ({ amiId }) => ({ tags: new Map(), fields: { 'image-id': [amiId] } }));
  const page = describePage(found, request, call);
  return {
    LaunchTemplateVersions: page.items.map(({ name, amiId }) => ({ LaunchTemplateName: name, LaunchTemplateData: { ImageId: amiId } })),
    NextToken: page.nextToken,
  };
}
