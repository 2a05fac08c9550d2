/**
 * How long things take, and how long the handlers wait for them. Names that end in _MS are milliseconds, all others are
 * seconds. `ANSWERED_WITHIN` and the number of attempts are part of the contract: src/shared/contract/limits.ts.
 */

// --------------------------------------------------------------------------------------------------- one invocation

/** What a pass leaves of its function's time: an SDK retry may be asleep when the time is up. */
export const TIME_TO_ANSWER_MS = 30_000;

/** All looks at the disks together, well within the time of onEvent. */
export const LOOKS_WITHIN_MS = 20_000;

/**
 * A call that creates something, with all its retries. The pass asks CloudFormation right before it, and a Delete relies on
 * the call having ended by `DELETE_SETTLES_AFTER`.
 */
export const CREATES_WITHIN_MS = 25_000;

// ---------------------------------------------------------------------------------------- what AWS shows with a delay

/** EC2 shows a new thing after seconds. What is missing for longer is missing. */
export const EC2_SETTLES_AFTER = 60;

/**
 * When a Delete believes an empty list of EC2, after the end of the request before it. A pass that asked CloudFormation just before that
 * end may still call ImportImage (`CREATES_WITHIN_MS`), EC2 may act on the call up to a minute late, and list the task late.
 */
export const DELETE_SETTLES_AFTER = 120;

/** When a Delete believes an empty list of Image Builder, which shows a new image after some minutes. */
export const IMAGE_BUILDER_SETTLES_AFTER = 360;

/** How long EBS may refuse to complete a snapshot. The first call may have succeeded, and EC2 may list the result late. */
export const COMPLETION_SETTLES_WITHIN = 600;

/** IAM propagates a new role or policy within a minute or two. What AWS refuses for longer than this is refused. */
export const ROLES_PROPAGATE_WITHIN = 300;

/** A task reports minutes after its start that it could not read the disk. A role that was too new at the start gets another task. */
export const REFUSED_TASKS_END_WITHIN = ROLES_PROPAGATE_WITHIN + 120;

/** EC2 counts deprecation in minutes and refuses a time that has passed. A time this far ahead is accepted. */
export const DEPRECATES_AFTER_MS = 2 * 60_000;

// ------------------------------------------------------------------------------------------------- what CloudFormation does

/** Until then a request is wanted without asking: nothing else in the stack can have failed yet. */
export const CANCELLED_NO_SOONER = 10;

/** How far CloudFormation's record of a request may differ from the time of its delivery. */
export const SAME_REQUEST_WITHIN_MS = 10_000;

/** A delivery later than this after the recorded request belongs to another request. */
export const DELIVERED_WITHIN_MS = 15 * 60_000;

/** When to ask CloudFormation again. By then it reports this request, and not the one before. */
export const ASKED_AGAIN_AFTER_MS = 10_000;

/** A request that CloudFormation gave up on has been answered, or is dead, after its hour. Three leave room for a queue. */
export const GIVEN_UP_WITHIN_MS = 3 * 60 * 60_000;

/** How long a removal waits for CloudFormation to report whether it rolls back. Afterwards it does as requested. */
export const CLOUDFORMATION_REPORTS_WITHIN = 10 * 60;

/** How far the clocks of two services may differ. */
export const CLOCKS_DIFFER_MS = 5_000;

// --------------------------------------------------------------------------------------------------------- the queue

/**
 * A queued import asks EC2 every `round` passes, as long as it has had fewer than `passes`: at first in every pass, later
 * less often.
 */
export const ROUNDS: readonly { readonly passes: number; readonly round: number }[] = [
  { passes: 2, round: 1 },
  { passes: 6, round: 2 },
  { passes: 14, round: 4 },
  { passes: Infinity, round: 8 },
];

/** A queued import waits at most this long between two requests, unless it is polled less often. */
export const LONGEST_ROUND = 240;

/** A pass takes up to this long, so passes are further apart than the poll interval. No turn is missed, and some come twice. */
export const PASS_TAKES = 5;
