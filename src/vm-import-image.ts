import {
  CfnElement, CfnResource, CustomResource, Duration, Fn, IResource, ITaggableV2, Lazy, Names,
  RemovalPolicy, Stack, TagManager, TagType,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AmiOptions } from './ami-options';
import { DiskContainer, DiskContainerBindOptions, DiskContainerConfig } from './disk-container';
import { Architecture, BootMode, ClientData, Hypervisor, LicenseType, Platform } from './image-options';
import { grantLaunch } from './private/permissions/launch-permissions';
import { grantServiceRole } from './private/permissions/service-role-permissions';
import { nameInEvents, ruleOn } from './private/provider/events';
import { addAmiResource, amiAttribute } from './private/resource/ami-resource';
import { BoundSource, imageAttribute, imageResourceProperties } from './private/resource/image-resource';
import { MachineImage } from './private/resource/machine-image';
import { segmentsOf } from './private/resource/segments';
import { validateAmi } from './private/validation/ami';
import { validateDisk, validateDisks } from './private/validation/disks';
import { validateTimeout } from './private/validation/durations';
import { parseImageArn, validateImage } from './private/validation/image';
import { validateImportOptions, validateTypes } from './private/validation/import-options';
import { addDiskWarnings, addImportWarnings } from './private/validation/import-warnings';
import { requireObject, requirePlatform, shown, ValidationError } from './private/validation/requirements';
import { validateSource } from './private/validation/source';
import { tagErrors, validateGivenTags } from './private/validation/tags';
import { DETAIL_TYPES, DetailType, IMAGE_RESOURCE_TYPE } from './shared/contract/names';
import { VmImportProvider } from './vm-import-provider';
import { VmImportRole } from './vm-import-role';

/**
 * An Image Builder image of an imported virtual machine.
 *
 * Use it as the `machineImage` of instances and launch templates, and use its ARN as the parent image of a recipe.
 */
export interface IVmImportImage extends IResource, ec2.IMachineImage {
  /**
   * The id of the AMI.
   *
   * @attribute
   */
  readonly amiId: string;

  /**
   * The ARN of this image build version:
   * `arn:<partition>:imagebuilder:<region>:<account>:image/<name>/<x.y.z>/<build>`.
   *
   * @attribute
   */
  readonly imageArn: string;

  /**
   * The name of the image.
   *
   * @attribute
   */
  readonly imageName: string;

  /**
   * The version of the image with the build number that Image Builder assigned, `<x.y.z>/<build>`.
   *
   * @attribute
   */
  readonly imageVersion: string;

  /**
   * Grants permission to launch instances of the AMI: `ec2:RunInstances` on the AMI and, if the `encryptionKey` is known, the
   * use of that key through EC2. RunInstances requires more permissions, on resources that this construct does not know:
   * instance, volume, network interface, subnet, security groups, key pair, launch template, and `iam:PassRole` for an
   * instance profile. The key policy must delegate to the IAM policies of the account, as the policy of a CDK key does.
   *
   * @param grantee the principal that launches instances
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;
}

/**
 * Attributes of an image that exists outside of the stack.
 */
export interface VmImportImageAttributes {
  /**
   * The id of the AMI. Without it, `amiId` and `getImage` throw an error.
   *
   * @default - not known
   */
  readonly amiId?: string;

  /**
   * The ARN of the image: `arn:<partition>:imagebuilder:<region>:<account>:image/<name>/<x.y.z>/<build>`.
   */
  readonly imageArn: string;

  /**
   * The operating system platform. It decides the type of the user data of instances.
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;
}

/**
 * Properties of a `VmImportImage`.
 *
 * Changing any property except `ami`, `tags`, `timeout`, `maxAttempts`, `preflight`, `removalPolicy` and `provider` starts a new
 * import. The old image is deleted when the new one is available. `deleteSourceOnSuccess` of a disk container can change without
 * a new import.
 *
 * Synthesis fails with one sentence if AWS would refuse a value: one outside an enum, or of the wrong type in untyped languages.
 * It does not check tokens. `platform` and `timeout` shape the template and cannot be tokens.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
 */
export interface VmImportImageProps {
  /**
   * Properties of the AMI. Changing them does not start a new import. With `importTaskId`, they require `ami.name`: the AMI of
   * an existing task is never modified, so the properties apply to a copy.
   *
   * @default - the AMI as EC2 creates it
   */
  readonly ami?: AmiOptions;

  /**
   * The architecture of the virtual machine. Not with `importTaskId`.
   *
   * @default - EC2 detects it
   */
  readonly architecture?: Architecture;

