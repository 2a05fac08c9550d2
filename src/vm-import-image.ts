import {
  CfnElement, CfnResource, CustomResource, Duration, Fn, IResource, ITaggableV2, Lazy, Names,
  RemovalPolicy, Resource, Stack, TagManager, TagType,
} from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { AmiOptions, AmiParameterOptions } from './ami-options';
import { DiskContainer, DiskContainerBindOptions, DiskContainerConfig } from './disk-container';
import { Architecture, BootMode, ClientData, Hypervisor, LicenseType, Platform } from './image-options';
import { grantLaunch } from './private/permissions/launch-permissions';
import { grantServiceRole } from './private/permissions/service-role-permissions';
import { nameInEvents, ruleOn } from './private/provider/events';
import { addAmiResource, amiAttribute } from './private/resource/ami-resource';
import { BoundSource, imageAttribute, imageResourceProperties } from './private/resource/image-resource';
import { machineImageOf } from './private/resource/machine-image';
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
 * An Image Builder image made of an imported virtual machine.
 *
 * It can be the `machineImage` of instances and launch templates, and its ARN the parent image of a recipe.
 */
export interface IVmImportImage extends IResource, ec2.IMachineImage {
  /**
   * The id of the AMI.
   *
   * @attribute
   */
  readonly amiId: string;

  /**
   * The ARN of the image, of the very build:
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
   * The version of the image with the build number that Image Builder gave it, `<x.y.z>/<build>`.
   *
   * @attribute
   */
  readonly imageVersion: string;

  /**
   * Lets somebody launch instances of the AMI: `ec2:RunInstances` on the AMI, and, where the `encryptionKey` is known, the
   * use of that key through EC2. RunInstances also takes permissions on what else a launch uses, which is not known here:
   * instance, volume, network interface, subnet, security groups, key pair, launch template, and `iam:PassRole` for an
   * instance profile. The policy of the key must let IAM policies of the account decide, as that of the CDK's keys does.
   *
   * @param grantee who may launch it
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
   */
  grantLaunch(grantee: iam.IGrantable): iam.Grant;
}

/**
 * Attributes of an image that was made elsewhere.
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
   * The operating system platform, which instances take the type of their user data from.
   *
   * @default Platform.LINUX
   */
  readonly platform?: Platform;
}

/**
 * Properties of a `VmImportImage`.
 *
 * All of them but `ami`, `tags`, `timeout`, `maxAttempts`, `preflight`, `removalPolicy` and `provider` make up the import: a
 * change of one of these is a new import, and the old image is deleted once the new one stands. `deleteSourceOnSuccess` of a
 * disk container is no part of it.
 *
 * Synthesis refuses, with one sentence, what AWS would: a value that an enum has not, or one of another type, too, where
 * nothing else checks types. A token is left to AWS, but for `platform` and `timeout`, which shape the template.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportImage.html
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
 */
export interface VmImportImageProps {
  /**
   * Properties of the AMI, which are changed without a new import. With `importTaskId`, only with a `name`: the AMI of a
   * task that somebody ran is not changed, but a copy is.
   *
   * @default - as EC2 made it
   */
  readonly ami?: AmiOptions;

  /**
   * The architecture of the virtual machine. Not with `importTaskId`.
   *
   * @default - EC2 finds out
   */
  readonly architecture?: Architecture;

  /**
   * The boot mode of the virtual machine. `UEFI_PREFERRED` is not supported for imports. Not with `importTaskId`.
   *
   * @default - EC2 finds out
   */
  readonly bootMode?: BootMode;

  /**
   * What the client that uploaded the disks says about the upload. Not with `importTaskId`.
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
   * The disks of the virtual machine, 1 to 21, or its OVA file alone (synthesis warns of an OVA among others:
   * `cdk-vm-import:ovaWithOtherDisks`). Exactly one of `diskContainers` and `importTaskId` must
   * be given.
   *
   * @default - none; `importTaskId` is given
   */
  readonly diskContainers?: DiskContainer[];

  /**
   * Whether the AMI's snapshots are encrypted, with EBS's default key unless `encryptionKey` is given. `false` together
   * with `encryptionKey` is an error. Not with `importTaskId`.
   *
   * @default - true with an `encryptionKey`; otherwise as EBS encryption by default is set in the account
   */
  readonly encrypted?: boolean;

  /**
   * The symmetric KMS key, of the same Region, that encrypts the AMI's snapshots. The service role is allowed to use it; the policy of
   * the key must let IAM policies of the account decide, as that of the CDK's keys does.
   * Not with `importTaskId`.
   *
   * @default - EBS's default key, if the snapshots are encrypted
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * The target hypervisor platform. Not with `importTaskId`.
   *
   * @default - chosen by EC2
   */
  readonly hypervisor?: Hypervisor;

