import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import type { Logger } from '@smithy/types';

/** The configuration of an SDK client whose requests stay in this process: it needs neither real pauses nor signatures. */
export const IN_PROCESS = {
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  // As often as in AWS, but without sleeping in real time.
  retryStrategy: new ConfiguredRetryStrategy(4, 0),
  // Nobody checks a signature here; the deploys sign.
  signer: { sign: async <R>(request: R): Promise<R> => request },
  // By default the SDK makes a filtered copy of every answer for a logger that discards it. This one takes warnings only.
  logger: { warn: console.warn } as Logger,
};
