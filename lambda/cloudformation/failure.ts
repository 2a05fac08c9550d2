/** The longest failure reason; CloudFormation's answer of 4,096 bytes holds it beside ids and ARNs. */
const MAX_REASON_LENGTH = 1200;

/**
 * A definite failure, as one sentence for the CloudFormation event.
 *
 * Its stack is only its message, because the provider framework shows users the stack.
 */
export class Failure extends Error {
  constructor(sentence: string) {
    super(clean(sentence));
    this.name = 'VmImportFailure';
    this.stack = this.message;
  }
}

/** One line, bounded, and without the query of a URL, which in a presigned URL is the credential. */
export function clean(text: string): string {
  const oneLine = withoutSecrets(text).replace(/\s+/g, ' ').trim();
  return oneLine.length > MAX_REASON_LENGTH ? `${oneLine.slice(0, MAX_REASON_LENGTH - 1)}…` : oneLine;
}

/** The text with the query string of every http(s) URL taken out. */
export function withoutSecrets(text: string): string {
  return text.replace(/(https?:\/\/[^\s?"]+)\?[^\s"]*/gi, '$1?…');
}
