/** The part of CloudFormation's template language that stacks of custom resources need. */

/** A property as a template writes it: a literal, or `Ref`, `Fn::GetAtt`, `Fn::Join` inside. */
export type TemplateValue = string | number | boolean | null | undefined | readonly TemplateValue[] | { readonly [name: string]: TemplateValue };

/** A property as a custom resource receives it. */
export type ResolvedValue = string | null | readonly ResolvedValue[] | { readonly [name: string]: ResolvedValue };

export interface ResolvedProperties {
  readonly [name: string]: ResolvedValue;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html */
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';
/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatereplacepolicy.html */
export type UpdateReplacePolicy = 'Delete' | 'Retain';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: TemplateValue };
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: DeletionPolicy;
  readonly UpdateReplacePolicy?: UpdateReplacePolicy;
}

export interface TemplateResources {
  readonly [logicalId: string]: TemplateResource;
}

/** What `Ref` and `Fn::GetAtt` answer; undefined where they cannot be answered. */
export interface Scope {
  ref(name: string): string | undefined;
  attribute(name: string, attribute: string): ResolvedValue | undefined;
}

/**
 * Resolves the intrinsics of a value and makes a string of every scalar, as CloudFormation does for custom resources.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
function resolve(value: TemplateValue, scope: Scope): ResolvedValue {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value !== 'object') {
    return String(value);
  }
  if (isList(value)) {
    return value.map((item) => resolve(item, scope));
  }
  const reference = referenceOf(value);
  if (reference) {
    const target = reference.kind === 'ref' ? scope.ref(reference.name) : scope.attribute(reference.name, reference.attribute);
    if (target === undefined) {
      throw new UnresolvedReference(`The template refers to ${JSON.stringify(value)}, which has no such attribute.`);
    }
    return target;
  }
  const join = value['Fn::Join'];
  if (join !== undefined) {
    const [separator, parts] = join as unknown as readonly [string, readonly TemplateValue[]];
    return parts.map((part) => String(resolve(part, scope))).join(separator);
  }
  return resolveMap(value, scope);
}

/** Resolves properties; one that is null (or left out with undefined) is not sent. Undefined when a reference cannot be answered. */
export function resolveProperties(values: { readonly [name: string]: TemplateValue }, scope: Scope): ResolvedProperties | undefined {
  try {
    return resolveMap(values, scope);
  } catch (error) {
    if (error instanceof UnresolvedReference) {
      return undefined;
    }
    throw error;
  }
}

class UnresolvedReference extends Error {}

function resolveMap(values: { readonly [name: string]: TemplateValue }, scope: Scope): ResolvedProperties {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, resolve(value, scope)]));
}

/** The logical ids in an order in which each comes after those it depends on. */
export function dependencyOrder(resources: TemplateResources): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    if (path.includes(logicalId)) {
      throw new Error(`Circular dependency between resources: [${[...path, logicalId].join(', ')}]`);
    }
    dependenciesOf(logicalId, resources).forEach((dependency) => visit(dependency, [...path, logicalId]));
    ordered.add(logicalId);
  };
  Object.keys(resources).forEach((logicalId) => visit(logicalId, []));
  return [...ordered];
}

/** The resources of the template that a resource refers to or names in DependsOn. */
export function dependenciesOf(logicalId: string, resources: TemplateResources): string[] {
  const resource = resources[logicalId];
  const explicit = [resource?.DependsOn ?? []].flat();
  return [...new Set([...explicit, ...referencesIn(resource?.Properties)])].filter((name) => name in resources);
}

type Reference = { readonly kind: 'ref'; readonly name: string } | { readonly kind: 'attribute'; readonly name: string; readonly attribute: string };

function referenceOf(value: { readonly [name: string]: TemplateValue }): Reference | undefined {
  if (typeof value.Ref === 'string') {
    return { kind: 'ref', name: value.Ref };
  }
  const target = value['Fn::GetAtt'];
  if (target === undefined) {
    return undefined;
  }
  const [name = '', ...attribute] = typeof target === 'string' ? target.split('.') : (target as unknown as readonly string[]);
  return { kind: 'attribute', name, attribute: attribute.join('.') };
}

function referencesIn(value: TemplateValue): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if (isList(value)) {
    return value.flatMap(referencesIn);
  }
  const reference = referenceOf(value);
  return reference ? [reference.name] : Object.values(value).flatMap(referencesIn);
}

function isList(value: TemplateValue): value is readonly TemplateValue[] {
  return Array.isArray(value);
}
