/** What is to be said of one import. */
export interface ImportView {
  /** The value of the tag `cdk-vm-import:id`; nothing while no task is there that carries it. */
  readonly id?: string;
  /** Nothing where the stack is gone. */
  readonly stackName?: string;
  readonly stackId?: string;
  readonly logicalId?: string;
  readonly imageName?: string;
  /** `x.y.z`, with its build number once Image Builder has given one. */
  readonly imageVersion?: string;
  readonly taskId?: string;
  readonly amiId?: string;
  readonly imageArn?: string;
  /** Copies of the AMI that have names of their own. */
  readonly copies?: readonly AmiCopy[];
  /** When CloudFormation asked for it; known while the stack operation is under way. */
  readonly startedAt?: number;
  readonly stage: Stage;
}

/** A copy of the AMI, by `ami.name`. */
export interface AmiCopy {
  readonly amiId: string;
  readonly name: string;
  /** EC2's word. */
  readonly state: string;
}

export type Stage =
  /** No task yet: by the time of the request, from 1. Nobody promises that EC2's free slots go in this order. */
  | { readonly kind: 'queued'; readonly position: number; readonly of: number }
  /** What EC2 says of the task; percent where it says. */
  | { readonly kind: 'importing'; readonly status: string; readonly progress?: number }
  /** The AMI stands, and is tagged and handed to Image Builder. */
  | { readonly kind: 'tagging' }
  | { readonly kind: 'image-builder'; readonly status: string }
  /** The image stands, and the AMI is copied to get its name. */
  | { readonly kind: 'copying'; readonly name: string }
  | { readonly kind: 'available' }
  | { readonly kind: 'failed'; readonly reason: string; readonly hint?: string };

/** Whether something is still to come. */
export function isRunning({ stage }: ImportView): boolean {
  return stage.kind !== 'available' && stage.kind !== 'failed';
}

const ORDER: readonly Stage['kind'][] = ['importing', 'tagging', 'image-builder', 'copying', 'queued', 'failed', 'available'];

/** What runs, then what waits, then what failed, then what stands; each as it was asked for, and by name. */
export function inReadingOrder(views: readonly ImportView[]): ImportView[] {
  const key = ({ stackName, imageName, imageVersion, id }: ImportView) => [stackName, imageName, imageVersion, id].join('\n');
  const position = ({ stage }: ImportView) => (stage.kind === 'queued' ? stage.position : 0);
  return [...views].sort((a, b) =>
    ORDER.indexOf(a.stage.kind) - ORDER.indexOf(b.stage.kind) || position(a) - position(b) || (key(a) < key(b) ? -1 : 1));
}
