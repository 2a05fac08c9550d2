import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EBSClient, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import type { DiskCopyServers } from './disk-copy-server';
import type { WorkerCost } from './disk-copy-worker';
import { rounded, type Group } from './figure';
import { decompressors } from '../lambda/disk-copy/decompressors';
import { planDiskCopy } from '../lambda/disk-copy/plan';
import { openVirtualDisk, type VirtualDiskFormat } from '../src/shared/disk-image/virtual-disk';

const MIB = 1024 * 1024;
const SIZE = Number(process.env.BENCH_DISK_MIB ?? 1024) * MIB;
const WINDOW = 8 * MIB;
const MOST_RSS_MIB = 512;

interface Image {
  readonly name: string;
  readonly format: VirtualDiskFormat;
  /** Arguments of qemu-img convert. */
  readonly convert: readonly string[];
  /** What the worker has to reach, in MiB/s. */
  readonly atLeast?: number;
}

const IMAGES: readonly Image[] = [
  { name: 'RAW', format: 'RAW', convert: ['-O', 'raw'], atLeast: 300 },
  { name: 'VMDK stream-optimized', format: 'VMDK', convert: ['-O', 'vmdk', '-o', 'subformat=streamOptimized'], atLeast: 150 },
  { name: 'VMDK sparse', format: 'VMDK', convert: ['-O', 'vmdk'] },
  { name: 'VHD dynamic', format: 'VHD', convert: ['-O', 'vpc', '-o', 'force_size=on'] },
  { name: 'VHDX dynamic', format: 'VHDX', convert: ['-O', 'vhdx'] },
  { name: 'qcow2', format: 'QCOW2', convert: ['-O', 'qcow2'] },
  { name: 'qcow2 with deflate', format: 'QCOW2', convert: ['-c', '-O', 'qcow2'] },
  { name: 'qcow2 with Zstandard', format: 'QCOW2', convert: ['-c', '-O', 'qcow2', '-o', 'compression_type=zstd'] },
];

interface Measured {
  readonly image: Image;
  readonly worker: WorkerCost;
  /** MiB of the disk for each second. */
  readonly copied: number;
  readonly decoded: number;
  readonly decodedByQemu: number;
}

/** Measures the worker against loopback servers, and the decoding alone against qemu-img. Needs qemu-img. */
export async function diskCopyGroup(bundle: string): Promise<Group> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-disk-copy-'));
  try {
    const raw = join(folder, 'disk.raw');
    writeDisk(raw);
    const measured: Measured[] = [];
    for (const image of IMAGES) {
      const path = join(folder, 'image');
      execFileSync('qemu-img', ['convert', '-f', 'raw', ...image.convert, raw, path]);
      measured.push(await measure(image, path, bundle));
      rmSync(path);
    }
    return groupOf(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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

async function measure(image: Image, path: string, bundle: string): Promise<Measured> {
  const worker = await copyOnce(image, path, bundle);
  const decoded = await decodeOnce(image, path);
  const started = performance.now();
  execFileSync('qemu-img', ['convert', '-n', '--target-image-opts', path, `driver=null-co,size=${SIZE}`]);
  const qemuSeconds = (performance.now() - started) / 1_000;
  return { image, worker, copied: SIZE / MIB / worker.seconds, decoded, decodedByQemu: SIZE / MIB / qemuSeconds };
}

async function copyOnce(image: Image, path: string, bundle: string): Promise<WorkerCost> {
  const server = spawn('node', ['--import', 'tsx', join(__dirname, 'disk-copy-server.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const line = await new Promise<Buffer>(resolve => server.stdout.once('data', resolve));
    const { s3, ebs } = JSON.parse(line.toString()) as DiskCopyServers;
    const env = {
      AWS_ENDPOINT_URL_S3: s3, AWS_ENDPOINT_URL_EBS: ebs, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test',
    };
    const client = new EBSClient({ endpoint: ebs, region: env.AWS_REGION, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const { SnapshotId: snapshotId = '' } = await client.send(new StartSnapshotCommand({ VolumeSize: Math.ceil(SIZE / MIB / 1024) }));
    client.destroy();
    const source = { bucket: 'images', key: 'disk', eTag: '"1"', size: statSync(path).size };
    const input = JSON.stringify(planDiskCopy({ source, format: image.format, snapshotId, unallocatedBlocks: 'write', virtualSize: SIZE }));
    const run = spawnSync('node', ['--import', 'tsx', join(__dirname, 'disk-copy-worker.ts'), bundle], {
      input, env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'],
    });
    return JSON.parse(run.stdout) as WorkerCost;
  } finally {
    server.kill();
  }
}

/** Reads the whole disk from a local file, in this process, on one core. Returns MiB for each second. */
async function decodeOnce({ format }: Image, path: string): Promise<number> {
  const file = openSync(path, 'r');
  try {
    const read = async (offset: number, size: number) => {
      const bytes = Buffer.allocUnsafe(size);
      return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
    };
    const disk = await openVirtualDisk({ image: { length: statSync(path).size, read }, format, decompressors });
    const started = performance.now();
    for (let at = 0; at < disk.size; at += WINDOW) {
      await disk.read(at, Math.min(WINDOW, disk.size - at));
    }
    return disk.size / MIB / ((performance.now() - started) / 1_000);
  } finally {
    closeSync(file);
  }
}

function groupOf(measured: readonly Measured[]): Group {
  return {
    title: 'Copying a disk into a snapshot',
    tables: [{
      head: ['Image', 'Worker', 'Required', 'CPU time', 'Resident at most', 'Decoding alone', 'qemu-img convert'],
      rows: measured.map(({ image, worker, copied, decoded, decodedByQemu }) => [
        image.name, `${rounded(copied)} MiB/s`, image.atLeast === undefined ? '' : `${image.atLeast} MiB/s`,
        `${rounded(worker.cpuSeconds / (SIZE / MIB / 1024))} s for each GiB`, `${rounded(worker.maxRssMiB)} of ${MOST_RSS_MIB} MiB`,
        `${rounded(decoded)} MiB/s`, `${rounded(decodedByQemu)} MiB/s`,
      ]),
    }],
    notes: [`A disk of ${SIZE / MIB} MiB. The bundled worker with the SDK on its wire; Amazon S3 and the EBS direct APIs are one process on the other core, which verifies each checksum.`],
  };
}
