import { CfnElement, CustomResource, Duration, Fn, IResource, ITaggableV2, Lazy, RemovalPolicy, Resource, TagManager } from 'aws-cdk-lib';
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
import { DiskSnapshot } from './private/resource/disk-snapshot';
import { registrationProperties } from './private/resource/registration';
import { validateRegistration } from './private/validation/registration';
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
   * The operating system platform.
   */
  readonly platform: Platform;

  /**
   * Adds an SSM parameter of the data type `aws:ec2:image` with the ID of the AMI.
   *
   * @param id the ID of the parameter
   * @param options its name and description
   */
  addAmiParameter(id: string, options?: AmiParameterOptions): ssm.StringParameter;

  /**
   * Grants launching instances of the AMI.
   *
   * @param grantee who may launch it
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
   * The disks of the machine: the boot disk first, then data disks. Each is `DiskContainer.fromBucket` or
   * `DiskContainer.fromAsset`: RAW, VMDK (monolithicSparse and streamOptimized), VHD, VHDX, QCOW2, or one disk of an OVA.
   *
   * A data disk without `deviceName` becomes `/dev/sdf`, `/dev/sdg` and so on.
   */
  readonly diskContainers: DiskContainer[];

  /**
   * The name of the AMI: 3 to 128 letters, digits, spaces and `()[]./-'@_`, unique in the account and Region. A replacement needs a new
   * name, because the old AMI is deleted after the new one exists.
   *
   * @default - a unique name
   */
  readonly amiName?: string;

  /**
   * The processor architecture: `X86_64` or `ARM64`. It must agree with the boot disk.
   *
   * @default - what the boot disk has a boot loader for
   */
  readonly architecture?: Architecture;

  /**
   * The boot mode. It must agree with the boot disk. ARM machines boot by UEFI only.
   *
   * @default - what the boot disk supports
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
   * The description of the AMI, at most 255 characters.
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
   * Whether instances require IMDSv2 unless their launch says otherwise.
   *
   * @default true
   */
  readonly imdsv2?: boolean;

  /**
   * Who may launch instances of the AMI, beside its account.
   *
   * @default - nobody
   */
  readonly launchPermissions?: LaunchPermissions;

  /**
   * Whether deleting or replacing the resource lifts the `deregistrationProtection`.
   *
   * @default false
   */
  readonly liftProtectionOnDelete?: boolean;

  /**
   * The operating system platform, which decides the kind of user data. Windows and systems that AWS licenses belong to `VmImportImage`:
   * a disk that is copied as it is has no billing codes and no drivers of EC2.
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;

  /**
   * The device name of the boot disk.
   *
   * @default - /dev/xvda; /dev/sda1 for Windows
   */
  readonly rootDeviceName?: string;

  /**
   * Whether instances have a virtual Trusted Platform Module (NitroTPM 2.0). Requires UEFI.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/enable-nitrotpm-support-on-ami.html
   */
  readonly tpm?: boolean;

  /**
   * The UEFI variable store in base64, as `python-uefivars` creates it. Requires UEFI. At most 64 KiB.
   *
   * @default - an empty store
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/uefi-variables.html
   */
  readonly uefiData?: string;

  /**
   * The type of the volumes.
   *
   * @default ec2.EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: ec2.EbsDeviceVolumeType;
}

/**
 * The common part of AMIs that the stack creates and AMIs from attributes.
 */
abstract class VmImportAmiBase extends Resource implements IVmImportAmi {
  public abstract readonly amiId: string;
  public abstract readonly platform: Platform;

  /**
   * Adds an SSM parameter of the data type `aws:ec2:image` with the ID of the AMI, for launch templates (`resolve:ssm:<name>`),
   * `ec2.MachineImage.fromSsmParameter`, and other stacks. It follows the AMI.
   *
   * @param id the ID of the parameter
   * @param options its name and description
   */
  public addAmiParameter(id: string, options: AmiParameterOptions = {}): ssm.StringParameter {
    return new ssm.StringParameter(this, id, { ...options, dataType: ssm.ParameterDataType.AWS_EC2_IMAGE, stringValue: this.amiId });
  }

