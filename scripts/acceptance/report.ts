import type { Finding } from './questions';
import { UNKNOWN_IDS, UNKNOWNS, type UnknownId } from '../../test/local-cloud/emulator/unknowns';

/** A question without a finding. */
export interface NotAsked {
  readonly question: string;
  readonly why: string;
}

/** Why the run does not ask these questions. */
const WHY_NOT: Readonly<Partial<Record<UnknownId, string>>> = {
  fullQuota: 'It takes as many imports at once as the quota allows, and would hold up all others in the account.',
  refusedDisk: 'It takes a role that is made a moment before its first use.',
  taskMemory: 'It takes longer than the run to see a task vanish.',
  pageLength: 'It takes more resources than the run makes.',
  failedTaskSnapshots: 'It takes an import of a snapshot that fails.',
  defaultKey: 'It takes a change of the default key of the account.',
  goneImage: 'It takes a caller whose permission requires a tag of the image; the run uses the credentials that it was given.',
  requestIds: 'It takes a deployment that fails and is tried again.',
  executions: 'The answer is in aws-cdk-lib, and not in AWS.',
  lastUpdated: 'Only a custom resource sees it.',
  cleanup: 'Only a custom resource sees it.',
  deliveries: 'It happens too rarely to be seen in one run.',
  givenUp: 'It takes an update that fails halfway.',
  replacedProperties: 'It takes an update that replaces an import.',
  failedReplacement: 'It takes an update that fails halfway.',
  failedRollback: 'It takes a rollback that fails.',
  ebsAccountThrottle: 'It takes enough requests to throttle every other use of EBS in the account.',
  ebsAbandoned: 'It takes longer than the shortest timeout of a snapshot, and leaves one in the state "error" on purpose.',
  person: 'Only the account knows its lifecycle policies.',
  conditionKeys: 'The deployments answer it: each import needs both keys.',
  copySource: 'It takes a role that may copy AMIs with a tag only.',
  copyTime: 'It takes a copy of a large AMI, which costs more than the rest of the run.',
  protection: 'With a cooldown, the AMI of the run could not be deleted for 24 hours.',
  headAndKms: 'It takes a bucket with a KMS key, and a caller who may not use that key.',
  conditionalDelete: 'The run writes nothing into the bucket of the disk.',
};

/** What an acceptance run writes, to be attached to an issue. It names no account, bucket or key. */
export interface Report {
  readonly tool: 'cdk-vm-import acceptance run';
  readonly version: 2;
  readonly startedAt: string;
  readonly region: string;
  /** The most that the run could cost, in US dollars. */
  readonly costCeiling: number;
  readonly findings: readonly Finding[];
  readonly notAsked: readonly NotAsked[];
  /** Steps that failed, with AWS's sentence. */
  readonly failures: readonly string[];
  /** The integration tests that were deployed. */
  readonly deployments: readonly { readonly name: string; readonly outcome: 'passed' | 'failed' }[];
}

export function reportOf(parts: Pick<Report, 'startedAt' | 'region' | 'costCeiling' | 'findings' | 'failures' | 'deployments'>): Report {
  const asked = new Set<string>(parts.findings.map(({ id }) => id));
  return {
    tool: 'cdk-vm-import acceptance run',
    version: 2,
    ...parts,
    notAsked: UNKNOWN_IDS.filter((id) => !asked.has(id)).map((id) => ({ question: UNKNOWNS[id].question, why: WHY_NOT[id] ?? 'The step that asks it failed.' })),
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
