import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError } from './errors';

/** Requires a text, where there is one, to have at least 1 character and at most so many as given. */
export function requireText(scope: Construct, what: string, text: string | undefined, most?: number): void {
  if (text === undefined || Token.isUnresolved(text)) {
    return;
  }
  if (text.length === 0) {
    throw new ValidationError(`${what} is empty: give at least 1 character, or leave it out.`, scope);
  }
  if (most !== undefined && text.length > most) {
    throw new ValidationError(`${what} has ${text.length} characters: shorten it to ${most}.`, scope);
  }
}
