import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deployedSize } from './policy-size';

/**
 * A role may have 10,240 characters of inline policies, a managed policy 6,144. Both leave some room here, as sizes are
 * estimated. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const INLINE_SIZE = 9_500;
const MANAGED_SIZE = 5_700;

/**
 * A role that is one CloudFormation resource: its permissions are part of it, those that are granted later too. Only
 * what IAM does not allow inline goes into managed policies below it.
 *
 * @internal
 */
export class SelfContainedRole extends iam.Role {
  private readonly pages: PolicyPage[];
  private readonly added = new Set<string>();

  public constructor(scope: Construct, id: string, props: Omit<iam.RoleProps, 'inlinePolicies'>) {
    const document = new iam.PolicyDocument({ minimize: true });
    super(scope, id, { ...props, inlinePolicies: { Permissions: document } });
    this.pages = [{ document, room: INLINE_SIZE }];
  }

  public override addToPrincipalPolicy(statement: iam.PolicyStatement): iam.AddToPrincipalPolicyResult {
    const resolved: unknown = Stack.of(this).resolve(statement.toStatementJson());
    const text = JSON.stringify(resolved);
    if (!this.added.has(text)) {
      this.added.add(text);
      this.pageWithRoomFor(deployedSize(resolved)).document.addStatements(statement);
    }
    return { statementAdded: true, policyDependable: this };
  }

  private pageWithRoomFor(size: number): PolicyPage {
    const found = this.pages.find((page) => page.room >= size);
    const page = found ?? { document: new iam.PolicyDocument({ minimize: true }), room: MANAGED_SIZE };
    if (found === undefined) {
      new iam.ManagedPolicy(this, `Permissions${this.pages.length + 1}`, { document: page.document, roles: [this] });
      this.pages.push(page);
    }
    page.room -= size;
    return page;
  }
}

interface PolicyPage {
  readonly document: iam.PolicyDocument;
  room: number;
}
