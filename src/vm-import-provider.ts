import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct, IDependable } from 'constructs';
import { DiskContainerConfig } from './disk-container';
import { explainToNag } from './private/permissions/nag-suppressions';
import {
  AllowedImport, amiStatements, commonStatements, CopiedDisk, copyNamingStatements, copyStatements, diskCopyStatements, grantSourceDeletion,
  imageStatement, importsOf, ImportsOfStack, namingStatements, passRoleStatement, preflightStatements, registrationStatements,
  sourceSnapshotStatement,
} from './private/permissions/provider-permissions';
import { grantCallerReading, grantCopyWithKey, grantObjectReading, grantSnapshotEncryption } from './private/permissions/service-role-permissions';
import { CommonFunctionProps, DiskCopier } from './private/provider/disk-copier';
import { announcingStatement } from './private/provider/events';
import { explainToLint, keepEventsOutOfLogs } from './private/provider/framework';
import { functionRole, HandlerFunction } from './private/provider/handler-function';
import { alarmOn, allowLogEncryption, failedImports } from './private/provider/logs';
import { Claims } from './private/validation/claims';
import { validatePollInterval } from './private/validation/durations';
import { QueueLength, warnNearStackLimits } from './private/validation/fleet-warnings';
import { ValidationError } from './private/validation/requirements';
import { requireTypes } from './private/validation/types';

/** The id of the provider that a stack's imports share. */
const SHARED_ID = 'VmImportProvider';
/** The framework's limit, and CloudFormation's. */
const HOUR = Duration.hours(1);

/**
 * Properties of a `VmImportProvider`.
 */
export interface VmImportProviderProps {
  /**
   * The symmetric KMS key that encrypts the environment variables of the provider's functions. The principal that deploys the
   * stack requires `kms:CreateGrant`, `kms:Encrypt` and `kms:Decrypt` on it, because Lambda creates a grant for the functions.
   *
   * @default - the key that AWS manages for Lambda
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
   */
  readonly environmentEncryption?: kms.IKey;

  /**
   * The symmetric KMS key that encrypts the provider's log groups. Its policy gets a statement that lets CloudWatch Logs use
   * it for log groups of this account and Region. If the policy cannot be changed, synthesis shows the statement to add
   * (`cdk-vm-import:logEncryptionKeyPolicy`).
   *
   * @default - CloudWatch Logs encrypts with its own keys
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  readonly logEncryptionKey?: kms.IKey;

  /**
   * How long CloudWatch Logs keeps the log events of the provider's functions.
   *
   * The log groups are resources of the stack and are deleted with it.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * The time between two checks of an import: 5 seconds to 5 minutes. It must divide an hour without remainder.
   *
   * @default Duration.seconds(30)
   */
  readonly pollInterval?: Duration;

  /**
   * The security groups of the provider's functions. Requires `vpc`. The functions need no inbound rules.
   *
   * @default - with `vpc`, one security group for all functions of the provider
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The VPC that the provider's functions run in. Its subnets must reach, through NAT or VPC endpoints, the APIs of EC2, Image
   * Builder, CloudFormation, Lambda, Step Functions and Amazon S3 (for the responses to CloudFormation), and with events
   * EventBridge.
   *
   * @default - the functions do not run in a VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC that the provider's functions run in. Requires `vpc`.
   *
   * @default - private subnets, as the VPC selects them by default
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
}

/** What a disk copy needs. */
interface DiskCopyAccess {
  readonly stateMachineArn: string;
  /** The resource that asks for the copy depends on these. */
  readonly permissions: readonly IDependable[];
}

/**
 * Runs the imports of a stack with two Lambda functions and the provider framework of the CDK.
 *
 * All imports of a stack share one provider. Create one yourself only to set its options, and pass it to the imports of the
 * same stack as `provider`.
 *
 * @example
 * declare const bucket: s3.IBucket;
 * const provider = new VmImportProvider(this, 'Provider', { logRetention: logs.RetentionDays.ONE_YEAR });
 * new VmImportImage(this, 'Golden', {
 *   diskContainers: [DiskContainer.fromBucket(bucket, 'exports/rhel9.ova')],
 *   provider,
 *   platform: Platform.LINUX,
 *   licenseType: LicenseType.BYOL,
 *   semanticVersion: '1.0.0',
 * });
 *
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#provider-framework
 */
export class VmImportProvider extends Construct {
  /**
   * Returns the provider that the imports of a stack share. The first call creates it.
   *
   * @param scope any construct in the stack
   */
  public static getOrCreate(scope: Construct): VmImportProvider {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(SHARED_ID);
    if (existing !== undefined && !(existing instanceof VmImportProvider)) {
      throw new ValidationError(
        `The stack has another construct with the id ${SHARED_ID}, which the provider of its VM imports needs: use another id for that construct.`,
        existing,
      );
    }
    return existing ?? new VmImportProvider(stack, SHARED_ID);
  }

