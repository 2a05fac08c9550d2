import { Token } from 'aws-cdk-lib';
import { IConstruct, Construct } from 'constructs';
import { Platform } from '../../image-options';

/**
 * A property that AWS would refuse, found at synthesis.
 *
 * aws-cdk-lib has a ValidationError of its own, but keeps it internal.
 */
export class ValidationError extends Error {
  public constructor(sentence: string, scope: IConstruct) {
    super(`${sentence} [at ${scope.node.path}]`);
    this.name = 'ValidationError';
  }
}

/*
 * What the types promise, and a cast, or JavaScript, does not keep: found here, it is one sentence, and neither a TypeError
 * of some other line nor a value that AWS refuses after the upload of the disks.
 */

/** Requires one of the values that AWS knows, or a token, where there is one. */
export function requireOneOf(scope: IConstruct, what: string, value: unknown, values: readonly string[]): void {
  if (value !== undefined && !Token.isUnresolved(value) && !values.some((known) => known === value)) {
    throw new ValidationError(`${what} is ${shown(value)}: use one of ${values.join(', ')}.`, scope);
  }
}

/** Requires one of the platforms. User data is written for it, so that a token will not do. */
export function requirePlatform(scope: IConstruct, platform: unknown): void {
  const platforms: readonly unknown[] = Object.values(Platform);
  if (!platforms.includes(platform)) {
    const what = Token.isUnresolved(platform) ? 'only known at deployment' : shown(platform);
    throw new ValidationError(`platform is ${what}: use one of ${platforms.join(', ')}.`, scope);
  }
}

/** Requires a text, or a token. */
export function requireString(scope: IConstruct, what: string, value: unknown, instead: string): void {
  if (typeof value !== 'string' && !Token.isUnresolved(value)) {
    throw new ValidationError(`${what} is ${shown(value)}: use ${instead}.`, scope);
  }
}

/** Requires an object. */
export function requireObject(scope: IConstruct, what: string, value: unknown, instead: string): void {
  if (typeof value !== 'object' || value === null) {
    throw new ValidationError(`${what} is ${shown(value)}: use ${instead}.`, scope);
  }
}

/** Requires true, false, or a token. */
export function requireBoolean(scope: IConstruct, what: string, value: unknown): void {
  if (typeof value !== 'boolean' && !Token.isUnresolved(value)) {
    throw new ValidationError(`${what} is ${shown(value)}: use true or false.`, scope);
  }
}

/** Requires a list, where there is one. */
export function requireList(scope: IConstruct, what: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) {
    throw new ValidationError(`${what} is ${shown(value)}: use a list.`, scope);
  }
}

/** A value in a sentence. An object may be large, or refer to itself. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

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
    throw new ValidationError(`${what} is empty: use at least 1 character, or remove it.`, scope);
  }
  const wrong = text.search(NOT_DELIVERED);
  if (wrong >= 0) {
    throw new ValidationError(`${what} has the character U+${codePoint(text, wrong)}, which does not reach AWS as it is: remove it.`, scope);
  }
  if (most !== undefined && text.length > most) {
    throw new ValidationError(`${what} has ${text.length} characters: shorten it to ${most}.`, scope);
  }
}

function codePoint(text: string, index: number): string {
  return text.charCodeAt(index).toString(16).toUpperCase().padStart(4, '0');
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Whether a text is an ISO 8601 date and time with its zone. */
export function isDateTime(text: string): boolean {
  const date = DATE_TIME.exec(text)?.[1];
  return date !== undefined && isDay(date) && Number.isFinite(Date.parse(text));
}

/** JavaScript takes the 31st of every month, and goes on counting in the next. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00Z`);
  return Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(date);
}
