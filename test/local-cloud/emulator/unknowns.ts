/**
 * What AWS leaves open. Each question has its plausible answers; the emulator and the little CloudFormation play the one that
 * a test chooses, random schedules draw one of each, and the library has to hold under all of them.
 * `npm run docs:loopback` writes the table of docs/loopback-aws.md from this list.
 */

/** One way in which AWS may behave. */
export interface Answer {
  /** As it reads in the table, e.g. `ResourceLimitExceeded`. */
  readonly says: string;
  /** Where AWS or somebody who saw it says so; or `undocumented`. */
  readonly source: string;
  /**
   * `drawn`: random schedules draw it. `rarely`: they draw it, but not often, because little can succeed under it. Otherwise the test that
   * plays it, because schedules cannot tell it from the other answers.
   */
  readonly played: 'drawn' | 'rarely' | { readonly test: string };
}

/** A question that AWS leaves open. */
export interface Unknown<Id extends string = string> {
  readonly question: string;
  /** What the library does, and what happens where AWS answers otherwise. */
  readonly product: string;
  /** What is played unless a test says otherwise. */
  readonly assumed: Id;
  readonly answers: Readonly<Record<Id, Answer>>;
}

const EC2_REFERENCE = 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference';
const UNDOCUMENTED = 'undocumented';

const drawn = (says: string, source: string = UNDOCUMENTED): Answer => ({ says, source, played: 'drawn' });
const rarely = (says: string, source: string = UNDOCUMENTED): Answer => ({ says, source, played: 'rarely' });
const playedIn = (test: string, says: string, source: string = UNDOCUMENTED): Answer => ({ says, source, played: { test } });

function unknown<Id extends string>(entry: Omit<Unknown<Id>, 'assumed'> & { readonly assumed: NoInfer<Id> }): Unknown<Id> {
  return entry;
}

