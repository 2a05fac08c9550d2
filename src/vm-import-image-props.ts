import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AmiOptions } from './ami-options';
import { DiskContainer } from './disk-container';
import { Architecture, BootMode, ClientData, Hypervisor, LicenseType, Platform } from './image-options';
import { VmImportProvider } from './vm-import-provider';

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
   * refuse after it read all of it fails in seconds, with what to do about it. Local files (`DiskContainer.fromAsset`) are
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
