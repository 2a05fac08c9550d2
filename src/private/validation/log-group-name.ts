import { Token } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';

/**
 * The name of a log group, where it is known at synthesis. A log group of the app has a reference for a name, but
 * the name it was given stands in its resource.
 */
export function logGroupNameOf(logGroup: logs.ILogGroup): string | undefined {
  const resource = logGroup.node.defaultChild;
  const name = resource instanceof logs.CfnLogGroup ? resource.logGroupName : logGroup.logGroupName;
  return Token.isUnresolved(name) ? undefined : name;
}

/** Whether CloudFormation chooses the name, from the names of stack and resource. */
export function hasGeneratedName(logGroup: logs.ILogGroup): boolean {
  const resource = logGroup.node.defaultChild;
  return resource instanceof logs.CfnLogGroup && resource.stack.resolve(resource.logGroupName) === undefined;
}
