import { existsSync, statSync } from 'fs';
import { basename } from 'path';
import { Annotations, Resource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { DiskFormat } from './disk-format';
import { Architecture, BootMode, Platform } from './image-options';
import { contentHash } from './private/disk/content-hash';
import { parseDiskUrl, warnOfUrl } from './private/disk/disk-url';
import { inferFormat } from './private/disk/format-inference';
import { inspectAsset } from './private/disk/inspect-asset';
import { ValidationError, requireObject, requireString } from './private/validation/requirements';

/**
 * Options of a disk container.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageDiskContainer.html
 */
export interface DiskContainerOptions {
  /**
   * The format of the disk image.
   *
   * @default - inferred from the extension: .ova, .qcow2, .vhd, .vhdx, .vmdk, .raw, .img (RAW). An unknown extension is an error. A
   * snapshot has no format.
   */
  readonly format?: DiskFormat;

  /**
   * The index of the disk in an OVA, counted from 0 in the order of its OVF descriptor. Only for `VmImportSnapshot` and
   * `VmImportAmi`: `VmImportImage` imports all disks of an OVA.
   *
   * @default - the first disk
   */
  readonly ovaDisk?: number;

  /**
   * The device name of the disk, such as `/dev/sda1` or `/dev/xvdb`.
   *
   * @default - chosen by EC2
   */
  readonly deviceName?: string;

  /**
   * The description of the disk, at least 1 character.
   *
   * @default - no description
   */
  readonly description?: string;
}

/**
 * Options of a disk container for an object in a bucket.
 */
export interface BucketDiskContainerOptions extends DiskContainerOptions {
  /**
   * Whether to delete the object when the import has created its image. Exactly the imported object is deleted for good: in a
   * bucket with versioning, that version. An object that was uploaded under the same key since the import began is kept. If the
   * deletion is denied, the object is kept and the import still succeeds; the log of the provider and the event
   * `VM Import Succeeded` have the reason.
   *
   * A deployment that fails later, because of another resource, deletes the image again. Disk and image are then both gone: use a
   * separate stack for the import. Every new import (another `description`, another `revision`) needs the object again. Two
   * imports of a stack that share the object are an error. Adding this option to an existing import deletes nothing.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
   */
  readonly deleteSourceOnSuccess?: boolean;
}

/**
 * Options of a disk container for a file.
 */
export interface AssetDiskContainerOptions extends DiskContainerOptions {
  /**
   * The hash that names the content of the file, if you know it already, such as the checksum that your build wrote. Synthesis
   * then does not read the whole file. A changed file with the same hash is not uploaded, and not imported again.
   *
   * @default - the SHA-256 of the file. The hash of a file of 64 MiB or more is kept in `~/.cdk/cache` until the file changes.
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_assets.AssetProps.html
   */
  readonly assetHash?: string;
}

/**
 * A disk container as `DiskContainer.bind` returns it: a snapshot, a URL, or an S3 object.
 */
export interface DiskContainerConfig extends BucketDiskContainerOptions {
  /**
   * The bucket of the object that the service role must be able to read.
   *
   * @default - none: a snapshot, or a URL outside of Amazon S3
   */
  readonly bucket?: s3.IBucket;

  /**
   * The key of the object that the service role must be able to read.
   *
   * @default - none: a snapshot, or a URL outside of Amazon S3
   */
  readonly objectKey?: string;

  /**
   * The EBS snapshot to import.
   *
   * @default - not a snapshot
   */
  readonly snapshotId?: string;

  /**
   * The URL to import from. The request then contains the URL, and `bucket` and `objectKey` only decide which object the service
   * role may read.
   *
   * @default - not a URL
   */
  readonly url?: string;
}

/**
 * The options of the import that `DiskContainer.bind` needs.
 */
export interface DiskContainerBindOptions {
  /**
   * Whether the disk is the first one of the import. The machine boots from it.
   */
  readonly bootDisk: boolean;

  /**
   * The architecture that the import declares.
   *
   * @default - none; the disk decides
   */
  readonly architecture?: Architecture;

  /**
   * Whether the disk is copied as it is, by `VmImportAmi` or `VmImportSnapshot`.
   *
   * @default false - VM Import/Export converts it
   */
  readonly asItIs?: boolean;

  /**
   * The boot mode that the import declares.
   *
   * @default - none; EC2 detects it
   */
  readonly bootMode?: BootMode;

  /**
   * The operating system platform that the import declares.
   */
  readonly platform: Platform;

  /**
   * Whether to check a disk that synthesis can read.
   */
  readonly preflight: boolean;
}

/**
 * A disk of the virtual machine to import, or a whole machine in an OVA file.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImageDiskContainer.html
 */
export abstract class DiskContainer {
  /**
   * Uses a disk image in an S3 bucket. The bucket must be in the Region of the import.
   *
   * Overwriting the object does not start a new import: use a new key, or set a new `VmImportImageProps.revision`.
   *
   * @param bucket the bucket
   * @param key the key of the object, 1 to 1,024 bytes of UTF-8
   * @param options format, device name and description, and whether to delete the object after the import
   */
  public static fromBucket(bucket: s3.IBucket, key: string, options: BucketDiskContainerOptions = {}): DiskContainer {
    return new BucketDiskContainer(bucket, key, options);
  }

  /**
   * Uses a disk image on the machine that synthesizes the app. `cdk deploy` uploads the file as it is, without zipping it, to the
   * bootstrap bucket of the CDK. The key depends on the content, so a changed file starts a new import.
   *
   * Synthesis checks the file (`VmImportImageProps.preflight`). It fails if EC2 would refuse the disk, and says how to fix it. It
   * warns if EC2 may refuse the disk. Each warning has an id for acknowledging it, such as
   * `cdk-vm-import:partition-table-missing`.
   *
   * Synthesis reads the file once, shows its progress if that takes long, and copies the file into the cloud assembly
   * (`--no-staging` avoids the copy). It reads the file again only when the file has changed. For very large images, upload
   * with a tool that resumes and use `fromBucket`.
   *
   * The service role gets permission to read the file. If a customer-managed key encrypts the bootstrap bucket, allow
   * `VmImportImage.role` to decrypt with that key.
   *
   * @param path the path of the file, absolute or relative to the current directory
   * @param options format, device name, description, and the hash of the content
   */
  public static fromAsset(path: string, options: AssetDiskContainerOptions = {}): DiskContainer {
    return new AssetDiskContainer(path, options);
  }

  /**
   * Uses a disk in an EBS snapshot of the same Region.
   *
   * @param snapshotId the id of the snapshot, such as `snap-0123456789abcdef0`
   * @param options device name and description (a snapshot needs no format)
   */
  public static fromSnapshot(snapshotId: string, options: DiskContainerOptions = {}): DiskContainer {
    return new SnapshotDiskContainer(snapshotId, options);
  }

  /**
   * Uses a disk image at a URL: `https://…` or `s3://bucket/key`. For an `s3://` URL, and for an `https://` URL of an object in
   * Amazon S3 without a signature, the service role gets permission to read the object.
   *
   * A presigned URL is a secret and is visible in the template: prefer `fromBucket`.
   *
   * @param url the URL
   * @param options format, device name and description
   */
  public static fromUrl(url: string, options: DiskContainerOptions = {}): DiskContainer {
    return new UrlDiskContainer(url, options);
  }

  /**
   * Binds the disk container to an import. Each construct that uses the disk container calls it once.
   *
   * @param scope a separate scope, below the image
   * @param options the options of the import
   */
  public abstract bind(scope: Construct, options: DiskContainerBindOptions): DiskContainerConfig;
}

class BucketDiskContainer extends DiskContainer {
  public constructor(private readonly bucket: s3.IBucket, private readonly key: string, private readonly options: BucketDiskContainerOptions) {
    super();
  }

  public bind(scope: Construct): DiskContainerConfig {
    requireObject(scope, 'The bucket of a disk container', this.bucket, 'a bucket, such as s3.Bucket.fromBucketName makes');
    requireString(scope, 'The key of a disk container', this.key, 'the key of an object');
    validateKey(scope, this.key);
    warnOfNewBucket(scope, this.bucket);
    const region = Stack.of(scope).region;
    if (Token.compareStrings(this.bucket.env.region, region) === TokenComparison.DIFFERENT) {
      throw new ValidationError(
        `The bucket of ${this.key} is in ${this.bucket.env.region}, but VM Import/Export reads from buckets in the Region of the import, ${region}: copy the object to a bucket there.`,
        scope,
      );
    }
    const { deleteSourceOnSuccess, ...options } = this.options;
    return { ...withFormat(scope, this.key, options), bucket: this.bucket, objectKey: this.key, deleteSourceOnSuccess };
  }
}

class AssetDiskContainer extends DiskContainer {
  public constructor(private readonly path: string, private readonly options: AssetDiskContainerOptions) {
    super();
  }

  public bind(scope: Construct, options: DiskContainerBindOptions): DiskContainerConfig {
    if (!existsSync(this.path)) {
      throw new ValidationError(`There is no file at ${this.path}: use the path of a disk image.`, scope);
    }
    if (!statSync(this.path).isFile()) {
      throw new ValidationError(`${this.path} is not a file: use the path of a disk image.`, scope);
    }
    const { assetHash, ...ownOptions } = this.options;
    const config = withFormat(scope, basename(this.path), ownOptions);
    if (assetHash !== undefined && (Token.isUnresolved(assetHash) || assetHash.trim() === '')) {
      throw new ValidationError(`The assetHash of ${this.path} names its content at synthesis, so it must be a text of at least 1 character.`, scope);
    }
    if (options.preflight) {
      inspectAsset(scope, this.path, config.format, options);
    }
    const asset = new Asset(scope, 'Asset', { path: this.path, assetHash: assetHash ?? contentHash(this.path) });
    return { ...config, bucket: asset.bucket, objectKey: asset.s3ObjectKey };
  }
}

class SnapshotDiskContainer extends DiskContainer {
  public constructor(private readonly snapshotId: string, private readonly options: DiskContainerOptions) {
    super();
  }

  public bind(scope: Construct): DiskContainerConfig {
    if (!Token.isUnresolved(this.snapshotId) && !/^snap-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(this.snapshotId)) {
      throw new ValidationError(
        `${JSON.stringify(this.snapshotId)} is not the id of an EBS snapshot: use one like snap-0123456789abcdef0.`,
        scope,
      );
    }
    return { ...this.options, snapshotId: this.snapshotId };
  }
}

class UrlDiskContainer extends DiskContainer {
  public constructor(private readonly url: string, private readonly options: DiskContainerOptions) {
    super();
  }

  public bind(scope: Construct): DiskContainerConfig {
    requireString(scope, 'The URL of a disk container', this.url, 'https://host/path or s3://bucket/key');
    if (Token.isUnresolved(this.url)) {
      Annotations.of(scope).addWarningV2(
        'cdk-vm-import:urlToken',
        'The URL is only known at deployment, so the service role gets no permission to read the object: use DiskContainer.fromBucket, or grant the role s3:GetObject, s3:GetBucketLocation and s3:ListBucket yourself.',
      );
      return { ...withFormat(scope, this.url, this.options), url: this.url };
    }
    const { fileName, object } = parseDiskUrl(this.url, scope);
    warnOfUrl(scope, this.url);
    const config = { ...withFormat(scope, fileName, this.options), url: this.url };
    return object === undefined
      ? config
      : { ...config, bucket: s3.Bucket.fromBucketName(scope, 'Bucket', object.bucketName), objectKey: object.key };
  }
}

function validateKey(scope: Construct, key: string): void {
  if (Token.isUnresolved(key)) {
    return;
  }
  if (key.length === 0 || Buffer.byteLength(key) > 1024) {
    throw new ValidationError(`The key of a disk container must have 1 to 1,024 bytes, but has ${Buffer.byteLength(key)}: use the key of an object.`, scope);
  }
  if (/^(?:s3|https?):\/\//i.test(key)) {
    throw new ValidationError(`${key} is a URL, not a key: use the key alone, or DiskContainer.fromUrl.`, scope);
  }
  if (key.startsWith('/')) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:keyBeginsWithSlash',
      `The key ${key} begins with a slash. Keys in Amazon S3 usually do not: remove it, unless the object really has this key.`,
    );
  }
}

/** A bucket of the same stack is empty when the first deployment reaches the import. */
function warnOfNewBucket(scope: Construct, bucket: s3.IBucket): void {
  if (Resource.isOwnedResource(bucket) && Stack.of(bucket) === Stack.of(scope)) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:newBucket',
      `The bucket ${bucket.node.path} is created by the same stack, so it is empty when the first deployment imports from it. Create the bucket in another stack and upload the disk first, or use DiskContainer.fromAsset.`,
    );
  }
}

/** The options with the format that EC2 must be told, inferred where it is not given. */
function withFormat(scope: Construct, fileName: string, options: BucketDiskContainerOptions): DiskContainerOptions {
  if (options.deleteSourceOnSuccess) {
    // Other stacks may share an asset of the same content, and what a URL names is not ours to delete.
    throw new ValidationError(
      `deleteSourceOnSuccess is set for ${Token.isUnresolved(fileName) ? 'a URL' : fileName}, but only an object of DiskContainer.fromBucket can be deleted: remove it.`,
      scope,
    );
  }
  return { ...options, format: options.format ?? inferFormat(scope, fileName) };
}
