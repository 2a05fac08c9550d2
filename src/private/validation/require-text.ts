import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError } from './errors';
import { requireString } from './require-type';

/**
 * What does not arrive as it is: XML, which EC2 answers in, has no control characters but tab and line ends, and UTF-8
 * has no half of a surrogate pair. https://www.w3.org/TR/xml/#charsets
 */
const NOT_DELIVERED = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Requires a text, where there is one, to have at least 1 character and at most so many as given. */
export function requireText(scope: Construct, what: string, text: string | undefined, most?: number): void {
  if (text === undefined || Token.isUnresolved(text)) {
    return;
  }
  requireString(scope, what, text, 'a text');
  if (text.length === 0) {
    throw new ValidationError(`${what} is empty: give at least 1 character, or leave it out.`, scope);
  }
  const wrong = text.search(NOT_DELIVERED);
  if (wrong >= 0) {
    throw new ValidationError(`${what} has the character U+${codePoint(text, wrong)}, which does not reach AWS as it is: leave it out.`, scope);
  }
  if (most !== undefined && text.length > most) {
    throw new ValidationError(`${what} has ${text.length} characters: shorten it to ${most}.`, scope);
  }
}

function codePoint(text: string, index: number): string {
  return text.charCodeAt(index).toString(16).toUpperCase().padStart(4, '0');
}