  /**
   * The boot mode of the virtual machine. `UEFI_PREFERRED` is not supported for imports. Not with `importTaskId`.
   *
   * @default - EC2 detects it
   */
  readonly bootMode?: BootMode;

  /**
   * Information about the upload of the disks, which EC2 stores with the import task. Not with `importTaskId`.
   *
   * @default - nothing
   */
  readonly clientData?: ClientData;

  /**
   * The description of the Image Builder image, of 1 to 1,024 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The disks of the virtual machine: 1 to 21 disks with the boot disk first, or one OVA file alone. Synthesis warns if an OVA is
   * combined with other disks (`cdk-vm-import:ovaWithOtherDisks`). Set exactly one of `diskContainers` and `importTaskId`.
   *
   * @default - none; requires `importTaskId`
   */
  readonly diskContainers?: DiskContainer[];

  /**
   * Whether the snapshots of the AMI are encrypted. Without `encryptionKey`, EBS uses its default key. `false` together
   * with `encryptionKey` is an error. Not with `importTaskId`.
   *
   * @default - true with `encryptionKey`; otherwise the EBS encryption setting of the account applies
   */
  readonly encrypted?: boolean;

  /**
   * The symmetric KMS key in the same Region that encrypts the snapshots of the AMI. The service role gets permission to use it. The
   * key policy must delegate to the IAM policies of the account, as the policy of a CDK key does. Not with `importTaskId`.
   *
   * @default - the default key of EBS, if the snapshots are encrypted
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The target hypervisor platform. Not with `importTaskId`.
   *
   * @default - chosen by EC2
   */
  readonly hypervisor?: Hypervisor;

  /**
   * The name of the Image Builder image: 1 to 128 letters, digits, hyphens, underscores and inner spaces. In the ARN, Image
   * Builder writes it in lower case and replaces spaces and underscores by hyphens.
   *
   * @default - a unique name based on the path of the construct
   */
  readonly imageName?: string;

  /**
   * The description of the EC2 import task and of its AMI, of at least 1 character. Not with `importTaskId`.
   *
   * @default - no description
   */
  readonly importDescription?: string;

  /**
   * An existing EC2 import task in the same account and Region, such as `import-ami-0123456789abcdef0`. The image is created from
   * its AMI. The AMI is kept when the image is deleted. Set exactly one of `diskContainers` and `importTaskId`.
   *
   * @default - none; requires `diskContainers`
   */
  readonly importTaskId?: string;

  /**
   * The ARNs of License Manager license configurations to attach to the AMI. Not with `importTaskId`.
   *
   * @default - none
   */
  readonly licenseConfigurationArns?: string[];

  /**
   * The license of the operating system. AWS strongly recommends setting either this or `usageOperation`. Without both,
   * synthesis warns (`cdk-vm-import:licenseType`). Both together are an error. Not with `importTaskId`.
   *
   * @default - EC2 chooses `AWS` for Windows Server, `BYOL` for Windows clients and Linux
   */
  readonly licenseType?: LicenseType;

  /**
   * The log group that Image Builder writes to. Its name must begin with `/aws/imagebuilder/`, because the service-linked role of
   * Image Builder cannot write to other log groups.
   *
   * @default - `/aws/imagebuilder/<image name>`, which Image Builder creates
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * The maximum number of times that the import task is started, 1 to 10. Only a task that fails with an error of AWS
   * (`ServerError`) is started again. A task that fails because of the disk (`ClientError`) is not. Not with `importTaskId`.
   *
   * @default 2
   */
  readonly maxAttempts?: number;

  /**
   * The version of the operating system, such as `Red Hat Enterprise Linux 9`, of at least 1 character.
   *
   * @default - not given
   */
  readonly osVersion?: string;

  /**
   * The operating system platform of the virtual machine. `MACOS` only with `importTaskId`.
   */
  readonly platform: Platform;

  /**
   * Whether to check the disks before the import. The check reads at most 2 MiB of each disk. A disk that EC2 would refuse after
   * reading all of it fails in seconds, and the error says how to fix the disk. Synthesis checks local files (assets). The
   * deployment checks objects in Amazon S3, URLs and snapshots when an import starts, and the provider gets permission to read
   * exactly these objects. A disk that the provider cannot read (no permission, an unknown KMS key, a server without range
   * requests) is imported unchecked. Changing this does not start a new import. It has no effect with `importTaskId`.
   *
   * @default true
   */
  readonly preflight?: boolean;

  /**
   * The provider that runs the import. It must be in the same stack.
   *
   * @default - `VmImportProvider.getOrCreate(this)`: all imports of the stack share one
   */
  readonly provider?: VmImportProvider;

