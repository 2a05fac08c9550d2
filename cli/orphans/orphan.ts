import { Leftovers } from './leftovers';

/** Why the things of a stack that is gone are still there. */
export type Origin =
  /** The stack was deleted, and should have taken them along. */
  | 'left-behind'
  /** The stack was deleted, and CloudFormation noted that it kept them. */
  | 'retained'
  /** CloudFormation tells of deleted stacks for 90 days; and tags can be copied from another Region or account. */
  | 'unknown';

/** What stands in the way of deleting an AMI, or speaks against it. */
export interface AmiFacts {
  /** Of a copy, which was made to have it; nothing for AMIs that EC2 named after their tasks. */
  readonly name?: string;
  /** EC2's words; nothing where the AMI is not protected. */
  readonly protection?: string;
  /** Ids of instances and names of launch templates that use it. */
  readonly usedBy: readonly string[];
}

export interface Orphan {
  readonly origin: Origin;
  readonly leftovers: Leftovers;
  /** By AMI id. */
  readonly amis: ReadonlyMap<string, AmiFacts>;
}

/** Whether EC2 would refuse to deregister an AMI of it. Then nothing of it is deleted: an AMI without its image is worse. */
export function protectionOf({ amis }: Orphan): readonly string[] {
  return [...amis].flatMap(([id, { protection }]) => (protection === undefined ? [] : [id]));
}
