import type { RequestThrottledExceptionReason, ValidationExceptionReason } from '@aws-sdk/client-ebs';
import { AwsError } from '../aws-error';

/** The errors of the EBS direct APIs, with status and reason as the SDK's model has them. */
export function invalid(reason: ValidationExceptionReason, message: string): AwsError {
  return new AwsError('ValidationException', message, 400, reason);
}

export function snapshotNotFound(id: string): AwsError {
  return new AwsError('ResourceNotFoundException', `The snapshot '${id}' does not exist.`, 404, 'SNAPSHOT_NOT_FOUND');
}

export function throttled(reason: RequestThrottledExceptionReason): AwsError {
  return new AwsError('RequestThrottledException', 'The request has exceeded the maximum allowed API request throttling limit.', 400, reason);
}

/** The code that the guide has for the limit of the whole account; the model has RequestThrottledException only. */
export function accountThrottled(): AwsError {
  return new AwsError('ThrottlingException', 'Rate exceeded', 400);
}