  /**
   * The service token of custom resources: the ARN of the provider framework's function.
   */
  public readonly serviceToken: string;

  private readonly role: iam.Role;
  private readonly eventRole: iam.Role;
  private announces = false;
  private readonly logGroups: readonly logs.ILogGroup[];
  private readonly imports: ImportsOfStack;
  private readonly claims = new Claims();
  private readonly queue = new QueueLength(this);
  private amiPolicy?: iam.ManagedPolicy;
  private readonly common: CommonFunctionProps;
  private diskCopier?: DiskCopier;
  private diskCopyPolicy?: iam.ManagedPolicy;

  /**
   * @param scope the parent construct
   * @param id the id of the provider in the parent
   * @param props logs, poll interval and network
   */
  public constructor(scope: Construct, id: string, props: VmImportProviderProps = {}) {
    super(scope, id);
    requireTypes(this, props);
    warnOfSecondProvider(this);
    this.node.addValidation({
      validate: () => {
        this.queue.warnIfLong();
        warnNearStackLimits(this);
        return [];
      },
    });
    const pollInterval = props.pollInterval ?? Duration.seconds(30);
    validatePollInterval(this, pollInterval);
    const logRetention = props.logRetention ?? logs.RetentionDays.ONE_MONTH;
    const network = this.network(props);
    const { environmentEncryption, logEncryptionKey } = props;
    if (logEncryptionKey !== undefined) {
      allowLogEncryption(this, logEncryptionKey);
    }
    const common = { environmentEncryption, logEncryptionKey, logRetention, ...network };
    this.common = common;

    const onEvent = new HandlerFunction(this, 'OnEvent', {
      bundle: 'provider',
      description: 'VM import: names an import and checks its request',
      handler: 'index.onEvent',
      memorySize: 256,
      namePrefix: 'vm-import-event',
      timeout: Duration.minutes(1),
      ...common,
    });
    const isComplete = new HandlerFunction(this, 'IsComplete', {
      bundle: 'provider',
      description: 'VM import: looks at an import and does the next step',
      environment: { POLL_INTERVAL: String(pollInterval.toSeconds()) },
      handler: 'index.isComplete',
      memorySize: 256,
      namePrefix: 'vm-import-complete',
      timeout: Duration.minutes(5),
      ...common,
    });
    this.role = isComplete.role;
    this.eventRole = onEvent.role;
    this.logGroups = [onEvent.logGroup, isComplete.logGroup];
    const stack = Stack.of(this);
    this.imports = importsOf(stack);
    namingStatements(stack).forEach((statement) => onEvent.role.addToPrincipalPolicy(statement));
    commonStatements(stack, this.imports).forEach((statement) => isComplete.role.addToPrincipalPolicy(statement));

    const frameworkLogs = new logs.LogGroup(this, 'FrameworkLogs', {
      encryptionKey: logEncryptionKey, removalPolicy: RemovalPolicy.DESTROY, retention: logRetention,
    });
    const framework = new Provider(this, 'Framework', {
      onEventHandler: onEvent.function,
      isCompleteHandler: isComplete.function,
      queryInterval: pollInterval,
      totalTimeout: HOUR,
      logGroup: frameworkLogs,
      frameworkOnEventRole: functionRole(this, 'FrameworkOnEventRole', frameworkLogs, network),
      frameworkCompleteAndTimeoutRole: functionRole(this, 'FrameworkIsCompleteRole', frameworkLogs, network),
      // What an execution does is in the logs of the functions already.
      disableWaiterStateMachineLogging: true,
      providerFunctionEnvEncryption: environmentEncryption,
      ...network,
    });
    keepEventsOutOfLogs(framework);
    this.serviceToken = framework.serviceToken;
    explainToNag(this);
    explainToLint(this);
  }

