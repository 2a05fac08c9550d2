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
   * @default - inferred from the extension: .ova, .qcow2, .vhd, .vhdx, .vmdk, .raw, .img (RAW). A name without a known one is
   * an error. A snapshot has no format.
   */
  readonly format?: DiskFormat;

  /**
   * Which disk of an OVA to copy, counted from 0 in the order of its OVF descriptor. `VmImportSnapshot` and `VmImportAmi` only:
   * `VmImportImage` imports all disks of an OVA.
   *
   * @default - the first disk
   */
  readonly ovaDisk?: number;

  /**
   * The block device that the disk becomes, such as `/dev/sda1` or `/dev/xvdb`.
   *
   * @default - chosen by EC2
   */
  readonly deviceName?: string;

  /**
   * A description of the disk, of at least 1 character.
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
   * Whether to delete the object once the import has made its image. What is deleted is what was imported, for good: in a
   * bucket with versioning, that version of the object. Whatever was uploaded under the key since the import began
   * stays, and so does the object where its deletion is denied: the import has succeeded anyway, and the log of the
   * provider and the event `VM Import Succeeded` say why.
   *
   * A deployment that fails after the import, because of another resource, takes the image away again, and then nothing is
   * left: put the import into a stack of its own. Anything that would import again (another `description`, another
   * `revision`) needs the object again. It must be the disk of this import only: two imports of a stack that share it are
   * an error. Given to an import that stands, it deletes nothing.
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
 * What a disk container is in a template, as `DiskContainer.bind` returns it: a snapshot, a URL, or an S3 object.
 */
export interface DiskContainerConfig extends BucketDiskContainerOptions {
  /**
   * The bucket of the object that the service role must be able to read.
   *
   * @default - no object is known: a snapshot, or a URL outside of Amazon S3
   */
  readonly bucket?: s3.IBucket;

  /**
   * The key of the object that the service role must be able to read.
   *
   * @default - no object is known: a snapshot, or a URL outside of Amazon S3
   */
  readonly objectKey?: string;

  /**
   * The EBS snapshot to import.
   *
   * @default - not a snapshot
   */
  readonly snapshotId?: string;

  /**
   * The URL to import from. It takes precedence over `bucket` and `objectKey` in the request; these then only name
   * what the service role must be able to read.
   *
   * @default - not a URL
   */
  readonly url?: string;
}

/**
 * What an import tells its disk containers, for `DiskContainer.bind`.
 */
export interface DiskContainerBindOptions {
  /**
   * Whether it is the first disk of the import, which the machine boots from.
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
   * @default - none; EC2 finds out
   */
  readonly bootMode?: BootMode;

  /**
   * The operating system platform that the import declares.
   */
  readonly platform: Platform;

  /**
   * Whether to look at a disk that can be read at synthesis.
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
   * A disk image in an S3 bucket. The bucket must be in the Region of the import.
   *
   * An object that is overwritten in place is not imported again by itself: give it a new key, or
   * give `VmImportImageProps.revision` a new value.
   *
   * @param bucket the bucket
   * @param key the key of the object, 1 to 1,024 bytes of UTF-8
   * @param options format, device name and description, and whether to delete the object after the import
   */
  public static fromBucket(bucket: s3.IBucket, key: string, options: BucketDiskContainerOptions = {}): DiskContainer {
    return new BucketDiskContainer(bucket, key, options);
  }

  /**
   * A disk image on the machine that synthesizes the app. It is uploaded as it is, without zipping it, to the
   * CDK's bootstrap bucket at `cdk deploy`. Its key is made from its content, so a changed file is a new import.
   *
   * Synthesis also looks at what the file is (`VmImportImageProps.preflight`): what EC2 would refuse is an error, with
   * what to do about it. What it may accept is a warning, each with an id of its own to acknowledge it by, such as
   * `cdk-vm-import:partition-table-missing`.
   *
   * Synthesis reads the file once, shows its progress if that takes long, and copies the file into the cloud assembly
   * (`--no-staging` avoids the copy). It reads the file again only when the file has changed. For very large images, upload
   * with a tool that resumes and use `fromBucket`.
   *
   * The service role may read the file, but nothing here knows of a customer-managed key that the bootstrap bucket may
   * have: allow `VmImportImage.role` to decrypt with it.
   *
   * @param path the path of the file, absolute or relative to the current directory
   * @param options format, device name, description, and the hash of the content
   */
  public static fromAsset(path: string, options: AssetDiskContainerOptions = {}): DiskContainer {
    return new AssetDiskContainer(path, options);
  }

  /**
   * A disk in an EBS snapshot of the same Region.
   *
   * @param snapshotId the id of the snapshot, such as `snap-0123456789abcdef0`
   * @param options device name and description (a snapshot needs no format)
   */
  public static fromSnapshot(snapshotId: string, options: DiskContainerOptions = {}): DiskContainer {
    return new SnapshotDiskContainer(snapshotId, options);
  }

  /**
   * A disk image at a URL: `https://…` or `s3://bucket/key`. An `s3://` URL, and an `https://` URL of an object in
   * Amazon S3 without a signature, give the service role the permission to read the object.
   *
   * A presigned URL is a secret that ends up in the template: prefer `fromBucket`.
   *
   * @param url the URL
   * @param options format, device name and description
   */
  public static fromUrl(url: string, options: DiskContainerOptions = {}): DiskContainer {
    return new UrlDiskContainer(url, options);
  }

  /**
   * Called by `VmImportImage`, once for each import that uses the disk container.
   *
   * @param scope a scope of its own, below the image
   * @param options what the import says of the machine
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
    if (!existsSync(this.path) || !statSync(this.path).isFile()) {
      throw new ValidationError(`There is no file at ${this.path}: give the path of a disk image.`, scope);
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
        `${JSON.stringify(this.snapshotId)} is not the id of an EBS snapshot: give one like snap-0123456789abcdef0.`,
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
        'The URL is only known at deployment, so the service role gets no permission for what it names: use DiskContainer.fromBucket, or give the role s3:GetObject, s3:GetBucketLocation and s3:ListBucket yourself.',
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
    throw new ValidationError(`The key of a disk container must have 1 to 1,024 bytes, but has ${Buffer.byteLength(key)}: give the key of an object.`, scope);
  }
  if (/^s3:\/\//i.test(key)) {
    throw new ValidationError(`${key} is a URL, not a key: give the key alone, or use DiskContainer.fromUrl.`, scope);
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
      `deleteSourceOnSuccess is given for ${Token.isUnresolved(fileName) ? 'a URL' : fileName}, but only what DiskContainer.fromBucket names is deleted: leave it out.`,
      scope,
    );
  }
  return { ...options, format: options.format ?? inferFormat(scope, fileName) };
}
