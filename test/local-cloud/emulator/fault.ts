export type Service = 'ec2' | 'ebs' | 'imagebuilder';
export type ResourceKind = 'task' | 'ami' | 'snapshot' | 'image';

/**
 * One fault, as plain JSON. It takes effect on the calls that match; a rule without a criterion matches every call.
 * For `invisible` and `lingering`, `tag` and `id` choose the resources concerned, not the calls.
 */
export interface FaultRule {
  /** Name to remove it by; made up when not given. */
  readonly id?: string;
  readonly match?: FaultMatch;
  readonly effect: FaultEffect;
}

export interface FaultMatch {
  readonly service?: Service;
  /** E.g. `ImportImage`. */
  readonly action?: string;
  /** Which of the calls that match otherwise, counted from 1 since the rule was added; an SDK's own retries count. */
  readonly call?: number | { readonly every: number } | { readonly from: number; readonly to?: number };
  /** A call that carries or filters by this tag, or names a resource that bears it; no value: any value. */
  readonly tag?: { readonly key: string; readonly value?: string };
  /** A call that names this resource (task, AMI or snapshot id, ARN). */
  readonly id?: string;
}

export type FaultEffect =
  /** EC2: RequestLimitExceeded, 503. EBS direct APIs: ThrottlingException, 400. Image Builder: ThrottlingException, 429. */
  | { readonly kind: 'throttle' }
  /** 500 (default) InternalError, InternalServerException or ServiceException; 503 Unavailable or ServiceUnavailableException. */
  | { readonly kind: 'serverError'; readonly status?: 500 | 503 }
  /** Any other error, answered before anything is done. */
  | { readonly kind: 'error'; readonly code: string; readonly message: string; readonly status?: number }
  /** The call is taken up so much later, in milliseconds of the emulator's clock. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is cut, nothing was done. */
  | { readonly kind: 'dropBefore' }
  /** Everything is done, then the connection is cut. */
  | { readonly kind: 'dropAfter' }
  /** What becomes of the task that a matching ImportImage starts (or, with `match.id`, of a task that is active already). */
  | { readonly kind: 'task'; readonly outcome: TaskOutcome }
  /** The copy that a matching CopyImage starts ends failed, with this reason. */
  | { readonly kind: 'copyFails'; readonly reason: string }
  /** New resources cannot be seen by matching calls: lists (and reads by filter) for `listMs`, calls by id for `getMs`. */
  | { readonly kind: 'invisible'; readonly of?: readonly ResourceKind[]; readonly listMs?: number; readonly getMs?: number }
  /** AMIs, snapshots and images that were deleted are listed still for `listMs`; calls by id know that they are gone. */
  | { readonly kind: 'lingering'; readonly of?: readonly ResourceKind[]; readonly listMs: number }
  /** At most so many active import tasks. */
  | { readonly kind: 'quota'; readonly activeTasks: number }
  /** ImportImage answers the service-role error, for `forMs` after the rule was added (default: while the rule stands). */
  | { readonly kind: 'roleNotPropagated'; readonly forMs?: number }
  /** DeleteImage answers that a recipe uses the image, for `forMs` after the rule was added (default: while the rule stands). */
  | { readonly kind: 'recipeHoldsImage'; readonly forMs?: number };

export type TaskOutcome =
  /** Ends deleting, then deleted, with this message. `atProgress` is 0 to 99, default 20; it may leave its snapshots behind. */
  | { readonly kind: 'fail'; readonly message: string; readonly atProgress?: number; readonly leaves?: 'nothing' | 'snapshots' }
  /** Stays active at this progress until it is cancelled. */
  | { readonly kind: 'stuck'; readonly atProgress?: number }
  /** Takes so many times as long. */
  | { readonly kind: 'slow'; readonly factor: number };
