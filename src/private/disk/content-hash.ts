import { createHash } from 'crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, statSync, writeFileSync } from 'fs';
import { homedir } from 'os';
import { basename, join } from 'path';

const CHUNK_BYTES = 4 * 1024 * 1024;
const GIB = 1024 ** 3;

/** Smaller files are hashed in a moment. */
const KEPT_FROM_BYTES = 64 * 1024 * 1024;
/** Hashes that stay on disk. */
const KEPT_AT_MOST = 200;
/** A file that was written so recently may be written again within the precision of its times. */
const SETTLED_AFTER_MS = 2_000;
const REPORTED_EVERY_MS = 5_000;

/** Hashes that this process knows. */
const known = new Map<string, string>();

/**
 * Returns the SHA-256 of a file of any size.
 *
 * The CDK's own fingerprint of a file whose first bytes hold no zero byte takes it for text: it evens out line ends and
 * replaces bytes that are no UTF-8, so two different disks could have the same one.
 *
 * The hash of a large file stays in `~/.cdk/cache`, as the CDK's own fingerprints do, so that the next synthesis does not read
 * the file again.
 */
export function contentHash(path: string): string {
  const file = identityOf(path);
  const sameFile = known.get(file.identity);
  if (sameFile !== undefined) {
    return sameFile;
  }
  const hash = (file.size >= KEPT_FROM_BYTES ? keptHash(file.identity) : undefined) ?? hashFile(path, file.size);
  known.set(file.identity, hash);
  // A hash that was kept already is written again, so that the ones in use are the newest.
  if (file.size >= KEPT_FROM_BYTES && Date.now() - file.changedAt > SETTLED_AFTER_MS && identityOf(path).identity === file.identity) {
    keepHash(file.identity, hash);
  }
  return hash;
}

interface FileIdentity {
  /** Another one after any write: the time of the last change cannot be set by hand. */
  readonly identity: string;
  /** In bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

function identityOf(path: string): FileIdentity {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return { identity: [dev, ino, size, mtimeNs, ctimeNs].join('-'), size: Number(size), changedAt: Number(ctimeNs / 1_000_000n) };
}

function hashFile(path: string, size: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const file = openSync(path, 'r');
  let done = 0;
  let reportedAt = Date.now();
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      done += read;
      if (Date.now() - reportedAt >= REPORTED_EVERY_MS) {
        reportedAt = Date.now();
        process.stderr.write(`Hashing ${basename(path)}: ${(done / GIB).toFixed(1)} of ${(size / GIB).toFixed(1)} GiB\n`);
      }
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** The folder of the hashes: one file each, named by the identity of the disk image. */
function folder(): string {
  return join(homedir(), '.cdk', 'cache', 'cdk-vm-import');
}

function keptHash(identity: string): string | undefined {
  try {
    const hash = readFileSync(join(folder(), identity), 'utf8');
    return /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a hash. A folder that cannot be written costs time at the next synthesis, and nothing else. */
function keepHash(identity: string, hash: string): void {
  try {
    const path = join(folder(), identity);
    mkdirSync(folder(), { recursive: true });
    // A synthesis that runs at the same time reads all of it or nothing.
    writeFileSync(`${path}.${process.pid}`, hash);
    renameSync(`${path}.${process.pid}`, path);
    const kept = readdirSync(folder()).map((name) => ({ name, at: statSync(join(folder(), name)).mtimeMs })).sort((a, b) => b.at - a.at);
    kept.slice(KEPT_AT_MOST).forEach(({ name }) => rmSync(join(folder(), name)));
  } catch {
    // The hash itself is right.
  }
}