  /**
   * Creates an alarm that is on while an import failed within the last 5 minutes. Add actions with `addAlarmAction`. For
   * other thresholds, use `metricFailedImports().createAlarm()`.
   *
   * @param id the id of the alarm in the provider
   */
  public addFailedImportsAlarm(id: string): cloudwatch.Alarm {
    return alarmOn(this, id, this.metricFailedImports());
  }

  /**
   * Returns the metric of failed imports of the stack. Deletions do not count. The first call creates the metric filters behind it,
   * which cost one custom metric.
   *
   * @param options statistic, period and other options. The default is the sum over 5 minutes
   */
  public metricFailedImports(options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return failedImports(this, this.logGroups, options);
  }

  /**
   * Provides an import with the resources that it cannot share with another import.
   *
   * @internal
   */
  public _claim(by: Construct, amiName: string | undefined, disks: readonly DiskContainerConfig[]): void {
    this.claims.claimAmiName(by, amiName);
    this.claims.claimObjects(by, disks);
  }

  /**
   * Counts an import that waits in EC2's queue for its turn.
   *
   * @internal
   */
  public _queue(timeout: Duration): void {
    this.queue.add(timeout);
  }

  /**
   * Lets the functions make an image. The import depends on the return value.
   *
   * @internal
   */
  public _allowImport({ imageName, role, snapshotIds }: AllowedImport): IDependable {
    const stack = Stack.of(this);
    [
      imageStatement(stack, this.imports, imageName),
      ...snapshotIds.map((snapshotId) => sourceSnapshotStatement(stack, snapshotId)),
      ...(role === undefined ? [] : [passRoleStatement(role)]),
    ].forEach((statement) => this.role.addToPrincipalPolicy(statement));
    return this.role;
  }

  /**
   * Lets onEvent look at the disks of an import before it starts. The import depends on the return value.
   *
   * @internal
   */
  public _allowPreflight(disks: readonly DiskContainerConfig[]): IDependable {
    preflightStatements(Stack.of(this), disks).forEach((statement) => this.eventRole.addToPrincipalPolicy(statement));
    return this.eventRole;
  }

  /**
   * Lets isComplete read the disks of an import, as EC2 requires of the caller of ImportImage. The import depends on the return value.
   *
   * @internal
   */
  public _allowReading(scope: Construct, disks: readonly DiskContainerConfig[]): IDependable {
    return grantCallerReading(scope, this.role, disks);
  }

  /**
   * Lets isComplete delete the disks that an import is to delete. The import depends on the return value.
   *
   * @internal
   */
  public _allowSourceDeletion(scope: Construct, disks: readonly DiskContainerConfig[]): IDependable {
    return grantSourceDeletion(scope, this.role, disks);
  }

  /**
   * Lets the functions send an event to Amazon EventBridge when an import ends.
   *
   * @internal
   */
  public _allowEvents(): void {
    if (!this.announces) {
      this.announces = true;
      [this.role, this.eventRole].forEach((role) => role.addToPrincipalPolicy(announcingStatement(Stack.of(this))));
    }
  }

