import { AuditedCall, AuditedStacks } from './audited-stacks';
import { Statement, statementsOf } from './deployed-roles';
import { IamRequest, iamRequestsOf } from './iam-request';
import { LIFECYCLES } from './lifecycles';
import { PolicySimulator } from './policy-simulator';
import { BUCKET } from './stacks';

/** Allowed, but used by no call of the handlers to AWS. */
const NOT_BY_THE_HANDLERS: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': 'Lambda writes the logs of a function with its role',
  'logs:PutLogEvents': 'Lambda writes the logs of a function with its role',
};

const simulator = new PolicySimulator();
/** Every request of every lifecycle, with all that the role which made it could do. */
const made: { readonly call: AuditedCall; readonly asked: IamRequest; readonly statements: readonly Statement[] }[] = [];

jest.setTimeout(120_000);

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
    const denied = new Set<string>();
    for (const call of stacks.calls.filter(({ abandoned }) => !abandoned)) {
      const statements = statementsOf(stacks.templateAt(call), call.stackId, call.who);
      for (const asked of iamRequestsOf(call)) {
        made.push({ call, asked, statements });
        if (!(await simulator.allows(statements, asked))) {
          denied.add(`${call.who} ${JSON.stringify(asked)}`);
        }
      }
    }
    expect(stacks.calls.length).toBeGreaterThan(1);
    expect([...denied]).toStrictEqual([]);
  });
});

test('each allowed action was used in some lifecycle, or is listed with the reason', async () => {
  const uses = new Map<string, boolean>();
  for (const who of ['onEvent', 'isComplete'] as const) {
    const ofRole = made.filter(({ call }) => call.who === who);
    const shapes = new Map(ofRole.flatMap(({ statements }) => statements).map((statement) => [shapeOf(statement), statement]));
    for (const [shape, statement] of shapes) {
      for (const action of [statement.Action].flat()) {
        const what = `${who}: ${action} ${inAnyStack(statement.Condition ?? {})}`;
        uses.set(what, uses.get(what) === true || (await isUsed(action, shape, ofRole)));
      }
    }
  }
  const left = [...uses].flatMap(([what, used]) => (used ? [] : [what]));
  const expected = ['onEvent', 'isComplete'].flatMap((who) => Object.keys(NOT_BY_THE_HANDLERS).map((action) => `${who}: ${action} {}`));
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
  const asked = new Map(requests.filter((each) => each.asked.action === action).map((each) => [JSON.stringify(each.asked), each]));
  for (const each of asked.values()) {
    const alone = each.statements.filter((statement) => shapeOf(statement) === shape);
    if (alone.length > 0 && (await simulator.allows(alone, each.asked))) {
      return true;
    }
  }
  return false;
}
