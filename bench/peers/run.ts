/**
 * The same import by Packer, Ansible, the AWS CLI and this library, each in an account of its own on the loopback AWS:
 * `npm run bench:peers`. It takes about fifteen minutes, writes its section of bench/RESULTS.md and the tables of it
 * in docs/performance.md, and needs the package registries of Go and Python the first time. Keys of tools and faults as arguments run only those, and write nothing.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { writeSection } from '../results-file';
import { CdkPeer } from './cdk-peer';
import { FAULTS, Fault } from './faults';
import { inLanes } from './lanes';
import { Packer } from './packer';
import type { Peer } from './peer';
import { Ansible, AwsCli } from './python-peers';
import { report } from './report';
import { Contender, faultTable, importTable } from './table';
import { Trial, tryOnce } from './trial';

const RESULTS = join(__dirname, '..', 'RESULTS.md');
const PAGE = join(__dirname, '..', '..', 'docs', 'performance.md');
const PEER_KEYS = ['cdk-vm-import', 'packer', 'ansible', 'aws-cli'];
/** Two cores start two tools at a time; what waits takes none. */
const LANES_WITHOUT_FAULT = 2;
const LANES = 5;

interface Job {
  readonly peer: Peer;
  readonly fault: Fault;
}

async function main(chosen: readonly string[]): Promise<void> {
  const started = Date.now();
  const peers = [new CdkPeer(), new Packer(), new Ansible(), new AwsCli()].filter(({ key }) => isChosen(key, chosen, PEER_KEYS));
  const ready: Peer[] = [];
  const contenders: Contender[] = [];
  for (const peer of peers) {
    const installed = await install(peer);
    tell(`${peer.name}: ${'versions' in installed ? installed.versions : installed.unavailable}`);
    // A prototype's properties are not spread, and a table needs no methods.
    const { key, name, waiting, gives, failure } = peer;
    contenders.push({ key, name, waiting, gives, failure, ...installed });
    if ('versions' in installed) {
      ready.push(peer);
    }
  }
  const faults = FAULTS.filter(({ key }) => isChosen(key, chosen, FAULTS.map((fault) => fault.key)));
  const jobs = ready.flatMap((peer) => faults.filter(({ only }) => only === undefined || only === peer.key).map((fault) => ({ peer, fault })));
  const trials = [
    ...await inLanes(LANES_WITHOUT_FAULT, jobs.filter(({ fault }) => fault.key === 'none'), attempt),
    ...await inLanes(LANES, longestFirst(jobs.filter(({ fault }) => fault.key !== 'none')), attempt),
  ].flat();
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), Node.js ${process.version}`;
  const text = report(contenders, trials, { machine, minutes: (Date.now() - started) / 60_000 });
  console.log(`\n${text}`);
  if (chosen.length === 0 && process.exitCode === undefined) {
    writeSection(RESULTS, 'peers', text);
    writeSection(PAGE, 'peers-without-a-fault', importTable(contenders, trials));
    writeSection(PAGE, 'peers-under-faults', faultTable(contenders, trials));
  }
}

function isChosen(key: string, chosen: readonly string[], kind: readonly string[]): boolean {
  const ofKind = chosen.filter((one) => kind.includes(one));
  return ofKind.length === 0 || ofKind.includes(key);
}

async function install(peer: Peer): Promise<{ versions: string } | { unavailable: string }> {
  try {
    return { versions: await peer.install(new AbortController().signal) };
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

/** The trial; none, and a benchmark that failed, when something of the benchmark itself went wrong. */
async function attempt({ peer, fault }: Job): Promise<readonly Trial[]> {
  try {
    const trial = await tryOnce(peer, fault);
    tell(`${peer.name}, ${fault.title}: ${trial.run.end}${trial.run.code === undefined ? '' : ` ${trial.run.code}`} after ${trial.run.seconds.toFixed(1)} s`);
    return [trial];
  } catch (error) {
    process.exitCode = 1;
    tell(`${peer.name}, ${fault.title}: ${String(error)}`);
    return [];
  }
}

/** The quota and what this library does take longest, as it waits where others end. */
function longestFirst(jobs: readonly Job[]): readonly Job[] {
  const rank = ({ peer, fault }: Job) => (fault.key === 'quota' ? 2 : 0) + (peer.key === 'cdk-vm-import' ? 1 : 0);
  return [...jobs].sort((a, b) => rank(b) - rank(a));
}

function tell(text: string): void {
  console.log(text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
