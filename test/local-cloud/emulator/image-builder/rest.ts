import { AwsError } from '../aws-error';
import { Member, Operation, Shape } from '../schema';
import { WireRequest, WireResponse } from '../wire';

/**
 * Reads a request of the REST JSON protocol by the SDK's model of it: path labels, query and body together.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function decodeRest(request: WireRequest, label: string | undefined, input: Shape): Record<string, unknown> {
  if (input.kind !== 'structure') {
    throw new TypeError('An input is a structure');
  }
  const decoded: Record<string, unknown> = {};
  const body = parseBody(request.body);
  const queries = new Set<string>();
  for (const member of input.members.values()) {
    const { name, traits } = member;
    if (traits.httpLabel) {
      decoded[name] = label;
    } else if (typeof traits.httpQuery === 'string') {
      queries.add(traits.httpQuery);
      const values = request.query.getAll(traits.httpQuery);
      decoded[name] = member.shape.kind === 'list' ? values : values[0];
    } else if (body[name] !== undefined && body[name] !== null) {
      decoded[name] = check(member, body[name], name);
    }
  }
  refuseStrays([...request.query.keys()].filter((key) => !queries.has(key)));
  refuseStrays(Object.keys(body).filter((key) => !isInBody(input.members.get(key))));
  const missing = input.required.find((name) => decoded[name] === undefined);
  if (missing) {
    throw new AwsError('InvalidParameterValueException', `The value supplied for parameter '${missing}' is not valid. ${missing} must not be null.`);
  }
  return decoded;
}

export function jsonAnswer(operation: Operation, result: object, requestId: string): WireResponse {
  const unknown = operation.output.kind === 'structure' ? Object.keys(result).find((name) => !memberNames(operation.output).has(name)) : undefined;
  if (unknown) {
    throw new TypeError(`The SDK's model has no ${unknown} in the answer of ${operation.name}`);
  }
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
    body: JSON.stringify(result),
  };
}

export function jsonError(error: AwsError, requestId: string): WireResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ message: error.message }),
  };
}

function memberNames(shape: Shape): ReadonlySet<string> {
  return new Set(shape.kind === 'structure' ? shape.members.keys() : []);
}

function isInBody(member: Member | undefined): boolean {
  return member !== undefined && !member.traits.httpLabel && member.traits.httpQuery === undefined;
}

function parseBody(text: string): Readonly<Record<string, unknown>> {
  if (text === '') {
    return {};
  }
  const body: unknown = (() => {
    try {
      return JSON.parse(text);
    } catch {
      throw new AwsError('SerializationException', 'The request body is not JSON');
    }
  })();
  if (!isRecord(body)) {
    throw new AwsError('SerializationException', 'The request body is not a JSON object');
  }
  return body;
}

/** The value, if it has the member's shape all the way down. */
function check(member: Member, value: unknown, path: string): unknown {
  const { shape } = member;
  switch (shape.kind) {
    case 'structure':
      if (isRecord(value)) {
        refuseStrays(Object.keys(value).filter((name) => !shape.members.has(name)).map((name) => `${path}.${name}`));
        return Object.fromEntries([...shape.members.values()].flatMap((inner) => {
          const content = value[inner.name];
          return content === undefined || content === null ? [] : [[inner.name, check(inner, content, `${path}.${inner.name}`)]];
        }));
      }
      throw wrongType(path, 'an object');
    case 'list':
      if (Array.isArray(value)) {
        return value.map((item, index) => check(shape.member, item, `${path}[${index}]`));
      }
      throw wrongType(path, 'a list');
    case 'map':
      if (isRecord(value) && Object.values(value).every((item) => typeof item === 'string')) {
        return value;
      }
      throw wrongType(path, 'an object of strings');
    case 'timestamp':
      return typeof value === 'number' ? new Date(value * 1000) : refuse(path, 'a number');
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === shape.kind ? value : refuse(path, `a ${shape.kind}`);
  }
}

function refuseStrays(names: readonly string[]): void {
  if (names[0] !== undefined) {
    throw new AwsError('UnknownParameter', `The parameter ${names[0]} is not recognized`);
  }
}

function refuse(path: string, kind: string): never {
  throw wrongType(path, kind);
}

function wrongType(path: string, kind: string): AwsError {
  return new AwsError('SerializationException', `The value of '${path}' is not ${kind}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
