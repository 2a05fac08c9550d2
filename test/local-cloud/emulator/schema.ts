/**
 * The AWS SDK's own model of an API, read at run time: what a request may hold and what an answer looks like.
 * Nothing here lists parameters by hand, so a parameter that the installed SDK does not know cannot pass.
 *
 * @see https://smithy.io/2.0/spec/model.html
 */
export type Shape =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'timestamp' }
  | { readonly kind: 'list'; readonly member: Member }
  | { readonly kind: 'map' }
  | { readonly kind: 'structure'; readonly members: ReadonlyMap<string, Member>; readonly required: readonly string[] };

/** A member of a structure or list. */
export interface Member {
  readonly name: string;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
}

export interface Operation {
  readonly name: string;
  /** Method, path template and status of a success, for REST protocols. */
  readonly http: { readonly method: string; readonly path: string; readonly status: number } | undefined;
  readonly input: Shape;
  readonly output: Shape;
}

const EMPTY: Shape = { kind: 'structure', members: new Map(), required: [] };
const STRING: Shape = { kind: 'string' };
const shapes = new Map<readonly unknown[], Shape>();

/** An operation as the SDK's generated schemas state it, e.g. `ImportImage$`. */
export function operationOf(schema: readonly unknown[]): Operation {
  const [, , name, traits, input, output] = schema;
  const http = isRecord(traits) && Array.isArray(traits.http) ? traits.http : undefined;
  return {
    name: String(name),
    http: http && { method: String(http[0]), path: String(http[1]), status: Number(http[2]) },
    input: memberOf('input', input).shape,
    output: memberOf('output', output).shape,
  };
}

/** The numbers below are the static schemas' own encoding (StaticSchema and the simple schema bits of the SDK's types). */
function memberOf(name: string, reference: unknown): Member {
  if (typeof reference === 'function') {
    return memberOf(name, reference());
  }
  if (reference === 'unit') {
    return { name, traits: {}, shape: EMPTY };
  }
  if (typeof reference === 'number') {
    return { name, traits: {}, shape: simpleShape(reference) };
  }
  if (!Array.isArray(reference)) {
    throw new TypeError(`Not a schema: ${String(reference)}`);
  }
  if (reference.length === 2) {
    const inner = memberOf(name, reference[0]);
    return withTraits(inner, reference[1]);
  }
  return lazily(name, reference);
}

/** Structures refer to each other in circles, so a structure's shape is worked out when first looked at. */
function lazily(name: string, schema: readonly unknown[]): Member {
  return {
    name,
    traits: {},
    get shape() {
      const known = shapes.get(schema) ?? shapeOf(schema);
      shapes.set(schema, known);
      return known;
    },
  };
}

function withTraits(member: Member, traits: unknown): Member {
  return {
    name: member.name,
    traits: traitsOf(traits),
    get shape() {
      return member.shape;
    },
  };
}

function traitsOf(traits: unknown): Readonly<Record<string, unknown>> {
  if (isRecord(traits)) {
    return traits;
  }
  // Numeric traits are bits: 1 is httpLabel, 4 idempotencyToken, 16 httpPayload; the APIs here have no combination of the two that matter.
  switch (traits) {
    case 1:
      return { httpLabel: 1 };
    case 16:
      return { httpPayload: 1 };
    default:
      return {};
  }
}

function shapeOf(schema: readonly unknown[]): Shape {
  const [type, , , , first, second, required] = schema;
  switch (type) {
    case 1:
      return { kind: 'list', member: memberOf('member', first) };
    case 2:
      return { kind: 'map' };
    case 3:
    case 4:
      return structureOf(first, second, required);
    case 0:
      return memberOf('value', first ?? 0).shape;
    default:
      throw new TypeError(`Unknown schema type ${String(type)}`);
  }
}

function structureOf(names: unknown, references: unknown, required: unknown): Shape {
  if (!Array.isArray(names) || !Array.isArray(references)) {
    throw new TypeError('A structure schema has names and members');
  }
  const members = new Map(names.map((name: unknown, index) => [String(name), memberOf(String(name), references[index])]));
  return { kind: 'structure', members, required: [...members.keys()].slice(0, typeof required === 'number' ? required : 0) };
}

function simpleShape(code: number): Shape {
  if (code >= 128) {
    return { kind: 'map' };
  }
  if (code >= 64) {
    return { kind: 'list', member: { name: 'member', traits: {}, shape: simpleShape(code - 64) } };
  }
  switch (code) {
    case 1:
    case 17:
    case 19:
      return { kind: 'number' };
    case 2:
      return { kind: 'boolean' };
    case 4:
    case 5:
    case 6:
    case 7:
      return { kind: 'timestamp' };
    default:
      return STRING;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
