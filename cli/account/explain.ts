import { kindOf } from '../../lambda/aws/errors';
import { PERMISSIONS_PAGE } from '../help';
import { printable, reasonOf } from '../screen/printable';

// The bundle of the command contains the class twice, in its entry and beside the AWS SDK, so instances are recognized by name.
const EXPLAINED = 'Explained';

/** An error whose message is already the whole sentence for the user. */
export class Explained extends Error {
  public readonly name = EXPLAINED;
}

const EXPIRED = /^(ExpiredToken|ExpiredTokenException)$/;
const WRONG_TIME = /^(RequestExpired|RequestTimeTooSkewed|InvalidSignatureException)$/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
/** AWS also answers so in a Region that the account has not enabled: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html */
const UNKNOWN_CREDENTIALS = /^(InvalidClientTokenId|UnrecognizedClientException|AuthFailure|InvalidAccessKeyId)$/;

/** Returns one sentence that says why AWS did not do what the command needs, and what to do about it. */
export function explain(error: unknown): string {
  const { name, message } = nameAndMessage(error);
  if (name === EXPLAINED) {
    return printable(message);
  }
  const said = reasonOf(error).replace(/\.$/, '');
  if (/^Region is missing/.test(message)) {
    return 'No AWS Region is configured: use --region, or set AWS_REGION.';
  }
  if (/^Region not accepted/.test(message)) {
    return `The AWS Region is not valid (${said}): use one such as eu-west-1.`;
  }
  if (EXPIRED.test(name) || (NO_CREDENTIALS.test(name) && /expired/i.test(message))) {
    return `The AWS credentials have expired (${said}): log in again, for example with "aws sso login".`;
  }
  if (NO_CREDENTIALS.test(name)) {
    return `No AWS credentials were found (${said}): use --profile, set AWS_PROFILE, or log in as for the AWS CLI.`;
  }
  if (WRONG_TIME.test(name)) {
    return `AWS refuses the signature of the request (${said}): set the clock of this machine, and check the secret access key.`;
  }
  if (UNKNOWN_CREDENTIALS.test(name)) {
    return `AWS does not accept these credentials in this Region (${said}): check the profile, and whether the account has enabled the Region.`;
  }
  if (codeOf(error) === 'ENOTFOUND') {
    return `The AWS endpoint was not found (${said}): check the Region and the network.`;
  }
  switch (kindOf(error)) {
    case 'access-denied':
      return `${deniedText(error, message)} (${said}): add it to the IAM policy; ${PERMISSIONS_PAGE} lists all permissions of the command.`;
    case 'transient':
      return `AWS does not answer (${said}): try again.`;
    default:
      return `AWS refuses the request (${said}): check --region and --profile.`;
  }
}

/** Returns whether the error may pass by itself, so that another attempt makes sense. */
export function mayPass(error: unknown): boolean {
  const { name, message } = nameAndMessage(error);
  return kindOf(error) === 'transient' && name !== EXPLAINED && !/^Region /.test(message)
    && ![EXPIRED, WRONG_TIME, NO_CREDENTIALS, UNKNOWN_CREDENTIALS].some((final) => final.test(name));
}

/** Names the permission: AWS's message usually does; otherwise the call that failed implies it. */
function deniedText(error: unknown, message: string): string {
  const permission = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1] ?? permissionOf(error);
  return permission === undefined ? 'The AWS credentials lack a permission' : `The AWS credentials lack the permission ${permission}`;
}

/** Adds the permission that a call needs to the error with which it failed. */
export function withPermission(error: unknown, permission: string): unknown {
  return Object.assign(Object(error), { permission });
}

function permissionOf(error: unknown): string | undefined {
  return (Object(error) as { readonly permission?: string }).permission;
}

function codeOf(error: unknown): string | undefined {
  return (Object(error) as { readonly code?: string }).code;
}

function nameAndMessage(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error ? error : { name: '', message: String(error) };
}
