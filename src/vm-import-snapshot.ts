import { Duration, IResource, ITaggableV2, RemovalPolicy, Resource, Size, TagManager } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { DiskContainer } from './disk-container';
import { DiskSnapshot } from './private/resource/disk-snapshot';
import { requireObject, requireString } from './private/validation/requirements';
import { requireTypes } from './private/validation/types';
import { VmImportProvider } from './vm-import-provider';

/**
 * An EBS snapshot made from a disk image.
 */
export interface IVmImportSnapshot extends IResource {
  /**
   * The ID of the snapshot.
   *
   * @attribute
   */
  readonly snapshotId: string;

  /**
   * The size of volumes made from the snapshot, in GiB.
   *
   * @attribute
   */
  readonly volumeSize: number;
}

/**
 * Attributes of an existing snapshot, for `VmImportSnapshot.fromVmImportSnapshotAttributes`.
 */
export interface VmImportSnapshotAttributes {
  /**
   * The ID of the snapshot.
   */
  readonly snapshotId: string;

  /**
   * The size of volumes made from the snapshot, in GiB.
   */
  readonly volumeSize: number;
}

/**
 * Options of a disk that is copied into a snapshot as it is.
 */
export interface DiskCopyOptions {
  /**
   * Whether the snapshot is encrypted.
   *
   * An account that encrypts by default encrypts it in any case.
   *
   * @default - encrypted if `encryptionKey` is set, or if the account encrypts EBS volumes by default
   * @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html
   */
  readonly encrypted?: boolean;

  /**
   * The symmetric KMS key that encrypts the snapshot. The construct grants the provider's functions the use of it.
   *
   * @default - the default EBS key of the account, if the snapshot is encrypted
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether to leave out the blocks that the image format does not allocate.
   *
   * This saves calls, and it can destroy data: a block that was never written reads as zeros on an unencrypted volume, but as noise
   * on an encrypted one. File systems break if somebody later copies the snapshot or launches the AMI with encryption.
   * Cannot be combined with encryption.
   *
   * @default false - every block is written
   */
  readonly omitUnallocatedBlocks?: boolean;

  /**
   * Whether to check the disk before anything starts. Synthesis checks local files, the deployment checks objects in Amazon S3,
   * and asks which key EBS uses by default.
   *
   * @default true
   */
  readonly preflight?: boolean;

  /**
   * The provider that runs the import.
   *
   * @default - the provider that the imports of the stack share
   */
  readonly provider?: VmImportProvider;

  /**
   * Whether the result is deleted or kept when the resource leaves the stack or is replaced: `DESTROY` or `RETAIN`.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Any text. A new value starts a new import: use it when an object was overwritten in place.
   *
   * @default - none
   */
  readonly revision?: string;

  /**
   * Tags of everything that the import creates. `Tags.of()` works as well.
   *
   * @default - no tags
   */
  readonly tags?: Record<string, string>;

  /**
   * How long each disk may take, between 1 and 50 minutes. EBS accepts 500 MiB per second and snapshot: 1 TiB takes about
   * 35 minutes, and 50 minutes are enough for 1.4 TiB. A larger disk fails the deployment before anything starts. Disks that are
   * copied at the same time share the quota of the account, which is also 500 MiB per second by default.
   *
   * @see https://docs.aws.amazon.com/general/latest/gr/ebs-service.html#limits_ebs
   *
   * @default Duration.minutes(50)
   */
  readonly timeout?: Duration;
}

/**
 * Properties of a `VmImportSnapshot`.
 */
export interface VmImportSnapshotProps extends DiskCopyOptions {
  /**
   * The disk image: an object in a bucket, or a local file. RAW, VMDK (monolithicSparse and
   * streamOptimized), VHD, VHDX, QCOW2, or one disk of an OVA.
   */
  readonly diskContainer: DiskContainer;

  /**
   * The description of the snapshot, at most 255 characters.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * The size of volumes made from the snapshot, in whole GiB. At least the size of the disk.
   *
   * @default - the size of the disk, rounded up to whole GiB
   */
  readonly volumeSize?: Size;
}

/**
 * An EBS snapshot with the bytes of a disk image.
 *
 * The disk is copied as it is, by the EBS direct APIs: any operating system, x86_64 and arm64, in minutes, without a service role. A
 * change of the disk, its encryption, size or description replaces the snapshot. Tags change in place.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-accessing-snapshot.html
 * @example
 * declare const bucket: s3.IBucket;
 * const data = new VmImportSnapshot(this, 'Data', {
 *   diskContainer: DiskContainer.fromBucket(bucket, 'exports/data.qcow2'),
 * });
 * ec2.BlockDeviceVolume.ebsFromSnapshot(data.snapshotId);
 */
export class VmImportSnapshot extends Resource implements IVmImportSnapshot, ITaggableV2 {
  /**
   * References an existing snapshot.
   *
   * @param scope the parent
   * @param id the ID of the construct
   * @param attrs the attributes of the snapshot
   */
  public static fromVmImportSnapshotAttributes(scope: Construct, id: string, attrs: VmImportSnapshotAttributes): IVmImportSnapshot {
    requireObject(scope, 'The third argument of fromVmImportSnapshotAttributes', attrs, 'an object with the attributes');
    requireString(scope, 'snapshotId', attrs.snapshotId, 'the ID of a snapshot');
    class Import extends Resource implements IVmImportSnapshot {
      public readonly snapshotId = attrs.snapshotId;
      public readonly volumeSize = attrs.volumeSize;
    }
    return new Import(scope, id);
  }

  /**
   * The ID of the snapshot.
   *
   * @attribute
   */
  public readonly snapshotId: string;

  /**
   * The size of volumes made from the snapshot, in GiB.
   *
   * @attribute
   */
  public readonly volumeSize: number;

  /**
   * The manager of the tags that `Tags.of()` sets. They reach the snapshot.
   */
  public readonly cdkTagManager: TagManager;

  private readonly disk: DiskSnapshot;

  /**
   * @param scope the parent
   * @param id the ID of the construct
   * @param props the disk and the properties of the snapshot
   */
  public constructor(scope: Construct, id: string, props: VmImportSnapshotProps) {
    super(scope, id);
    requireObject(this, 'The third argument of VmImportSnapshot', props, 'an object with its properties');
    requireTypes(this, props);
    const { diskContainer, description, volumeSize, ...options } = props;
    const provider = props.provider ?? VmImportProvider.getOrCreate(this);
    this.cdkTagManager = DiskSnapshot.tagsOf(this, 'Custom::VmImportSnapshot', props.tags);
    this.disk = new DiskSnapshot(this, 'Import', { ...options, diskContainer, description, volumeSize, provider, tags: this.cdkTagManager });
    this.node.defaultChild = this.disk.resource.node.defaultChild;
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);
    this.snapshotId = this.disk.snapshotId;
    this.volumeSize = this.disk.volumeSize;
  }

  /**
   * Sets what happens to the snapshot when the resource leaves the stack or is replaced.
   *
   * @param policy `DESTROY` or `RETAIN`
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    this.disk.applyRemovalPolicy(policy);
  }
}
