import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canMakeImages, QemuInfo, qemuInfo, run } from './qemu';
import { makeImage, makeSpecial, RECIPES, SPECIAL } from './recipes';
import { SparseFile } from './sparse-file';

/** An image that qemu-img made, and what it says about it. */
export interface LibraryImage {
  readonly name: string;
  readonly info: QemuInfo;
  readonly file: SparseFile;
}

/** Empty images of sizes that nobody wants to write. */
const GIANTS = ['1G', '1T', '9T', '17T'];
const GIANT_KINDS: readonly (readonly [string, string, string])[] = [
  ['raw', 'raw', ''],
  ['vhdx-dynamic', 'vhdx', 'subformat=dynamic,block_size=32M'],
  ['vmdk-stream', 'vmdk', 'subformat=streamOptimized'],
  ['vhd-dynamic', 'vpc', 'subformat=dynamic,force_size=on'],
];
const RECORDING = path.join(__dirname, 'recorded', 'images.json.gz');

/** Made here by qemu-img where it is installed, else as they were recorded: a clean clone needs nothing installed. */
export function imageLibrary(): LibraryImage[] {
  return canMakeImages() === 'yes' ? madeImages() : recordedImages();
}

export function recordedImages(): LibraryImage[] {
  const recorded: { name: string; info: QemuInfo; file: { length: number; pages: Record<string, string> } }[] =
    JSON.parse(gunzipSync(fs.readFileSync(RECORDING)).toString());
  return recorded.map(({ name, info, file }) => ({ name, info, file: SparseFile.fromJson(file) }));
}

/** Returns the bytes of a recorded image. */
export function recordedImage(name: string): Uint8Array {
  const image = recordedImages().find((candidate) => candidate.name === name);
  if (image === undefined) {
    throw new Error(`No image ${name} was recorded.`);
  }
  return image.file.bytes();
}

export function recordImages(): void {
  fs.writeFileSync(RECORDING, gzipSync(JSON.stringify(madeImages()), { level: 9 }));
}

function madeImages(): LibraryImage[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'disk-images-'));
  try {
    return [...RECIPES.map(recipe => {
      const { opened, inspected } = makeImage(recipe, folder);
      return { name: recipe.name, info: qemuInfo(opened, recipe.format), file: SparseFile.load(inspected) };
    }), ...SPECIAL.map(({ name, args, opened }) => {
      const file = makeSpecial(name, args, folder);
      return { name, info: qemuInfo(file, opened), file: SparseFile.load(file) };
    }), ...giants(folder)];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function giants(folder: string): LibraryImage[] {
  return GIANTS.flatMap(size => GIANT_KINDS.filter(([, format]) => isPossible(size, format)).map(([kind, format, options]) => {
    const file = path.join(folder, `giant-${size}-${kind}`);
    run('qemu-img', ['create', '-f', format, ...(options ? ['-o', options] : []), file, size]);
    return { name: `giant-${size}-${kind}`, info: qemuInfo(file, format), file: SparseFile.load(file) };
  }));
}

/** A VHD ends at 2 TiB, files of common file systems at 16 TiB; a VMDK of that size has tables of megabytes. */
function isPossible(size: string, format: string): boolean {
  return format === 'vhdx' || size === '1G' || size === '1T';
}
