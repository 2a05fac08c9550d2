import { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { IConstruct } from 'constructs';

/**
 * The framework's functions log every event, with the properties of its resource, of which a presigned URL is a secret, and
 * throw it to be asked again, which Lambda logs as an error. With this level, nothing of either is sent to CloudWatch Logs.
 * Newer versions of the CDK set it by themselves.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function keepEventsOutOfLogs(framework: Provider): void {
  for (const { node: { defaultChild } } of framework.node.children) {
    if (defaultChild instanceof lambda.CfnFunction) {
      defaultChild.addPropertyOverride('LoggingConfig.LogFormat', 'JSON');
      defaultChild.addPropertyOverride('LoggingConfig.ApplicationLogLevel', 'FATAL');
    }
  }
}

/**
 * Tells cfn-lint to leave alone what the CDK writes: functions, and the waiter of the provider framework, depend on their whole
 * role construct, and so on the role itself, to which they refer anyway (W3005).
 *
 * https://github.com/aws-cloudformation/cfn-lint#resource-based-metadata
 */
export function explainToLint(construct: IConstruct): void {
  const types = [lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME, sfn.CfnStateMachine.CFN_RESOURCE_TYPE_NAME];
  for (const resource of construct.node.findAll().filter((node) => CfnResource.isCfnResource(node))) {
    if (types.includes(resource.cfnResourceType)) {
      resource.addMetadata('cfn-lint', { config: { ignore_checks: ['W3005'] } });
    }
  }
}
