import { Annotations, CustomResource, Duration, IResolvable, Lazy, RemovalPolicy, Size, SizeRoundingBehavior, Stack, TagManager, TagType, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { contentInDiff } from './content-in-diff';
import { WrittenObject } from './written';
import type { DiskContainer, DiskContainerConfig } from '../../disk-container';
import { DiskFormat } from '../../disk-format';
import { Architecture, BootMode, Platform } from '../../image-options';
import { SNAPSHOT_RESOURCE_TYPE } from '../../shared/contract/names';
import { BootAttributes, SnapshotResourceAttributes, SnapshotResourceProperties } from '../../shared/contract/snapshot-resource';
import type { VmImportProvider } from '../../vm-import-provider';
import type { DiskCopyOptions } from '../../vm-import-snapshot';
import { validateDisk } from '../validation/disks';
import { validateCopyTimeout } from '../validation/durations';
import { requireText, shown, ValidationError } from '../validation/requirements';
import { tagErrors, validateGivenTags } from '../validation/tags';

/** A disk to copy, and the snapshot that it becomes. */
export interface DiskSnapshotProps extends Omit<DiskCopyOptions, 'provider' | 'removalPolicy' | 'tags'> {
  readonly diskContainer: DiskContainer;
  readonly provider: VmImportProvider;
  readonly tags: TagManager;
  readonly description?: string;
  /** The name of the AMI that the disk is for. */
  readonly amiName?: string;
  readonly volumeSize?: Size;
  /** Set if a machine boots from this disk. */
  readonly boot?: DeclaredBoot;
  /** The name of the import in events. Resolves to nothing if nobody listens. */
  readonly events?: IResolvable;
}

/** What an app declares of a disk that a machine boots from. */
export interface DeclaredBoot {
  readonly architecture?: Architecture;
  readonly bootMode?: BootMode;
  readonly platform: Platform;
}

/** EBS: https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html */
const LARGEST_VOLUME_GIB = 65_536;
const LONGEST_DESCRIPTION = 255;

/** The custom resource that copies one disk into one snapshot. */
export class DiskSnapshot extends Construct {
  /** Returns the tag manager of a construct that copies disks. Tags that AWS would refuse fail the synthesis. */
  public static tagsOf(scope: Construct, resourceType: string, given?: Record<string, string>): TagManager {
    validateGivenTags(scope, given);
    const tags = new TagManager(TagType.MAP, resourceType, given);
    scope.node.addValidation({ validate: () => tagErrors(tags.tagValues(), resourceType) });
    return tags;
  }

  /** The device name of the disk container, if it has one. */
  public readonly deviceName?: string;
  public readonly resource: CustomResource;
  public readonly snapshotId: string;
  public readonly volumeSize: number;

  public constructor(scope: Construct, id: string, props: DiskSnapshotProps) {
    super(scope, id);
    const timeout = props.timeout ?? Duration.minutes(50);
    validate(this, props, timeout);
    const disk = bindDisk(this, props);
    this.deviceName = disk.deviceName;
    const { encryptionKey, preflight } = props;
    const { stateMachineArn, permissions } = props.provider._allowDiskCopy(this, { disk, encryptionKey, preflight });
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: SNAPSHOT_RESOURCE_TYPE,
      serviceToken: props.provider.serviceToken,
      serviceTimeout: Duration.hours(1),
      properties: snapshotProperties(this, props, { disk, stateMachineArn, timeout }),
    });
    // Nothing in the resource refers to the policies that it needs.
    this.resource.node.addDependency(...permissions);
    this.snapshotId = this.attribute('SnapshotId');
    this.volumeSize = Token.asNumber(this.resource.getAtt('VolumeSize'));
  }

  /** Returns a token for an attribute of the custom resource. */
  public attribute(name: keyof SnapshotResourceAttributes | keyof BootAttributes): string {
    return this.resource.getAttString(name);
  }

  /** Sets what happens to the snapshot when the resource leaves the stack or is replaced. */
  public applyRemovalPolicy(policy: RemovalPolicy): void {
    switch (policy) {
      case RemovalPolicy.DESTROY:
        return this.resource.applyRemovalPolicy(RemovalPolicy.DESTROY);
      case RemovalPolicy.RETAIN:
      case RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE:
        // A failed creation still cleans up after itself:
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        return this.resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      default:
        throw new ValidationError(`removalPolicy is ${shown(policy)}: use DESTROY or RETAIN.`, this);
    }
  }
}

