import type { Group } from './figure';
import type { ImportRun } from './one-import';
import { PRICES } from './unit-prices';

/**
 * What is billed of an invocation. The handler waits for one answer of EC2; the framework's function waits for the handler.
 * Not measured in AWS, and put high on purpose.
 */
export const BILLED = {
  handler: { milliseconds: 1_000, megabytes: 256 },
  /** The framework gives its functions Lambda's default. */
  framework: { milliseconds: 1_200, megabytes: 128 },
  /** Bytes that Lambda itself logs of an invocation: START, END, REPORT. */
  logOfLambda: 400,
  /** Bytes that the framework logs of one of its invocations, event and answer included. */
  logOfFramework: 6_000,
} as const;

export interface Costs {
  readonly lambda: number;
  readonly stepFunctions: number;
  readonly logs: number;
  readonly all: number;
}

type Counts = Pick<ImportRun, 'passes' | 'onEvents' | 'loggedBytes'>;

/** Dollars of an import, from what it took. */
export function costsOf({ passes, onEvents, loggedBytes }: Counts): Costs {
  const invocations = passes + onEvents;
  const gigabyteSeconds = [BILLED.handler, BILLED.framework].reduce((sum, each) => sum + (each.milliseconds / 1_000) * (each.megabytes / 1_024), 0);
  const lambda = invocations * (2 * PRICES.lambdaRequest + gigabyteSeconds * PRICES.lambdaGigabyteSecond);
  // The waiter has one task, which is tried again for each pass; its execution for each segment starts once more.
  const stepFunctions = (passes + onEvents) * PRICES.stateTransition;
  const logs = ((loggedBytes + invocations * (2 * BILLED.logOfLambda + BILLED.logOfFramework)) / 1e9) * PRICES.logsGigabyte;
  return { lambda, stepFunctions, logs, all: lambda + stepFunctions + logs };
}

export interface PricedImport {
  readonly what: string;
  readonly run: Counts;
}

export function costGroup(imports: readonly PricedImport[]): Group {
  return {
    title: 'Costs',
    comparisons: [],
    tables: [{
      head: ['Import', 'Lambda', 'Step Functions', 'CloudWatch Logs', 'In all'],
      rows: imports.map(({ what, run }) => {
        const { lambda, stepFunctions, logs, all } = costsOf(run);
        return [what, ...[lambda, stepFunctions, logs, all].map(dollars)];
      }),
    }],
    notes: [
      `Prices of us-east-1 as of ${PRICES.asOf}, without the free tiers (bench/unit-prices.ts).`,
      `Not measured in AWS but put high: ${BILLED.handler.milliseconds} ms at ${BILLED.handler.megabytes} MB for a pass, `
      + `${BILLED.framework.milliseconds} ms at ${BILLED.framework.megabytes} MB for the framework's function around it (bench/costs.ts).`,
      'VM Import/Export and Image Builder\'s import cost nothing; Amazon S3, snapshots and instances cost what they do without this library.',
    ],
  };
}

export function dollars(amount: number): string {
  return `$${amount.toFixed(4)}`;
}
