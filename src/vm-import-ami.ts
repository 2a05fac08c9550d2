import { CfnElement, CustomResource, Duration, IResource, ITaggableV2, Lazy, RemovalPolicy, Size, TagManager } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { AmiParameterOptions, DeregistrationProtection, LaunchPermissions } from './ami-options';
import { DiskContainer } from './disk-container';
import { Architecture, BootMode, Platform } from './image-options';
import { grantLaunch } from './private/permissions/launch-permissions';
import { nameInEvents, ruleOn } from './private/provider/events';
import { amiAttribute } from './private/resource/ami-resource';
import { DiskSnapshot } from './private/resource/disk-snapshot';
import { MachineImage } from './private/resource/machine-image';
import { registrationProperties } from './private/resource/registration';
import { validateRegistration } from './private/validation/registration';
import { requireObject, requirePlatform, requireString } from './private/validation/requirements';
import { AMI_RESOURCE_TYPE, DETAIL_TYPES, DetailType } from './shared/contract/names';
import { VmImportProvider } from './vm-import-provider';
import { DiskCopyOptions } from './vm-import-snapshot';

/**
 * An AMI made from disk images.
 *
 * It can be the `machineImage` of instances and launch templates, and its ID the parent image of an Image Builder recipe.
 */
export interface IVmImportAmi extends IResource, ec2.IMachineImage {
  /**
   * The ID of the AMI.
   *
   * @attribute
   */
  readonly amiId: string;

  /**
   * Adds an SSM parameter of the data type `aws:ec2:image` with the ID of the AMI.
   *
   * @param id the ID of the parameter
   * @param options its name and description
   */
  addAmiParameter(id: string, options?: AmiParameterOptions): ssm.StringParameter;

  /**
   * Grants permission to launch instances of the AMI.
   *
   * @param grantee the principal that launches instances
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;
}

/**
 * Attributes of an existing AMI, for `VmImportAmi.fromVmImportAmiAttributes`.
 */
export interface VmImportAmiAttributes {
  /**
   * The ID of the AMI.
   */
  readonly amiId: string;

  /**
   * The operating system platform, which decides the kind of user data.
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;
}

/**
 * Properties of a `VmImportAmi`.
 */
export interface VmImportAmiProps extends DiskCopyOptions {
  /**
   * The disks of the machine: the boot disk first, then data disks, 22 in all at most. Each is an object in a
   * bucket or a local file: RAW, VMDK (monolithicSparse and streamOptimized), VHD, VHDX, QCOW2, or one disk of an OVA.
   *
   * A data disk without `deviceName` becomes `/dev/sdf`, `/dev/sdg` and so on. A `description` becomes that of the snapshot.
   */
  readonly diskContainers: DiskContainer[];

  /**
   * The name of the AMI: 3 to 128 letters, digits, spaces and `()[]./-'@_`, unique in the account and Region. A change that replaces the
   * AMI requires a new name, because CloudFormation deletes the old AMI after it has created the new one.
   *
   * @default - a unique name
   */
  readonly amiName?: string;

  /**
   * The processor architecture: `X86_64` or `ARM64`. The deployment fails in seconds if the boot disk has no boot loader for it.
   *
   * @default - the architecture of the boot loader on the boot disk; X86_64 if `preflight` is false
   */
  readonly architecture?: Architecture;

  /**
   * The boot mode. The deployment fails in seconds if the boot disk does not support it. arm64 boots by UEFI only.
   *
   * @default - UEFI if `tpm` or `uefiData` is set; otherwise what the boot disk supports; with `preflight: false` the instance type decides
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-boot.html
   */
  readonly bootMode?: BootMode;

  /**
   * When EC2 marks the AMI as deprecated, as an ISO 8601 date and time such as `2027-01-31T09:30:00Z`. At most 10 years from now, for a
   * public AMI 2 years.
   *
   * @default - never; a public AMI after 2 years
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html
   */
  readonly deprecateAt?: string;

  /**
   * Whether the AMI is protected from deregistration. Deleting or replacing the resource fails while it is protected, unless
   * `liftProtectionOnDelete` is set.
   *
   * @default - not protected
   */
  readonly deregistrationProtection?: DeregistrationProtection;

  /**
   * The description of the AMI, 1 to 255 characters. EC2 cannot remove a description: if you remove it here, the AMI keeps the last one.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether instances have enhanced networking with the Elastic Network Adapter, which all current instance types require. The system on
   * the disk needs the `ena` driver.
   *
   * @default true
   */
  readonly enaSupport?: boolean;

