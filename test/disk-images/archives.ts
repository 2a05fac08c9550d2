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

/** The size of a member as headers have it. */
function octal(size: number): string {
  return `${size.toString(8).padStart(11, '0')}\0`;
}

/** One member of an archive, packed in memory: its header has the size and the type that are given, whatever the body is. */
export function member(name: string, body: Uint8Array, size: Uint8Array | string = octal(body.length), type = '0'): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name);
  header.set(Buffer.from(size), 124);
  header.write(`        ${type}`, 148);
  header.write('ustar\0', 257);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((512 - body.length % 512) % 512)]);
}
