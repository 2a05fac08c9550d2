import { isList, Json, resolveTemplate, TemplateJson } from './resolve-template';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

/** The functions of the library, by their handlers, and the role that VM Import/Export assumes. */
export type Who = 'onEvent' | 'isComplete' | 'copyShardHandler' | 'sumUpHandler' | 'service';

/** What was found before, by template. Every call of a function asks for the same statements. */
const found = new WeakMap<TemplateJson, Map<string, readonly Statement[]>>();

/** Returns all that a role of a template allows once the template is deployed. Without a name, all service roles count together. */
export function statementsOf(template: TemplateJson, stackId: string, who: Who, roleName = ''): readonly Statement[] {
  const ofTemplate = found.get(template) ?? new Map<string, readonly Statement[]>();
  found.set(template, ofTemplate);
  const key = [stackId, who, roleName].join(' ');
  const statements = ofTemplate.get(key) ?? findStatements(template, stackId, who, roleName);
  ofTemplate.set(key, statements);
  return statements;
}

function findStatements(template: TemplateJson, stackId: string, who: Who, roleName: string): readonly Statement[] {
  const resources = Object.entries(template.Resources);
  const roleIds = who === 'service' ? serviceRoles(template, roleName) : [roleOfHandler(template, who)];
  const documents = roleIds.flatMap((roleId) => [
    ...list(template.Resources[roleId]?.Properties.Policies).map((policy) => field(policy, 'PolicyDocument')),
    ...resources
      .filter(([, { Type, Properties }]) => /^AWS::IAM::(Managed)?Policy$/.test(Type) && JSON.stringify(Properties.Roles ?? []).includes(`"${roleId}"`))
      .map(([, { Properties }]) => Properties.PolicyDocument ?? null),
  ]);
  return documents.flatMap((document) => list(field(resolveTemplate(document, { template, stackId }), 'Statement'))) as unknown as readonly Statement[];
}

function roleOfHandler(template: TemplateJson, handler: Exclude<Who, 'service'>): string {
  const [fn] = Object.values(template.Resources).filter(({ Properties }) => Properties.Handler === `index.${handler}`);
  return String(list(field(fn?.Properties.Role ?? null, 'Fn::GetAtt'))[0]);
}

function serviceRoles(template: TemplateJson, roleName: string): string[] {
  const isNamed = (logicalId: string) => roleName === '' || resolveTemplate({ Ref: logicalId }, { template, stackId: '' }) === roleName;
  return Object.entries(template.Resources)
    .filter(([logicalId]) => isNamed(logicalId))
    .filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && JSON.stringify(Properties.AssumeRolePolicyDocument).includes('vmie.amazonaws.com'))
    .map(([logicalId]) => logicalId);
}

function field(value: Json, name: string): Json {
  return typeof value === 'object' && value !== null && !isList(value) ? value[name] ?? null : null;
}

function list(value: Json | undefined): readonly Json[] {
  return value === undefined || value === null ? [] : isList(value) ? value : [value];
}