  /**
   * Whether instances require IMDSv2 unless their launch says otherwise. The system on the disk must be able to use IMDSv2.
   *
   * @default true
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
   */
  readonly imdsv2?: boolean;

  /**
   * The accounts that may launch instances of the AMI, in addition to its owner.
   *
   * @default - the account that owns the AMI
   */
  readonly launchPermissions?: LaunchPermissions;

  /**
   * Whether deleting or replacing the resource lifts the `deregistrationProtection`, which must be set as well. After
   * `ENABLED_WITH_COOLDOWN`, EC2 refuses the deletion for another 24 hours: delete again then.
   *
   * @default false
   */
  readonly liftProtectionOnDelete?: boolean;

  /**
   * The operating system platform, which decides the kind of user data. Use `VmImportImage` for Windows and for systems whose license AWS
   * provides: a disk that is copied as it is has no billing codes, and no drivers of EC2 unless somebody installed them
   * (synthesis warns of Windows: `cdk-vm-import:windowsAsItIs`).
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;

  /**
   * The device name of the boot disk. On current instance types, the system sees NVMe devices whatever their device names are.
   *
   * @default - the `deviceName` of the first disk container, otherwise /dev/xvda, for Windows /dev/sda1
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
   */
  readonly rootDeviceName?: string;

  /**
   * Whether instances have a virtual Trusted Platform Module (NitroTPM 2.0). Requires x86_64 and the boot mode UEFI.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enable-nitrotpm-support-on-ami.html
   */
  readonly tpm?: boolean;

  /**
   * The UEFI variable store in base64, as `python-uefivars` creates it, at most 64 KiB. Requires UEFI.
   *
   * @default - an empty store
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/uefi-variables.html
   */
  readonly uefiData?: string;

  /**
   * The size of the boot volume, in whole GiB. At least the size of the boot disk.
   *
   * @default - the size of the boot disk, rounded up to whole GiB
   */
  readonly volumeSize?: Size;

  /**
   * The type of the volumes: `GP3`, `GP2` or `STANDARD`.
   *
   * @default ec2.EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: ec2.EbsDeviceVolumeType;
}

/**
 * An AMI with the bytes of disk images.
 *
 * The construct copies the disks as they are through the EBS direct APIs and registers the AMI: any operating system, x86_64 and arm64,
 * in minutes, without a service role. Nothing in the guest changes, so the system must boot on EC2 as it is: with drivers for NVMe and
 * ENA, and with a boot loader where EC2 looks for it. A preflight checks the boot loader before anything starts.
 *
 * Changing a disk, its encryption or a parameter of the registration replaces the AMI. Tags, description, launch permissions, deprecation
 * and protection change in place. Use `VmImportImage` for Windows and for systems whose license AWS provides.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 * @example
 * declare const bucket: s3.IBucket;
 * const ami = new VmImportAmi(this, 'Fedora', {
 *   diskContainers: [DiskContainer.fromBucket(bucket, 'fedora-cloud-aarch64.qcow2')],
 * });
 */
export class VmImportAmi extends MachineImage implements ITaggableV2, IVmImportAmi {
  /**
   * References an existing AMI.
   *
   * @param scope the parent
   * @param id the ID of the construct
   * @param attrs the attributes of the AMI
   */
  public static fromVmImportAmiAttributes(scope: Construct, id: string, attrs: VmImportAmiAttributes): IVmImportAmi {
    requireObject(scope, 'The third argument of fromVmImportAmiAttributes', attrs, 'an object with the attributes');
    requireString(scope, 'amiId', attrs.amiId, 'the ID of an AMI');
    class Import extends MachineImage {
      public readonly amiId = attrs.amiId;
      public readonly platform = attrs.platform ?? Platform.LINUX;
    }
    const image = new Import(scope, id);
    requirePlatform(image, image.platform);
    return image;
  }

  /**
   * The ID of the AMI.
   *
   * @attribute
   */
  public readonly amiId: string;

  /**
   * The architecture of the AMI.
   *
   * @attribute
   */
  public readonly architecture: string;

  /**
   * The boot mode of the AMI. Empty if neither `bootMode` nor the preflight determines it.
   *
   * @attribute
   */
  public readonly bootMode: string;

  /**
   * The manager of the tags that `Tags.of()` sets. They reach the AMI and its snapshots.
   */
  public readonly cdkTagManager: TagManager;

  /**
   * The operating system platform.
   */
  public readonly platform: Platform;

  /**
   * The device name of the boot disk.
   *
   * @attribute
   */
  public readonly rootDeviceName: string;

