import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DiskSource } from './disk-source';
import { mayBeAssumedByVmImport } from './service-role';

const TIMEOUT_MS = 10_000;

/** The disks and roles of an emulated account: S3 and IAM behind one endpoint URL, as MiniStack has them. */
export class AccountDiskSource implements DiskSource {
  private readonly s3: S3Client;

  constructor(private readonly endpoint: string, private readonly region: string = 'us-east-1') {
    this.s3 = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  }

  /** One GetRole of IAM's query API; the emulators that this talks to check no signature. */
  async roleExists(name: string): Promise<boolean> {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'authorization': `AWS4-HMAC-SHA256 Credential=test/20260101/${this.region}/iam/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: new URLSearchParams({ Action: 'GetRole', Version: '2010-05-08', RoleName: name }).toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const policy = /<AssumeRolePolicyDocument>([^<]*)<\/AssumeRolePolicyDocument>/.exec(text)?.[1];
    return response.ok && policy !== undefined && mayBeAssumedByVmImport(policyOf(policy));
  }

  async head(bucket: string, key: string): Promise<{ readonly size: number } | undefined> {
    try {
      const { ContentLength } = await this.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { size: ContentLength ?? 0 };
    } catch (error) {
      if (error instanceof Error && ['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes(error.name)) {
        return undefined;
      }
      throw error;
    }
  }

  async *read(bucket: string, key: string): AsyncIterable<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (Body && Symbol.asyncIterator in Body) {
      yield* Body as AsyncIterable<Uint8Array>;
    }
  }

  /** Lets go of the connections. */
  close(): void {
    this.s3.destroy();
  }
}

/** IAM answers policies percent-encoded; an emulator may have them as they are, XML-escaped. */
function policyOf(text: string): unknown {
  const plain = text.startsWith('%')
    ? decodeURIComponent(text)
    : text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
  return JSON.parse(plain);
}
