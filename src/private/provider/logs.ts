import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { toPaste } from '../permissions/paste';

/**
 * Lets CloudWatch Logs use a key for the log groups of this account and Region. Their names are not named: one is
 * generated, and a reference to it would go round in a circle.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function allowLogEncryption(scope: Construct, key: kms.IKey): void {
  const stack = Stack.of(scope);
  const statement = new iam.PolicyStatement({
    actions: ['kms:Decrypt*', 'kms:Describe*', 'kms:Encrypt*', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    principals: [new iam.ServicePrincipal(`logs.${stack.region}.${stack.urlSuffix}`)],
    resources: ['*'],
    conditions: {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn({ service: 'logs', resource: 'log-group:*' }) },
    },
  });
  if (!key.addToResourcePolicy(statement, true).statementAdded) {
    Annotations.of(scope).addWarningV2(
      'cdk-vm-import:logEncryptionKeyPolicy',
      `The policy of the logEncryptionKey ${key.node.path} cannot be changed by this app. Add this statement to it: ${toPaste(scope, statement)}`,
    );
  }
}

const METRIC_NAME = 'FailedImports';

/**
 * The metric of the failed imports of a stack. It is made of the log lines of the functions, and of nothing before
 * somebody asks for it.
 */
export function failedImports(scope: Construct, logGroups: readonly logs.ILogGroup[], options: cloudwatch.MetricOptions): cloudwatch.Metric {
  const namespace = `VmImport/${Stack.of(scope).stackName}`;
  logGroups.forEach((logGroup, index) => {
    const id = `${METRIC_NAME}${index + 1}`;
    if (scope.node.tryFindChild(id) === undefined) {
      new logs.MetricFilter(scope, id, {
        logGroup,
        filterPattern: logs.FilterPattern.all(
          logs.FilterPattern.stringValue('$.action', '=', 'fail'),
          logs.FilterPattern.stringValue('$.request', '!=', 'Delete'),
        ),
        metricNamespace: namespace,
        metricName: METRIC_NAME,
        metricValue: '1',
      });
    }
  });
  return new cloudwatch.Metric({ statistic: cloudwatch.Stats.SUM, period: Duration.minutes(5), ...options, metricName: METRIC_NAME, namespace });
}

/** An alarm that is on while imports fail. */
export function alarmOn(scope: Construct, id: string, metric: cloudwatch.Metric): cloudwatch.Alarm {
  return metric.createAlarm(scope, id, {
    alarmDescription: `A VM import of the stack ${Stack.of(scope).stackName} failed. The stack's events and the log of the provider say why.`,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    threshold: 1,
    // Most of the time nothing is imported.
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
}