  /**
   * Whether the image, its AMI and its snapshots are deleted when the import is removed or replaced. `RETAIN` keeps them, except
   * after a failed creation. `RETAIN_ON_UPDATE_OR_DELETE` does the same. `SNAPSHOT` is an error.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * A text of at least 1 character. AWS does not see it. A new value starts a new import: use it when a disk was overwritten in
   * place.
   *
   * @default - none
   */
  readonly revision?: string;

  /**
   * The service role that VM Import/Export assumes. It must be in the same account. The import adds the permissions that it needs,
   * unless the role is immutable. Not with `importTaskId`.
   *
   * @default - a new `VmImportRole`
   */
  readonly role?: iam.IRole;

  /**
   * The version of the image: `<major>.<minor>.<patch>`, each 0 to 1,073,741,823 (2^30-1). Image Builder adds a build
   * number.
   */
  readonly semanticVersion: string;

  /**
   * Tags of the import task, the AMI, its snapshots and the image, in addition to those of `Tags.of()`. Together, at most 45
   * tags. A key has 1 to 127 characters and does not begin with `aws:` or `cdk-vm-import:`. A value has at most 256 characters.
   *
   * @default - no tags
   */
  readonly tags?: { [key: string]: string };

  /**
   * The maximum duration of the import: 1 minute to 48 hours. CloudFormation waits at most one hour for a custom resource, so the
   * template contains one resource for every 50 minutes (5 by default). Changing this does not start a new import.
   *
   * @default Duration.hours(4)
   */
  readonly timeout?: Duration;

  /**
   * The usage operation that decides how instances of the AMI are billed, such as `RunInstances:0002` for Windows Server with a
   * license from AWS. Not together with `licenseType`. Not with `importTaskId`.
   *
   * @default - EC2 derives it from the license
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html
   */
  readonly usageOperation?: string;
}

/**
 * The common part of imported images and images from attributes.
 */
abstract class VmImportImageBase extends MachineImage implements IVmImportImage {
  public abstract readonly imageArn: string;
  public abstract readonly imageName: string;
  public abstract readonly imageVersion: string;
}

/**
 * Imports a virtual machine as an Image Builder image and its AMI.
 *
 * EC2 VM Import/Export creates an AMI from the disks, and Image Builder creates an image from the AMI. Both belong to the stack:
 * they carry its tags, are replaced when the import changes, and are deleted with the stack.
 *
 * @example
 * declare const bucket: s3.IBucket;
 * const golden = new VmImportImage(this, 'Golden', {
 *   diskContainers: [DiskContainer.fromBucket(bucket, 'exports/rhel9.ova')],
 *   platform: Platform.LINUX,
 *   licenseType: LicenseType.BYOL,
 *   semanticVersion: '1.0.0',
 * });
 * new CfnOutput(this, 'AmiId', { value: golden.amiId });
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/vm-import-export.html
 */
export class VmImportImage extends VmImportImageBase implements ITaggableV2 {
  /**
   * References an image that exists outside of the stack.
   *
   * @param scope the parent construct
   * @param id the id of the image in the parent
   * @param attrs the ARN of the image, and its other known attributes
   */
  public static fromVmImportImageAttributes(scope: Construct, id: string, attrs: VmImportImageAttributes): IVmImportImage {
    requireObject(scope, 'The third argument of fromVmImportImageAttributes', attrs, 'an object with the attributes');
    class Import extends VmImportImageBase {
      public readonly imageArn = attrs.imageArn;
      public readonly imageName: string;
      public readonly imageVersion: string;
      public readonly platform = attrs.platform ?? Platform.LINUX;

      public constructor() {
        super(scope, id, { environmentFromArn: attrs.imageArn });
        const { name, version } = parseImageArn(this, attrs.imageArn);
        requirePlatform(this, this.platform);
        this.imageName = name;
        this.imageVersion = version;
      }

      public get amiId(): string {
        if (attrs.amiId === undefined) {
          throw new ValidationError('The AMI of an image from attributes is not known: set the attribute amiId.', this);
        }
        return attrs.amiId;
      }
    }
    return new Import();
  }

  /**
   * The id of the AMI.
   *
   * @attribute
   */
  public readonly amiId: string;

  /**
   * The architecture of the AMI, as EC2 reports it.
   *
   * @attribute
   */
  public readonly architecture: string;

  /**
   * The boot mode of the AMI, as EC2 reports it.
   *
   * @attribute
   */
  public readonly bootMode: string;

