import { CfnResource } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { IConstruct } from 'constructs';

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
