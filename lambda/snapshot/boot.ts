/** How the machine of a boot disk boots: as the app declares it, if the disk agrees, or as the disk shows it. */
import type { DeclaredBoot, SnapshotRequest } from './request';
import { describeBoot, inspectAsync, type BootVerdict } from '../../src/shared/disk-image';
import { expectationOf } from '../../src/shared/disk-image/expectation';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import type { VirtualDisk } from '../../src/shared/disk-image/virtual-disk';
import { Failure } from '../cloudformation/failure';

export interface Boot {
  readonly architecture: string;
  /** Undefined if it is not known: the instance type decides. */
  readonly bootMode?: string;
}

/** A boot disk to look at. */
export interface BootDisk {
  /** The name of the disk in sentences. */
  readonly name: string;
  readonly declared: DeclaredBoot;
  readonly preflight: SnapshotRequest['preflight'];
}

/**
 * Returns how a machine boots from a disk.
 *
 * @throws Failure if it does not boot on EC2, or not as declared
 */
export async function bootOf(disk: VirtualDisk, { name, declared, preflight }: BootDisk): Promise<Boot> {
  const { architecture, bootMode } = declared;
  if (preflight === 'off') {
    return { architecture: architecture ?? 'x86_64', bootMode };
  }
  const { boot, findings } = await inspectAsync({
    // The virtual disk reads like a RAW image, whatever the format of the file.
    reader: { length: disk.size, read: async (offset, size) => disk.read(offset, Math.min(size, disk.size - offset)) },
    inflate: nodeInflate,
    expectation: expectationOf({ fileName: name, format: 'RAW', architecture, bootMode, importer: 'VmImportAmi', role: 'image' }),
  });
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ message, remedy }) => `${message} ${remedy}`);
  if (errors.length > 0) {
    throw new Failure(`${name} cannot be the boot disk of an AMI: ${errors.join(' ')} To skip this check, set preflight to false.`);
  }
  return agreed(boot, name, declared);
}

function agreed(verdict: BootVerdict, name: string, { architecture, bootMode }: DeclaredBoot): Boot {
  if (verdict.kind !== 'boots') {
    if (architecture === undefined) {
      throw new Failure(`The preflight cannot determine how ${name} boots: set architecture and bootMode.`);
    }
    return { architecture, bootMode };
  }
  // A disk with the boot mode uefi-preferred boots in every mode.
  const way = verdict.ways.find((each) => (architecture ?? each.architecture) === each.architecture &&
    (each.bootMode === 'uefi-preferred' || (bootMode ?? each.bootMode) === each.bootMode));
  if (way === undefined) {
    const declared = [architecture, bootMode].filter((part) => part !== undefined).join(' and ');
    throw new Failure(`The app declares ${declared}, but ${name} ${describeBoot(verdict)}: correct architecture and bootMode, or remove them.`);
  }
  return { architecture: way.architecture, bootMode: bootMode ?? way.bootMode };
}
