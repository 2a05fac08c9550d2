/** The longest failure reason. CloudFormation's answer of 4,096 bytes holds it beside ids and ARNs. */
const MAX_REASON_LENGTH = 1200;

/**
 * A definite failure, in a sentence for the CloudFormation event.
 *
 * Its stack is its message alone, because the provider framework shows users the stack.
 */
export class Failure extends Error {
  constructor(sentence: string) {
    super(clean(sentence));
    this.name = 'VmImportFailure';
    this.stack = this.message;
  }
}

/** Returns the text in one line of bounded length, without the query of any URL: in a presigned URL, the query is the credential. */
export function clean(text: string): string {
  const oneLine = withoutSecrets(text).replace(/\s+/g, ' ').trim();
  return oneLine.length > MAX_REASON_LENGTH ? `${oneLine.slice(0, MAX_REASON_LENGTH - 1)}…` : oneLine;
}

/** Returns the text without the query of any http(s) URL. */
export function withoutSecrets(text: string): string {
  return text.replace(/(https?:\/\/[^\s?"]+)\?[^\s"]*/gi, '$1?…');
}
