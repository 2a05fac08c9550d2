import { describeError, kindOf } from '../../../lambda/aws/errors';

const awsError = (name: string, httpStatusCode?: number, message = 'said AWS') =>
  Object.assign(new Error(message), { name }, httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } });

describe('an error of AWS', () => {
  test.each<readonly [string, Error, string]>([
    ['EC2 throttles', awsError('RequestLimitExceeded', 503), 'transient'],
    ['Image Builder throttles', awsError('CallRateLimitExceededException', 429), 'transient'],
    ['EBS throttles', awsError('RequestThrottledException', 400), 'transient'],
    ['a throttle of another name', awsError('Whatever', 429), 'transient'],
    ['EC2 has an internal error', awsError('InternalError', 500), 'transient'],
    ['Image Builder is unavailable', awsError('ServiceUnavailableException', 503), 'transient'],
    ['a gateway fails', awsError('Whatever', 502), 'transient'],
    ['the connection drops', Object.assign(awsError('Error'), { code: 'ECONNRESET' }), 'transient'],
    ['the call times out', awsError('TimeoutError'), 'transient'],
    ['the pass is out of time', awsError('AbortError'), 'transient'],
    ['an answer has metadata without a status', Object.assign(awsError('Odd'), { $metadata: {} }), 'transient'],
    ['an answer has no metadata in it', Object.assign(awsError('Odd'), { $metadata: null }), 'transient'],
    ['the account runs too many imports', awsError('ResourceLimitExceeded', 400), 'quota'],
    ['Image Builder is at its quota', awsError('ServiceQuotaExceededException', 402), 'quota'],
    ['the service role is not there yet', awsError('InvalidParameter', 400, 'The service role vmimport provided does not exist or does not have sufficient permissions'), 'service-role'],
    ['the handler may not do it', awsError('UnauthorizedOperation', 403), 'access-denied'],
    ['the AMI is gone', awsError('InvalidAMIID.NotFound', 400), 'not-found'],
    ['the AMI was deregistered', awsError('InvalidAMIID.Unavailable', 400), 'not-found'],
    ['the task is unknown', awsError('InvalidConversionTaskId.Malformed', 400), 'not-found'],
    ['the image is gone', awsError('ResourceNotFoundException', 404), 'not-found'],
    ['an AMI uses the snapshot', awsError('InvalidSnapshot.InUse', 400), 'in-use'],
    ['a recipe uses the image', awsError('ResourceDependencyException', 400), 'in-use'],
    ['EC2 knows the token', awsError('IdempotentParameterMismatch', 400), 'token-used'],
    ['Image Builder knows the token', awsError('IdempotentParameterMismatchException', 400), 'token-used'],
    ['a parameter is wrong', awsError('InvalidParameterValue', 400), 'definite'],
  ])('where %s is told apart', (_case, error, kind) => {
    expect(kindOf(error)).toBe(kind);
  });

  test('is definite where it is no error at all', () => {
    expect(kindOf('oops')).toBe('definite');
    expect(describeError('oops')).toBe('oops');
  });

  test('is told as AWS said it', () => {
    expect(describeError(awsError('InvalidParameterValue', 400))).toBe('InvalidParameterValue: said AWS');
  });
});
