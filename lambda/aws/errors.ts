import { Failure } from '../cloudformation/failure';

/**
 * What an error of an AWS call means for an import. Only a definite failure ends an import. The pass waits for everything
 * that can end by itself.
 */
export type AwsErrorKind =
  /** Throttled, 5xx, timed out, connection dropped: the next pass tries again. */
  | 'transient'
  /** Too many imports run at once; the import waits in line. */
  | 'quota'
  /** EC2 cannot use the service role (yet): IAM may not have propagated it. */
  | 'service-role'
  /** The handler's own role may not do this (yet): IAM may not have propagated it. */
  | 'access-denied'
  /** The request may be refused because something that it needs is not visible yet. */
  | 'unsettled'
  /** The requested thing does not exist yet, or no longer exists. */
  | 'not-found'
  /** The thing is still used by something else. */
  | 'in-use'
  /** The client token was used before with other parameters. What it created exists and will be listed. */
  | 'token-used'
  /** AWS rejects the request for any other reason. */
  | 'definite';

/**
 * Error codes by meaning.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/CommonErrors.html
 */
const CODES: readonly (readonly [RegExp, AwsErrorKind])[] = [
  [/^(RequestLimitExceeded|Throttling|ThrottlingException|ThrottledException|TooManyRequestsException|CallRateLimitExceededException|RequestThrottledException|SlowDown)$/, 'transient'],
  // Amazon S3, if two requests for one object overlap.
  [/^(ConditionalRequestConflict|OperationAborted)$/, 'transient'],
  [/^(InternalError|InternalFailure|InternalServerError|ServiceException|ServiceUnavailable|ServiceUnavailableException|Unavailable|RequestExpired|RequestTimeout|RequestTimeoutException)$/, 'transient'],
  [/^(ResourceLimitExceeded|ResourceCountExceeded|ImportTaskLimitExceeded|ConcurrentTaskLimitExceeded|LimitExceeded|ServiceQuotaExceededException)$/, 'quota'],
  [/^(InvalidAMIID\.(NotFound|Unavailable)|InvalidSnapshot\.NotFound|InvalidConversionTaskId(\.Malformed)?|ResourceNotFoundException)$/, 'not-found'],
  [/^(InvalidSnapshot\.InUse|ResourceDependencyException|ResourceInUseException|IncorrectState)$/, 'in-use'],
  // The only 4xx that ImportVmImage declares: https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
  [/^ClientException$/, 'unsettled'],
  [/^(IdempotentParameterMismatch|IdempotentParameterMismatchException)$/, 'token-used'],
  [/^(UnauthorizedOperation|AccessDenied|AccessDeniedException|ForbiddenException|InvalidClientTokenId|UnrecognizedClientException|AuthFailure)$/, 'access-denied'],
];

/**
 * EC2's messages if the service role, or the caller, cannot read the disk: a role is missing, lacks a permission, or has not been
 * propagated by IAM yet.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/vmimport-troubleshooting.html
 */
const SERVICE_ROLE_MESSAGE = /service role .* does not exist or does not have sufficient permissions|does not have access to the S3 object/i;

/** The status message of a task that ended because the service role, or EC2 in its place, could not read the disk. */
const ACCESS_REFUSED_MESSAGE = /do not have access to the given resource\. Reason 403/i;

/** Returns whether a task ended because the disk may not be read (yet). The remedies are those of the service role. */
export function isAccessRefused(statusMessage: string): boolean {
  return ACCESS_REFUSED_MESSAGE.test(statusMessage);
}

export function kindOf(error: unknown): AwsErrorKind {
  if (!(error instanceof Error) || error instanceof Failure) {
    return 'definite';
  }
  if (SERVICE_ROLE_MESSAGE.test(error.message)) {
    return 'service-role';
  }
  const known = CODES.find(([pattern]) => pattern.test(error.name))?.[1];
  if (known) {
    return known;
  }
  const status = httpStatusOf(error);
  // Without an HTTP status there was no answer: a timeout, a dropped connection, a name that did not resolve.
  return status === undefined || status === 429 || status >= 500 ? 'transient' : 'definite';
}

/**
 * Returns whether ImportImage refuses because too many imports run. The code is not documented, so any refusal counts whose code or
 * text speaks of a limit.
 */
export function isFullQuota(error: unknown): boolean {
  const kind = kindOf(error);
  return kind === 'quota' || (kind === 'definite' && /limit ?exceeded|exceed\w* .*\b(limit|quota)|too many|maximum number/i.test(describeError(error)));
}

/** Returns code and message of an error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const message = error.message === 'UnknownError' ? `AWS answers HTTP ${httpStatusOf(error)} without a message` : error.message;
  // The EBS direct APIs name a reason, which says more than their texts.
  const reason = 'Reason' in error && typeof error.Reason === 'string' ? ` (${error.Reason})` : '';
  return `${error.name}: ${message}${reason}`;
}

function httpStatusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) {
    return undefined;
  }
  const metadata = error.$metadata;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}

/** Waits for an answer. Returns undefined if AWS does not know what was asked for. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return unlessError('not-found', answer);
}

/** Waits for an answer. Returns undefined if AWS cannot answer now. */
export async function unlessTransient<T>(answer: Promise<T>): Promise<T | undefined> {
  return unlessError('transient', answer);
}

async function unlessError<T>(kind: AwsErrorKind, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (kindOf(error) === kind) {
      return undefined;
    }
    throw error;
  }
}

/** Deletes something. Returns AWS's message if something else still uses it, and undefined if it is gone. */
export async function unlessHeld(remove: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await remove();
    return undefined;
  } catch (error) {
    switch (kindOf(error)) {
      case 'not-found':
        return undefined;
      case 'in-use':
        return describeError(error);
      default:
        throw error;
    }
  }
}