function validate(scope: Construct, props: DiskSnapshotProps, timeout: Duration): void {
  validateCopyTimeout(scope, timeout);
  requireText(scope, 'description', props.description, LONGEST_DESCRIPTION);
  requireText(scope, 'revision', props.revision);
  if (Stack.of(props.provider) !== Stack.of(scope)) {
    throw new ValidationError(`The provider ${props.provider.node.path} is in another stack: use a provider of the same stack.`, scope);
  }
  if (props.encrypted === false && props.encryptionKey !== undefined) {
    throw new ValidationError('encrypted is false, but encryptionKey is set: remove one of them.', scope);
  }
  if (props.omitUnallocatedBlocks && (props.encrypted || props.encryptionKey !== undefined)) {
    throw new ValidationError(
      'omitUnallocatedBlocks cannot be combined with encryption, because blocks that were never written read as noise on an encrypted volume: remove omitUnallocatedBlocks.',
      scope,
    );
  }
  if (props.omitUnallocatedBlocks) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:omitUnallocatedBlocks',
      'omitUnallocatedBlocks leaves holes in the snapshot. They read as zeros only on unencrypted volumes: never copy the snapshot or launch its AMI with encryption.',
    );
  }
  const gib = props.volumeSize?.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  if (gib !== undefined && !Token.isUnresolved(gib) && (!Number.isInteger(gib) || gib < 1 || gib > LARGEST_VOLUME_GIB)) {
    throw new ValidationError(`volumeSize is ${gib} GiB: use a whole number from 1 to ${LARGEST_VOLUME_GIB}.`, scope);
  }
}

/** Binds the disk. Only objects in Amazon S3 can be copied. */
function bindDisk(scope: Construct, { diskContainer, boot, preflight }: DiskSnapshotProps): DiskContainerConfig {
  if (typeof (diskContainer as Partial<DiskContainer> | undefined)?.bind !== 'function') {
    throw new ValidationError(`diskContainer is ${shown(diskContainer)}: use DiskContainer.fromBucket or DiskContainer.fromAsset.`, scope);
  }
  const at = new Construct(scope, 'Disk');
  const disk = diskContainer.bind(at, {
    architecture: boot?.architecture,
    asItIs: true,
    bootDisk: boot !== undefined,
    bootMode: boot?.bootMode,
    platform: boot?.platform ?? Platform.LINUX,
    preflight: preflight ?? true,
  });
  validateDisk(at, disk);
  if (disk.bucket === undefined || disk.objectKey === undefined || disk.url !== undefined) {
    throw new ValidationError('The disk is not an object in Amazon S3: use DiskContainer.fromBucket or DiskContainer.fromAsset.', at);
  }
  if (disk.deleteSourceOnSuccess) {
    throw new ValidationError('deleteSourceOnSuccess works with VmImportImage only: remove it.', at);
  }
  if (disk.ovaDisk !== undefined && disk.format !== DiskFormat.OVA) {
    throw new ValidationError(`ovaDisk is ${disk.ovaDisk}, but the format of the disk is ${String(disk.format)}: remove ovaDisk.`, at);
  }
  return disk;
}

interface BoundDisk {
  readonly disk: DiskContainerConfig;
  readonly stateMachineArn: string;
  readonly timeout: Duration;
}

/** What makes up a copy: another value is another copy. */
type ContentName = 'Disk' | 'Encrypted' | 'KmsKeyArn' | 'VolumeSize' | 'Description' | 'OmitUnallocatedBlocks' | 'Boot' | 'Revision';

function snapshotProperties(
  scope: Construct, props: DiskSnapshotProps, { disk, stateMachineArn, timeout }: BoundDisk,
): WrittenObject<SnapshotResourceProperties> {
  const content: Pick<WrittenObject<SnapshotResourceProperties>, ContentName> = {
    Disk: {
      S3Bucket: String(disk.bucket?.bucketName),
      S3Key: String(disk.objectKey),
      Format: String(disk.format),
      OvaDisk: disk.format === DiskFormat.OVA ? disk.ovaDisk ?? 0 : undefined,
    },
    Encrypted: props.encrypted ?? (props.encryptionKey && true),
    KmsKeyArn: props.encryptionKey?.keyArn,
    VolumeSize: props.volumeSize?.toGibibytes(),
    Description: props.description ?? disk.description,
    OmitUnallocatedBlocks: props.omitUnallocatedBlocks === true ? true : undefined,
    Boot: props.boot && { Required: true, Architecture: props.boot.architecture, BootMode: props.boot.bootMode },
    Revision: props.revision,
  };
  return {
    ...content,
    CopiedContent: contentInDiff(scope, content, 'another value copies the disk again, and the old snapshot is deleted afterwards unless removalPolicy is RETAIN'),
    StateMachineArn: stateMachineArn,
    AmiName: props.amiName,
    // The functions look unless they are told not to.
    Preflight: props.preflight === false ? false : undefined,
    Tags: Lazy.any({ produce: () => props.tags.renderTags() }),
    Events: props.events,
    Timeout: Math.ceil(timeout.toSeconds({ integral: false })),
  };
}