const IMPORTS = {
  fullQuota: unknown({
    question: 'What does ImportImage answer when as many tasks run as the quota allows?',
    product: 'Any 400 whose code or text speaks of a limit means: wait in line.',
    assumed: 'ResourceLimitExceeded',
    answers: {
      ResourceLimitExceeded: drawn('`ResourceLimitExceeded`', `${EC2_REFERENCE}/errors-overview.html (for CopySnapshot)`),
      ImportTaskLimitExceeded: drawn('`ImportTaskLimitExceeded`'),
      InvalidParameter: drawn('`InvalidParameter` with a text that speaks of a limit'),
    },
  }),
  cancelEnded: unknown({
    question: 'What does CancelImportTask answer for a task that is deleting or deleted?',
    product: 'Any 4xx for a task that is ending means that it ends.',
    assumed: 'accepted',
    answers: {
      accepted: drawn('the state of the task'),
      IncorrectState: drawn('`IncorrectState`'),
      InvalidParameter: drawn('`InvalidParameter`'),
    },
  }),
  refusedDisk: unknown({
    question: 'How does EC2 refuse an import whose roles were made a moment ago?',
    product: 'Waits as long as new roles may take, then fails with a sentence that names role, object, KMS key and iam:PassRole.',
    assumed: 'serviceRole',
    answers: {
      serviceRole: drawn(
        '`InvalidParameter: The service role … does not exist or does not have sufficient permissions`',
        'https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html',
      ),
      caller: drawn(
        '`InvalidParameter: User does not have access to the S3 object`',
        'https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html; gardenlinux/gardenlinux#3206',
      ),
      task: drawn(
        'a task that ends with `Disk validation failed [We do not have access to the given resource. Reason 403 Forbidden]`',
        'keithvassallomt/windows10-ec2#3',
      ),
    },
  }),
  tagFilter: unknown({
    question: 'Does DescribeImportImageTasks filter by tag?',
    product: 'Every task that comes back is matched by its tags again. Where EC2 refuses the filter, the library lists without it.',
    assumed: 'matches',
    answers: {
      matches: drawn('yes, with wildcards', 'well-known tools rely on it'),
      exact: drawn('yes, but takes `*` literally'),
      ignored: drawn('no, it answers every task'),
      refused: drawn('no, it refuses the filter with `InvalidParameterValue`', `${EC2_REFERENCE}/API_DescribeImportImageTasks.html (lists task-state only)`),
    },
  }),
  tokenMemory: unknown({
    question: 'How long does ImportImage remember a client token?',
    product: 'The token is needed for the seconds until EC2 lists the task.',
    assumed: 'forEver',
    answers: { forEver: drawn('for ever'), tenMinutes: drawn('ten minutes') },
  }),
  taskMemory: unknown({
    question: 'How long can a task that ended be described?',
    product: 'The AMI\'s tags lead to the import when its task is forgotten.',
    assumed: 'forEver',
    answers: { forEver: drawn('for ever'), oneHour: drawn('an hour') },
  }),
  listLag: unknown({
    question: 'How late do lists show what is new, and what is gone?',
    product: 'The figures decide how long a Delete looks again before it believes that nothing exists.',
    assumed: 'none',
    answers: {
      none: drawn('at once'),
      late: drawn('EC2 after 20 seconds, Image Builder after two minutes', 'https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html'),
    },
  }),
  pageLength: unknown({
    question: 'May a page of a list be shorter than asked, with more to come?',
    product: 'Follows NextToken to the end.',
    assumed: 'full',
    answers: { full: drawn('no'), short: drawn('yes, one entry a page', `${EC2_REFERENCE}/Query-Requests.html#api-pagination`) },
  }),
  taskTags: unknown({
    question: 'Do task tags reach AMI and snapshots?',
    product: 'Tags them when the task is done. Where AWS tags them as well, nothing changes.',
    assumed: 'stay',
    answers: { stay: drawn('no'), reach: drawn('yes') },
  }),
  runningStatus: unknown({
    question: 'Which status has a running task?',
    product: 'Everything except `completed`, `deleting` and `deleted` runs.',
    assumed: 'active',
    answers: {
      active: drawn('`active`, with the stage in the status message', 'https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-image-import.html'),
      stage: drawn('the stage itself', `${EC2_REFERENCE}/API_ImportImage.html`),
    },
  }),
  failedTaskSnapshots: unknown({
    question: 'Does a failed task list snapshots that are not its own?',
    product: 'A snapshot that a task shows with neither an object nor a URL may be the one that was to be imported: it is never deleted.',
    assumed: 'own',
    answers: { own: drawn('only those that it made'), source: drawn('the snapshot that it was to import as well') },
  }),
  goneAmi: unknown({
    question: 'What does EC2 answer about an AMI that was deregistered?',
    product: 'Both mean that it is gone.',
    assumed: 'Unavailable',
    answers: {
      Unavailable: drawn('`InvalidAMIID.Unavailable`', `${EC2_REFERENCE}/errors-overview.html`),
      NotFound: drawn('`InvalidAMIID.NotFound`', `${EC2_REFERENCE}/errors-overview.html`),
    },
  }),
  defaultKey: unknown({
    question: 'What does an import get that the default EBS key of the account encrypts, when it is a customer managed key?',
    product: 'The preflight asks EC2 for the default key, and fails with a sentence that names it and `encryptionKey`.',
    assumed: 'taskFails',
    answers: {
      taskFails: drawn('a task that fails', 'https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html (the role must be granted the key)'),
      InvalidParameterValue: drawn('`InvalidParameterValue: The specified KMS key is not accessible`', 'hashicorp/packer-plugin-amazon#225'),
    },
  }),
  managedKey: unknown({
    question: 'What does GetEbsDefaultKmsKeyId answer where AWS manages the default key?',
    product: 'Refuses an import that a key with an ARN would encrypt, and says that `preflight: false` is the way out.',
    assumed: 'alias',
    answers: {
      alias: drawn('`alias/aws/ebs`', 'https://docs.aws.amazon.com/cli/latest/reference/ec2/get-ebs-default-kms-key-id.html'),
      arn: drawn('the ARN of the key, after ResetEbsDefaultKmsKeyId', `${EC2_REFERENCE}/API_ResetEbsDefaultKmsKeyId.html`),
    },
  }),
  protectedAmi: unknown({
    question: 'What does EC2 answer to DeregisterImage of a protected AMI?',
    product: 'Asks DescribeImages for the protection first; any other refusal fails at once with EC2\'s own words.',
    assumed: 'OperationNotPermitted',
    answers: { OperationNotPermitted: drawn('`OperationNotPermitted`'), IncorrectState: drawn('another code, such as `IncorrectState`') },
  }),
};

