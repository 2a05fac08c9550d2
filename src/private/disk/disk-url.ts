import { Annotations, Stack, Token } from 'aws-cdk-lib';
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

/** Pages of the console, such as https://s3.console.aws.amazon.com/s3/object/bucket?prefix=key. */
const CONSOLE = /(?:^|\.)console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const REGION_OF_HOST = /^https:\/\/(?:[^/]+\.)?s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/;

export function parseDiskUrl(url: string, scope: Construct): DiskUrl {
  const object = objectOfS3Url(url);
  if (object !== undefined) {
    return { fileName: object.key, object };
  }
  if (/^s3:/i.test(url)) {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    throw new ValidationError(
      `${JSON.stringify(url)} does not name an object: use s3://bucket/key. Bucket names have 3 to 63 lowercase letters, digits, dots and hyphens.`,
      scope,
    );
  }
  const parsed = URL.canParse(url) && !NOT_IN_A_URL.test(url) ? new URL(url) : undefined;
  const path = parsed === undefined ? undefined : decode(parsed.pathname.slice(1));
  if (parsed !== undefined && CONSOLE.test(parsed.hostname)) {
    throw new ValidationError('The URL is a page of the AWS Management Console: use the S3 URI that the page shows, s3://bucket/key.', scope);
  }
  if (parsed?.protocol !== 'https:' || !path) {
    throw new ValidationError(
      // The query is left out: that of a presigned URL is a secret.
      `${JSON.stringify(url.replace(/[?#].*$/s, ''))} is not a URL that EC2 imports from: use https://host/path, percent-encoded, or s3://bucket/key.`,
      scope,
    );
  }
  return { fileName: path, object: parsed.search === '' ? objectOfHttpsUrl(parsed.hostname, path) : undefined };
}

/** Warns of a URL that is a secret, and of one that EC2 does not import from here. */
export function warnOfUrl(scope: Construct, url: string): void {
  if (/[?&](?:X-Amz-Signature|Signature)=/i.test(url)) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:presignedUrl',
      'A presigned URL is a secret, but it is visible to everyone who can read the template: use DiskContainer.fromBucket.',
    );
  }
  const { region } = Stack.of(scope);
  const named = REGION_OF_HOST.exec(url)?.[1];
  if (named !== undefined && !Token.isUnresolved(region) && named !== region) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:urlRegion',
      `The URL names an object in ${named}, but VM Import/Export reads from buckets in the Region of the import, ${region}: copy the object to a bucket there.`,
    );
  }
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
