import * as iam from 'aws-cdk-lib/aws-iam';
import { AuditedStacks } from './audited-stacks';
import { Statement, statementsOf, Who } from './deployed-roles';
import { IamRequest, iamRequestsOf } from './iam-request';
import { LIFECYCLES } from './lifecycles';
import { PolicySimulator } from './policy-simulator';
import { serviceRequestsOf } from './service-requests';
import { BUCKET, stackOf } from './stacks';

/** Allowed, but used by no call of the handlers to AWS. */
const NOT_BY_THE_HANDLERS: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': 'Lambda writes the logs of a function with its role',
  'logs:PutLogEvents': 'Lambda writes the logs of a function with its role',
};

const FUNCTIONS = ['onEvent', 'isComplete', 'copyShardHandler', 'sumUpHandler'] as const;

const simulator = new PolicySimulator();
/** Every request of every lifecycle, with all that the role which made it could do. */
interface Made {
  readonly who: Who;
  readonly asked: IamRequest;
  readonly statements: readonly Statement[];
}

const made: Made[] = [];

/** Those that are not allowed. */
async function deniedOf(requests: readonly Made[]): Promise<readonly string[]> {
  const denied = new Set<string>();
  for (const { who, asked, statements } of requests) {
    if (!(await simulator.allows(statements, asked))) {
      denied.add(`${who} ${JSON.stringify(asked)}`);
    }
  }
  return [...denied];
}

jest.setTimeout(600_000);

describe.each(LIFECYCLES.map((lifecycle) => [lifecycle.name, lifecycle] as const))('%s', (_name, { run, ends, settings }) => {
  const stacks = new AuditedStacks(settings);
  stacks.disks.putObject(BUCKET, 'golden.vmdk', 'a disk');

  test('runs to its end, and leaves nothing behind', async () => {
    expect(await run(stacks)).toStrictEqual(ends);
    const { tasks, snapshots, images } = await stacks.cloud.remaining();
    expect({ tasks, images }).toStrictEqual({ tasks: [], images: [] });
    // The AMI of somebody's task, which was adopted, stays with its snapshot.
    expect(snapshots.length).toBe((await stacks.cloud.remaining()).amis.length);
  });

  // Not those for a request that CloudFormation has given up on: with the rollback, the policies are those of before.
  test('every call is allowed to the role of the function that made it', async () => {
    const requests = stacks.calls.filter(({ abandoned }) => !abandoned).flatMap((call) => {
      const statements = statementsOf(stacks.templateAt(call), call.stackId, call.who);
      return iamRequestsOf(call, stacks.bucketKeys).map((asked) => ({ who: call.who, asked, statements }));
    });
    made.push(...requests);
    expect(requests.length).toBeGreaterThan(1);
    expect(await deniedOf(requests)).toStrictEqual([]);
  });

  test('all that VM Import/Export does with the service role of an import is allowed to that role', async () => {
    const requests = stacks.calls.filter(({ action, abandoned }) => action === 'ImportImage' && !abandoned).flatMap((call) => {
      const statements = statementsOf(stacks.templateAt(call), call.stackId, 'service', String(call.parameters.RoleName));
      return serviceRequestsOf(call, stacks.bucketKeys).map((asked) => ({ who: 'service' as const, asked, statements }));
    });
    made.push(...requests);
    expect(requests.every(({ statements }) => statements.length > 0)).toBe(true);
    expect(await deniedOf(requests)).toStrictEqual([]);
  });
});

test('a call that the policies do not allow is refused in the middle of a lifecycle', async () => {
  const stacks = new AuditedStacks();
  stacks.disks.putObject(BUCKET, 'golden.vmdk', 'a disk');
  const stack = stackOf('Denied', { Golden: {} });
  const roles = stack.node.findAll().filter((each): each is iam.Role => each instanceof iam.Role);
  new iam.Policy(stack, 'Deny', { roles, statements: [new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: ['imagebuilder:ImportVmImage'], resources: ['*'] })] });
  const { status, events } = await stacks.deploy(stack);
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(events.map(({ reason }) => reason).join()).toContain('lack a permission: AccessDeniedException: User is not authorized to perform: imagebuilder:ImportVmImage');
  expect(await stacks.cloud.remaining()).toMatchObject({ tasks: [], amis: [], images: [], snapshots: [] });
});

test('each allowed action was used in some lifecycle, or is listed with the reason', async () => {
  const uses = new Map<string, boolean>();
  for (const who of [...FUNCTIONS, 'service'] as const) {
    const ofRole = made.filter((each) => each.who === who);
    const shapes = new Map(ofRole.flatMap(({ statements }) => statements).map((statement) => [shapeOf(statement), statement]));
    for (const [shape, statement] of shapes) {
      for (const action of [statement.Action].flat()) {
        const what = `${who}: ${action} ${inAnyStack(statement.Condition ?? {})}`;
        uses.set(what, uses.get(what) === true || (await isUsed(action, shape, ofRole)));
      }
    }
  }
  const left = [...uses].flatMap(([what, used]) => (used ? [] : [what]));
  const expected = [
    ...FUNCTIONS.flatMap((who) => Object.keys(NOT_BY_THE_HANDLERS).map((action) => `${who}: ${action} {}`)),
    // AWS documents them for whoever writes an encrypted snapshot, and not which call needs which.
    ...['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey*', 'ReEncrypt*'].map((action) => `copyShardHandler: kms:${action} {}`),
    ...['Decrypt', 'Encrypt', 'ReEncrypt*'].map((action) => `isComplete: kms:${action} {}`),
    // For an object that is deleted while it is copied.
    'copyShardHandler: s3:ListBucket {}',
  ];
  expect(left.sort()).toStrictEqual(expected.sort());
});

/** A statement without its resources, which differ from stack to stack. */
function shapeOf(statement: Statement): string {
  return inAnyStack({ ...statement, Resource: '' });
}

/** Conditions name the stack by its UUID, which is another one in every stack. */
function inAnyStack(value: unknown): string {
  return JSON.stringify(value).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<stack>');
}

/** Whether some request was allowed by a statement of this shape alone. */
async function isUsed(action: string, shape: string, requests: typeof made): Promise<boolean> {
  const pattern = new RegExp(`^${action.replaceAll('*', '.*')}$`);
  const asked = new Map(requests.filter((each) => pattern.test(each.asked.action)).flatMap((each) => {
    const alone = each.statements.filter((statement) => shapeOf(statement) === shape);
    return alone.length === 0 ? [] : [[JSON.stringify(each.asked), { ...each, alone }]];
  }));
  for (const each of asked.values()) {
    if (await simulator.allows(each.alone, each.asked)) {
      return true;
    }
  }
  return false;
}
