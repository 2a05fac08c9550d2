import { Construct } from 'constructs';
import { objectOfHttpsUrl, objectOfS3Url, S3Object } from '../../shared/s3-object-url';
import { ValidationError } from '../validation/requirements';

/** What a URL says about the disk behind it. */
export interface DiskUrl {
  /** The last part of the path, for the format. */
  readonly fileName: string;
  /** The object in Amazon S3, where the URL names one that takes permissions to read. */
  readonly object?: S3Object;
}

/**
 * What stands percent-encoded in a URL, https://www.rfc-editor.org/rfc/rfc3986#section-2, and the apostrophe, which may
 * stand in one, but ends it for whoever looks for URLs in a text to take secrets out of it.
 */
const NOT_IN_A_URL = /[^\x21-\x7e]|["'<>\\^`{|}]/;

export function parseDiskUrl(url: string, scope: Construct): DiskUrl {
  const object = objectOfS3Url(url);
  if (object !== undefined) {
    return { fileName: object.key, object };
  }
  const parsed = URL.canParse(url) && !NOT_IN_A_URL.test(url) ? new URL(url) : undefined;
  const path = parsed === undefined ? undefined : decode(parsed.pathname.slice(1));
  if (parsed?.protocol !== 'https:' || !path) {
    throw new ValidationError(
      // The query is left out: that of a presigned URL is a secret.
      `${JSON.stringify(url.replace(/[?#].*$/s, ''))} is not a URL that EC2 imports from: give https://host/path, percent-encoded, or s3://bucket/key.`,
      scope,
    );
  }
  return { fileName: path, object: parsed.search === '' ? objectOfHttpsUrl(parsed.hostname, path) : undefined };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
