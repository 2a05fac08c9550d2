import { parseArgs } from 'node:util';
import type { Where } from './account/account';
import { Command, COMMANDS } from './help';

const FORMATS = ['OVA', 'RAW', 'VHD', 'VHDX', 'VMDK'] as const;
const BOOT_MODES = ['legacy-bios', 'uefi'] as const;

/** What a command line asks for. */
export type Call =
  | { readonly kind: 'help'; readonly topic?: Command }
  | { readonly kind: 'version' }
  /** `why` is the whole sentence for the user. */
  | { readonly kind: 'wrong'; readonly why: string }
  | InspectCall
  | StatusCall
  | OrphansCall;

export interface InspectCall {
  readonly kind: 'inspect';
  /** Paths, or `s3://bucket/key`; at least one. */
  readonly disks: readonly string[];
  readonly output: 'report' | 'json';
  readonly format?: typeof FORMATS[number];
  readonly bootMode?: typeof BOOT_MODES[number];
  readonly profile?: string;
}

export interface StatusCall {
  readonly kind: 'status';
  readonly mode: 'once' | 'watch';
  readonly output: StatusOutput;
  /** A stack's name or id. */
  readonly stack?: string;
  readonly where: Where;
}

export type StatusOutput =
  | { readonly form: 'report' }
  | { readonly form: 'json' }
  | { readonly form: 'html'; readonly file: string };

export interface OrphansCall {
  readonly kind: 'orphans';
  readonly output: 'report' | 'json';
  /** `ask`: delete after the user at the terminal confirms; `delete`: delete without a question. */
  readonly action: 'list' | 'ask' | 'delete';
  /** Whether to delete what is, or may be, retained on purpose. */
  readonly retained: 'keep' | 'include';
  readonly where: Where;
}

const WHERE = { region: { type: 'string' }, profile: { type: 'string' } } as const;
const JSON_AND_HELP = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
const OPTIONS = {
  inspect: { ...JSON_AND_HELP, 'format': { type: 'string' }, 'boot-mode': { type: 'string' }, 'profile': WHERE.profile },
  status: { ...JSON_AND_HELP, ...WHERE, stack: { type: 'string' }, watch: { type: 'boolean' }, html: { type: 'string' } },
  orphans: { ...JSON_AND_HELP, ...WHERE, 'delete': { type: 'boolean' }, 'yes': { type: 'boolean' }, 'include-retained': { type: 'boolean' } },
} as const;

/** Parses a command line. A usage error is a call of kind `wrong`. */
export function parseCall([command, ...args]: readonly string[]): Call {
  try {
    return parse(command, args);
  } catch (error) {
    const help = isCommand(command) ? `cdk-vm-import help ${command}` : 'cdk-vm-import help';
    return { kind: 'wrong', why: `${sentenceOf(error)} "${help}" shows what is possible.` };
  }
}

function parse(command: string | undefined, args: string[]): Call {
  switch (command) {
    case 'inspect':
      return parseInspect(args);
    case 'status':
      return parseStatus(args);
    case 'orphans':
      return parseOrphans(args);
    case 'help':
    case '--help':
    case '-h':
      return parseHelp(args);
    case 'version':
    case '--version':
    case '-V':
      return { kind: 'version' };
    case undefined:
      throw new Error(`The command is missing: use ${COMMANDS.join(', ')}, help or version.`);
    default:
      throw new Error(`There is no command ${command}: use ${COMMANDS.join(', ')}, help or version.`);
  }
}

function parseHelp([topic]: readonly string[]): Call {
  if (topic !== undefined && !isCommand(topic)) {
    throw new Error(`There is no command ${topic}: ask for help on ${COMMANDS.join(', ')}.`);
  }
  return { kind: 'help', topic };
}

function parseInspect(args: string[]): Call {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS.inspect });
  if (values.help === true) {
    return { kind: 'help', topic: 'inspect' };
  }
  if (positionals.length === 0) {
    throw new Error('The disk is missing: name one or more files or s3://bucket/key.');
  }
  return {
    kind: 'inspect',
    disks: positionals,
    output: values.json === true ? 'json' : 'report',
    format: oneOf('--format', FORMATS, values.format?.toUpperCase()),
    bootMode: oneOf('--boot-mode', BOOT_MODES, values['boot-mode']?.toLowerCase()),
    profile: values.profile,
  };
}

function parseStatus(args: string[]): Call {
  const { values, positionals: [stack] } = parseArgs({ args, allowPositionals: true, options: OPTIONS.status });
  if (values.help === true) {
    return { kind: 'help', topic: 'status' };
  }
  if (stack !== undefined) {
    throw new Error(`status takes no argument ${stack}: use --stack ${stack} for the imports of one stack.`);
  }
  if (values.json === true && values.html !== undefined) {
    throw new Error('--json and --html exclude each other: use one of them.');
  }
  return {
    kind: 'status',
    mode: values.watch === true ? 'watch' : 'once',
    output: values.html !== undefined ? { form: 'html', file: values.html } : { form: values.json === true ? 'json' : 'report' },
    stack: values.stack,
    where: { region: values.region, profile: values.profile },
  };
}

function parseOrphans(args: string[]): Call {
  const { values } = parseArgs({ args, options: OPTIONS.orphans });
  if (values.help === true) {
    return { kind: 'help', topic: 'orphans' };
  }
  if (values.delete !== true && (values.yes === true || values['include-retained'] === true)) {
    throw new Error('--yes and --include-retained only work together with --delete: add --delete.');
  }
  if (values.delete === true && values.json === true) {
    throw new Error('--json lists and does not delete: use --json or --delete.');
  }
  return {
    kind: 'orphans',
    output: values.json === true ? 'json' : 'report',
    action: values.delete === true ? (values.yes === true ? 'delete' : 'ask') : 'list',
    retained: values['include-retained'] === true ? 'include' : 'keep',
    where: { region: values.region, profile: values.profile },
  };
}

function isCommand(word: string | undefined): word is Command {
  return COMMANDS.some((command) => command === word);
}

function oneOf<T extends string>(option: string, known: readonly T[], value: string | undefined): T | undefined {
  const found = known.find((word) => word === value);
  if (value !== undefined && found === undefined) {
    throw new Error(`${option} is ${value}: use ${known.join(', ')}.`);
  }
  return found;
}

/** Returns the first sentence of an error: Node.js adds advice on `--` that helps nobody here. */
function sentenceOf(error: unknown): string {
  return `${String(Object(error).message).replace(/\.(\s[^]*)?$/, '')}.`;
}
