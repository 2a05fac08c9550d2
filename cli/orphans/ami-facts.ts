import { paginateDescribeInstances, paginateDescribeLaunchTemplateVersions, type Filter } from '@aws-sdk/client-ec2';
import { AmiFacts } from './leftovers';
import type { Ami } from '../../lambda/aws/amis';
import { list } from '../../lambda/aws/fields';
import { Account } from '../account/account';

/** EC2 names an imported AMI after its task. */
const NAME_OF_IMPORTED = /^import-ami-/;

/** EC2's limit of values in one filter. */
const MOST_VALUES = 200;

/**
 * Finds out who uses the AMIs and which are protected. EC2 deregisters an AMI even while instances and launch templates
 * use it: running instances continue, but nothing new can be launched from it.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html
 */
export async function factsOf(account: Account, amis: readonly Ami[]): Promise<ReadonlyMap<string, AmiFacts>> {
  const facts = new Map<string, AmiFacts>();
  for (let start = 0; start < amis.length; start += MOST_VALUES) {
    const some = amis.slice(start, start + MOST_VALUES);
    const ids = some.map(({ id }) => id);
    const uses = [...await instances(account, ids), ...await launchTemplates(account, ids)];
    for (const { id, name, importId, protection } of some) {
      facts.set(id, {
        name: name === importId || NAME_OF_IMPORTED.test(name) ? undefined : name,
        protection: protection === 'disabled' ? undefined : protection,
        usedBy: uses.flatMap(({ amiId, by }) => (amiId === id ? [by] : [])),
      });
    }
  }
  return facts;
}

interface Use {
  readonly amiId?: string;
  readonly by: string;
}

async function instances(account: Account, ids: readonly string[]): Promise<Use[]> {
  const uses: Use[] = [];
  const states = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
  const request = { Filters: [...byImage(ids), states] };
  for await (const { Reservations } of paginateDescribeInstances({ client: account.ec2 }, request, { abortSignal: account.signal })) {
    for (const { ImageId, InstanceId } of list(Reservations).flatMap(({ Instances }) => list(Instances))) {
      uses.push({ amiId: ImageId, by: `instance ${InstanceId}` });
    }
  }
  return uses;
}

/** Looks at the latest and the default version of every launch template: instances are launched from those by default. */
async function launchTemplates(account: Account, ids: readonly string[]): Promise<Use[]> {
  const uses = new Map<string, Use>();
  const request = { Versions: ['$Latest', '$Default'], Filters: byImage(ids) };
  const pages = paginateDescribeLaunchTemplateVersions({ client: account.ec2 }, request, { abortSignal: account.signal });
  for await (const { LaunchTemplateVersions } of pages) {
    for (const { LaunchTemplateName, LaunchTemplateData } of list(LaunchTemplateVersions)) {
      uses.set(`${LaunchTemplateName} ${LaunchTemplateData?.ImageId}`, { amiId: LaunchTemplateData?.ImageId, by: `launch template ${LaunchTemplateName}` });
    }
  }
  return [...uses.values()];
}

function byImage(ids: readonly string[]): Filter[] {
  return [{ Name: 'image-id', Values: [...ids] }];
}
