import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as sns from 'aws-cdk-lib/aws-sns';
import { anImport, arn, newStack } from './an-import';

const TYPE = 'Custom::VmImportImage';

/** The logical id of the resource that owns the import. */
function ownerOf(stack: Stack): string {
  return Object.keys(Template.fromStack(stack).findResources(TYPE, { Properties: { Segment: 1 } }))[0] ?? '';
}

test('an import that nobody asks about puts no events, and may not', () => {
  const stack = newStack();
  anImport(stack, 'Golden');
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/events:|"Events"/);
});

test.each([
  ['VM Import Succeeded', 'onImportSucceeded'],
  ['VM Import Failed', 'onImportFailed'],
] as const)('%s is what %s listens to, of this import only', (detailType, method) => {
  const stack = newStack();
  const golden = anImport(stack, 'Golden', { timeout: Duration.hours(2) });
  golden[method]('Rule', { target: new targets.SnsTopic(new sns.Topic(stack, 'Topic')), description: 'told' });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Events::Rule', {
    Description: 'told',
    EventPattern: { 'source': ['cdk-vm-import'], 'detail-type': [detailType], 'detail': { stackName: ['Stack'], logicalId: [ownerOf(stack)] } },
    Targets: [{ Arn: { Ref: Match.stringLikeRegexp('^Topic') } }],
  });
  const told = Object.values(template.findResources(TYPE)).map(({ Properties }: { Properties?: { Events?: string } }) => Properties?.Events);
  expect(told.length).toBeGreaterThan(1);
  expect(new Set(told)).toStrictEqual(new Set([ownerOf(stack)]));
});

test('both functions may put the events of the library on the default bus, once', () => {
  const stack = newStack();
  const golden = anImport(stack, 'Golden');
  golden.onImportSucceeded('Succeeded');
  golden.onImportFailed('Failed');
  const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role')) as { Properties: { Policies?: { PolicyDocument: { Statement: { Action: string }[] } }[] } }[];
  const statements = roles.flatMap(({ Properties }) => (Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement));
  expect(statements.filter(({ Action }) => Action === 'events:PutEvents')).toStrictEqual([1, 2].map(() => ({
    Action: 'events:PutEvents',
    Effect: 'Allow',
    Resource: arn(':events:${AWS::Region}:${AWS::AccountId}:event-bus/default'),
    Condition: {
      'ForAllValues:StringEquals': { 'events:source': 'cdk-vm-import', 'events:detail-type': ['VM Import Failed', 'VM Import Succeeded'] },
      'Null': { 'events:source': 'false', 'events:detail-type': 'false' },
    },
  })));
});

test('a rule of another stack listens without waiting for the stack of the import', () => {
  const app = new App();
  const env = { account: '111122223333', region: 'eu-west-1' };
  const [stack, watch] = [new Stack(app, 'Stack', { env }), new Stack(app, 'Watch', { env })];
  anImport(stack, 'Golden').onImportFailed('Failed', { crossStackScope: watch, target: new targets.SnsTopic(new sns.Topic(watch, 'Topic')) });
  Template.fromStack(stack).resourceCountIs('AWS::Events::Rule', 0);
  Template.fromStack(watch).hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail: { stackName: ['Stack'], logicalId: [ownerOf(stack)] } } });
  expect(watch.dependencies).toStrictEqual([]);
});
