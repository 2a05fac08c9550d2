import { CfnElement, CustomResource, Duration, Fn, ITaggableV2, Lazy, Names, RemovalPolicy, Stack, TagManager, TagType } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { DiskContainer, DiskContainerBindOptions, DiskContainerConfig } from './disk-container';
import { Platform } from './image-options';
import { ValidationError } from './private/validation/errors';
import { parseImageArn } from './private/validation/image-arn';
import { EndOfImport, nameInEvents, ruleOn } from './private/provider/import-events';
import { importProperties, ImportSource } from './private/import-properties';
import { addDiskWarnings, addImportWarnings } from './private/validation/import-warnings';
import { keepAmi } from './private/kept-ami';
import { grantLaunch } from './private/permissions/launch-permissions';
import { requirePlatform, shown } from './private/validation/require-type';
import { segmentsOf } from './private/resource/segments';
import { grantServiceRole } from './private/permissions/service-role-permissions';
import { validateAmi } from './private/validation/validate-ami';
import { validateDisk, validateDisks } from './private/validation/validate-disk';
import { validateTimeout } from './private/validation/validate-durations';
import { validateImage } from './private/validation/validate-image';
import { validateImportOptions } from './private/validation/validate-import-options';
import { validateSource } from './private/validation/validate-source';
import { tagErrors, validateGivenTags } from './private/validation/validate-tags';
import { validateTypes } from './private/validation/validate-types';
import { VmImportImageBase } from './private/resource/vm-import-image-base';
import { IVmImportImage, VmImportImageAttributes } from './vm-import-image-interface';
import { VmImportImageProps } from './vm-import-image-props';
import { VmImportProvider } from './vm-import-provider';
import { VmImportRole } from './vm-import-role';

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
  private readonly keptAmi?: CustomResource;

  /**
   * @param scope the parent
   * @param id the id of the image in it
   * @param props what to import, and as what
   */
  public constructor(scope: Construct, id: string, props: VmImportImageProps) {
    super(scope, id);
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
    const permissions = provider._allowImport({ imageName, role: this.role, snapshotIds: disks.flatMap((disk) => disk.snapshotId ?? []) });
    const preflightPermissions = provider._allowPreflight(props.preflight === false ? [] : disks);
    const deletionPermissions = provider._allowSourceDeletion(this, disks);

    validateGivenTags(this, props.tags);
    const tags = new TagManager(TagType.MAP, 'Custom::VmImportImage', props.tags);
    this.cdkTagManager = tags;
    this.node.addValidation({ validate: () => tagErrors(tags.tagValues()) });

    const description = {
      source,
      imageName,
      props,
      tags: Lazy.any({ produce: () => tags.renderTags() }),
      events: Lazy.any({ produce: () => this.nameInEvents }),
    };
    const [first, ...followers] = segmentsOf(timeout);
    const owner = this.addSegment('Import', provider, importProperties(description, first));
    const last = followers.reduce(
      (previous, segment) => this.addSegment(`Segment${segment.index}`, provider, importProperties(description, segment, previous)),
      owner,
    );
    // Permissions may stand in resources of their own, which nothing in the owner refers to.
    owner.node.addDependency(permissions, preflightPermissions, deletionPermissions, ...(source.kind === 'disks' ? [source.permissions] : []));
    // The first segment owns the import: only its deletion cleans up.
    this.node.defaultChild = owner.node.defaultChild;
    this.keptAmi = keepAmi(this, { ...description, provider, importedAmiId: last.getAttString('AmiId') });
    this.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.DESTROY);

    this.amiId = (this.keptAmi ?? last).getAttString('AmiId');
    this.architecture = last.getAttString('Architecture');
    this.bootMode = last.getAttString('BootMode');
    this.imageArn = last.getAttString('ImageArn');
    this.imageName = last.getAttString('ImageName');
    this.imageVersion = last.getAttString('ImageVersion');
    this.importTaskId = last.getAttString('ImportTaskId');
    this.licenseType = last.getAttString('LicenseType');
    this.snapshotIds = Fn.split(',', (this.keptAmi ?? last).getAttString('SnapshotIds'));
    this.usageOperation = last.getAttString('UsageOperation');
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
    return this.onImport('VM Import Failed', id, options);
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
    return this.onImport('VM Import Succeeded', id, options);
  }

  private onImport(end: EndOfImport, id: string, options: events.OnEventOptions): events.Rule {
    const name = nameInEvents(this.node.defaultChild as CfnElement);
    this.nameInEvents = name;
    this.provider._allowEvents();
    return ruleOn(this, id, end, name, options);
  }

  private setRemovalPolicy(policy: RemovalPolicy): void {
    super.applyRemovalPolicy(policy);
    this.keptAmi?.applyRemovalPolicy(policy);
  }

  private addSegment(id: string, provider: VmImportProvider, properties: Record<string, unknown>): CustomResource {
    return new CustomResource(this, id, {
      resourceType: 'Custom::VmImportImage',
      serviceToken: provider.serviceToken,
      serviceTimeout: Duration.hours(1),
      properties,
    });
  }

  private bindDisks(diskContainers: readonly DiskContainer[], provider: VmImportProvider, props: VmImportImageProps): ImportSource {
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
