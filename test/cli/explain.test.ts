import { explain, mayPass } from '../../cli/account/explain';

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name }, more);

test.each<[string, unknown, string, 'passes' | 'stays']>([
  ['no credentials', named('CredentialsProviderError', 'Could not load credentials from any providers'), 'There are no AWS credentials (CredentialsProviderError: Could not load', 'stays'],
  ['a login that is over', named('TokenProviderError', 'The SSO session has expired.'), 'There are no AWS credentials (TokenProviderError: The SSO session has expired):', 'stays'],
  ['expired credentials', named('ExpiredTokenException', 'expired'), 'The AWS credentials have expired (', 'stays'],
  ['a clock that is off', named('RequestExpired', 'too old'), 'The AWS credentials have expired (', 'stays'],
  ['no Region', named('Error', 'Region is missing'), 'No AWS Region is configured: give --region, or set AWS_REGION.', 'stays'],
  ['no permission', named('UnauthorizedOperation', 'You are not authorized.'), 'AWS refuses the call (UnauthorizedOperation: You are not authorized): docs/command.md', 'stays'],
  ['a throttle', named('Throttling', 'Rate exceeded'), 'AWS does not answer (Throttling: Rate exceeded): try again.', 'passes'],
  ['a dropped connection', named('Error', 'socket hang up'), 'AWS does not answer (socket hang up): try again.', 'passes'],
  ['a wrong call', named('ValidationError', 'no', { $metadata: { httpStatusCode: 400 } }), 'AWS cannot be asked (ValidationError: no): check --region and --profile.', 'stays'],
  ['anything else', 'odd', 'AWS cannot be asked (', 'stays'],
])('%s is told in one sentence', (_, error, sentence, passes) => {
  expect(explain(error)).toContain(sentence);
  expect(explain(error)).not.toContain('\n');
  expect(mayPass(error)).toBe(passes === 'passes');
});
