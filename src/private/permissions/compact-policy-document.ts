import { IResolveContext } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/**
 * A policy document that writes an ARN as `Fn::Sub` where the CDK writes `Fn::Join`: a third of the size, which counts in a
 * template that repeats it for 80 imports. Statements that differ only in their resources become one.
 */
export class CompactPolicyDocument extends iam.PolicyDocument {
  public constructor() {
    super({ minimize: true });
  }

  /** Returns the document as it is in the template. */
  public override resolve(context: IResolveContext): unknown {
    return compact(context.resolve(super.resolve(context)));
  }
}

function compact(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(compact);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const join = 'Fn::Join' in value ? joinedParts(value['Fn::Join']) : undefined;
  return join ?? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, compact(item)]));
}

/** Returns the `Fn::Sub` that says the same as an `Fn::Join`, or undefined if a part is more than a text or a reference. */
function joinedParts(operand: unknown): { 'Fn::Sub': string } | undefined {
  const [separator, parts]: unknown[] = Array.isArray(operand) ? operand : [];
  if (separator !== '' || !Array.isArray(parts)) {
    return undefined;
  }
  const texts = parts.map(textInSub);
  return texts.every((text) => text !== undefined) ? { 'Fn::Sub': texts.join('') } : undefined;
}

function textInSub(part: unknown): string | undefined {
  if (typeof part === 'string') {
    // Fn::Sub leaves ${!Literal} as ${Literal}.
    return part.replace(/\$\{/g, '${!');
  }
  const { Ref } = part as { readonly Ref?: unknown };
  return typeof Ref === 'string' ? `\${${Ref}}` : undefined;
}
