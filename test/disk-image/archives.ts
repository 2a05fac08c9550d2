import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A file of an archive: its name and what is in it. */
export type Member = readonly [name: string, content: Uint8Array | string];

/** Packs files by the system's tar: the archive is nobody's here. */
export function tar(members: readonly Member[], ...options: string[]): Uint8Array {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ova-'));
  try {
    members.forEach(([name, content]) => {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), content);
    });
    execFileSync('tar', ['-cf', 'out.tar', ...options, ...members.map(([name]) => name)], { cwd: folder });
    return fs.readFileSync(path.join(folder, 'out.tar'));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

export function descriptor(name: 'vmware' | 'virtualbox'): string {
  return fs.readFileSync(path.join(__dirname, 'descriptors', `${name}.ovf`), 'utf8');
}
