import * as timing from '../../lambda/timing';
import { ANSWERED_WITHIN } from '../../src/shared/contract/limits';

/** The other tests wait for these constants, whatever they are. Here are their values, and the reason of each. */
test('each wait has the length that its reason asks for', () => {
  expect({ ...timing, ANSWERED_WITHIN }).toEqual({
    // The longest sleep of an SDK retry is 20 s.
    TIME_TO_ANSWER_MS: 30_000,
    // onEvent has a minute, of which 30 s are TIME_TO_ANSWER_MS.
    LOOKS_WITHIN_MS: 20_000,
    // One attempt of 20 s and a short one.
    CREATES_WITHIN_MS: 25_000,
    // Eventual consistency of EC2 takes seconds: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
    EC2_SETTLES_AFTER: 60,
    // 25 s of the call, a minute until EC2 lists the task, and a poll interval of 30 s.
    DELETE_SETTLES_AFTER: 120,
    // Lists of Image Builder lag by a couple of minutes; three times that.
    IMAGE_BUILDER_SETTLES_AFTER: 360,
    // Ten minutes: EC2 lists a completed snapshot late.
    COMPLETION_SETTLES_WITHIN: 600,
    // IAM takes a minute or two: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    ROLES_PROPAGATE_WITHIN: 300,
    // The time of IAM, and two minutes until such a task reports.
    REFUSED_TASKS_END_WITHIN: 420,
    // EC2 rounds deprecation to minutes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
    DEPRECATES_AFTER_MS: 120_000,
    // Another resource of the stack cannot fail sooner.
    CANCELLED_NO_SOONER: 10,
    // The cold start of a function takes seconds, and clocks differ by 5 s.
    SAME_REQUEST_WITHIN_MS: 10_000,
    // A request that is delivered twice is delivered twice within minutes.
    DELIVERED_WITHIN_MS: 900_000,
    ASKED_AGAIN_AFTER_MS: 10_000,
    // Three times CloudFormation's hour.
    GIVEN_UP_WITHIN_MS: 10_800_000,
    CLOUDFORMATION_REPORTS_WITHIN: 600,
    CLOCKS_DIFFER_MS: 5_000,
    // A queue of 20 asks within a minute at first, and every four minutes later.
    ROUNDS: [{ passes: 2, round: 1 }, { passes: 6, round: 2 }, { passes: 14, round: 4 }, { passes: Infinity, round: 8 }],
    LONGEST_ROUND: 240,
    PASS_TAKES: 5,
    // CloudFormation's hour, less ten minutes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
    ANSWERED_WITHIN: 3_000,
  });
});

test('a Delete believes an empty list only after a call that was under way has ended and its task is listed', () => {
  expect(timing.DELETE_SETTLES_AFTER).toBeGreaterThan(timing.CREATES_WITHIN_MS / 1_000 + timing.EC2_SETTLES_AFTER);
});