  /**
   * The manager of the tags that `Tags.of()` sets. They reach the import task, the AMI, its snapshots and the image.
   */
  public readonly cdkTagManager: TagManager;

  /**
   * The ARN of this image build version.
   *
   * @attribute
   */
  public readonly imageArn: string;

  /**
   * The name of the image.
   *
   * @attribute
   */
  public readonly imageName: string;

  /**
   * The version of the image with its build number, `<x.y.z>/<build>`.
   *
   * @attribute
   */
  public readonly imageVersion: string;

  /**
   * The id of the EC2 import task.
   *
   * @attribute
   */
  public readonly importTaskId: string;

  /**
   * The license type of the AMI.
   *
   * @attribute
   */
  public readonly licenseType: string;

  /**
   * The operating system platform.
   */
  public readonly platform: Platform;

  /**
   * The service role that VM Import/Export assumes. Undefined with `importTaskId`.
   */
  public readonly role?: iam.IRole;

  /**
   * The ids of the AMI's snapshots, as a token list.
   *
   * @attribute
   */
  public readonly snapshotIds: string[];

  /**
   * The usage operation of the AMI.
   *
   * @attribute
   */
  public readonly usageOperation: string;

  private readonly provider: VmImportProvider;
  /** The name of the import in its events, if somebody listens to them. */
  private nameInEvents?: string;
  /** The key of the AMI's snapshots. */
  private readonly encryptionKey?: kms.IKey;

  /** The AMI with its properties, if any are set. */
  private readonly amiResource?: CustomResource;

  /**
   * @param scope the parent construct
   * @param id the id of the image in the parent
   * @param props the disks and the properties of the image
   */
  public constructor(scope: Construct, id: string, props: VmImportImageProps) {
    super(scope, id);
    requireObject(this, 'The third argument of VmImportImage', props, 'an object with its properties');
    validateTypes(this, props);
    const timeout = props.timeout ?? Duration.hours(4);
    const given = validateSource(this, props);
    validateImage(this, props);
    validateImportOptions(this, props);
    validateTimeout(this, timeout);
    addImportWarnings(this, props);
    validateAmi(this, props, props.ami);

    const provider = props.provider ?? VmImportProvider.getOrCreate(this);
    if (Stack.of(provider) !== Stack.of(this)) {
      throw new ValidationError(
        `The provider ${provider.node.path} is in another stack, where its policy cannot name this import's role: use a provider of the same stack.`,
        this,
      );
    }
    const imageName = props.imageName ?? Names.uniqueResourceName(this, { maxLength: 128, separator: '-' });
    const source = given.kind === 'task' ? given : this.bindDisks(given.diskContainers, provider, props);
    this.encryptionKey = props.encryptionKey;
    this.provider = provider;
    this.platform = props.platform;
    this.role = source.kind === 'disks' ? source.role : undefined;
    const disks = source.kind === 'disks' ? source.disks : [];
    provider._claim(this, props.ami?.name, disks);
    if (source.kind === 'disks') {
      provider._queue(timeout);
    }
    const permissions = [
      provider._allowImport({ imageName, role: this.role, snapshotIds: disks.flatMap((disk) => disk.snapshotId ?? []) }),
      provider._allowReading(this, disks),
      provider._allowPreflight(props.preflight === false ? [] : disks),
      provider._allowSourceDeletion(this, disks),
      ...(source.kind === 'disks' ? [source.permissions] : []),
    ];

    validateGivenTags(this, props.tags);
    const tags = new TagManager(TagType.MAP, IMAGE_RESOURCE_TYPE, props.tags);
    this.cdkTagManager = tags;
    this.node.addValidation({ validate: () => tagErrors(tags.tagValues(), IMAGE_RESOURCE_TYPE) });

    const description = {
      source,
      imageName,
      props,
      tags: Lazy.any({ produce: () => tags.renderTags() }),
      events: Lazy.any({ produce: () => this.nameInEvents }),
    };
    const [first, ...followers] = segmentsOf(timeout);
    const owner = this.addSegment('Import', provider, imageResourceProperties(this, description, first));
    const last = followers.reduce(
      (previous, segment) => this.addSegment(`Segment${segment.index}`, provider, imageResourceProperties(this, description, segment, previous)),
      owner,
    );
    // Some permissions are resources of their own, which no property of the owner refers to.
    owner.node.addDependency(...permissions);
    // The first segment owns the import: only its deletion cleans up.
    this.node.defaultChild = owner.node.defaultChild;
    this.amiResource = addAmiResource(this, { ...description, provider, importedAmiId: imageAttribute(last, 'AmiId') });
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);

