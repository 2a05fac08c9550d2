import { Construct } from 'constructs';
import { ValidationError } from './errors';

/** What a URL says about the disk behind it. */
export interface DiskUrl {
  /** The last part of the path, for the format. */
  readonly fileName: string;
  /** The object in Amazon S3, where the URL names one that takes permissions to read. */
  readonly object?: { readonly bucketName: string; readonly key: string };
}

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const S3_HOST = /^(?:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

export function parseDiskUrl(url: string, scope: Construct): DiskUrl {
  const [, bucketName, key] = S3_URL.exec(url) ?? [];
  if (bucketName !== undefined && key !== undefined) {
    return { fileName: key, object: { bucketName, key } };
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const path = parsed === undefined ? undefined : decode(parsed.pathname.slice(1));
  if (parsed?.protocol !== 'https:' || !path) {
    throw new ValidationError(
      // The query is left out: that of a presigned URL is a secret.
      `${JSON.stringify(url.replace(/[?#].*$/s, ''))} is not a URL that EC2 imports from: give https://host/path or s3://bucket/key.`,
      scope,
    );
  }
  return { fileName: path, object: parsed.search === '' ? objectOf(parsed.hostname, path) : undefined };
}

function objectOf(host: string, path: string): DiskUrl['object'] {
  const match = S3_HOST.exec(host);
  if (match === null) {
    return undefined;
  }
  const [bucketName, ...key] = [...(match[1] === undefined ? [] : [match[1]]), ...path.split('/')];
  return bucketName === undefined || key.length === 0 ? undefined : { bucketName, key: key.join('/') };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
