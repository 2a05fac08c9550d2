/** An object in Amazon S3. */
export interface S3Object {
  readonly bucketName: string;
  readonly key: string;
}

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
const S3_HOST = /^(?:([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$/;

/** The object that an `s3://` URL names. */
export function objectOfS3Url(url: string): S3Object | undefined {
  const [, bucketName, key] = S3_URL.exec(url) ?? [];
  return bucketName === undefined || key === undefined ? undefined : { bucketName, key };
}

/** The object that a host of Amazon S3 and the decoded path of a URL name; none of any other host. */
export function objectOfHttpsUrl(host: string, path: string): S3Object | undefined {
  const match = S3_HOST.exec(host);
  if (match === null) {
    return undefined;
  }
  const [bucketName, ...key] = [...(match[1] === undefined ? [] : [match[1]]), ...path.split('/')];
  return bucketName === undefined || key.length === 0 ? undefined : { bucketName, key: key.join('/') };
}