    this.amiId = this.amiResource ? amiAttribute(this.amiResource, 'AmiId') : imageAttribute(last, 'AmiId');
    this.architecture = imageAttribute(last, 'Architecture');
    this.bootMode = imageAttribute(last, 'BootMode');
    this.imageArn = imageAttribute(last, 'ImageArn');
    this.imageName = imageAttribute(last, 'ImageName');
    this.imageVersion = imageAttribute(last, 'ImageVersion');
    this.importTaskId = imageAttribute(last, 'ImportTaskId');
    this.licenseType = imageAttribute(last, 'LicenseType');
    this.snapshotIds = Fn.split(',', this.amiResource ? amiAttribute(this.amiResource, 'SnapshotIds') : imageAttribute(last, 'SnapshotIds'));
    this.usageOperation = imageAttribute(last, 'UsageOperation');
  }

  /**
   * Sets whether the image, its AMI and its snapshots are deleted when the import is removed or replaced.
   *
   * @param policy see the property `removalPolicy`
   */
  public override applyRemovalPolicy(policy: RemovalPolicy): void {
    switch (policy) {
      case RemovalPolicy.DESTROY:
        return this.setRemovalPolicy(RemovalPolicy.DESTROY);
      case RemovalPolicy.RETAIN:
      case RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE:
        // A failed creation still cleans up after itself:
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
        return this.setRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      case RemovalPolicy.SNAPSHOT:
        throw new ValidationError('removalPolicy is SNAPSHOT, which images do not support: use DESTROY or RETAIN.', this);
      default:
        throw new ValidationError(`removalPolicy is ${shown(policy)}: use DESTROY or RETAIN.`, this);
    }
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
   * Creates a rule for the event `VM Import Failed`. The event has the reason in `detail.reason`. A first deployment that fails
   * deletes the rules and targets of its own stack, so create the rule in another stack.
   *
   * @param id the id of the rule
   * @param options the target of the rule, and other options
   */
  public onImportFailed(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onImport(DETAIL_TYPES.failed, id, options);
  }

  /**
   * Creates a rule for the event `VM Import Succeeded`. The detail of the event has `id`, `imageArn`, `amiId`, `importTaskId`,
   * `stackId`, `stackName` and `logicalId`, and with `deleteSourceOnSuccess` also `sources`. In-place updates do not emit it. It is
   * emitted at the end of the import, before the properties of `ami` are applied, so `amiId` is the imported AMI. Amazon EventBridge
   * may deliver it more than once: `id` identifies the import.
   *
   * @param id the id of the rule
   * @param options the target of the rule, and other options
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

  private setRemovalPolicy(policy: RemovalPolicy): void {
    super.applyRemovalPolicy(policy);
    this.amiResource?.applyRemovalPolicy(policy);
  }

  private addSegment(id: string, provider: VmImportProvider, properties: Record<string, unknown>): CustomResource {
    // CloudFormation's defaults stay out of the template, where 80 imports repeat them 400 times: DeletionPolicy Delete, ServiceTimeout 3600.
    const segment = new CustomResource(this, id, { resourceType: IMAGE_RESOURCE_TYPE, serviceToken: provider.serviceToken, properties });
    const { cfnOptions } = segment.node.defaultChild as CfnResource;
    cfnOptions.deletionPolicy = undefined;
    cfnOptions.updateReplacePolicy = undefined;
    return segment;
  }

  private bindDisks(diskContainers: readonly DiskContainer[], provider: VmImportProvider, props: VmImportImageProps): BoundSource {
    const disks = diskContainers.map((disk, index) => this.bind(disk, `Disk${index + 1}`, {
      bootDisk: index === 0,
      bootMode: props.bootMode,
      platform: props.platform,
      preflight: props.preflight ?? true,
    }));
    validateDisks(this, disks);
    addDiskWarnings(this, disks);
    // Not below the import: the provider's policy names the role, so that what the import is told to depend on must not
    // become a dependency of the role.
    const role = props.role ?? new VmImportRole(provider, `${this.node.id}Role${this.node.addr.slice(-8)}`);
    const permissions = grantServiceRole(this, role, {
      disks,
      encryptionKey: props.encryptionKey,
      licenseConfigurationArns: props.licenseConfigurationArns ?? [],
    });
    return { kind: 'disks', disks, role, permissions };
  }

  private bind(disk: DiskContainer, id: string, options: DiskContainerBindOptions): DiskContainerConfig {
    const scope = new Construct(this, id);
    const config = disk.bind(scope, options);
    validateDisk(scope, config);
    return config;
  }
}
