import { AwsError } from '../aws-error';

/** Patterns and lengths of the Image Builder API reference. */
const MAX_NODE = 2 ** 30 - 1;
const MAX_TAGS = 50;

/** @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html */
export function checkVersion(name: string, value: string | undefined): void {
  if (value === undefined || !/^[0-9]+\.[0-9]+\.[0-9]+$/.test(value)) {
    throw invalid(name, `${name} must match pattern ^[0-9]+\\.[0-9]+\\.[0-9]+$`);
  }
  if (value.split('.').some((node) => Number(node) > MAX_NODE)) {
    throw new AwsError('InvalidVersionNumberException', `The version ${value} is not valid. Each node is at most ${MAX_NODE}.`);
  }
}

export function checkLength(name: string, value: string | undefined, min: number, max: number): void {
  if (value !== undefined && (value.length < min || value.length > max)) {
    throw invalid(name, `${name} must have a length between ${min} and ${max}.`);
  }
}

export function checkPattern(name: string, value: string | undefined, pattern: RegExp): void {
  if (value !== undefined && !pattern.test(value)) {
    throw invalid(name, `${name} must match pattern ${pattern.source}`);
  }
}

export function checkOneOf(name: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw invalid(name, `${name} must be one of ${allowed.join(', ')}.`);
  }
}

/** The SDK makes one up when the caller gives none. */
export function checkClientToken(value: string | undefined): asserts value is string {
  if (value === undefined) {
    throw invalid('clientToken', 'clientToken must not be null.');
  }
  checkLength('clientToken', value, 1, 36);
}

/** @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_TagResource.html */
export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length < 1 || entries.length > MAX_TAGS) {
    throw new AwsError('InvalidParameterException', `A resource takes 1 to ${MAX_TAGS} tags, got ${entries.length}`);
  }
  for (const [key, value] of entries) {
    checkTagKey(key);
    checkLength(`tags.${key}`, value, 0, 256);
  }
}

export function checkTagKey(key: string): void {
  checkLength('tags key', key, 1, 128);
  checkPattern('tags key', key, /^(?!aws:)[a-zA-Z+-=._:/]+$/);
}

export function invalid(name: string, why: string): AwsError {
  return new AwsError('InvalidParameterValueException', `The value supplied for parameter '${name}' is not valid. ${why}`);
}