const IMAGE_BUILDER = {
  unknownTask: unknown({
    question: 'What does ImportVmImage answer for a task that it does not see (yet)?',
    product: 'Tries again for some minutes before it fails.',
    assumed: 'ResourceNotFoundException',
    answers: {
      ResourceNotFoundException: drawn('`ResourceNotFoundException`'),
      ClientException: drawn('`ClientException`', 'https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html (declares no other 4xx)'),
    },
  }),
  taskVisibility: unknown({
    question: 'When does Image Builder see that a task completed?',
    product: 'Tries again for some minutes before it fails.',
    assumed: 'atOnce',
    answers: { atOnce: drawn('at once'), aMinuteLater: drawn('a minute later; until then it answers as to a task that does not exist') },
  }),
  goneImage: unknown({
    question: 'Is an image that was deleted not found, or denied, to a caller whose permission requires a tag of it?',
    product: 'Reads images without a condition on their tags. After a refusal to delete or tag one, it reads again.',
    assumed: 'ResourceNotFoundException',
    answers: { ResourceNotFoundException: drawn('not found'), AccessDeniedException: drawn('denied: what is gone has no tags') },
  }),
  importVmImageToken: unknown({
    question: 'What does ImportVmImage answer to a token that it knows?',
    product: 'With other tags it may answer an error; then the library waits for the list.',
    assumed: 'sameArn',
    answers: { sameArn: drawn('the same ARN', 'https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html') },
  }),
};

