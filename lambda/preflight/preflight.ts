/**
 * Inspects the disks before an import, and asks which key encrypts the result. EC2 reads a whole disk before it reports what is
 * wrong with it, although the first few kilobytes show it. Only a certain error ends an import. A doubt is a line in the log.
 */
import { setMaxListeners } from 'node:events';
import { lookAtDefaultKey, type EncryptedBy } from './encryption';
import { unseen, type Look, type Opened } from './look';
import { openObject } from './s3-object';
import { lookAtSnapshot } from './snapshot';
import { openUrl } from './url';
import type { DiskContainerProperties } from '../../src/shared/contract/image-resource';
import { inspectAsync, type Inspection } from '../../src/shared/disk-image';
import { expectationOf } from '../../src/shared/disk-image/expectation';
import { nodeInflate } from '../../src/shared/disk-image/reading/node-inflate';
import { objectOfHttpsUrl, objectOfS3Url, type S3Object } from '../../src/shared/s3-object-url';
import type { AwsClients } from '../aws/clients';
import { describeError } from '../aws/errors';
import type { LogFields } from '../aws/log';
import { Failure, withoutSecrets } from '../cloudformation/failure';
import type { ImportImageParameters } from '../import/request';

/** Characters of the sentences in a failure; the rest of them is in the log. */
const MOST_SENTENCES = 1_000;

export interface Preflight {
  readonly clients: Pick<AwsClients, 'ec2' | 's3'>;
  readonly parameters: ImportImageParameters;
  /** Milliseconds. */
  readonly within: number;
  readonly log: (fields: LogFields) => void;
}

/**
 * Looks at all disks and at the key at once.
 *
 * @throws Failure that names everything that EC2 would refuse
 */
export async function preflight({ clients, parameters, within, log }: Preflight): Promise<void> {
  const ended = new AbortController();
  // Every call that is under way listens to it.
  setMaxListeners(0, ended.signal);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Look>((resolve) => {
    timer = setTimeout(() => resolve(unseen(`it took longer than ${within / 1000} s`)), within);
  });
  const inTime = async (label: string, look: Promise<Look>) => {
    const seen = await Promise.race([look, late]);
    log({ action: 'preflight', disk: label, status: statusOf(seen) });
    return seen;
  };
  const looks = await Promise.all([
    ...parameters.DiskContainers.map(async (disk, index) => {
      const subject = { disk, label: labelOf(disk), role: index === 0 ? 'image' as const : 'data disk' as const };
      return inTime(subject.label, lookAt(clients, parameters, subject, ended.signal).catch((error) => unseen(describe(error, subject))));
    }),
    inTime('encryption', lookAtDefaultKey(clients.ec2, encryptedBy(parameters), ended.signal).catch((error) => unseen(describeError(error)))),
  ]).finally(() => {
    clearTimeout(timer);
    ended.abort();
  });
  const sentences = looks.flatMap(sentencesOf);
  if (sentences.length > 0) {
    throw new Failure(`This VM cannot be imported: ${bounded(sentences)} (preflight: false skips this look.)`);
  }
}

function encryptedBy({ KmsKeyId, Encrypted }: ImportImageParameters): EncryptedBy {
  return { user: 'the service role', keyId: KmsKeyId, encrypted: Encrypted };
}

interface Subject {
  readonly disk: DiskContainerProperties;
  readonly label: string;
  readonly role: 'image' | 'data disk';
}

/** The error, which may name the URL with what is secret of it. */
function describe(error: unknown, { disk, label }: Subject): string {
  return describeError(error).replaceAll(disk.Url ?? label, label);
}

async function lookAt(clients: Preflight['clients'], parameters: ImportImageParameters, { disk, label, role }: Subject, signal: AbortSignal): Promise<Look> {
  if (disk.SnapshotId !== undefined) {
    return lookAtSnapshot(clients.ec2, disk.SnapshotId, signal);
  }
  const opened = await open(clients, disk, label, signal);
  if (opened.kind !== 'open') {
    return opened;
  }
  const expectation = expectationOf({
    fileName: label, format: disk.Format, bootMode: parameters.BootMode, platform: parameters.Platform, role,
  });
  return { kind: 'inspected', inspection: await inspectAsync({ reader: opened.reader, inflate: nodeInflate, expectation }) };
}

async function open({ s3 }: Preflight['clients'], { Url, UserBucket }: DiskContainerProperties, label: string, signal: AbortSignal): Promise<Opened> {
  const object = UserBucket === undefined ? objectOf(Url) : { bucketName: UserBucket.S3Bucket, key: UserBucket.S3Key };
  if (object !== undefined) {
    return openObject(s3, object, signal);
  }
  return Url === undefined ? unseen('it is neither a snapshot, nor an object, nor a URL') : openUrl(Url, label, signal);
}

/** An object that is read with our own permissions; a URL with a query carries its own. */
function objectOf(url: string | undefined): S3Object | undefined {
  if (url === undefined || !URL.canParse(url)) {
    return undefined;
  }
  const { hostname, pathname, search } = new URL(url);
  return objectOfS3Url(url) ?? (search === '' ? objectOfHttpsUrl(hostname, decodeURIComponent(pathname.slice(1))) : undefined);
}

/** How a disk is called where others read it: without a signature or a password. */
function labelOf({ SnapshotId, Url, UserBucket }: DiskContainerProperties): string {
  return UserBucket === undefined
    ? SnapshotId ?? (Url ?? 'a disk container').replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//')
    : `s3://${UserBucket.S3Bucket}/${UserBucket.S3Key}`;
}

function sentencesOf(look: Look): readonly string[] {
  switch (look.kind) {
    case 'refused':
      return [look.sentence];
    case 'inspected':
      return look.inspection.findings.filter(({ severity }) => severity === 'error').map(({ message, remedy }) => `${message} ${remedy}`);
    case 'stands':
    case 'unseen':
      return [];
  }
}

function statusOf(look: Look): string {
  switch (look.kind) {
    case 'refused':
      return look.sentence;
    case 'inspected':
      return inspectionStatus(look.inspection);
    case 'stands':
      return 'stands';
    case 'unseen':
      return withoutSecrets(`could not look: ${look.why}`);
  }
}

function inspectionStatus({ format, subformat, findings, cost }: Inspection): string {
  return [
    `${format} (${subformat}), ${cost.bytes} bytes in ${cost.reads} reads`,
    ...findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`),
  ].join('; ');
}

/** As many whole sentences as there is room for, the first one in any case. */
function bounded(sentences: readonly string[]): string {
  const shown = sentences.filter((_, index) => index === 0 || sentences.slice(0, index + 1).join(' ').length <= MOST_SENTENCES);
  const hidden = sentences.length - shown.length;
  return [...shown, ...(hidden === 0 ? [] : [`And ${hidden} more, which the log has.`])].join(' ');
}
