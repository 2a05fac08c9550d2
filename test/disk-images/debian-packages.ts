import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { run } from './qemu';

/** Packages are unpacked here once, and not installed: nothing of another architecture could be. */
const CACHE = path.join(__dirname, '..', '..', '.local-cloud', 'debian');

/** What a disk that boots is made of: a kernel, one program, a boot loader. */
export interface BootFiles {
  readonly kernel: string;
  readonly busybox: string;
  /** systemd-boot, a boot loader for UEFI. */
  readonly loader: string;
}

const FILES = {
  amd64: { kernel: 'linux-image-cloud-amd64', loader: 'systemd-bootx64.efi' },
  arm64: { kernel: 'linux-image-cloud-arm64', loader: 'systemd-bootaa64.efi' },
} as const;
export type DebianArchitecture = keyof typeof FILES;

/**
 * Downloads and unpacks what a disk of an architecture boots with, from Debian's archive. arm64 needs `dpkg --add-architecture arm64`.
 *
 * @returns nothing where this is no Debian or its archive cannot be reached
 */
export function bootFiles(architecture: DebianArchitecture): BootFiles | undefined {
  const folder = path.join(CACHE, architecture);
  return found(folder, architecture) ?? (download(folder, architecture) ? found(folder, architecture) : undefined);
}

function found(folder: string, architecture: DebianArchitecture): BootFiles | undefined {
  const boot = path.join(folder, 'boot');
  const kernel = fs.existsSync(boot) ? fs.readdirSync(boot).find(name => name.startsWith('vmlinuz-')) : undefined;
  const files = { busybox: path.join(folder, 'bin', 'busybox'), loader: path.join(folder, 'usr', 'lib', 'systemd', 'boot', 'efi', FILES[architecture].loader) };
  return kernel !== undefined && Object.values(files).every(fs.existsSync) ? { kernel: path.join(boot, kernel), ...files } : undefined;
}

function download(folder: string, architecture: DebianArchitecture): boolean {
  const of = (name: string) => `${name}:${architecture}`;
  // The package of the newest kernel only depends on the one that has it.
  const depends = spawnSync('apt-cache', ['depends', of(FILES[architecture].kernel)], { encoding: 'utf8' });
  const kernel = /Depends: (linux-image-\S+)/.exec(depends.stdout ?? '')?.[1];
  if (kernel === undefined) return false;
  // Another test may download the same beside this one, and must not find half of it.
  fs.mkdirSync(CACHE, { recursive: true });
  const unpacked = fs.mkdtempSync(`${folder}-`);
  const packages = [of(kernel.replace(/:.*$/, '')), of('busybox-static'), of('systemd-boot-efi')];
  if (spawnSync('apt-get', ['download', ...packages], { cwd: unpacked, stdio: 'ignore', timeout: 240_000 }).status === 0) {
    for (const name of fs.readdirSync(unpacked)) {
      run('dpkg-deb', ['-x', path.join(unpacked, name), unpacked]);
      fs.rmSync(path.join(unpacked, name));
    }
    if (found(folder, architecture) === undefined) {
      fs.rmSync(folder, { recursive: true, force: true });
      fs.renameSync(unpacked, folder);
    }
  }
  fs.rmSync(unpacked, { recursive: true, force: true });
  return fs.existsSync(folder);
}
