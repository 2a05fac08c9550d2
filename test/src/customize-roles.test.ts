import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { CustomizeRolesOptions, Role } from 'aws-cdk-lib/aws-iam';
import { everyOption } from '../security/all-options';
import { statementsOf } from '../security/deployed-roles';
import type { TemplateJson } from '../security/resolve-template';

/** The ids below a construct are unique, so its role's ends with a part of its address. */
const SERVICE_ROLE = 'Stack/Provider/GoldenRole39c5897a';

const PRECREATED = {
  'Stack/Provider/DiskCopier/CopyShard/Role': 'copy',
  'Stack/Provider/DiskCopier/Role': 'copy-machine',
  'Stack/Provider/DiskCopier/SumUp/Role': 'sum',
  'Stack/Provider/Framework/waiter-state-machine/Role': 'waiter',
  'Stack/Provider/FrameworkIsCompleteRole': 'framework-complete',
  'Stack/Provider/FrameworkOnEventRole': 'framework-event',
  [SERVICE_ROLE]: 'golden-import',
  'Stack/Provider/IsComplete/Role': 'complete',
  'Stack/Provider/OnEvent/Role': 'event',
};

interface ReportedStatement {
  readonly Action: string | readonly string[];
}

interface Reported {
  readonly roleConstructPath: string;
  readonly identityPolicyStatements: readonly ReportedStatement[];
  readonly managedPolicyStatements: readonly ReportedStatement[];
}

/** The template of a stack with every option, and the report of `Role.customizeRoles` on it. */
function synthesize(options?: CustomizeRolesOptions) {
  const app = new App();
  if (options !== undefined) {
    Role.customizeRoles(app, options);
  }
  const stack = everyOption(app, 'Stack');
  const assembly = app.synth();
  const roles = options === undefined
    ? []
    : (JSON.parse(readFileSync(join(assembly.directory, 'iam-policy-report.json'), 'utf8')) as { roles: Reported[] }).roles;
  const errors = stack.node.findAll().flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:error'));
  const reported = new Map(roles.map(({ roleConstructPath, identityPolicyStatements, managedPolicyStatements }) => (
    [roleConstructPath, actionsOf([...identityPolicyStatements, ...managedPolicyStatements])]
  )));
  return { template: assembly.getStackByName('Stack').template as TemplateJson, reported, errors };
}

function actionsOf(statements: readonly ReportedStatement[]): string[] {
  return [...new Set(statements.flatMap(({ Action }) => Action))].sort();
}

const plain = synthesize().template;
const deployedActions = (template: TemplateJson, who: 'onEvent' | 'isComplete' | 'service') => actionsOf(statementsOf(template, '', who));

describe('Role.customizeRoles with roles that somebody else makes', () => {
  const { template, reported, errors } = synthesize({ usePrecreatedRoles: PRECREATED });

  test('leaves no role and no policy in the template, and no error', () => {
    expect(Object.values(template.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'))).toStrictEqual([]);
    expect(errors).toStrictEqual([]);
  });

  test.each([
    ['Stack/Provider/OnEvent/Role', 'onEvent'],
    ['Stack/Provider/IsComplete/Role', 'isComplete'],
    [SERVICE_ROLE, 'service'],
  ] as const)('reports for %s every action that the role would be allowed', (path, who) => {
    expect(reported.get(path)).toStrictEqual(deployedActions(plain, who));
  });

  test('hands the named role to VM Import/Export', () => {
    const imports = Object.values(template.Resources).filter(({ Type, Properties }) => Type === 'Custom::VmImportImage' && 'ImportImage' in Properties);
    expect(imports.map(({ Properties }) => Properties.ImportImage)).toStrictEqual(imports.map(() => expect.objectContaining({ RoleName: 'golden-import' })));
    expect(imports.length).toBeGreaterThan(0);
  });
});

test('Role.customizeRoles without names is an error for each role', () => {
  expect(synthesize({}).errors.length).toBe(Object.keys(PRECREATED).length);
});

// Not for deployment: the CDK itself refers to these roles by ARNs that have no name.
test('Role.customizeRoles for the report alone reports the same, and leaves our roles what they may do', () => {
  const { template, reported, errors } = synthesize({ preventSynthesis: false });
  expect(errors).toStrictEqual([]);
  expect(reported.get('Stack/Provider/IsComplete/Role')).toStrictEqual(deployedActions(plain, 'isComplete'));
  expect(reported.get(SERVICE_ROLE)).toStrictEqual(deployedActions(plain, 'service'));
  expect(deployedActions(template, 'service')).toStrictEqual(deployedActions(plain, 'service'));
});