const CLOUDFORMATION = {
  requestIds: unknown({
    question: 'Does a deployment that is tried again send the RequestId of the first try?',
    product: 'The name of an import depends on the ResponseURL as well, which is presigned for each attempt.',
    assumed: 'fresh',
    answers: { fresh: drawn('no'), reused: drawn('yes, with another ResponseURL', 'aws/aws-cdk#35957') },
  }),
  executions: unknown({
    question: 'Does the provider framework name its Step Functions executions after the request?',
    product: 'Works with both. Unnamed executions mean two waiters at once for a request that is delivered twice.',
    assumed: 'named',
    answers: { named: drawn('yes, in older aws-cdk-lib', 'aws/aws-cdk#35957'), unnamed: drawn('no, in newer aws-cdk-lib', 'aws/aws-cdk#35988') },
  }),
  lastUpdated: unknown({
    question: 'Does LastUpdatedTimestamp of a resource move with each change of its status?',
    product: 'Takes the time at which a request was sent from it. If it is not about the time of the delivery, the events of the stack decide.',
    assumed: 'moves',
    answers: {
      moves: drawn('yes', 'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceDetail.html ("Time the status was updated")'),
      stays: drawn('no, it is the time at which the resource was made'),
    },
  }),
  cleanup: unknown({
    question: 'When does the Delete of a replaced resource come?',
    product: 'The tags lead to everything of an import, whenever it comes.',
    assumed: 'atOnce',
    answers: {
      atOnce: drawn('at the end of the update', 'https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html'),
      late: drawn('ten minutes later'),
    },
  }),
  deliveries: unknown({
    question: 'Is a request delivered more than once?',
    product: 'A second delivery finds the first. If the two have different ResponseURLs, the disk is imported twice, and the import that CloudFormation does not take is removed.',
    assumed: 'sometimes',
    answers: {
      sometimes: drawn('sometimes: each schedule has its own duplicates', 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html'),
      presignedAnew: drawn('sometimes, and CloudFormation presigns another ResponseURL each time', 'aws-amplify/amplify-category-api#3521'),
    },
  }),
  givenUp: unknown({
    question: 'What does CloudFormation send when it gives up on a request?',
    product: 'Both lead to everything of the import.',
    assumed: 'deleteOrUpdate',
    answers: {
      deleteOrUpdate: drawn(
        'a Delete with an id that it made up; on rollback of an update, an Update with the properties swapped, or nothing (each schedule draws one)',
        'aws-cloudformation/cloudformation-coverage-roadmap#1814, aws/aws-cdk#29581',
      ),
    },
  }),
  replacedProperties: unknown({
    question: 'Which properties does the Delete of a replaced resource carry?',
    product: 'The tags lead to all of an own import, and of a copied disk, without them. An AMI with a name of its own, and the image of an adopted task, are found by those of before only.',
    assumed: 'before',
    answers: { before: drawn('those of before'), after: drawn('those of the update') },
  }),
  failedReplacement: unknown({
    question: 'Is a replacement that failed deleted with `RETAIN`?',
    product: 'Sets `RetainExceptOnCreate`. Where CloudFormation retains it, its parts carry the tag `cdk-vm-import:id`.',
    assumed: 'deleted',
    answers: { deleted: drawn('yes, by `RetainExceptOnCreate`'), retained: drawn('no') },
  }),
  failedRollback: unknown({
    question: 'If a rollback fails and the stack is deleted, is what the update had made deleted, too?',
    product: 'The Delete of a resource removes what that resource had made in the update, whether CloudFormation asks for it or not.',
    assumed: 'forgotten',
    answers: { forgotten: drawn('no, only what the rollback returned to'), deleted: drawn('yes') },
  }),
};

const EBS = {
  ebsAccountThrottle: unknown({
    question: 'How do the EBS direct APIs throttle the whole account?',
    product: 'Both are tried again.',
    assumed: 'ThrottlingException',
    answers: {
      ThrottlingException: drawn('`ThrottlingException`', 'https://docs.aws.amazon.com/ebs/latest/userguide/error-retries.html'),
      RequestThrottledException: drawn(
        '`RequestThrottledException` with the reason `ACCOUNT_THROTTLED`', 'https://docs.aws.amazon.com/ebs/latest/APIReference/API_PutSnapshotBlock.html',
      ),
    },
  }),
  ebsVisibility: unknown({
    question: 'When do the EBS direct APIs find a snapshot that StartSnapshot answered?',
    product: 'Tries again for some minutes.',
    assumed: 'atOnce',
    answers: { atOnce: drawn('at once'), aMinuteLater: drawn('after up to a minute', 'awslabs/coldsnap#43, awslabs/coldsnap#56') },
  }),
  ebsSecondComplete: unknown({
    question: 'What does a second CompleteSnapshot answer?',
    product: 'Asks DescribeSnapshots after any refusal.',
    assumed: 'status',
    answers: { status: drawn('the status'), ValidationException: drawn('`ValidationException`') },
  }),
  ebsAbandoned: unknown({
    question: 'What becomes of a snapshot that was not completed within its timeout?',
    product: 'Deletes it where it exists.',
    assumed: 'error',
    answers: {
      error: drawn('it stays, in the state `error`', 'https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html (cancelled)'),
      gone: drawn('it is gone'),
    },
  }),
};

const OTHERS = {
  person: unknown({
    question: 'Does a lifecycle policy or a person touch AMI, snapshot and image meanwhile?',
    product: 'Finds disabled AMIs by IncludeDisabled. An update of what is gone fails and asks for a new `revision`; nothing is imported again by itself.',
    assumed: 'nobody',
    answers: {
      nobody: drawn('nobody'),
      disablesAmi: drawn('disables the AMI', 'https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html'),
      deletesAmi: drawn('deregisters the AMI', 'https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html'),
      deletesSnapshot: drawn('deletes a snapshot that no AMI uses', 'https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html'),
      deletesImage: drawn('deletes the image', 'https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html'),
    },
  }),
  conditionKeys: unknown({
    question: 'Does IAM know `aws:RequestTag` for import tasks, and `iam:PassedToService` as `vmie.amazonaws.com`?',
    product: 'Grants by both. An import that is denied fails after some minutes with the words of AWS, and leaves nothing.',
    assumed: 'known',
    answers: {
      known: playedIn('test/security/simulate.test.ts', 'yes', 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html'),
      unknown: playedIn('test/lambda/handlers/open-answers.test.ts', 'no: every import would be denied'),
    },
  }),
  copySource: unknown({
    question: 'Which condition keys does IAM see for the AMI that CopyImage copies?',
    product: 'Its permission holds in both cases.',
    assumed: 'none',
    answers: {
      none: playedIn('test/security/simulate.test.ts', 'none of its tags', 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html'),
      request: playedIn('test/security/hostile.test.ts', 'those of the request'),
    },
  }),
  copyTime: unknown({
    question: 'Does a copy in one Region under one key take long, or cost a second time?',
    product: 'Longer than 50 minutes fails.',
    assumed: 'short',
    answers: {
      short: drawn('no', 'https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copy-snapshot.html (complete copies across Regions or to another key only)'),
      long: rarely('yes'),
    },
  }),
  protection: unknown({
    question: 'May protection be enabled again with, or without, a cooldown?',
    product: 'Where it must be disabled in between, the update fails with EC2\'s sentence.',
    assumed: 'yes',
    answers: { yes: playedIn('test/lambda/ami/handlers.test.ts', 'yes'), no: playedIn('test/lambda/ami/handlers.test.ts', 'no') },
  }),
  headAndKms: unknown({
    question: 'Does HEAD of an object that is encrypted with a KMS key need `kms:Decrypt`?',
    product: 'Where it does, an import with `deleteSourceOnSuccess` fails before it starts, and says so.',
    assumed: 'no',
    answers: {
      no: drawn('no, only its checksums do', 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html'),
      yes: rarely('yes'),
    },
  }),
  conditionalDelete: unknown({
    question: 'Does Amazon S3 delete on the condition of an ETag everywhere?',
    product: 'Where it is ignored, what is uploaded in the milliseconds between HEAD and DELETE, into a bucket without versions, is lost.',
    assumed: 'yes',
    answers: {
      yes: playedIn('test/lambda/import/sources.test.ts', 'yes', 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html (all Regions, and China)'),
      no: playedIn('test/lambda/import/sources.test.ts', 'no'),
    },
  }),
  smallLetters: unknown({
    question: 'Does ImportImage accept `linux` and `windows` in small letters?',
    product: 'Sends `Linux` and `Windows`.',
    assumed: 'yes',
    answers: { yes: drawn('yes', 'Packer\'s amazon-import sends them so'), no: drawn('no') },
  }),
};

export const UNKNOWNS = { ...IMPORTS, ...IMAGE_BUILDER, ...CLOUDFORMATION, ...EBS, ...OTHERS };

export type UnknownId = keyof typeof UNKNOWNS;

/** One answer for each question. */
export type Answers = { readonly [Id in UnknownId]: keyof (typeof UNKNOWNS)[Id]['answers'] };

/** Returns the chosen answer, or the one that is assumed. */
export function answerTo<Id extends UnknownId>(chosen: Partial<Answers>, id: Id): Answers[Id] {
  return (chosen[id] ?? UNKNOWNS[id].assumed) as Answers[Id];
}

/** The ids of all questions. */
export const UNKNOWN_IDS = Object.keys(UNKNOWNS) as readonly UnknownId[];

/** Returns the answers to a question that random schedules draw, with their weights. */
export function drawnAnswers(id: UnknownId): readonly { readonly answer: string; readonly weight: number }[] {
  return Object.entries<Answer>(UNKNOWNS[id].answers).flatMap(([answer, { played }]) => {
    switch (played) {
      case 'drawn':
        return [{ answer, weight: 8 }];
      case 'rarely':
        return [{ answer, weight: 1 }];
      default:
        return [];
    }
  });
}