  /**
   * The name of the Image Builder image: 1 to 128 letters, digits, hyphens, underscores and inner spaces. Image Builder
   * lower-cases it in the ARN, with hyphens for spaces and underscores.
   *
   * @default - a unique name from the path of the construct
   */
  readonly imageName?: string;

  /**
   * The description of the EC2 import task and of its AMI, of at least 1 character. Not with `importTaskId`.
   *
   * @default - no description
   */
  readonly importDescription?: string;

  /**
   * An EC2 import task of the same account and Region that somebody already ran, such as
   * `import-ami-0123456789abcdef0`, to make the image of. Its AMI stays when the image is deleted. Exactly one of
   * `diskContainers` and `importTaskId` must be given.
   *
   * @default - none; `diskContainers` are given
   */
  readonly importTaskId?: string;

  /**
   * The ARNs of License Manager license configurations to attach to the AMI. Not with `importTaskId`.
   *
   * @default - none
   */
  readonly licenseConfigurationArns?: string[];

  /**
   * The license of the operating system. AWS strongly recommends to give either this or `usageOperation`; without both,
   * synthesis warns (`cdk-vm-import:licenseType`). Both together are an error. Not with `importTaskId`.
   *
   * @default - EC2 chooses `AWS` for Windows Server, `BYOL` for Windows clients and Linux
   */
  readonly licenseType?: LicenseType;

  /**
   * The log group that Image Builder writes to. Image Builder's service-linked role may only write to log groups whose
   * names begin with `/aws/imagebuilder/`.
   *
   * @default - `/aws/imagebuilder/` and the name of the image, made by Image Builder
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * How often the import task is started, in all, where AWS itself fails it (`ServerError`), 1 to 10. A failure of the
   * disk (`ClientError`) is never tried again. Not with `importTaskId`.
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
   * Whether the disks are looked at before the import, at the first few kilobytes of their files: a disk that EC2 would
   * refuse after it read all of it fails in seconds, with what to do about it. Local files (assets) are
   * looked at when the app is synthesized, objects in Amazon S3, URLs and snapshots when an import starts. There, the
   * provider is allowed to read the very objects; what it cannot read (no permission, a KMS key that is not known here, a
   * server without ranges) it leaves to the import. A change does not start a new import. It has no effect with
   * `importTaskId`.
   *
   * @default true
   */
  readonly preflight?: boolean;

  /**
   * What runs the import. It must be in the same stack.
   *
   * @default - `VmImportProvider.getOrCreate(this)`: one for all imports of the stack
   */
  readonly provider?: VmImportProvider;

  /**
   * What becomes of the image, its AMI and its snapshots when the import is removed or replaced. `RETAIN` keeps them,
   * but for those of an import whose creation failed; `RETAIN_ON_UPDATE_OR_DELETE` is the same. `SNAPSHOT` is an error.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Any text, of at least 1 character. It is not sent to AWS: a new value is a new import, for disks that were overwritten
   * in place.
   *
   * @default - none
   */
  readonly revision?: string;

  /**
   * The service role that VM Import/Export assumes. It must be in the same account. What the import needs is added to
   * it, unless it is immutable. Not with `importTaskId`.
   *
   * @default - a new `VmImportRole`, below the provider, so that imports may depend on each other (`node.addDependency`)
   */
  readonly role?: iam.IRole;

  /**
   * The version of the image: `<major>.<minor>.<patch>`, each 0 to 1,073,741,823 (2^30-1). Image Builder adds a build
   * number.
   */
  readonly semanticVersion: string;

  /**
   * Tags of the import task, the AMI, its snapshots and the image, beside those of `Tags.of()`; 45 at most with them.
   * Keys have 1 to 127 characters that match `^(?!aws:)[a-zA-Z+-=._:/]+$` and do not begin with `cdk-vm-import:`,
   * values up to 256 characters.
   *
   * @default - no tags
   */
  readonly tags?: { [key: string]: string };

  /**
   * How long the import may take: 1 minute to 48 hours. It is spread over as many custom resources as it takes to stay
   * below CloudFormation's limit of an hour: one for each 50 minutes, so 5 by default. A change does not start a new
   * import.
   *
   * @default Duration.hours(4)
   */
  readonly timeout?: Duration;

  /**
   * The operation that the AMI's instances are billed by, such as `RunInstances:0002` for Windows Server with a license
   * from AWS. Not together with `licenseType`. Not with `importTaskId`.
   *
   * @default - follows from the license
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/billing-info-fields.html
   */
  readonly usageOperation?: string;
}

/**
 * The common part of images that the stack makes and images from attributes.
 */
abstract class VmImportImageBase extends Resource implements IVmImportImage {
  public abstract readonly amiId: string;
  public abstract readonly imageArn: string;
  public abstract readonly imageName: string;
  public abstract readonly imageVersion: string;
  /** The operating system platform. */
  public abstract readonly platform: Platform;

