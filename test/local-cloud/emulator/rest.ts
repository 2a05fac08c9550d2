import { AwsError } from './aws-error';
import { Member, Operation, Shape } from './schema';
import { textOf, WireRequest, WireResponse } from './wire';

/** How a service refuses a parameter that is missing or out of range. */
export type Refusal = (name: string, why: string) => AwsError;

/**
 * Reads a request of the REST JSON protocol by the SDK's model of it: path labels, query, headers and body together.
 * A payload (a member that is the whole body) is left out: the handler gets it as bytes.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
export function decodeRest(request: WireRequest, labels: Readonly<Record<string, string>>, input: Shape, refusal: Refusal): Record<string, unknown> {
  if (input.kind !== 'structure') {
    throw new TypeError('An input is a structure');
  }
  const members = [...input.members.values()];
  const payload = members.find(({ traits }) => traits.httpPayload);
  const body = payload ? {} : parseBody(textOf(request.body));
  const decoded: Record<string, unknown> = {};
  for (const member of members) {
    const value = member === payload ? undefined : valueOf(member, request, labels, body);
    if (value !== undefined) {
      decoded[member.name] = value;
    }
  }
  const queries = new Set(members.map(({ traits }) => traits.httpQuery));
  refuseStrays([...request.query.keys()].filter((key) => !queries.has(key)));
  refuseStrays(Object.keys(body).filter((key) => !isInBody(input.members.get(key))));
  const missing = input.required.find((name) => decoded[name] === undefined && name !== payload?.name);
  if (missing) {
    throw refusal(missing, `${missing} must not be null.`);
  }
  return decoded;
}

/** Writes an answer by the SDK's model of it; `payload` is the body where the model has one that is not JSON. */
export function restAnswer(operation: Operation, result: object, requestId: string, payload?: Buffer): WireResponse {
  const members = operation.output.kind === 'structure' ? operation.output.members : new Map<string, Member>();
  const headers: Record<string, string> = {
    'content-type': payload ? 'application/octet-stream' : 'application/json', 'x-amzn-requestid': requestId,
  };
  const content: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(result)) {
    const member = members.get(name);
    if (!member) {
      throw new TypeError(`The SDK's model has no ${name} in the answer of ${operation.name}`);
    }
    if (typeof member.traits.httpHeader !== 'string') {
      content[name] = value instanceof Date ? value.getTime() / 1000 : value;
    } else if (value !== undefined) {
      headers[member.traits.httpHeader.toLowerCase()] = String(value);
    }
  }
  return { status: operation.http?.status ?? 200, headers, body: payload ?? JSON.stringify(content) };
}

/** Writes an error; `messageKey` is how the service spells the member that holds the message. */
export function restError(error: AwsError, requestId: string, messageKey: 'message' | 'Message'): WireResponse {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId, 'x-amzn-errortype': error.code },
    body: JSON.stringify({ [messageKey]: error.message, Reason: error.reason }),
  };
}

function valueOf(member: Member, request: WireRequest, labels: Readonly<Record<string, string>>, body: Readonly<Record<string, unknown>>): unknown {
  const { name, traits, shape } = member;
  if (traits.httpLabel) {
    return fromText(labels[name], shape, name);
  }
  if (typeof traits.httpQuery === 'string') {
    const values = request.query.getAll(traits.httpQuery);
    return shape.kind === 'list' ? values : fromText(values[0], shape, name);
  }
  if (typeof traits.httpHeader === 'string') {
    return fromText(request.headers?.[traits.httpHeader.toLowerCase()], shape, name);
  }
  return body[name] === undefined || body[name] === null ? undefined : check(member, body[name], name);
}

/** A scalar that travels as text: in the path, the query or a header. */
function fromText(text: string | undefined, shape: Shape, path: string): unknown {
  if (text === undefined || shape.kind !== 'number') {
    return text;
  }
  return /^-?[0-9]+$/.test(text) ? Number(text) : refuse(path, 'a number');
}

function isInBody(member: Member | undefined): boolean {
  return member !== undefined && !member.traits.httpLabel && member.traits.httpQuery === undefined && member.traits.httpHeader === undefined;
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

/** Returns the value if it has the member's shape all the way down. */
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
