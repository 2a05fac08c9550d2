/** What a template's references become in the account of the emulator, for policies and properties. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface TemplateJson {
  readonly Resources: { readonly [logicalId: string]: { readonly Type: string; readonly Properties: { readonly [name: string]: Json } } };
}

interface Context {
  readonly template: TemplateJson;
  readonly stackId: string;
  /** Resources whose references stay what they are, for CloudFormation to resolve. */
  readonly keep?: (logicalId: string) => boolean;
}

/** Resolves the intrinsic functions in a value. */
export function resolveTemplate(value: Json, context: Context): Json {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (isList(value)) {
    return value.map((item) => resolveTemplate(item, context));
  }
  const [[name, operand] = ['', null], ...others] = Object.entries(value);
  if (others.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveTemplate(item, context)]));
  }
  const target = isList(operand) ? operand[0] ?? null : operand;
  if ((name === 'Ref' || name === 'Fn::GetAtt') && context.keep?.(String(target)) === true) {
    return value;
  }
  const resolved = resolveTemplate(operand, context);
  switch (name) {
    case 'Ref':
      return reference(String(operand), context);
    case 'Fn::GetAtt':
      return attribute(String(target), context);
    case 'Fn::Join':
      return join(resolved);
    case 'Fn::Select':
      return select(resolved);
    case 'Fn::Split':
      return isList(resolved) ? String(resolved[1]).split(String(resolved[0])) : [];
    case 'Fn::Sub':
      return String(resolved).replace(/\$\{([^}]+)\}/g, (_match, ref: string) => String(reference(ref, context)));
    default:
      throw new Error(`No ${name} here`);
  }
}

function select(operand: Json): Json {
  const [index, list] = isList(operand) ? operand : [];
  return list !== undefined && isList(list) ? list[Number(index)] ?? '' : '';
}

/** A join is left alone where something in it is. */
function join(operand: Json): Json {
  const [separator, parts] = isList(operand) ? operand : [];
  return isList(parts ?? null) && (parts as readonly Json[]).every((part) => typeof part !== 'object')
    ? (parts as readonly Json[]).join(String(separator))
    : { 'Fn::Join': operand };
}

function reference(name: string, { template, stackId }: Context): Json {
  const pseudo: Record<string, string> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::StackId': stackId,
    'AWS::StackName': stackId.split('/')[1] ?? '',
    'AWS::URLSuffix': 'amazonaws.com',
  };
  if (template.Resources[name]?.Type === 'AWS::StepFunctions::StateMachine') {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html#aws-resource-stepfunctions-statemachine-return-values
    return `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
  }
  const own = template.Resources[name]?.Properties[NAMES[template.Resources[name]?.Type ?? ''] ?? ''];
  return pseudo[name] ?? (own === undefined ? name.toLowerCase() : resolveTemplate(own, { template, stackId }));
}

/** The property that names a resource, by its type. */
const NAMES: Record<string, string> = {
  'AWS::IAM::Role': 'RoleName', 'AWS::Lambda::Function': 'FunctionName', 'AWS::Logs::LogGroup': 'LogGroupName', 'AWS::S3::Bucket': 'BucketName',
};

/** Every attribute that policies name is an ARN. */
function attribute(logicalId: string, context: Context): string {
  const name = String(reference(logicalId, context));
  const type = context.template.Resources[logicalId]?.Type ?? '';
  switch (type) {
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${ACCOUNT}:role/${name}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`;
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${name}`;
    default:
      return `arn:aws:other:${REGION}:${ACCOUNT}:${name}`;
  }
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
