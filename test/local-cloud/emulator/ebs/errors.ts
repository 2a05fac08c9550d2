import type { RequestThrottledExceptionReason, ValidationExceptionReason } from '@aws-sdk/client-ebs';
import { AwsError } from '../aws-error';
import type { Call } from '../call';

/** The errors of the EBS direct APIs, with status and reason as the SDK's model has them. */
export function invalid(reason: ValidationExceptionReason, message: string): AwsError {
  return new AwsError('ValidationException', message, 400, reason);
}

/** KMS refuses the key that would encrypt the snapshot. The model names the reason; the text is a guess. */
export function keyDenied(): AwsError {
  return new AwsError('AccessDeniedException', 'The KMS key cannot be used by the caller', 403, 'DEPENDENCY_ACCESS_DENIED');
}

export function snapshotNotFound(id: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The snapshot '${id}' does not exist.`, 404, 'SNAPSHOT_NOT_FOUND');
}

export function throttled(reason: RequestThrottledExceptionReason): AwsError {
  return new AwsError('RequestThrottledException', 'The request has exceeded the maximum allowed API request throttling limit.', 400, reason);
}

export function accountThrottled({ world }: Call): AwsError {
  return world.answer('ebsAccountThrottle') === 'ThrottlingException'
    ? new AwsError('ThrottlingException', 'Rate exceeded', 400)
    : throttled('ACCOUNT_THROTTLED');
}
