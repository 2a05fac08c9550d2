import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Platform } from '../../image-options';
import { ValidationError } from './errors';

/*
 * What the types promise, and a cast, or JavaScript, does not keep: found here, it is one sentence, and neither a TypeError
 * of some other line nor a value that AWS refuses after the upload of the disks.
 */

/** Requires one of the values that AWS knows, or a token, where there is one. */
export function requireOneOf(scope: IConstruct, what: string, value: unknown, values: readonly string[]): void {
  if (value !== undefined && !Token.isUnresolved(value) && !values.some((known) => known === value)) {
    throw new ValidationError(`${what} is ${shown(value)}: give one of ${values.join(', ')}.`, scope);
  }
}

/** Requires one of the platforms. User data is written for it, so that a token will not do. */
export function requirePlatform(scope: IConstruct, platform: unknown): void {
  const platforms: readonly unknown[] = Object.values(Platform);
  if (!platforms.includes(platform)) {
    const what = Token.isUnresolved(platform) ? 'only known at deployment' : shown(platform);
    throw new ValidationError(`platform is ${what}: give one of ${platforms.join(', ')}.`, scope);
  }
}

/** Requires a text, or a token. */
export function requireString(scope: IConstruct, what: string, value: unknown, instead: string): void {
  if (typeof value !== 'string' && !Token.isUnresolved(value)) {
    throw new ValidationError(`${what} is ${shown(value)}: give ${instead}.`, scope);
  }
}

/** Requires an object. */
export function requireObject(scope: IConstruct, what: string, value: unknown, instead: string): void {
  if (typeof value !== 'object' || value === null) {
    throw new ValidationError(`${what} is ${shown(value)}: give ${instead}.`, scope);
  }
}

/** Requires a list, where there is one. */
export function requireList(scope: IConstruct, what: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) {
    throw new ValidationError(`${what} is ${shown(value)}: give a list.`, scope);
  }
}

/** A value in a sentence. An object may be large, or refer to itself. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value);
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
