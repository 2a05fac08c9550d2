import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Environment, Stack, StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { everyOption, noOption } from './all-options';
import { EXAMPLE_NAMES, ExampleDisks, exampleStack } from './example-stacks';
import { runCommand } from '../local-cloud/command';
import { pythonVenv } from '../local-cloud/python-venv';

const CFN_LINT = 'cfn-lint==1.58.0';
const EVERY_ENVIRONMENT = process.env.EVERY_ENVIRONMENT === 'true';
/** What a template may say differs little between Regions, so that one Region says enough but for a long run. */
const REGIONS = EVERY_ENVIRONMENT ? ['eu-west-1', 'cn-north-1', 'us-gov-west-1'] : ['eu-west-1'];
const ENVIRONMENTS: readonly (readonly [string, Environment | undefined])[] = [
  ['any', undefined], ...REGIONS.map((region) => [region, { account: '111122223333', region }] as const),
];
/** An example has no resource that a stack with every option has not, so its template is for a long run. */
const EXAMPLES = EVERY_ENVIRONMENT ? EXAMPLE_NAMES : [];

/** The package has no module to run: its command calls this. */
const RUN = 'import sys; from cfnlint.runner import main; sys.exit(main())';

interface Finding {
  readonly Filename: string;
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] };
  readonly Rule: { readonly Id: string };
}

jest.setTimeout(400_000);

type MakeStack = (props: StackProps) => Stack;

/** What is linted, by name: stacks with no option and with every option, and examples. */
function subjects(
  disks: ExampleDisks, examples: readonly string[], context: Readonly<Record<string, unknown>> = {},
): readonly (readonly [string, MakeStack])[] {
  return [
    ...[noOption, everyOption].map((make) => [make.name, (props: StackProps) => make(new App({ context }), 'Stack', props)] as const),
    ...examples.map((name) => [name, (props: StackProps) => new (exampleStack(name))(disks.app(context), 'Example', props)] as const),
  ];
}

// In one go, as most of the time is cfn-lint's start.
test('cfn-lint finds nothing in stacks with no option, with every option, and, in a long run, in the examples', async () => {
  const { python } = await pythonVenv([CFN_LINT]);
  const folder = await mkdtemp(join(tmpdir(), 'lint-'));
  const disks = new ExampleDisks();
  try {
    // It finds what there is to be found.
    const files = [join(folder, 'broken.json')];
    await writeFile(join(folder, 'broken.json'), JSON.stringify({ Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: { Unknown: 'x' } } } }));
    for (const [subject, make] of subjects(disks, EXAMPLES)) {
      for (const [name, env] of ENVIRONMENTS) {
        const file = join(folder, `${subject}-${name}.json`);
        await writeFile(file, JSON.stringify(Template.fromStack(make({ env })).toJSON()));
        files.push(file);
      }
    }
    const { stdout } = await runCommand(python, ['-c', RUN, '--format', 'json', '--regions', ...REGIONS, '--', ...files], {
      env: process.env, timeoutMs: 300_000,
    });
    const findings = (JSON.parse(stdout) as readonly Finding[]).map(
      ({ Filename, Location, Message, Rule }) => `${Rule.Id} ${Filename.slice(folder.length + 1)} ${Location.Path.join('/')}: ${Message}`,
    );
    expect(findings).toStrictEqual([expect.stringMatching(/^E3002 broken\.json Resources\/Bucket\/Properties\/Unknown: /)]);
  } finally {
    disks.delete();
    await rm(folder, { recursive: true, force: true });
  }
});

test('the rules that the CDK checks templates by find nothing in any of them', () => {
  const disks = new ExampleDisks();
  const before = process.env.CDK_VALIDATION;
  delete process.env.CDK_VALIDATION;
  try {
    const strict = { '@aws-cdk/core:validateAgainstDefaultRules': true };
    const broken: MakeStack = () => {
      const stack = new Stack(new App({ context: strict }), 'Stack');
      new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket', properties: { Unknown: 'x' } });
      return stack;
    };
    const refused = [...subjects(disks, EXAMPLES, strict), ['broken', broken] as const].flatMap(([subject, make]) => {
      try {
        (make({}).node.root as App).synth();
        return [];
      } catch (error) {
        return [`${subject}: ${String(error)}`];
      }
    });
    // They find what there is to be found.
    expect(refused).toEqual([expect.stringMatching(/^broken: /)]);
  } finally {
    process.env.CDK_VALIDATION = before;
    disks.delete();
  }
});
