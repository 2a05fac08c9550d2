/** Failures that a schedule brings upon itself, by what they say. */
import { CLIENT_ERROR, COPY_ERROR, SERVER_ERROR, type Schedule } from './schedules';

export const EXECUTION_ERROR = 'The functions that copy fail';

/** Failures that a schedule brings upon itself, by its faults or because it imports again what it had deleted. All else has to be waited out. */
export function isEarned(reason: string, schedule: Schedule, deletedKeys: ReadonlySet<string> = new Set()): boolean {
  const tasks = schedule.faults.flatMap(({ effect }) => (effect.kind === 'task' ? [effect.outcome] : []));
  const failures = (message: string) => tasks.filter((outcome) => outcome.kind === 'fail' && outcome.message === message).length;
  const { answers, encryptionByDefault } = schedule;
  const { person = 'nobody' } = answers;
  const deletes = person === 'deletesAmi' || person === 'deletesImage';
  const isPresignedAnew = answers.deliveries === 'presignedAnew' && schedule.duplicates.length > 0;
  const told = schedule.kills.some(({ then }) => then === 'told');
  const causes: readonly (readonly [RegExp, boolean])[] = [
    [/It broke\.|^Resource (creation|update) cancelled$|Runtime exited with error: signal: killed/, true],
    // The provider framework itself refuses a second try, and a second delivery with another ResponseURL, where its executions have the names of requests.
    [/Execution Already Exists/, answers.executions === 'named' && (answers.requestIds === 'reused' || isPresignedAnew)],
    [/did not finish within its timeout/, deletes || tasks.some(({ kind }) => kind === 'stuck' || kind === 'slow')],
    // An update, or the copy of an AMI, of what somebody deleted or disabled.
    [/no longer exists|Nothing is left of this VM import/, person !== 'nobody'],
    // Image Builder makes no image of an AMI that somebody deregistered right after its import.
    [/is FAILED: The AMI \S+ of the VM import task \S+ was not found/, person === 'deletesAmi'],
    [/AMI \S+ is disabled/, person === 'disablesAmi'],
    // A copy into a snapshot that somebody deleted, an update of it, or an AMI of it.
    [/The snapshot was deleted while its blocks were written|The snapshot does not exist any more|The snapshot 'snap-\w+' does not exist/, person === 'deletesSnapshot'],
    [/ClientError: Unknown OS/, failures(CLIENT_ERROR) > 0],
    [/ServerError: Internal error/, failures(SERVER_ERROR) > 1],
    [/EBS would encrypt the imported snapshots with/, encryptionByDefault === 'customerKey' || (encryptionByDefault === 'awsManagedKey' && answers.managedKey === 'arn')],
    [/lack a permission: AccessDeniedException: .* \(DEPENDENCY_ACCESS_DENIED\)/, encryptionByDefault === 'customerKey'],
    [/The specified KMS key is not accessible/, encryptionByDefault === 'customerKey'],
    [/Snapshots encrypted with the AWS managed key cannot be shared/, encryptionByDefault === 'awsManagedKey'],
    [/which deleteSourceOnSuccess requires/, answers.headAndKms === 'yes'],
    [/The AMI was not ready within 50 min/, answers.copyTime === 'long'],
    [new RegExp(`AMI \\S+ failed: ${COPY_ERROR}`), schedule.faults.some(({ effect }) => effect.kind === 'copyFails')],
    [new RegExp(`The disk could not be copied: ${EXECUTION_ERROR}`), (schedule.copies?.failing.length ?? 0) > 1],
    // A copy that was retained, that a Delete which was reported as failed has left, or that another delivery of the request has made.
    [/The AMI name .* is in use by/, told || isPresignedAnew || schedule.stacks.some(({ imports }) => imports.some(({ retain }) => retain !== 'no'))],
    // Its protection goes with the resource that gave it, whose Delete was reported as failed.
    [/is protected from deregistration/, told],
    // Nor does EC2 delete the snapshot of an AMI whose Delete was reported as failed.
    [/The snapshot was not removed within 50 min; .* is held: InvalidSnapshot\.InUse/, told],
    [/cannot use the service role/, lasts(schedule, 'roleNotPropagated', 300)],
    [/s3:\/\/exports\/S\d-Import/, [...deletedKeys].some((key) => reason.includes(`s3://exports/${key}`))],
    [/could not be deleted within 50 min: Image Builder image .* is held/, lasts(schedule, 'recipeHoldsImage', 3000)],
  ];
  return causes.some(([pattern, present]) => present && pattern.test(reason));
}

export function lasts({ faults }: Schedule, kind: 'roleNotPropagated' | 'recipeHoldsImage', seconds: number): boolean {
  return faults.some(({ effect }) => effect.kind === kind && (effect.forMs ?? Infinity) >= seconds * 1000);
}

