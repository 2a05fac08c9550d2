/**
 * Writes the table of permissions in docs/security.md anew, from a synthesized template with every option. With `--check`
 * it only says whether the table is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { REASONS } from './permission-reasons';
import { everyOption } from '../test/security/all-options';

const PAGE = join(__dirname, '..', 'docs', 'security.md');
const BEGIN = '<!-- permissions: written by npm run docs:permissions -->';
const STACK_UUID = JSON.stringify([2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }]);
const END = '<!-- permissions end -->';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function table(): string {
  const { Resources } = Template.fromStack(everyOption(new App(), 'Stack')).toJSON() as { Resources: Record<string, Resource> };
  const rows = Object.entries(Resources).flatMap(([logicalId, resource]) => documentsOf(resource).flatMap(
    (document) => document.Statement.flatMap((statement) => rowsOf(holderOf(logicalId, Resources), statement)),
  ));
  return [...new Set(['| who | may | on | if | why, and why not narrower |', '| --- | --- | --- | --- | --- |', ...rows.sort()])].join('\n');
}

function documentsOf({ Type, Properties }: Resource): { Statement: Statement[] }[] {
  switch (Type) {
    case 'AWS::IAM::Role':
      return ((Properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).map(({ PolicyDocument }) => PolicyDocument);
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy':
      return [Properties.PolicyDocument as { Statement: Statement[] }];
    default:
      return [];
  }
}

/** One row for each kind of reason in a statement. */
function rowsOf(who: string, { Action, Resource, Condition }: Statement): string[] {
  const byReason = new Map<string, string[]>();
  for (const action of [Action].flat()) {
    const why = REASONS.find(([role, actions]) => role.test(who) && actions.test(action))?.[2];
    if (why === undefined) {
      throw new Error(`scripts/permission-reasons.ts gives no reason why ${who} may ${action}.`);
    }
    byReason.set(why, [...byReason.get(why) ?? [], `\`${action}\``]);
  }
  const on = [Resource].flat().map((resource) => `\`${text(resource)}\``).join('<br>');
  const conditions = Object.entries(Condition ?? {}).flatMap(([operator, keys]) => Object.entries(keys).map(
    ([key, value]) => `${operator} \`${key}\` \`${text(value)}\``,
  ));
  return [...byReason].map(([why, actions]) => `| ${who} | ${actions.join('<br>')} | ${on} | ${conditions.join('<br>')} | ${why} |`);
}

/** The role that a policy belongs to, in words. */
function holderOf(logicalId: string, resources: Record<string, Resource>): string {
  const roleId = resources[logicalId]?.Type === 'AWS::IAM::Role' ? logicalId : /"Ref":"([^"]+)"/.exec(JSON.stringify(resources[logicalId]?.Properties.Roles))?.[1] ?? '';
  const role = JSON.stringify(resources[roleId]?.Properties.AssumeRolePolicyDocument);
  const handler = Object.values(resources).find(({ Type, Properties }) => Type === 'AWS::Lambda::Function' && JSON.stringify(Properties.Role).includes(`"${roleId}"`));
  if (role.includes('vmie.amazonaws.com')) {
    return 'service role';
  }
  if (role.includes('states.amazonaws.com')) {
    return isCopyMachine(roleId, resources) ? 'copy machine' : 'waiter';
  }
  const name = String(handler?.Properties.Handler).replace(/^index\.|Handler$/g, '');
  return name.startsWith('framework') ? 'framework functions' : `${name} function`;
}

/** Whether a role is that of the state machine that copies disks. */
function isCopyMachine(roleId: string, resources: Record<string, Resource>): boolean {
  return Object.values(resources).some(({ Type, Properties }) =>
    Type === 'AWS::StepFunctions::StateMachine' && JSON.stringify(Properties.RoleArn).includes(`"${roleId}"`) && JSON.stringify(Properties).includes('CopyEachShard'));
}

/** A value of the template in a line: references by their names. */
function text(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const [[name, operand] = ['', undefined]] = Object.entries(value);
  switch (name) {
    case 'Fn::Join':
      return (operand as [string, unknown[]])[1].map(text).join((operand as [string, unknown[]])[0]);
    case 'Fn::Sub':
      return String(operand).replace(/\$\{!/g, '${').replace(/\$\{AWS::([^}]*)\}/g, '<$1>');
    case 'Fn::Select':
      return JSON.stringify(operand) === STACK_UUID ? '<stack UUID>' : JSON.stringify(value);
    case 'Ref':
      return `<${String(operand).replace(/^AWS::/, '').replace(/[0-9A-F]{8}$/, '')}>`;
    case 'Fn::GetAtt':
      return `<${String((operand as string[])[0]).replace(/[0-9A-F]{8}$/, '')}>`;
    default:
      return JSON.stringify(value);
  }
}

const page = readFileSync(PAGE, 'utf8');
const [before = '', rest = ''] = page.split(BEGIN);
const after = rest.split(END)[1];
if (after === undefined) {
  throw new Error(`${PAGE} lacks the lines ${BEGIN} and ${END}.`);
}
const wanted = `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
if (process.argv.includes('--check')) {
  process.exitCode = wanted === page ? 0 : 1;
  process.stdout.write(wanted === page ? 'docs/security.md is up to date\n' : 'docs/security.md is not up to date: npm run docs:permissions\n');
} else {
  writeFileSync(PAGE, wanted);
}
