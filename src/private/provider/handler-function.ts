import { join } from 'path';
import { Duration, Fn, PhysicalName, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allow } from '../permissions/grant';
import { stackUuid } from '../permissions/provider-permissions';
import { SelfContainedRole } from '../permissions/self-contained-role';

/** The network that the functions run in. */
export interface FunctionNetwork {
  readonly vpc?: ec2.IVpc;
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly securityGroups?: ec2.ISecurityGroup[];
}

export interface HandlerFunctionProps extends FunctionNetwork {
  /** The folder below assets/ that has the code. */
  readonly bundle: 'provider' | 'disk-copy';
  readonly description: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly environmentEncryption?: kms.IKey;
  /** The handler in the bundle. */
  readonly handler: string;
  /** The beginning of the function's name, at most 18 characters. */
  readonly namePrefix: string;
  readonly logEncryptionKey?: kms.IKey;
  readonly logRetention: logs.RetentionDays;
  /** MiB. */
  readonly memorySize: number;
  readonly timeout: Duration;
}

/** One of the functions, with a role and a log group of its own. */
export class HandlerFunction extends Construct {
  public readonly function: lambda.Function;
  public readonly logGroup: logs.ILogGroup;
  public readonly role: SelfContainedRole;

  public constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const {
      bundle, description, environment, environmentEncryption, handler, namePrefix, logEncryptionKey, logRetention, memorySize, timeout, ...network
    } = props;
    const functionName = uniqueName(this, namePrefix);
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      // The provider framework ends its error messages with "Logs: /aws/lambda/<name of the function>".
      logGroupName: Fn.join('', ['/aws/lambda/', functionName]),
      encryptionKey: logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
      retention: logRetention,
    });
    this.role = functionRole(this, 'Role', this.logGroup, network);
    this.function = new lambda.Function(this, 'Function', {
      code: lambda.Code.fromAsset(join(__dirname, '..', '..', '..', 'assets', bundle)),
      description,
      environment,
      environmentEncryption,
      functionName,
      handler,
      logGroup: this.logGroup,
      memorySize,
      role: this.role,
      runtime: lambda.Runtime.NODEJS_22_X,
      timeout,
      ...network,
    });
  }
}

/** A role for a function that writes to one log group, without AWS's managed policies, which allow all log groups. */
export function functionRole(scope: Construct, id: string, logGroup: logs.ILogGroup, { vpc }: FunctionNetwork): SelfContainedRole {
  const role = new SelfContainedRole(scope, id, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    // The policy of a bucket in another account of the app can name it.
    roleName: PhysicalName.GENERATE_IF_NEEDED,
  });
  role.addToPrincipalPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]));
  if (vpc !== undefined) {
    // Lambda requires these on all resources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    role.addToPrincipalPolicy(allow(
      [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      ['*'],
    ));
  }
  return role;
}

/**
 * A name that is known before the function is, so that the log group can have it in its own name without a circular
 * reference, and that two stacks never share: it ends with the UUID in the stack's id.
 */
function uniqueName(scope: Construct, prefix: string): string {
  return Fn.join('-', [prefix, scope.node.addr.slice(-8), stackUuid(Stack.of(scope))]);
}
