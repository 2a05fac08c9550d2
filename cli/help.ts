import { version } from '../package.json';

/** The version of the package. */
export const VERSION: string = version;

const REPOSITORY = 'https://github.com/cdk-vm-import/cdk-vm-import';
const DOCS = `${REPOSITORY}/blob/main/docs`;

/** Where each command's permissions are listed. */
export const PERMISSIONS_PAGE = `${DOCS}/command.md#permissions`;

export const COMMANDS = ['inspect', 'status', 'orphans'] as const;
export type Command = typeof COMMANDS[number];

/** The explanation that `help` prints of one command, or of all of them. */
export function helpOn(topic: Command | undefined): string {
  return topic === undefined ? OVERVIEW : HELP[topic];
}

const OVERVIEW = `Usage: cdk-vm-import <command> [options]

Commands:
  inspect   Check whether EC2 would import a disk image.
  status    Show the imports of an account and Region.
  orphans   List what deleted stacks left behind, and delete it on request.
  help      Show the options and examples of a command.
  version   Print the version.

Examples:
  cdk-vm-import inspect appliance.ova
  cdk-vm-import status --watch
  cdk-vm-import help orphans

In a Node.js project, begin with npx: npx cdk-vm-import status
${REPOSITORY}#readme
`;

const ACCOUNT_OPTIONS = `  --region <region>        default: AWS_REGION, AWS_DEFAULT_REGION, or the Region of the profile
  --profile <name>         default: AWS_PROFILE, or the default credentials`;

const HELP: Readonly<Record<Command, string>> = {
  inspect: `Usage: cdk-vm-import inspect <file | s3://bucket/key>... [options]

Checks disk images (OVA, VMDK, VHD, VHDX, RAW) for what EC2 VM Import/Export refuses. Reads a few kilobytes of each.

Options:
  --format <format>        the format that the import declares: OVA, RAW, VHD, VHDX or VMDK
  --boot-mode <mode>       the boot mode that the import declares: legacy-bios or uefi
  --profile <name>         the AWS profile for s3:// (default: AWS_PROFILE, or the default credentials)
  --json                   print JSON: one object, or with several disks one object a line

Examples:
  cdk-vm-import inspect appliance.ova
  cdk-vm-import inspect exports/*.vmdk --json
  cdk-vm-import inspect s3://my-vm-exports/rhel9.ova --boot-mode uefi

Exit status: 0 all can be imported, 1 at least one cannot, 2 at least one could not be read, or a usage error.
${DOCS}/preflight.md
`,
  status: `Usage: cdk-vm-import status [options]

Shows the imports of an account and Region: which are queued, which run and for how long, which failed and why, which are available.

Options:
  --stack <name>           only the imports of this stack
  --watch                  keep looking until Ctrl-C
  --json                   print JSON: one object, or with --watch one object a line for every change
  --html <file>            write a page for the browser, with the duration of each import; with --watch keep it up to date
${ACCOUNT_OPTIONS}

Examples:
  cdk-vm-import status --watch
  cdk-vm-import status --stack Lab --region eu-west-1
  cdk-vm-import status --html imports.html

Exit status: 0 shown, 2 AWS did not answer or a usage error; after Ctrl-C 130.
${DOCS}/command.md#status
`,
  orphans: `Usage: cdk-vm-import orphans [options]

Lists images, AMIs, snapshots and running import tasks that carry the tag cdk-vm-import:id and whose stack is gone.

Options:
  --delete                 delete what stacks left behind, after a question
  --yes                    delete without the question
  --include-retained       also delete what a stack retained, or may have retained
  --json                   print the list as JSON
${ACCOUNT_OPTIONS}

Examples:
  cdk-vm-import orphans
  cdk-vm-import orphans --delete --region eu-west-1
  cdk-vm-import orphans --delete --yes --profile lab

Exit status: 0 nothing was left behind, 1 something was, 2 AWS did not answer or a usage error; after Ctrl-C 130.
${DOCS}/command.md#orphans
`,
};
