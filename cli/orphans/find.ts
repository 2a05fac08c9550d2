import { factsOf } from './ami-facts';
import { Leftovers, leftoversOf, Orphan, Origin } from './leftovers';
import { amisByImportId } from '../../lambda/aws/amis';
import { snapshotsOfImport } from '../../lambda/aws/snapshots';
import { tasksByImportId } from '../../lambda/aws/tasks';
import { ANY_ID } from '../../src/shared/contract/names';
import { Account } from '../account/account';
import { taggedImages } from '../account/images';
import { eventsOf, stacksOf } from '../account/stacks';

/** Finds everything in the account and Region whose stack is gone. */
export async function findOrphans(account: Account): Promise<Orphan[]> {
  const [tasks, amis, snapshots] = await Promise.all([
    tasksByImportId(account, ANY_ID, () => true),
    amisByImportId(account, ANY_ID),
    snapshotsOfImport(account, ANY_ID),
  ]);
  const images = await taggedImages(account, amis);
  // The stacks are listed after the resources, so that a stack created in between is not missed.
  const leftovers = leftoversOf({ tasks, amis, snapshots, images }, await stacksOf(account, 'all'));
  const retained = await retainedImports(account, leftovers);
  const left = new Set(leftovers.flatMap(({ amiIds }) => amiIds));
  const facts = await factsOf(account, amis.filter(({ id }) => left.has(id)));
  return leftovers.map((each) => ({
    origin: originOf(each, retained),
    leftovers: each,
    amis: new Map([...facts].filter(([id]) => each.amiIds.includes(id))),
  }));
}

function originOf({ importId, stack }: Leftovers, retained: ReadonlySet<string>): Origin {
  if (stack === undefined) {
    return 'unknown';
  }
  return retained.has(importId) ? 'retained' : 'left-behind';
}

/**
 * Returns the ids of imports that CloudFormation recorded as kept: because of `removalPolicy: RETAIN`, or because the user
 * who deleted the stack asked to keep them.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html (DELETE_SKIPPED)
 */
async function retainedImports(account: Account, leftovers: readonly Leftovers[]): Promise<ReadonlySet<string>> {
  const retained = new Set<string>();
  for (const stackId of new Set(leftovers.flatMap(({ stack }) => stack?.id ?? []))) {
    for (const { ResourceStatus, PhysicalResourceId } of await eventsOf(account, stackId, () => true)) {
      if (ResourceStatus === 'DELETE_SKIPPED' && PhysicalResourceId !== undefined) {
        retained.add(PhysicalResourceId);
      }
    }
  }
  return retained;
}
