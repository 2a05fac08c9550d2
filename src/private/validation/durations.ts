import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError, requireObject } from './requirements';
import { ANSWERED_WITHIN } from '../../shared/contract/limits';

const HOUR_SECONDS = 3_600;

export function validatePollInterval(scope: Construct, pollInterval: Duration): void {
  const seconds = secondsOf(scope, 'pollInterval', pollInterval);
  if (seconds < 5 || seconds > 300) {
    throw new ValidationError(`pollInterval is ${seconds} seconds: use 5 seconds to 5 minutes.`, scope);
  }
  if (HOUR_SECONDS % seconds !== 0) {
    throw new ValidationError(
      `pollInterval is ${seconds} seconds, which does not divide an hour evenly, as the CDK's provider framework requires: use 30 seconds, for example.`,
      scope,
    );
  }
}

export function validateTimeout(scope: Construct, timeout: Duration): void {
  const seconds = secondsOf(scope, 'timeout', timeout);
  if (seconds < 60 || seconds > 48 * HOUR_SECONDS) {
    throw new ValidationError(`timeout is ${seconds} seconds: use 1 minute to 48 hours.`, scope);
  }
}

/** Requires the timeout of a disk copy to fit one custom resource. */
export function validateCopyTimeout(scope: Construct, timeout: Duration): void {
  const seconds = secondsOf(scope, 'timeout', timeout);
  if (seconds < 60 || seconds > ANSWERED_WITHIN) {
    throw new ValidationError(`timeout is ${seconds} seconds: use 1 to ${ANSWERED_WITHIN / 60} minutes, which is enough for a disk of 1.4 TiB.`, scope);
  }
}

function secondsOf(scope: Construct, name: string, duration: Duration): number {
  requireObject(scope, name, duration, 'a Duration, such as Duration.minutes(1)');
  if (duration.isUnresolved()) {
    throw new ValidationError(`${name} is only known at deployment, but shapes the template: use a number.`, scope);
  }
  return duration.toSeconds({ integral: false });
}