  /**
   * Lets the functions change AMIs, by a separate policy. It must exist until the resources that need it are deleted, so they
   * depend on the return value.
   *
   * @internal
   */
  public _allowAmi(kind: 'imported' | 'copy' | 'registered'): IDependable {
    const stack = Stack.of(this);
    const policy = this.amiPolicy ?? new iam.ManagedPolicy(this, 'AmiPermissions', {
      document: new iam.PolicyDocument({ minimize: true, statements: amiStatements(stack, this.imports) }),
      roles: [this.role],
    });
    this.amiPolicy = policy;
    if (kind === 'copy') {
      policy.addStatements(...copyStatements(stack, this.imports));
    }
    if (kind === 'registered') {
      policy.addStatements(...registrationStatements(stack, this.imports));
    }
    explainToNag(policy);
    return policy;
  }

  /**
   * Lets EC2 copy AMIs that are encrypted with a key, in place of the functions. The copy depends on the return value.
   *
   * @internal
   */
  public _allowCopyWithKey(key: kms.IKey): IDependable {
    return grantCopyWithKey(this, this.role, key);
  }

  /**
   * Lets the functions copy a disk into a snapshot. The first call creates the state machine and the functions that copy.
   *
   * @internal
   */
  public _allowDiskCopy(scope: Construct, { disk, encryptionKey, preflight }: CopiedDisk): DiskCopyAccess {
    const stack = Stack.of(this);
    const copier = this.diskCopier ?? new DiskCopier(this, 'DiskCopier', this.imports, this.common);
    this.diskCopier = copier;
    // A policy of its own: a deletion stops the copy, and still needs it after the snapshot has left the template.
    const policy = this.diskCopyPolicy ?? new iam.ManagedPolicy(copier, 'Permissions', {
      document: new iam.PolicyDocument({ minimize: true, statements: [...diskCopyStatements(stack, this.imports), ...copier.statements()] }),
      roles: [this.role],
    });
    this.diskCopyPolicy = policy;
    explainToNag(copier);
    explainToLint(copier);
    copyNamingStatements(stack, { disk, preflight }).forEach((statement) => this.eventRole.addToPrincipalPolicy(statement));
    const keyPermissions = encryptionKey === undefined
      ? []
      : [grantSnapshotEncryption(scope, this.role, encryptionKey), grantSnapshotEncryption(scope, copier.role, encryptionKey)];
    return {
      stateMachineArn: copier.stateMachine.stateMachineArn,
      permissions: [
        policy,
        // isComplete reads the tables of the disk again right before it starts the copy.
        ...[this.role, copier.role].map((role) => grantObjectReading(scope, role, disk)),
        this.eventRole,
        ...keyPermissions,
      ],
    };
  }

  private network({ vpc, vpcSubnets, securityGroups }: VmImportProviderProps) {
    if (vpc === undefined) {
      if (vpcSubnets !== undefined || securityGroups !== undefined) {
        throw new ValidationError(
          `${vpcSubnets === undefined ? 'securityGroups are' : 'vpcSubnets are'} set without a VPC: set vpc too.`,
          this,
        );
      }
      return {};
    }
    const description = 'The functions that run VM imports';
    return {
      vpc,
      vpcSubnets,
      securityGroups: securityGroups ?? [new ec2.SecurityGroup(this, 'SecurityGroup', { vpc, description })],
    };
  }
}

/**
 * Warns of a provider beside the shared one. The shared one exists because an import has no `provider` set.
 */
function warnOfSecondProvider(provider: VmImportProvider): void {
  const stack = Stack.of(provider);
  const shared = stack.node.tryFindChild(SHARED_ID);
  const others = stack.node.findAll().filter((node) => node instanceof VmImportProvider && node !== provider && Stack.of(node) === stack);
  if (shared instanceof VmImportProvider && others.length > 0 && (provider === shared || others.includes(shared))) {
    Annotations.of(provider).addWarningV2(
      'cdk-vm-import:severalProviders',
      `The stack has the provider ${others[0]?.node.path} as well: an import of the stack has no provider set, so it uses ${shared.node.path}. Pass the same provider to every import.`,
    );
  }
}
