import type { Group } from './figure';
import type { ImportRun } from './one-import';

/**
 * Prices of us-east-1 in US dollars, without free tiers.
 *
 * @see https://aws.amazon.com/lambda/pricing/ (x86)
 * @see https://aws.amazon.com/step-functions/pricing/ (standard workflows)
 * @see https://aws.amazon.com/cloudwatch/pricing/ (ingestion of custom logs)
 */
export const PRICES = {
  asOf: '2026-01',
  lambdaRequest: 0.20 / 1e6,
  lambdaGigabyteSecond: 0.0000166667,
  stateTransition: 0.025 / 1_000,
  logsGigabyte: 0.50,
} as const;

/**
 * What AWS bills for one invocation: not measured in AWS, and estimated high. The handler waits for AWS, and the function of the
 * CDK's provider framework waits for the handler.
 */
const BILLED = {
  handler: { milliseconds: 1_000, megabytes: 256 },
  framework: { milliseconds: 1_200, megabytes: 128 },
  /** Bytes that AWS Lambda logs for each invocation: START, END and REPORT. */
  logOfLambda: 400,
  /** Bytes that the framework logs for each invocation, with the event and the answer. */
  logOfFramework: 6_000,
} as const;

/** Returns the dollars that an import costs. */
export function costsOf({ passes, onEvents, loggedBytes }: Pick<ImportRun, 'passes' | 'onEvents' | 'loggedBytes'>) {
  const invocations = passes + onEvents;
  const gigabyteSeconds = [BILLED.handler, BILLED.framework].reduce((sum, each) => sum + (each.milliseconds / 1_000) * (each.megabytes / 1_024), 0);
  const lambda = invocations * (2 * PRICES.lambdaRequest + gigabyteSeconds * PRICES.lambdaGigabyteSecond);
  // The framework's state machine has one task: it starts once for each segment, and retries for each further pass.
  const stepFunctions = invocations * PRICES.stateTransition;
  const logs = ((loggedBytes + invocations * (2 * BILLED.logOfLambda + BILLED.logOfFramework)) / 1e9) * PRICES.logsGigabyte;
  return { lambda, stepFunctions, logs, all: lambda + stepFunctions + logs };
}

export function costGroup(imports: readonly (readonly [what: string, run: ImportRun])[]): Group {
  return {
    title: 'Costs',
    tables: [{
      head: ['Import', 'Lambda', 'Step Functions', 'CloudWatch Logs', 'In all'],
      rows: imports.map(([what, run]) => {
        const { lambda, stepFunctions, logs, all } = costsOf(run);
        return [what, ...[lambda, stepFunctions, logs, all].map((dollars) => `$${dollars.toFixed(4)}`)];
      }),
    }],
    notes: [
      `Computed with the prices of us-east-1 of ${PRICES.asOf}, without free tiers (bench/costs.ts).`,
      `Estimated high, not measured in AWS: ${BILLED.handler.milliseconds} ms at ${BILLED.handler.megabytes} MB for a pass, `
      + `${BILLED.framework.milliseconds} ms at ${BILLED.framework.megabytes} MB for the framework's function around it.`,
      'VM Import/Export and Image Builder\'s import are free. Amazon S3, snapshots and instances cost the same as without this library.',
    ],
  };
}
