import { statSync } from 'node:fs';
import { openUrl } from '../../lambda/preflight/url';
import { Expectation, inspectAsync, Inspection } from '../../src/shared/disk-image';
import { expectationOf } from '../../src/shared/disk-image/expectation';
import { inspectFile } from '../../src/shared/disk-image/inspect-file';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import { explain, Explained } from '../account/explain';
import { InspectCall } from '../arguments';
import { paintFor } from '../screen/paint';
import { printable, reasonOf } from '../screen/printable';
import { ExitStatus, Terminal } from '../terminal';
import { isImportable, report } from './report';

/** Milliseconds that a file behind a URL may take. */
const PATIENCE = 60_000;

/** Checks disk images one after another. Returns the worst of their exit statuses. */
export async function inspect(call: InspectCall, terminal: Terminal): Promise<ExitStatus> {
  const statuses: ExitStatus[] = [];
  for (const disk of call.disks) {
    statuses.push(await inspectOne(disk, call, terminal));
  }
  return statuses.reduce((worst, status) => (status > worst ? status : worst), 0);
}

async function inspectOne(disk: string, call: InspectCall, { stdout, stderr, env }: Terminal): Promise<ExitStatus> {
  try {
    const inspection = await look(disk, call, env);
    const importable = isImportable(inspection);
    const indentation = call.disks.length === 1 ? 2 : undefined;
    stdout.write(call.output === 'json'
      ? `${JSON.stringify({ disk, importable, ...inspection }, undefined, indentation)}\n`
      : `${report(disk, inspection, paintFor(stdout, env))}${call.disks.length === 1 ? '' : '\n'}`);
    return importable ? 0 : 1;
  } catch (error) {
    stderr.write(`${printable(disk)} cannot be read: ${explain(error)}\n`);
    return 2;
  }
}

/** @throws an error that `explain` turns into a sentence */
async function look(disk: string, { format, bootMode, profile }: InspectCall, env: NodeJS.ProcessEnv): Promise<Inspection> {
  const expectation = expectationOf({ fileName: disk, format, bootMode, role: 'image' });
  if (/^https?:\/\//i.test(disk)) {
    return lookAtUrl(disk, expectation);
  }
  if (/^s3:/i.test(disk)) {
    const { lookAtObject } = await import('./look.js');
    return lookAtObject(disk, expectation, profile ?? env.AWS_PROFILE);
  }
  try {
    if (statSync(disk).isDirectory()) {
      throw new Explained('it is a folder; name the disk images in it.');
    }
    return inspectFile(disk, expectation);
  } catch (error) {
    throw error instanceof Explained ? error : new Explained(fileTrouble(error));
  }
}

/** Inspects a file behind a URL by ranges, without downloading it. */
async function lookAtUrl(url: string, expectation: Expectation): Promise<Inspection> {
  const opened = await openUrl(url, url.replace(/[?#].*$/s, ''), AbortSignal.timeout(PATIENCE)).catch((error: Error) => {
    throw new Explained(`its server does not answer (${reasonOf(error.cause ?? error)}); check the URL and the network.`);
  });
  switch (opened.kind) {
    case 'open':
      return inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation });
    case 'refused':
      throw new Explained(opened.sentence);
    case 'unseen':
      throw new Explained(`${opened.why}; download the file and inspect it here.`);
  }
}

function fileTrouble(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file; check the path.';
    case 'EACCES':
    case 'EPERM':
      return 'access is denied; check the permissions of the file and its folders.';
    default:
      return `${reasonOf(error).replace(/\.$/, '')}.`;
  }
}
