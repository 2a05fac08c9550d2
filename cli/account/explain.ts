import { kindOf } from '../../lambda/aws/errors';
import { reasonOf } from '../screen/printable';

const EXPIRED = /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;

/** Why AWS could not be asked, in one sentence that says what to do. */
export function explain(error: unknown): string {
  const { name, message } = nameAndMessage(error);
  const said = reasonOf(error).replace(/\.$/, '');
  if (/^Region is missing/.test(message)) {
    return 'No AWS Region is configured: give --region, or set AWS_REGION.';
  }
  if (NO_CREDENTIALS.test(name)) {
    return `There are no AWS credentials (${said}): give --profile, set AWS_PROFILE, or log in as for the AWS CLI.`;
  }
  if (EXPIRED.test(name)) {
    return `The AWS credentials have expired (${said}): log in again as for the AWS CLI.`;
  }
  switch (kindOf(error)) {
    case 'access-denied':
      return `AWS refuses the call (${said}): docs/command.md lists the permissions that the command needs.`;
    case 'transient':
      return `AWS does not answer (${said}): try again.`;
    default:
      return `AWS cannot be asked (${said}): check --region and --profile.`;
  }
}

/** Whether it may pass by itself, so that asking again makes sense. */
export function mayPass(error: unknown): boolean {
  const { name, message } = nameAndMessage(error);
  return kindOf(error) === 'transient' && !EXPIRED.test(name) && !NO_CREDENTIALS.test(name) && !/^Region is missing/.test(message);
}

function nameAndMessage(error: unknown): { readonly name: string; readonly message: string } {
  return error instanceof Error ? error : { name: '', message: String(error) };
}
