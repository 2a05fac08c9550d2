import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { HandlerFunction, HandlerFunctionProps } from './handler-function';
import { FATAL_DISK_COPY_ERRORS, WORKERS } from '../../shared/contract/disk-copy';
import { allow } from '../permissions/grant';
import { ec2Arn, ImportsOfStack, stackUuid } from '../permissions/provider-permissions';
import { SelfContainedRole } from '../permissions/self-contained-role';

/** What the functions of a provider have in common. */
export type CommonFunctionProps = Omit<HandlerFunctionProps, 'bundle' | 'description' | 'handler' | 'memorySize' | 'namePrefix' | 'timeout'>;

/**
 * Copies disks into snapshots: a state machine that runs a function for each part of a disk, several at a time.
 * src/shared/contract/disk-copy.ts describes the documents that they exchange.
 */
export class DiskCopier extends Construct {
  public readonly stateMachine: sfn.StateMachine;
  /** The role of the function that reads disks. */
  public readonly role: iam.Role;

  public constructor(scope: Construct, id: string, imports: ImportsOfStack, common: CommonFunctionProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const copyShard = new HandlerFunction(this, 'CopyShard', {
      ...common,
      bundle: 'disk-copy',
      description: 'VM import: copies a part of a disk into a snapshot',
      handler: 'index.copyShardHandler',
      // One virtual CPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
      memorySize: 1_769,
      namePrefix: 'vm-import-copy',
      timeout: Duration.minutes(15),
    });
    copyShard.role.addToPrincipalPolicy(allow(['ebs:PutSnapshotBlock'], [ec2Arn(stack, 'snapshot', '*')], imports.ours));
    const sumUp = new HandlerFunction(this, 'SumUp', {
      ...common,
      bundle: 'disk-copy',
      description: 'VM import: adds up the checksums of a disk',
      handler: 'index.sumUpHandler',
      memorySize: 512,
      namePrefix: 'vm-import-sum',
      timeout: Duration.minutes(15),
    });
    this.role = copyShard.role;

    const eachShard = new sfn.Map(this, 'CopyEachShard', {
      itemsPath: '$.shards',
      itemSelector: { 'copy.$': '$.copy', 'shard.$': '$$.Map.Item.Value' },
      maxConcurrency: WORKERS,
      resultPath: sfn.JsonPath.DISCARD,
    });
    eachShard.itemProcessor(this.task('CopyOneShard', copyShard.function, {
      // The history of the execution keeps the hashes. The results of all shards together must stay below 256 KiB.
      resultSelector: { 'shard.$': '$.Payload.shard' },
    }));
    const definition = eachShard.next(this.task('SumUpAllShards', sumUp.function, {
      payload: sfn.TaskInput.fromObject({ 'copy.$': '$.copy', 'executionArn.$': '$$.Execution.Id' }),
      outputPath: '$.Payload',
    }));
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      definitionBody: sfn.DefinitionBody.fromChainable(definition),
      role: new SelfContainedRole(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') }),
    });
    sumUp.role.addToPrincipalPolicy(allow(['states:GetExecutionHistory'], [this.executions()]));
  }

  /** The permissions that isComplete needs to start, watch and stop copies. */
  public statements(): iam.PolicyStatement[] {
    return [
      allow(['states:StartExecution'], [this.stateMachine.stateMachineArn]),
      allow(['states:DescribeExecution', 'states:GetExecutionHistory', 'states:StopExecution'], [this.executions()]),
    ];
  }

  /** The ARN pattern of the executions. A name of the machine's own would make a circular reference with the role of `sumUp`. */
  private executions(): string {
    const stack = Stack.of(this);
    return stack.formatArn({ service: 'states', resource: 'execution', resourceName: `*:${stackUuid(stack)}-*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }

  private task(id: string, handler: lambda.IFunction, props: Partial<tasks.LambdaInvokeProps>): tasks.LambdaInvoke {
    const task = new tasks.LambdaInvoke(this, id, { lambdaFunction: handler, retryOnServiceExceptions: false, ...props });
    task.addRetry({ errors: [...FATAL_DISK_COPY_ERRORS], maxAttempts: 0 });
    task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(5), backoffRate: 2, maxAttempts: 5 });
    return task;
  }
}
