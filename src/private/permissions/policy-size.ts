const PSEUDO_PARAMETERS: Record<string, number> = {
  'AWS::AccountId': 12,
  'AWS::Partition': 10,
  'AWS::Region': 14,
};
/** An attribute is taken for the ARN of a role with the longest name, `"arn:aws-us-gov:iam::123456789012:role/…"`. */
const ATTRIBUTE = 104;

/**
 * How many characters a resolved part of a policy has once CloudFormation has put in what it refers to; at most, as
 * far as can be known.
 */
export function deployedSize(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value).length;
  }
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, element) => sum + deployedSize(element) + 1, 2);
  }
  const entries = Object.entries(value);
  const [[key, operand] = ['', undefined]] = entries;
  if (key === 'Fn::Join' && Array.isArray(operand)) {
    return deployedSize(operand[1]);
  }
  if (key === 'Ref' || key.startsWith('Fn::')) {
    return PSEUDO_PARAMETERS[String(operand)] ?? ATTRIBUTE;
  }
  return entries.reduce((sum, [name, element]) => sum + name.length + 4 + deployedSize(element), 2);
}
