import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectureOf, BOOTED, makeBootDisk, type BootDisk } from '../disk-images/boot-disk';
import { bootFiles } from '../disk-images/debian-packages';
import { recordedImage } from '../disk-images/image-library';
import { canStart, start } from '../disk-images/machine';
import { canMakeImages, run } from '../disk-images/qemu';

/** A disk with a small system that boots by UEFI. */
export type SystemDisk = Extract<BootDisk, `UEFI on ${string}`>;

/** Returns whether a disk can be made and started here. It takes QEMU, UEFI firmware and the packages of Debian. */
export function canBoot(disk: SystemDisk): boolean {
  const architecture = architectureOf(disk);
  return canStart(architecture) === 'yes' && canMakeImages() === 'yes' && bootFiles(architecture) !== undefined;
}

/**
 * Makes a disk with a system, as RAW bytes and as a file that qemu-img writes. Where it cannot be started, takes a recorded disk of 6 MiB, which
 * has an EFI system partition for x86_64 and no system, in the given form.
 */
export function systemDisk(
  disk: SystemDisk, folder: string, { format, options, recorded }: ImageForm,
): { readonly raw: Uint8Array; readonly image: Uint8Array } {
  const path = canBoot(disk) ? makeBootDisk(disk, folder) : undefined;
  if (path === undefined) {
    const raw = recordedImage('gpt-uefi-raw');
    return { raw, image: recorded(raw) };
  }
  const image = join(folder, `system.${format}`);
  run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, path, image]);
  return { raw: readFileSync(path), image: readFileSync(image) };
}

/** How an image is written: the arguments of qemu-img, and the form of the recorded disk. */
export interface ImageForm {
  readonly format: 'qcow2' | 'vmdk';
  readonly options: readonly string[];
  readonly recorded: (raw: Uint8Array) => Uint8Array;
}

/** Starts a machine from a volume. Returns the line of its console that says how it booted. */
export async function bootVolume(disk: SystemDisk, volume: string): Promise<string | undefined> {
  return start(volume, architectureOf(disk), 'UEFI', BOOTED);
}