  /**
   * An SSM parameter of the data type `aws:ec2:image` with the id of the AMI, for launch templates
   * (`resolve:ssm:<name>`), `ec2.MachineImage.fromSsmParameter`, and other stacks. It follows the image.
   *
   * @param id the id of the parameter in the image
   * @param options its name and description
   * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
   */
  public addAmiParameter(id: string, options: AmiParameterOptions = {}): ssm.StringParameter {
    return new ssm.StringParameter(this, id, {
      ...options,
      dataType: ssm.ParameterDataType.AWS_EC2_IMAGE,
      stringValue: this.amiId,
    });
  }

  /**
   * Lets somebody launch instances of the AMI.
   *
   * @param grantee who may launch it
   */
  public grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee);
  }

  /**
   * The AMI as `machineImage` of an instance or a launch template.
   *
   * @param scope the construct that uses the AMI. Adds a warning if its stack is in another Region, where the AMI does not exist
   */
  public getImage(scope: Construct): ec2.MachineImageConfig {
    return machineImageOf(this, scope);
  }
}

/**
 * Imports a virtual machine as an Image Builder image and its AMI.
 *
 * EC2 VM Import/Export makes an AMI of the disks, and Image Builder an image of the AMI. Both follow the stack: they are
 * tagged with it, replaced when the import changes, and deleted with it.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/userguide/vm-import-export.html
 */
export class VmImportImage extends VmImportImageBase implements ITaggableV2 {
  /**
   * An image that was made elsewhere.
   *
   * @param scope the parent
   * @param id the id of the image in it
   * @param attrs its ARN, and what else is known of it
   */
  public static fromVmImportImageAttributes(scope: Construct, id: string, attrs: VmImportImageAttributes): IVmImportImage {
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
          throw new ValidationError('The AMI of an image from attributes is not known: give the attribute amiId.', this);
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
   * The architecture of the AMI, as EC2 found it.
   *
   * @attribute
   */
  public readonly architecture: string;

  /**
   * The boot mode of the AMI, as EC2 found it.
   *
   * @attribute
   */
  public readonly bootMode: string;

  /**
   * What `Tags.of()` sets reaches the import task, the AMI, its snapshots and the image through it.
   */
  public readonly cdkTagManager: TagManager;

  /**
   * The ARN of the image, of the very build.
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
   * The service role that VM Import/Export assumes, none for an adopted import task.
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
  /** What the end of the import is announced under, once somebody asks for it. */
  private nameInEvents?: string;
  /** The key of the AMI's snapshots. */
  private readonly encryptionKey?: kms.IKey;

  /** The AMI with its properties, where some are given. */
  private readonly amiResource?: CustomResource;

  /**
   * @param scope the parent
   * @param id the id of the image in it
   * @param props what to import, and as what
   */
  public constructor(scope: Construct, id: string, props: VmImportImageProps) {
    super(scope, id);
    requireObject(this, 'The third argument of VmImportImage', props, 'its properties');
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
        `The provider ${provider.node.path} is in another stack, where its policy cannot name this import's role: give a provider of the same stack.`,
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
   * What becomes of the image, its AMI and its snapshots when the import is removed or replaced.
   *
   * @param policy as the property `removalPolicy`
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
        throw new ValidationError('removalPolicy is SNAPSHOT, which images do not have: give DESTROY or RETAIN.', this);
      default:
        throw new ValidationError(`removalPolicy is ${shown(policy)}: give DESTROY or RETAIN.`, this);
    }
  }

  /**
   * Lets somebody launch instances of the AMI, and use the `encryptionKey` through EC2 for it.
   *
   * @param grantee who may launch it
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances
   */
  public override grantLaunch(grantee: iam.IGrantable): iam.Grant {
    return grantLaunch(this, grantee, this.encryptionKey);
  }

  /**
   * A rule for the event that the import failed (`VM Import Failed`), which tells why in `detail.reason`. A first deployment
   * that fails deletes the rules and targets of its own stack: listen to it from another one.
   *
   * @param id the id of the rule
   * @param options the target of the rule, and more
   */
  public onImportFailed(id: string, options: events.OnEventOptions = {}): events.Rule {
    return this.onImport(DETAIL_TYPES.failed, id, options);
  }

  /**
   * A rule for the event that the import made its image (`VM Import Succeeded`). Its detail has `id`, `imageArn`, `amiId`,
   * `importTaskId`, `stackId`, `stackName` and `logicalId`, and, with `deleteSourceOnSuccess`, `sources`. Changes in place
   * are no imports. Amazon EventBridge may deliver it more than once: `id` tells one import from another. It is told as the
   * last part of the import, before CloudFormation goes on, and before `ami` is: its `amiId` is the AMI that was imported.
   *
   * @param id the id of the rule
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
