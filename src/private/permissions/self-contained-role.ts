import { CfnResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct, DependencyGroup } from 'constructs';
import { CompactPolicyDocument } from './compact-policy-document';
import { explainPolicyToNag } from './nag-suppressions';

/**
 * A role may have 10,240 characters of inline policies, a managed policy 6,144. Both keep a reserve, because sizes are estimated, although
 * for the longest values. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_SIZE = 10_000;
const MANAGED_SIZE = 6_000;
/** What `Role.customizeRoles` asked for: roles that somebody else makes, or a report of those that the app makes. */
const CUSTOMIZED_ROLES = '@aws-cdk/iam:customizeRoles';

/**
 * A role that is one CloudFormation resource: its permissions are part of it, those that are granted later too. Only
 * what IAM does not allow inline goes into managed policies below it.
 *
 * @internal
 */
export class SelfContainedRole extends iam.Role {
  private readonly pages: PolicyPage[];
  /** The managed policies; what takes the role's permissions must wait for them, too. */
  private readonly overflow = new DependencyGroup();

  public constructor(scope: Construct, id: string, props: Omit<iam.RoleProps, 'inlinePolicies'>) {
    const document = new CompactPolicyDocument();
    super(scope, id, { ...props, inlinePolicies: { Permissions: document } });
    this.pages = [new PolicyPage(document, this, INLINE_SIZE)];
  }

  /**
   * Adds a permission to the role.
   *
   * @param statement what the role may do
   */
  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const customized: { readonly preventSynthesis?: boolean } | undefined = this.node.tryGetContext(CUSTOMIZED_ROLES);
    if (customized !== undefined) {
      // The CDK's report has the statements that it is told of, and an inline policy only as it was at first.
      const reported = super.addToPrincipalPolicy(statement);
      if (customized.preventSynthesis !== false) {
        return reported;
      }
    }
    const resolved: Record<string, unknown> = Stack.of(this).resolve(statement.toStatementJson());
    const page = this.pages.find((candidate) => candidate.hasRoomFor(resolved)) ?? this.newPage();
    page.add(statement, resolved);
    return { statementAdded: true, policyDependable: this.overflow };
  }

  private newPage(): PolicyPage {
    const document = new CompactPolicyDocument();
    const policy = new iam.ManagedPolicy(this, `Permissions${this.pages.length + 1}`, { document, roles: [this] });
    const page = new PolicyPage(document, policy, MANAGED_SIZE);
    this.overflow.add(policy);
    this.pages.push(page);
    return page;
  }
}

/** A policy, and what is left of its size. */
class PolicyPage {
  /** What all merged statements of one kind have in common, by its JSON: everything but the resources. */
  private readonly kinds = new Map<string, Set<string>>();

  /** All statements as JSON. */
  private statements = '';

  public constructor(private readonly document: iam.PolicyDocument, private readonly owner: iam.Role | iam.ManagedPolicy, private room: number) {}

  public hasRoomFor(resolved: Record<string, unknown>): boolean {
    return this.sizeOf(resolved) <= this.room;
  }

  public add(statement: iam.PolicyStatement, resolved: Record<string, unknown>): void {
    this.room -= this.sizeOf(resolved);
    const { kind, resources } = parts(resolved);
    const known = this.kinds.get(kind) ?? new Set();
    resources.forEach((resource) => known.add(JSON.stringify(resource)));
    this.kinds.set(kind, known);
    this.document.addStatements(statement);
    this.statements += JSON.stringify(resolved);
    // A role that `Role.customizeRoles` replaces has no resource, and gets no statement.
    explainPolicyToNag(this.owner.node.defaultChild as CfnResource, this.statements);
  }

  /** What a statement adds to the policy, in which statements that differ in their resources only are merged. */
  private sizeOf(resolved: Record<string, unknown>): number {
    const { kind, resources } = parts(resolved);
    const known = this.kinds.get(kind);
    return known === undefined
      ? deployedSize(resolved)
      : deployedSize(resources.filter((resource) => !known.has(JSON.stringify(resource))));
  }
}

function parts({ Resource, ...kind }: Record<string, unknown>): { readonly kind: string; readonly resources: readonly unknown[] } {
  return { kind: JSON.stringify(kind), resources: [Resource].flat() };
}

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