  /**
   * The IDs of the snapshots, in the order of `diskContainers`.
   *
   * @attribute
   */
  public readonly snapshotIds: string[];

  private readonly disks: readonly DiskSnapshot[];
  private readonly encryptionKey?: kms.IKey;
  private readonly provider: VmImportProvider;
  private readonly resource: CustomResource;
  /** The name of the import in its events, if somebody listens to them. */
  private nameInEvents?: string;

  /**
   * @param scope the parent
   * @param id the ID of the construct
   * @param props the disks and the properties of the AMI
   */
  public constructor(scope: Construct, id: string, props: VmImportAmiProps) {
    super(scope, id);
    const { diskContainers: [bootDisk, ...dataDisks] } = validateRegistration(this, props);
    const { platform = Platform.LINUX, provider = VmImportProvider.getOrCreate(this) } = props;
    const tags = DiskSnapshot.tagsOf(this, AMI_RESOURCE_TYPE, props.tags);
    this.cdkTagManager = tags;
    this.platform = platform;
    this.provider = provider;
    this.encryptionKey = props.encryptionKey;
    const listeners = Lazy.any({ produce: () => this.nameInEvents });
    const { amiName, encrypted, encryptionKey, omitUnallocatedBlocks, preflight, revision, timeout } = props;
    const copy = { amiName, encrypted, encryptionKey, omitUnallocatedBlocks, preflight, revision, timeout, provider, tags, events: listeners };
    const boot = new DiskSnapshot(this, 'BootDisk', {
      ...copy,
      diskContainer: bootDisk,
      volumeSize: props.volumeSize,
      boot: { architecture: props.architecture, bootMode: props.bootMode ?? (needsUefi(props) ? BootMode.UEFI : undefined), platform },
    });
    const data = dataDisks.map((diskContainer, index) => new DiskSnapshot(this, `DataDisk${index + 1}`, { ...copy, diskContainer }));
    this.disks = [boot, ...data];
    provider._claim(this, amiName, []);
    this.resource = new CustomResource(this, 'Ami', {
      resourceType: AMI_RESOURCE_TYPE,
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.hours(1),
      properties: registrationProperties(this, { props, boot, data, events: listeners, tags: Lazy.any({ produce: () => tags.renderTags() }) }),
    });
    this.resource.node.addDependency(provider._allowAmi('registered'));
    this.node.defaultChild = this.resource.node.defaultChild;
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);

    this.amiId = amiAttribute(this.resource, 'AmiId');
    this.architecture = amiAttribute(this.resource, 'Architecture');
    this.bootMode = amiAttribute(this.resource, 'BootMode');
    this.rootDeviceName = amiAttribute(this.resource, 'RootDeviceName');
    this.snapshotIds = this.disks.map(({ snapshotId }) => snapshotId);
  }

  /**
   * Sets what happens to the AMI and its snapshots when the resource leaves the stack or is replaced.
   *
   * @param policy `DESTROY` or `RETAIN`
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    this.disks.forEach((disk) => disk.applyRemovalPolicy(policy));
    this.resource.applyRemovalPolicy(policy === RemovalPolicy.RETAIN ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : policy);
  }

  /**
   * Grants permission to launch instances of the AMI, and to use the `encryptionKey` through EC2.
   *
   * @param grantee the principal that launches instances
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
   */
  public override grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee, this.encryptionKey);
  }

  /**
   * Creates a rule for the event that the AMI could not be registered (`VM Import Failed`). `detail.reason` says why.
   *
   * @param id the ID of the rule
   * @param options the target of the rule, and more
   */
  public onImportFailed(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onImport(DETAIL_TYPES.failed, id, options);
  }

  /**
   * Creates a rule for the event that the AMI is available (`VM Import Succeeded`). Its detail has `id`, `amiId`, `stackId`, `stackName` and
   * `logicalId`. Amazon EventBridge may deliver it more than once.
   *
   * @param id the ID of the rule
   * @param options the target of the rule, and more
   */
  public onImportSucceeded(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onImport(DETAIL_TYPES.succeeded, id, options);
  }

  private onImport(end: DetailType, id: string, options: events.OnEventOptions): events.Rule {
    const name = nameInEvents(this.node.defaultChild as CfnElement);
    this.nameInEvents = name;
    this.provider._allowEvents();
    return ruleOn(this, id, end, name, options);
  }
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html (TpmSupport, UefiData) */
function needsUefi({ tpm, uefiData }: VmImportAmiProps): boolean {
  return tpm === true || uefiData !== undefined;
}
