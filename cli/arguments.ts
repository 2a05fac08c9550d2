import { parseArgs } from 'node:util';
import { reasonOf } from './printable';

export const USAGE = `Usage: cdk-vm-import inspect <file | s3://bucket/key> [options]

Looks at a disk image (OVA, VMDK, VHD, VHDX, RAW) as EC2 VM Import/Export would, from a few reads.

Options
  --format <OVA|RAW|VHD|VHDX|VMDK>  the format that the import declares
  --boot-mode <legacy-bios|uefi>    the boot mode that the import declares
  --json                            print the inspection as JSON
  --help                            print this

Exit status: 0 importable, 1 not importable, 2 not readable or a wrong call.
`;

const FORMATS = ['OVA', 'RAW', 'VHD', 'VHDX', 'VMDK'] as const;
const BOOT_MODES = ['legacy-bios', 'uefi'] as const;

/** What a command line asks for. */
export type Call =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | InspectCall;

export interface InspectCall {
  readonly kind: 'inspect';
  /** A path, or `s3://bucket/key`. */
  readonly disk: string;
  readonly output: 'report' | 'json';
  readonly format?: typeof FORMATS[number];
  readonly bootMode?: typeof BOOT_MODES[number];
}

export function parseCall(args: readonly string[]): Call {
  try {
    return parse(args);
  } catch (error) {
    return { kind: 'wrong', why: reasonOf(error) };
  }
}

function parse(args: readonly string[]): Call {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'format': { type: 'string' }, 'boot-mode': { type: 'string' }, 'json': { type: 'boolean' }, 'help': { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    return { kind: 'help' };
  }
  const [command, disk, ...others] = positionals;
  if (command !== 'inspect') {
    throw new Error(command === undefined ? 'There is no command: use inspect.' : `There is no command ${command}: use inspect.`);
  }
  if (disk === undefined || others.length > 0) {
    throw new Error(`There are ${positionals.length - 1} disks: give one file or s3://bucket/key.`);
  }
  return {
    kind: 'inspect',
    disk,
    output: values.json === true ? 'json' : 'report',
    format: oneOf('--format', FORMATS, values.format?.toUpperCase()),
    bootMode: oneOf('--boot-mode', BOOT_MODES, values['boot-mode']?.toLowerCase()),
  };
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string | undefined): T | undefined {
  const found = known.find((word) => word === value);
  if (value !== undefined && found === undefined) {
    throw new Error(`${option} is ${value}: give ${known.join(', ')}.`);
  }
  return found;
}
