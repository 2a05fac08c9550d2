import { explain, Explained, mayPass, withPermission } from '../../cli/account/explain';

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name }, more);

test.each<[string, unknown, string, 'passes' | 'stays']>([
  ['no credentials', named('CredentialsProviderError', 'Could not load credentials from any providers'), 'No AWS credentials were found (CredentialsProviderError: Could not load credentials from any providers): use --profile, set AWS_PROFILE, or log in as for the AWS CLI.', 'stays'],
  ['a login that is over', named('TokenProviderError', 'The SSO session has expired.'), 'The AWS credentials have expired (TokenProviderError: The SSO session has expired): log in again, for example with "aws sso login".', 'stays'],
  ['expired credentials', named('ExpiredTokenException', 'expired'), 'The AWS credentials have expired (ExpiredTokenException: expired): log in again, for example with "aws sso login".', 'stays'],
  ['expired credentials of Amazon S3', named('ExpiredToken', 'expired'), 'The AWS credentials have expired (', 'stays'],
  ['a clock that is off', named('RequestExpired', 'too old'), 'AWS refuses the signature of the request (RequestExpired: too old): set the clock of this machine, and check the secret access key.', 'stays'],
  ['a clock that is off, by Amazon S3', named('RequestTimeTooSkewed', 'too old'), 'AWS refuses the signature of the request (', 'stays'],
  ['a wrong secret key', named('InvalidSignatureException', 'no match'), 'AWS refuses the signature of the request (', 'stays'],
  ...['InvalidClientTokenId', 'UnrecognizedClientException', 'AuthFailure', 'InvalidAccessKeyId'].map((name): [string, unknown, string, 'stays'] =>
    [name, named(name, 'no'), `AWS does not accept these credentials in this Region (${name}: no): check the profile, and whether the account has enabled the Region.`, 'stays']),
  ['no Region', named('Error', 'Region is missing'), 'No AWS Region is configured: use --region, or set AWS_REGION.', 'stays'],
  ['a Region that cannot be', named('Error', 'Region not accepted: region="eu west"'), 'The AWS Region is not valid (Region not accepted: region="eu west"): use one such as eu-west-1.', 'stays'],
  ['a Region that is not there', named('Error', 'getaddrinfo ENOTFOUND ec2.eu-west-9.amazonaws.com', { code: 'ENOTFOUND' }), 'The AWS endpoint was not found (getaddrinfo ENOTFOUND ec2.eu-west-9.amazonaws.com): check the Region and the network.', 'passes'],
  ['no permission', named('UnauthorizedOperation', 'You are not authorized.'), 'The AWS credentials lack a permission (UnauthorizedOperation: You are not authorized): add it to the IAM policy; https://', 'stays'],
  ['no permission for a known call', withPermission(named('UnauthorizedOperation', 'No.'), 'ec2:DescribeImages'), 'The AWS credentials lack the permission ec2:DescribeImages (', 'stays'],
  ['no permission that the message names', named('AccessDenied', 'User: arn:aws:iam::1:user/me is not authorized to perform: imagebuilder:GetImage on resource: x'), 'The AWS credentials lack the permission imagebuilder:GetImage (', 'stays'],
  ['a throttle', named('Throttling', 'Rate exceeded'), 'AWS does not answer (Throttling: Rate exceeded): try again.', 'passes'],
  ['a dropped connection', named('Error', 'socket hang up'), 'AWS does not answer (socket hang up): try again.', 'passes'],
  ['a wrong call', named('ValidationError', 'no', { $metadata: { httpStatusCode: 400 } }), 'AWS refuses the request (ValidationError: no): check --region and --profile.', 'stays'],
  ['what is a sentence already', new Explained('There is no AWS profile x: check it.'), 'There is no AWS profile x: check it.', 'stays'],
  ['anything else', 'odd', 'AWS refuses the request (', 'stays'],
])('%s is told in one sentence', (_, error, sentence, passes) => {
  expect(explain(error)).toContain(sentence);
  expect(explain(error)).not.toContain('\n');
  expect(mayPass(error)).toBe(passes === 'passes');
});
