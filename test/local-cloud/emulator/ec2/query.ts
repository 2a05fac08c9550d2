import { AwsError } from '../aws-error';
import { Member, Shape } from '../schema';

/** A form's keys as a tree: `Filter.1.Value.2=x` is Filter → 1 → Value → 2. */
interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

type Structure = Extract<Shape, { kind: 'structure' }>;

/**
 * Reads a request of the EC2 query protocol by the SDK's model of it.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
export function decodeQuery(form: URLSearchParams, input: Shape): Record<string, unknown> {
  if (input.kind !== 'structure') {
    throw new TypeError('An input is a structure');
  }
  const decoded = decodeStructure(treeOf(form), input, '');
  const missing = input.required.find((name) => decoded[name] === undefined);
  if (missing) {
    throw new AwsError('MissingParameter', `The request must contain the parameter ${missing}`);
  }
  return decoded;
}

function treeOf(form: URLSearchParams): Node {
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') {
      continue;
    }
    let node = root;
    for (const part of key.split('.')) {
      const child = node.children.get(part) ?? { children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.value = value;
  }
  return root;
}

function decodeStructure(node: Node, shape: Structure, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const byWireName = wireNames(shape);
  for (const [key, child] of node.children) {
    const member = byWireName.get(key);
    if (!member) {
      throw new AwsError('UnknownParameter', `The parameter ${path}${key} is not recognized`);
    }
    result[member.name] = decode(child, member.shape, `${path}${key}`);
  }
  return result;
}

function decode(node: Node, shape: Shape, path: string): unknown {
  switch (shape.kind) {
    case 'structure':
      return decodeStructure(node, shape, `${path}.`);
    case 'list':
      return [...node.children]
        .map(([key, child]) => [listIndex(key, path), child] as const)
        .sort(([a], [b]) => a - b)
        .map(([index, child]) => decode(child, shape.member.shape, `${path}.${index}`));
    case 'map':
      throw new AwsError('UnknownParameter', `The parameter ${path} is not recognized`);
    case 'string':
      return scalar(node, path);
    case 'number':
      return numberOf(scalar(node, path), path);
    case 'boolean':
      return booleanOf(scalar(node, path), path);
    case 'timestamp':
      return timestampOf(scalar(node, path), path);
  }
}

function scalar(node: Node, path: string): string {
  const stray = [...node.children.keys()][0];
  if (stray !== undefined) {
    throw new AwsError('UnknownParameter', `The parameter ${path}.${stray} is not recognized`);
  }
  return node.value ?? '';
}

function listIndex(key: string, path: string): number {
  if (!/^[1-9][0-9]*$/.test(key)) {
    throw new AwsError('UnknownParameter', `The parameter ${path}.${key} is not recognized`);
  }
  return Number(key);
}

function numberOf(value: string, path: string): number {
  if (value === '' || !Number.isFinite(Number(value))) {
    throw new AwsError('InvalidParameterValue', `Invalid value '${value}' for ${path}; must be a number`);
  }
  return Number(value);
}

function booleanOf(value: string, path: string): boolean {
  switch (value) {
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${path} is invalid. Must be true or false`);
  }
}

function timestampOf(value: string, path: string): Date {
  const time = Date.parse(value);
  if (Number.isNaN(time)) {
    throw new AwsError('InvalidParameterValue', `Value (${value}) for parameter ${path} is invalid. Must be an ISO 8601 time`);
  }
  return new Date(time);
}

const wireNameTables = new WeakMap<Structure, ReadonlyMap<string, Member>>();

function wireNames(shape: Structure): ReadonlyMap<string, Member> {
  const known = wireNameTables.get(shape) ?? new Map([...shape.members.values()].map((member) => [requestName(member), member]));
  wireNameTables.set(shape, known);
  return known;
}

/** In requests a member goes by its ec2QueryName, or else by its capitalised xmlName. */
function requestName({ name, traits }: Member): string {
  const wire = String(traits.ec2QueryName ?? traits.xmlName ?? name);
  return wire.charAt(0).toUpperCase() + wire.slice(1);
}
