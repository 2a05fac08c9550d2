import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Statement } from './deployed-roles';
import type { IamRequest } from './iam-request';
import { ACCOUNT } from './resolve-template';

/** The policy that keys have unless they are given one: it leaves everything to IAM. */
const KEY_POLICY = {
  Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};

/** Evaluates requests by IAM's rules, each one once. */
export class PolicySimulator {
  private readonly known = new Map<string, Promise<boolean>>();
  private readonly texts = new WeakMap<readonly Statement[], string>();

  async allows(statements: readonly Statement[], asked: IamRequest): Promise<boolean> {
    const text = this.texts.get(statements) ?? JSON.stringify(statements);
    this.texts.set(statements, text);
    const key = `${text} ${JSON.stringify(asked)}`;
    const answer = this.known.get(key) ?? simulate(statements, asked);
    this.known.set(key, answer);
    return answer;
  }
}

async function simulate(statements: readonly Statement[], { action, resource, context }: IamRequest): Promise<boolean> {
  const result = await runSimulation({
    request: {
      principal: `arn:aws:iam::${ACCOUNT}:role/role`, action, resource: { resource, accountId: ACCOUNT }, contextVariables: { ...context },
    },
    identityPolicies: [{ name: 'policy', policy: { Version: '2012-10-17', Statement: statements } }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(action.startsWith('kms:') ? { resourcePolicy: KEY_POLICY } : {}),
  }, {});
  if (result.resultType === 'error') {
    throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  }
  return result.overallResult === 'Allowed';
}
