import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Provider } from 'aws-cdk-lib/custom-resources';

/**
 * The framework's functions log every event, with the properties of its resource, of which a presigned URL is a secret, and
 * throw it to be asked again, which Lambda logs as an error. With this level, nothing of either is sent to CloudWatch Logs.
 * Newer versions of the CDK set it by themselves.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function keepEventsOutOfLogs(framework: Provider): void {
  for (const { node: { defaultChild } } of framework.node.children) {
    if (defaultChild instanceof CfnFunction) {
      defaultChild.addPropertyOverride('LoggingConfig.LogFormat', 'JSON');
      defaultChild.addPropertyOverride('LoggingConfig.ApplicationLogLevel', 'FATAL');
    }
  }
}
