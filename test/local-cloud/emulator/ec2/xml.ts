import { AwsError } from '../aws-error';
import { Operation, Shape } from '../schema';
import { WireResponse } from '../wire';

const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const HEADERS = { 'content-type': 'text/xml;charset=UTF-8' };

/** Writes an answer of the EC2 query protocol by the SDK's model of it. */
export function xmlAnswer(operation: Operation, result: object | undefined, requestId: string): WireResponse {
  const content = result ? write(operation.output, result) : '<return>true</return>';
  const root = `${operation.name}Response`;
  return {
    status: 200,
    headers: HEADERS,
    body: `${DECLARATION}<${root} xmlns="${NAMESPACE}"><requestId>${requestId}</requestId>${content}</${root}>`,
  };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response */
export function xmlError(error: AwsError, requestId: string): WireResponse {
  return {
    status: error.status,
    headers: HEADERS,
    body: `${DECLARATION}<Response><Errors><Error><Code>${escape(error.code)}</Code><Message>${escape(error.message)}</Message></Error></Errors>`
      + `<RequestID>${requestId}</RequestID></Response>`,
  };
}

function write(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case 'structure':
      return Object.entries(value ?? {})
        .filter(([, content]) => content !== undefined)
        .map(([name, content]) => {
          const member = shape.members.get(name);
          if (!member) {
            throw new TypeError(`The SDK's model has no ${name} in this answer`);
          }
          const tag = String(member.traits.xmlName ?? name);
          return `<${tag}>${write(member.shape, content)}</${tag}>`;
        })
        .join('');
    case 'list':
      return (Array.isArray(value) ? value : []).map((item) => `<item>${write(shape.member.shape, item)}</item>`).join('');
    case 'timestamp':
      return value instanceof Date ? value.toISOString() : escape(String(value));
    case 'map':
      throw new TypeError('EC2 answers hold no maps');
    case 'string':
    case 'number':
    case 'boolean':
      return escape(String(value));
  }
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // What XML 1.0 cannot carry as it is, whitespace that parsers normalise included.
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
