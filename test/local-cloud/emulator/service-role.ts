const PRINCIPAL = 'vmie.amazonaws.com';
const EXTERNAL_ID = 'vmimport';

/**
 * Whether a trust policy lets VM Import/Export assume the role.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html#vmimport-role
 */
export function mayBeAssumedByVmImport(policy: unknown): boolean {
  return listOf(field(policy, 'Statement')).some((statement) => (
    field(statement, 'Effect') === 'Allow'
    && listOf(field(statement, 'Action')).includes('sts:AssumeRole')
    && listOf(field(field(statement, 'Principal'), 'Service')).includes(PRINCIPAL)
    && asksForExternalId(field(statement, 'Condition'))
  ));
}

/** The service always sends the external id; condition keys are not case-sensitive. */
function asksForExternalId(condition: unknown): boolean {
  const expected = Object.entries(field(condition, 'StringEquals') ?? {}).find(([key]) => key.toLowerCase() === 'sts:externalid');
  return expected !== undefined && listOf(expected[1]).includes(EXTERNAL_ID);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined ? [] : [value];
}
