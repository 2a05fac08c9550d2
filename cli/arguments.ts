import { parseArgs } from 'node:util';
import { Where } from './account/account';
import { reasonOf } from './screen/printable';

const FORMATS = ['OVA', 'RAW', 'VHD', 'VHDX', 'VMDK'] as const;
const BOOT_MODES = ['legacy-bios', 'uefi'] as const;

/** What a command line asks for. */
export type Call =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly why: string }
  | InspectCall
  | StatusCall
  | OrphansCall;

export interface InspectCall {
  readonly kind: 'inspect';
  /** A path, or `s3://bucket/key`. */
  readonly disk: string;
  readonly output: 'report' | 'json';
  readonly format?: typeof FORMATS[number];
  readonly bootMode?: typeof BOOT_MODES[number];
}

export interface StatusCall {
  readonly kind: 'status';
  readonly mode: 'once' | 'watch';
  readonly output: 'report' | 'json';
  /** A stack's name or id. */
  readonly stack?: string;
  readonly where: Where;
}

export interface OrphansCall {
  readonly kind: 'orphans';
  readonly output: 'report' | 'json';
  /** `ask`: delete what somebody at the terminal agrees to; `delete`: somebody agreed already. */
  readonly action: 'list' | 'ask' | 'delete';
  /** Whether what is, or may be, there on purpose is deleted as well. */
  readonly retained: 'keep' | 'include';
  readonly where: Where;
}

const WHERE = { region: { type: 'string' }, profile: { type: 'string' } } as const;
const JSON_AND_HELP = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
const OPTIONS = {
  inspect: { ...JSON_AND_HELP, 'format': { type: 'string' }, 'boot-mode': { type: 'string' } },
  status: { ...JSON_AND_HELP, ...WHERE, stack: { type: 'string' }, watch: { type: 'boolean' } },
  orphans: { ...JSON_AND_HELP, ...WHERE, 'delete': { type: 'boolean' }, 'yes': { type: 'boolean' }, 'include-retained': { type: 'boolean' } },
} as const;

export function parseCall(args: readonly string[]): Call {
  try {
    return parse(args);
  } catch (error) {
    return { kind: 'wrong', why: reasonOf(error) };
  }
}

function parse([command, ...args]: readonly string[]): Call {
  switch (command) {
    case 'inspect':
      return parseInspect(args);
    case 'status':
      return parseStatus(args);
    case 'orphans':
      return parseOrphans(args);
    case '--help':
    case '-h':
      return { kind: 'help' };
    default:
      throw new Error(`There is no command${command === undefined ? '' : ` ${command}`}: use inspect, status or orphans.`);
  }
}

function parseInspect(args: string[]): Call {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS.inspect });
  if (values.help === true) {
    return { kind: 'help' };
  }
  const [disk, ...others] = positionals;
  if (disk === undefined || others.length > 0) {
    throw new Error(`There are ${positionals.length} disks: give one file or s3://bucket/key.`);
  }
  return {
    kind: 'inspect',
    disk,
    output: outputOf(values),
    format: oneOf('--format', FORMATS, values.format?.toUpperCase()),
    bootMode: oneOf('--boot-mode', BOOT_MODES, values['boot-mode']?.toLowerCase()),
  };
}

function parseStatus(args: string[]): Call {
  const { values } = parseArgs({ args, options: OPTIONS.status });
  return values.help === true ? { kind: 'help' } : {
    kind: 'status', mode: values.watch === true ? 'watch' : 'once', output: outputOf(values), stack: values.stack, where: whereOf(values),
  };
}

function parseOrphans(args: string[]): Call {
  const { values } = parseArgs({ args, options: OPTIONS.orphans });
  if (values.help === true) {
    return { kind: 'help' };
  }
  if (values.delete !== true && (values.yes === true || values['include-retained'] === true)) {
    throw new Error('--yes and --include-retained are about what is deleted: give --delete as well.');
  }
  if (values.delete === true && values.json === true) {
    throw new Error('--json lists, and does not delete: give --json or --delete.');
  }
  return {
    kind: 'orphans',
    output: outputOf(values),
    action: values.delete === true ? (values.yes === true ? 'delete' : 'ask') : 'list',
    retained: values['include-retained'] === true ? 'include' : 'keep',
    where: whereOf(values),
  };
}

function outputOf({ json }: { readonly json?: boolean }): 'report' | 'json' {
  return json === true ? 'json' : 'report';
}

function whereOf({ region, profile }: { readonly region?: string; readonly profile?: string }): Where {
  return { region, profile };
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string | undefined): T | undefined {
  const found = known.find((word) => word === value);
  if (value !== undefined && found === undefined) {
    throw new Error(`${option} is ${value}: give ${known.join(', ')}.`);
  }
  return found;
}
