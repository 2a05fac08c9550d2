import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { anImport, newStack } from './an-import';
import { VmImportProvider } from '../../src';

test('costs nothing before somebody asks for it', () => {
  const stack = newStack();
  anImport(stack, 'Golden');
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Logs::MetricFilter', 0);
  template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test('the metric counts the lines about failures in the logs of both functions, but not failed deletions', () => {
  const stack = newStack();
  const provider = VmImportProvider.getOrCreate(stack);
  const metric = provider.metricFailedImports();
  expect(metric).toMatchObject({ namespace: 'VmImport/Stack', metricName: 'FailedImports', statistic: 'Sum', period: Duration.minutes(5) });
  expect(provider.metricFailedImports({ period: Duration.hours(1) }).period).toStrictEqual(Duration.hours(1));
  const filters = Template.fromStack(stack).findResources('AWS::Logs::MetricFilter');
  expect(Object.values(filters).map(({ Properties }) => Properties)).toStrictEqual(['OnEventLogs', 'IsCompleteLogs'].map((logGroup) => ({
    LogGroupName: { Ref: expect.stringContaining(logGroup) },
    FilterPattern: '{ ($.action = "fail") && ($.request != "Delete") }',
    MetricTransformations: [{ MetricName: 'FailedImports', MetricNamespace: 'VmImport/Stack', MetricValue: '1' }],
  })));
});

test('the alarm is on after one failure, and off where nothing is imported', () => {
  const stack = newStack();
  VmImportProvider.getOrCreate(stack).addFailedImportsAlarm('Alarm');
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Logs::MetricFilter', 2);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmDescription: Match.stringLikeRegexp('^A VM import of the stack Stack failed'),
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    EvaluationPeriods: 1,
    MetricName: 'FailedImports',
    Namespace: 'VmImport/Stack',
    Period: 300,
    Statistic: 'Sum',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
});