  /**
   * Grants launching instances of the AMI.
   *
   * @param grantee who may launch it
   */
  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee);
  }

  /**
   * Returns the AMI as `machineImage` of an instance or a launch template.
   *
   * @param _scope not used
   */
  public getImage(_scope: Construct): ec2.MachineImageConfig {
    const windows = this.platform === Platform.WINDOWS;
    return {
      imageId: this.amiId,
      osType: windows ? ec2.OperatingSystemType.WINDOWS : ec2.OperatingSystemType.LINUX,
      userData: windows ? ec2.UserData.forWindows() : ec2.UserData.forLinux(),
    };
  }
}

/**
 * An AMI with the bytes of disk images.
 *
 * The disks are copied as they are, by the EBS direct APIs, and registered as an AMI: any operating system, x86_64 and arm64, in minutes,
 * without a service role, and without a change in the guest. A change of a disk or of how the AMI is registered replaces the AMI. Tags,
 * launch permissions, deprecation and protection change in place.
 *
 * Use `VmImportImage` for Windows and for systems whose license AWS provides.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 * @example
 * declare const bucket: s3.IBucket;
 * const ami = new VmImportAmi(this, 'Fedora', {
 *   diskContainers: [DiskContainer.fromBucket(bucket, 'fedora-cloud-aarch64.qcow2')],
 * });
 */
export class VmImportAmi extends VmImportAmiBase implements ITaggableV2 {
  /**
   * References an existing AMI.
   *
   * @param scope the parent
   * @param id the ID of the construct
   * @param attrs the attributes of the AMI
   */
  public static fromVmImportAmiAttributes(scope: Construct, id: string, attrs: VmImportAmiAttributes): IVmImportAmi {
    class Import extends VmImportAmiBase {
      public readonly amiId = attrs.amiId;
      public readonly platform = attrs.platform ?? Platform.LINUX;
    }
    return new Import(scope, id);
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
   * The boot mode of the AMI.
   *
   * @attribute
   */
  public readonly bootMode: string;

  /**
   * Carries the tags that `Tags.of()` sets to the AMI and its snapshots.
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
  /** The name of the import in its events, once somebody asks for them. */
  private nameInEvents?: string;

  /**
   * @param scope the parent
   * @param id the ID of the construct
   * @param props the disks, and what the AMI is like
   */
  public constructor(scope: Construct, id: string, props: VmImportAmiProps) {
    super(scope, id);
    validateRegistration(this, props);
    const provider = props.provider ?? VmImportProvider.getOrCreate(this);
    const tags = DiskSnapshot.tagsOf(this, AMI_RESOURCE_TYPE, props.tags);
    this.cdkTagManager = tags;
    this.platform = props.platform ?? Platform.LINUX;
    this.provider = provider;
    this.encryptionKey = props.encryptionKey;
    provider._claim(this, props.amiName, []);
    const events = Lazy.any({ produce: () => this.nameInEvents });
    const { architecture, bootMode } = props;
    this.disks = props.diskContainers.map((diskContainer, index) => new DiskSnapshot(this, `Disk${index + 1}`, {
      ...props,
      diskContainer,
      provider,
      tags,
      events,
      boot: index === 0 ? { architecture, bootMode, platform: this.platform } : undefined,
    }));
    this.resource = new CustomResource(this, 'Ami', {
      resourceType: AMI_RESOURCE_TYPE,
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.hours(1),
      properties: registrationProperties({
        props,
        disks: this.disks,
        tags: Lazy.any({ produce: () => tags.renderTags() }),
        events,
      }),
    });
    this.resource.node.addDependency(provider._allowAmi('registered'));
    this.node.defaultChild = this.resource.node.defaultChild;
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);

    this.amiId = this.resource.getAttString('AmiId');
    this.architecture = this.resource.getAttString('Architecture');
    this.bootMode = this.resource.getAttString('BootMode');
    this.rootDeviceName = this.resource.getAttString('RootDeviceName');
    this.snapshotIds = Fn.split(',', this.resource.getAttString('SnapshotIds'));
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
   * Grants launching instances of the AMI, and the use of the `encryptionKey` through EC2 for it.
   *
   * @param grantee who may launch it
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
