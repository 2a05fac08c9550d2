import { App, Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Statement, statementsOf } from '../security/deployed-roles';
import { exampleStack } from '../security/example-stacks';
import { Json, resolveTemplate, TemplateJson } from '../security/resolve-template';

/** What a user gives an example: its context, and where it is deployed to. */
export interface Given {
  readonly context?: Readonly<Record<string, string>>;
  readonly env?: Environment;
}

/** The properties of the custom resource that starts an import, its references resolved. */
export interface ImportJson {
  readonly ImportImage?: { readonly [parameter: string]: Json };
  readonly ImportVmImage: { readonly [parameter: string]: Json };
  readonly ImportTaskId?: string;
  readonly Timeout: number;
}

/** An example of examples/, synthesized. */
export class AnExample {
  public readonly stack: Stack;
  public readonly template: Template;
  private readonly json: TemplateJson;

  public constructor(name: string, { context, env }: Given = {}) {
    this.stack = new (exampleStack(name))(new App({ context }), 'Example', { env });
    this.template = Template.fromStack(this.stack);
    this.json = this.template.toJSON() as TemplateJson;
  }

  /** The imports, in the order of the template. */
  public get imports(): readonly ImportJson[] {
    return this.propertiesOf('Custom::VmImportImage').filter(({ Segment }) => Segment === 1) as unknown as readonly ImportJson[];
  }

  /** The properties of all resources of a type, their references resolved. */
  public propertiesOf(type: string): readonly { readonly [name: string]: Json }[] {
    return this.logicalIds(type).map((id) => this.resolve(this.json.Resources[id]?.Properties ?? {}) as { readonly [name: string]: Json });
  }

  public logicalIds(type: string): readonly string[] {
    return Object.entries(this.json.Resources).filter(([, resource]) => resource.Type === type).map(([id]) => id);
  }

  /** What the service roles may do with the services of these prefixes. */
  public serviceRoleMay(...services: readonly string[]): readonly Statement[] {
    return statementsOf(this.json, '', 'service').filter(({ Action }) => [Action].flat().some((action) => services.includes(action.split(':')[0] ?? '')));
  }

  private resolve(value: Json): Json {
    return resolveTemplate(value, { template: this.json, stackId: '', keep: (id) => this.json.Resources[id]?.Type === 'Custom::VmImportImage' });
  }
}

/** What reads the very attribute of an import's last segment. */
export function ofTheImport(id: string, attribute: string): object {
  return { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${id}Segment\\d+[0-9A-F]{8}$`)), attribute] };
}
