import type { Finding } from './questions';
import { UNKNOWN_IDS, UNKNOWNS } from '../../test/local-cloud/emulator/unknowns';

/** What an acceptance run writes, to be attached to an issue. It names no account, bucket or key. */
export interface Report {
  readonly tool: 'cdk-vm-import acceptance run';
  readonly version: 1;
  readonly startedAt: string;
  readonly region: string;
  /** The most that the run could cost, in US dollars. */
  readonly costCeiling: number;
  readonly findings: readonly Finding[];
  /** Questions that only the random schedules and other accounts can answer. */
  readonly notAsked: readonly string[];
  /** Steps that failed, with AWS's sentence. */
  readonly failures: readonly string[];
  /** The integration tests that were deployed. */
  readonly deployments: readonly { readonly name: string; readonly outcome: 'passed' | 'failed' }[];
}

export function reportOf(parts: Pick<Report, 'startedAt' | 'region' | 'costCeiling' | 'findings' | 'failures' | 'deployments'>): Report {
  const asked = new Set<string>(parts.findings.map(({ id }) => id));
  return {
    tool: 'cdk-vm-import acceptance run',
    version: 1,
    ...parts,
    notAsked: UNKNOWN_IDS.filter((id) => !asked.has(id)).map((id) => UNKNOWNS[id].question),
  };
}

const GIB = 1024 ** 3;
/** An AMI's snapshot, the one of the deployed stack and its copy by the stack's key. */
const SNAPSHOTS = 3;
const HOURS = 6;
/** By the list prices of us-east-1 of 2026, US dollars: a GB of snapshot for a month, a KMS key for a month. */
const PRICES = { snapshot: 0.05, key: 1 };
const HOURS_OF_A_MONTH = 730;
/** State machines, functions, logs, requests, and the price differences between Regions. */
const REST = 0.25;

/** Returns the most that a run with a disk of so many bytes can cost, in US dollars rounded up to the cent. A compressed disk is taken to grow tenfold. */
export function costCeiling(diskBytes: number): number {
  const gib = Math.max(1, (diskBytes * 10) / GIB);
  const hours = HOURS / HOURS_OF_A_MONTH;
  return Math.ceil((gib * SNAPSHOTS * PRICES.snapshot * hours + PRICES.key * hours + REST) * 100) / 100;
}
