import { createHash } from 'crypto';
import { join } from 'path';

// Spies need the modules themselves, not copies of their namespaces.
const fs = jest.requireActual<typeof import('fs')>('fs');
const os = jest.requireActual<typeof import('os')>('os');

const MIB = 1024 * 1024;
const LARGE = 64 * MIB;
const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex');

let home: string;
let path: string;
let read: jest.SpyInstance;
let stderr: jest.SpyInstance;
beforeEach(() => {
  home = fs.mkdtempSync(join(os.tmpdir(), 'content-hash-'));
  path = join(home, 'golden.raw');
  jest.spyOn(os, 'homedir').mockReturnValue(home);
  read = jest.spyOn(fs, 'readSync');
  stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(home, { recursive: true });
});

/** What a process finds that has not hashed anything yet. */
function contentHashOfNewProcess(): string {
  let hash = '';
  jest.isolateModules(() => {
    hash = (jest.requireActual('../../src/private/disk/content-hash') as typeof import('../../src/private/disk/content-hash')).contentHash(path);
  });
  return hash;
}

/** Lets the file be as old as a disk image usually is. */
function settle(): void {
  const now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => now + 60_000);
}

const cache = () => join(home, '.cdk', 'cache', 'cdk-vm-import');
const kept = () => (fs.existsSync(cache()) ? fs.readdirSync(cache()) : []);

function writeLarge(last: string, size = LARGE): string {
  const content = Buffer.alloc(size);
  content.write(last, size - last.length);
  fs.writeFileSync(path, content);
  return hashOf(content);
}

test('the hash of a large file is kept on disk, and the next process does not read the file', () => {
  const hash = writeLarge('one');
  settle();
  expect(contentHashOfNewProcess()).toBe(hash);
  expect(read).toHaveBeenCalled();
  read.mockClear();
  expect(contentHashOfNewProcess()).toBe(hash);
  expect(read).not.toHaveBeenCalled();
  expect(kept()).toHaveLength(1);
});

test('a process looks for a hash once', () => {
  const hash = writeLarge('one');
  settle();
  jest.isolateModules(() => {
    const { contentHash } = jest.requireActual<typeof import('../../src/private/disk/content-hash')>('../../src/private/disk/content-hash');
    expect(contentHash(path)).toBe(hash);
    fs.rmSync(cache(), { recursive: true });
    read.mockClear();
    expect(contentHash(path)).toBe(hash);
  });
  expect(read).not.toHaveBeenCalled();
  expect(kept()).toEqual([]);
});

test('a file that is written again has another hash, even if its size and its time of modification are the same', () => {
  writeLarge('one');
  fs.utimesSync(path, 1, 1);
  settle();
  contentHashOfNewProcess();
  const hash = writeLarge('two');
  fs.utimesSync(path, 1, 1);
  expect(contentHashOfNewProcess()).toBe(hash);
  expect(kept()).toHaveLength(2);
});

test.each([['smaller than 64 MiB', LARGE - 1, 60_000], ['that was written a moment ago', LARGE, 2_000]])('the hash of a file %s is not kept', (_, size, age) => {
  const hash = writeLarge('one', size);
  const { ctimeMs } = fs.statSync(path);
  jest.spyOn(Date, 'now').mockReturnValue(Math.floor(ctimeMs) + age);
  expect(contentHashOfNewProcess()).toBe(hash);
  expect(kept()).toEqual([]);
});

test('the hash of a file that changes while it is read is not kept', () => {
  writeLarge('one');
  settle();
  read.mockImplementationOnce((file: number, chunk: Buffer) => {
    fs.utimesSync(path, 5, 5);
    return fs.readSync(file, chunk, 0, chunk.length, null);
  });
  contentHashOfNewProcess();
  expect(kept()).toEqual([]);
});

test('what is kept and is no hash is not used', () => {
  const hash = writeLarge('one');
  settle();
  contentHashOfNewProcess();
  fs.writeFileSync(join(cache(), kept()[0] ?? ''), 'broken');
  expect(contentHashOfNewProcess()).toBe(hash);
});

test('a folder that cannot be written costs nothing but time', () => {
  const hash = writeLarge('one');
  settle();
  fs.writeFileSync(join(home, '.cdk'), '');
  expect(contentHashOfNewProcess()).toBe(hash);
});

test('the 200 newest hashes are kept', () => {
  fs.mkdirSync(cache(), { recursive: true });
  for (let index = 0; index < 200; index++) {
    fs.writeFileSync(join(cache(), `old-${index}`), '');
    fs.utimesSync(join(cache(), `old-${index}`), 1_000 + index, 1_000 + index);
  }
  writeLarge('one');
  settle();
  contentHashOfNewProcess();
  expect(kept()).toHaveLength(200);
  expect(kept()).not.toContain('old-0');
  expect(kept()).toContain('old-1');
});

test('hashing for longer than 5 seconds says how far it is, every 5 seconds', () => {
  fs.writeFileSync(path, '');
  fs.truncateSync(path, 1024 * MIB);
  let now = Date.now();
  jest.spyOn(Date, 'now').mockImplementation(() => (now += 10));
  read.mockImplementation((_file: number, _chunk: Buffer) => {
    now += 2_600;
    return (read.mock.calls.length <= 5) ? 4 * MIB : 0;
  });
  contentHashOfNewProcess();
  expect(stderr.mock.calls).toEqual([['Hashing golden.raw: 0.0 of 1.0 GiB\n'], ['Hashing golden.raw: 0.0 of 1.0 GiB\n']]);
});
