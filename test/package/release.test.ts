import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');

/** The text of each job of the workflow, by its id. */
const jobs = new Map([...read('.github/workflows/release.yml').matchAll(/^ {2}(release\w*):\n((?: {3}.*\n|\n)+)/gm)].map(([, id = '', text = '']) => [id, text]));
const job = (id: string): string => jobs.get(id) ?? '';
/** The settings of whoever publishes, by job. */
const settings = (id: string): string => job(id).split('- name: Release\n')[1] ?? '';
const secretsOf = (text: string): string[] => [...text.matchAll(/secrets\.(\w+)/g)].map(([, name = '']) => name);

/** The table of registries in CONTRIBUTING.md. */
const rows = new Map([...read('CONTRIBUTING.md').matchAll(/^\| (npm|PyPI|NuGet|Maven Central|Go) \| (.+) \| (.+) \|$/gm)].map(([, registry = '', names = '', proof = '']) => [registry, { names, proof }]));

test('the workflow publishes to every registry once the build has passed, and only then makes the release', () => {
  const publishers = ['release_golang', 'release_maven', 'release_npm', 'release_nuget', 'release_pypi'];
  expect([...jobs.keys()].sort()).toEqual(['release', 'release_github', ...publishers].sort());
  publishers.forEach((id) => expect(job(id)).toMatch(/^ {4}needs: release$/m));
  publishers.forEach((id) => expect(job('release_github')).toContain(`- ${id}\n`));
  expect(job('release')).toContain('npx projen release');
});

test.each([
  ['release_npm', 'NPM_TRUSTED_PUBLISHER: "true"', []],
  ['release_pypi', 'PYPI_TRUSTED_PUBLISHER: "true"', []],
  ['release_nuget', 'NUGET_TRUSTED_PUBLISHER: "true"', ['NUGET_USERNAME']],
])('%s is a trusted publisher: it proves who it is by its own token, and keeps none', (id, setting, secrets) => {
  expect(job(id)).toMatch(/permissions:\n(?: {6}.*\n)*? {6}id-token: write\n/);
  expect(settings(id)).toContain(setting);
  expect(secretsOf(job(id))).toEqual(secrets);
});

test('npm is published to by a Node.js whose npm knows trusted publishing', () => {
  expect(job('release_npm')).toMatch(/uses: actions\/setup-node@.*\n {8}with:\n {10}node-version: 24\.x/);
});

test('Maven Central is published to by its new portal', () => {
  expect(settings('release_maven')).toContain('MAVEN_SERVER_ID: central-ossrh');
});

test.each([['release_nuget', 'NuGet'], ['release_maven', 'Maven Central'], ['release_golang', 'Go']])('CONTRIBUTING.md names the secrets of %s', (id, registry) => {
  // projen writes this one for the portal of before, which is not used.
  const secrets = secretsOf(job(id)).filter((name) => name !== 'MAVEN_STAGING_PROFILE_ID');
  const named = [...(rows.get(registry)?.proof.matchAll(/`([A-Z_]+)`/g) ?? [])].map(([, name = '']) => name);
  expect(named.sort()).toEqual(secrets.sort());
});

test('CONTRIBUTING.md and README.md name the packages as the assembly does', () => {
  const { java, python, dotnet, go } = (JSON.parse(read('package.json')) as {
    readonly jsii: {
      readonly targets: {
        readonly java: { readonly package: string; readonly maven: { readonly groupId: string; readonly artifactId: string } };
        readonly python: { readonly distName: string; readonly module: string };
        readonly dotnet: { readonly namespace: string; readonly packageId: string };
        readonly go: { readonly moduleName: string; readonly packageName: string };
      };
    };
  }).jsii.targets;
  const artifact = `\`${java.maven.groupId}:${java.maven.artifactId}\``;
  const module = `\`${go.moduleName}/${go.packageName}\``;
  expect(rows.get('npm')?.names).toBe('`cdk-vm-import`');
  expect(rows.get('PyPI')?.names).toBe(`\`${python.distName}\`, module \`${python.module}\``);
  expect(rows.get('NuGet')?.names).toBe(`\`${dotnet.packageId}\``);
  expect(dotnet.namespace).toBe(dotnet.packageId);
  expect(rows.get('Maven Central')?.names).toBe(`${artifact}, package \`${java.package}\``);
  expect(rows.get('Go')?.names).toBe(module);
  [`\`${python.distName}\``, artifact, module, `\`${dotnet.packageId}\``].forEach((name) => expect(read('README.md')).toContain(name));
});
