import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Environment } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { everyOption, noOption } from './all-options';
import { runCommand } from '../local-cloud/command';
import { pythonVenv } from '../local-cloud/python-venv';

const CFN_LINT = 'cfn-lint==1.58.0';
const REGIONS = ['eu-west-1', 'cn-north-1', 'us-gov-west-1'];
const ENVIRONMENTS: readonly (readonly [string, Environment | undefined])[] = [
  ['any', undefined], ...REGIONS.map((region) => [region, { account: '111122223333', region }] as const),
];

/** The package has no module to run: its command calls this. */
const RUN = 'import sys; from cfnlint.runner import main; sys.exit(main())';

/** What cfn-lint says of what aws-cdk-lib writes, and why that is left as it is. */
const OF_THE_CDK: readonly { readonly found: RegExp; readonly reason: string }[] = [
  {
    found: /^W3005 \S+ Resources\/(Vm)?(Import)?Provider(OnEventFunction|IsCompleteFunction|Frameworkframework\w+|Frameworkwaiterstatemachine)[0-9A-F]{8}\/DependsOn/,
    reason: 'lambda.Function and the waiter of the provider framework depend on their whole role construct, also by its resource, which they refer to',
  },
];

interface Finding {
  readonly Filename: string;
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] };
  readonly Rule: { readonly Id: string };
}

jest.setTimeout(300_000);

// In one go, as most of the time is cfn-lint's start.
test('cfn-lint finds nothing in any partition, in stacks with no option and with every option', async () => {
  const { python } = await pythonVenv([CFN_LINT]);
  const folder = await mkdtemp(join(tmpdir(), 'lint-'));
  try {
    const files: string[] = [];
    for (const [name, env] of ENVIRONMENTS) {
      for (const make of [noOption, everyOption]) {
        const file = join(folder, `${make.name}-${name}.json`);
        await writeFile(file, JSON.stringify(Template.fromStack(make(new App(), 'Stack', { env })).toJSON()));
        files.push(file);
      }
    }
    const { stdout } = await runCommand(python, ['-c', RUN, '--format', 'json', '--regions', ...REGIONS, '--', ...files], {
      env: process.env, timeoutMs: 200_000,
    });
    const findings = (JSON.parse(stdout) as readonly Finding[]).map(
      ({ Filename, Location, Message, Rule }) => `${Rule.Id} ${Filename.slice(folder.length + 1)} ${Location.Path.join('/')}: ${Message}`,
    );
    expect(findings.filter((finding) => !OF_THE_CDK.some(({ found }) => found.test(finding)))).toStrictEqual([]);
    // What is left as it is stands there still.
    expect(findings.length).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
