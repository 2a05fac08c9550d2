/**
 * Stands in for the SDK's retries that also hold back first tries, which a client makes when it is told to. No client here
 * is: functions of many processes cannot share a rate, and an import that is throttled waits for its next pass.
 */
export class AdaptiveRetryStrategy {
  constructor() {
    throw new Error('The bundle has no adaptive retries: see scripts/sdk-replacements/adaptive-retries.ts.');
  }
}
