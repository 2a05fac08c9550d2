import { awscdk, javascript, JsonFile, JsonPatch } from 'projen';

/**
 * The oldest aws-cdk-lib that the library works with: the first one whose custom resource
 * provider framework runs its own functions on Node.js 22, a runtime that AWS Lambda still accepts.
 */
const CDK_FLOOR = '2.197.0';
/** The newest aws-cdk-lib that the tests run against, beside the floor. */
const CDK_NEWEST = '2.276.0';
const AWS_SDK = '3.1046.0';

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-vm-import',
  description:
    'Import virtual machines (OVA, VMDK, VHD, VHDX, RAW, EBS snapshots) as EC2 Image Builder images with one CDK construct',
  author: 'cdk-vm-import contributors',
  authorAddress: 'https://github.com/cdk-vm-import',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-vm-import/cdk-vm-import.git',
  homepage: 'https://github.com/cdk-vm-import/cdk-vm-import#readme',
  bugsUrl: 'https://github.com/cdk-vm-import/cdk-vm-import/issues',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-vm-import contributors',
  stability: 'experimental',
  keywords: ['aws', 'aws-cdk', 'cdk', 'ec2', 'imagebuilder', 'vm-import', 'ami', 'vmware', 'ova', 'vmdk'],
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,
  readme: { contents: '# cdk-vm-import\n' },
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.2',
  cdkVersion: CDK_FLOOR,
  constructsVersion: '10.0.5',
  minNodeVersion: '20.0.0',
  workflowNodeVersion: '22.x',
  depsUpgrade: false,
  // Trusted publishing wherever the registry has it: no token to keep. Maven Central has none, and a Go module is a repository.
  npmTrustedPublishing: true,
  publishToPypi: { distName: 'cdk-vm-import', module: 'cdk_vm_import', trustedPublishing: true },
  publishToMaven: {
    mavenGroupId: 'io.github.cdk-vm-import',
    mavenArtifactId: 'cdk-vm-import',
    javaPackage: 'io.github.cdk_vm_import',
  },
  publishToNuget: { packageId: 'CdkVmImport', dotNetNamespace: 'CdkVmImport', trustedPublishing: true },
  publishToGo: { moduleName: 'github.com/cdk-vm-import/cdk-vm-import-go', packageName: 'cdkvmimport', githubUseSsh: true },
  lambdaAutoDiscover: false,
  bin: { 'cdk-vm-import': 'assets/cli/index.js' },
  integrationTestAutoDiscover: false,
  devDeps: [
    '@aws-cdk/aws-imagebuilder-alpha@2.270.0-alpha.0',
    '@aws-cdk/integ-runner@2.197.10',
    // The newest one whose peer is not above the floor.
    '@aws-cdk/integ-tests-alpha@2.193.0-alpha.0',
    '@cloud-copilot/iam-simulate@0.1.173',
    `@aws-sdk/client-cloudformation@${AWS_SDK}`,
    // This client has no release of that number; this one is made of the same parts.
    '@aws-sdk/client-ebs@3.1138.0',
    `@aws-sdk/client-ec2@${AWS_SDK}`,
    `@aws-sdk/client-eventbridge@${AWS_SDK}`,
    `@aws-sdk/client-imagebuilder@${AWS_SDK}`,
    `@aws-sdk/client-s3@${AWS_SDK}`,
    `@aws-sdk/client-sfn@${AWS_SDK}`,
    // The part of the SDK that retries, at the version that its clients bring: tests retry without waiting.
    '@smithy/core@3.41.0',
    '@smithy/types@4.20.0',
    'aws-cdk@2.1148.1',
    // The last version that takes the floor's constructs library.
    'cdk-nag@2.37.55',
    `aws-cdk-lib-newest@npm:aws-cdk-lib@${CDK_NEWEST}`,
    // Of the newest aws-cdk-lib; beside another aws-cdk-lib, `npm ci` does not unpack the one it bundles.
    'cloud-assembly-schema-newest@npm:@aws-cdk/cloud-assembly-schema@55.6.0',
    // Removes the types for jest. Babel instruments the source as it stands, so coverage counts no branch or function that a compiler
    // added; SWC and esbuild count their own.
    '@babel/plugin-transform-dynamic-import@7.29.7',
    '@babel/plugin-transform-modules-commonjs@7.29.14',
    '@babel/preset-typescript@7.29.7',
    'esbuild@0.28.2',
    'fast-check@4.10.2',
    // Zstandard in plain JavaScript, for compressed clusters of qcow2: bundled, like all that Lambda code uses.
    'fzstd@0.1.1',
    'jest@30.5.2',
    'jest-environment-node@30.5.2',
    // Measures text in columns of a terminal: bundled into the command. Later versions are ES modules only.
    'string-width@4.2.3',
    '@types/jest@30',
    'tsx@4.23.15',
  ],
  tsconfigDevFile: 'tsconfig.dev.json',
  tsconfigDev: {
    include: ['src/**/*.ts', 'lambda/**/*.ts', 'cli/**/*.ts', 'test/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', '.projenrc.ts'],
    exclude: ['node_modules', '**/cdk.out'],
    compilerOptions: {
      rootDir: '.',
      target: 'ES2022',
      noUncheckedIndexedAccess: true,
      isolatedModules: true,
      types: ['node', 'jest'],
      paths: { 'cdk-vm-import': ['./src/index.ts'] },
    },
  },
  eslintOptions: {
    dirs: ['src'],
    // lambda/ and cli/ are bundled: what they import are development dependencies of the package.
    devdirs: ['lambda', 'cli', 'test', 'examples', 'bench', 'scripts'],
    projectService: false,
    tsconfigPath: './tsconfig.dev.json',
  },
  jest: false,
  gitignore: [
    '/assets/', '/test-reports/', '/coverage/', 'cdk.out/', 'cdk-integ.out.*/', '/.local-cloud/', '/acceptance-report.json', '.venv/', '*.tsbuildinfo', '.jsii.tabl.json', '.DS_Store',
  ],
});

// The alpha module and the newest aws-cdk-lib ask for newer peers than our floor; where tests use them,
// jest maps every aws-cdk-lib import to the newest one.
project.package.addField('overrides', {
  // 1.13.0 names packages of other platforms that its registry does not have, so that `npm ci` refuses the lock.
  'unrs-resolver': '1.12.2',
  '@aws-cdk/aws-imagebuilder-alpha': { 'aws-cdk-lib': '$aws-cdk-lib', 'constructs': '$constructs' },
  'aws-cdk-lib-newest': { constructs: '$constructs' },
});

// The directions of dependencies: src/ → src/private → src/shared, lambda/ → src/shared, cli/ → lambda/aws and src/shared; and no cycles.
const zone = (target: string, from: string, message: string, ...except: string[]) =>
  ({ target: `./${target}`, from: `./${from}`, except: except.map((path) => `./${path}`), message });
/** Rooms from the lowest to the highest: a room imports lower rooms only. */
const layers = (parent: string, rooms: readonly string[]) => rooms.flatMap((lower, index) => rooms.slice(index + 1).map((higher) =>
  zone(`${parent}/${lower}`, `${parent}/${higher}`, `${parent}/${lower} is a lower layer than ${parent}/${higher}.`)));
// Packages have no part in our cycles, and reading their declarations takes longer than all the rest.
project.tryFindObjectFile('.eslintrc.json')?.addOverride('settings.import/ignore', ['node_modules']);
project.eslint?.addRules({
  'import/no-cycle': ['error', { ignoreExternal: true }],
  'import/no-restricted-paths': ['error', {
    zones: [
      zone('src', 'lambda', 'src/ runs at synthesis: move what both need to src/shared.'),
      zone('src', 'cli', 'src/ runs at synthesis: move what both need to src/shared.'),
      zone('src/shared', 'src', 'src/shared imports nothing but itself.', 'shared'),
      zone('lambda', 'src', 'lambda/ imports of src/ only src/shared.', 'shared'),
      zone('lambda', 'cli', 'lambda/ does not know the command.'),
      zone('cli', 'src', 'cli/ imports of src/ only src/shared.', 'shared'),
      ...['import', 'removal', 'ami', 'preflight'].map((room) => zone('lambda/aws', `lambda/${room}`, 'lambda/aws knows AWS, not what it is used for.')),
      ...layers('src/private', ['permissions', 'validation', 'disk', 'provider', 'resource']),
    ],
  }],
});
project.eslint?.addOverride({
  files: ['src/private/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [{
        regex: '^(\\.\\./)+(disk-container|vm-import-[a-z]+)$',
        allowTypeImports: true,
        message: 'Constructs import src/private, not the other way: import types only.',
      }],
    }],
  },
});
project.eslint?.addOverride({
  files: ['src/shared/**/*.ts', 'lambda/**/*.ts', 'cli/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [{ group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'], message: 'The CDK is for synthesis, in src/ alone.' }],
    }],
  },
});
project.eslint?.addOverride({
  files: ['src/shared/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', {
      patterns: [{
        group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs', '@aws-sdk/*', '@smithy/*'],
        message: 'src/shared is plain TypeScript: no CDK, no SDK.',
      }],
    }],
  },
});

// What runs in AWS and the command are bundled into assets/, which the published package carries instead of lambda/ and cli/.
const bundle = project.addTask('bundle', {
  description: 'Bundle lambda/ and cli/ into assets/',
  exec: 'tsx scripts/bundle.ts',
});
project.preCompileTask.spawn(bundle);

/** Random inputs: they cover nothing, so that no threshold of coverage depends on them. */
// Jest knows <rootDir> at the beginning of a pattern only, and not behind its negation.
const RANDOM = '**/test/**/{schedules,fuzz}.test.ts';
/** The product as a whole, and what is no part of it: they cover nothing that the tests of the rooms do not, and counting slows them down by a half. */
const WHOLE = ['**/test/{local-cloud,scripts}/**/*.test.ts',
  '**/test/lambda/**/crash.test.ts', '**/test/shared/disk-image/**/{boots,qemu,qemu-images}.test.ts'];
/** The deploy of every example, and hundreds of imports at once: long runs. */
const LONG_DEPLOYS = '**/test/e2e/{examples,load,hundred-imports}.test.ts';
/** What the oldest CDK could do otherwise than the newest; what it refuses at compile time needs no test. */
const CDK_DEPENDENT = '**/test/src/{vm-import-image,vm-import-provider,vm-import-role,environments,self-contained-role}.test.ts';
const MODULES = {
  '^cdk-vm-import$': '<rootDir>/src/index.ts',
  // TypeScript wants the extension of what is imported lazily.
  '^(\\./(?:inspect/inspect|status/status|orphans/orphans|look))\\.js$': '$1',
};
const NEWEST_CDK = {
  '^aws-cdk-lib($|/.*)': 'aws-cdk-lib-newest$1',
  '^@aws-cdk/cloud-assembly-schema($|/.*)': 'cloud-assembly-schema-newest$1',
};
const QUICK_SYNTH = { setupFiles: ['<rootDir>/test/quick-synth.ts'] };
const ON_NEWEST_CDK = { ...QUICK_SYNTH, moduleNameMapper: { ...MODULES, ...NEWEST_CDK } };
const ESBUILD = { '^.+\\.ts$': '<rootDir>/test/esbuild-transform.cjs' };
const NO_COVERAGE = { coveragePathIgnorePatterns: ['/'], transform: ESBUILD };
/** Counts coverage for some folders and no others. Babel instruments the source as it stands. */
const coverageOf = (files: string, ignored: readonly string[]) => ({
  coveragePathIgnorePatterns: ignored.map((pattern) => `<rootDir>/${pattern}`),
  transform: {
    [`(?<!/test)/${files}.+\\.ts$`]: ['babel-jest', {
      babelrc: false,
      configFile: false,
      presets: ['@babel/preset-typescript'],
      plugins: ['@babel/plugin-transform-dynamic-import', '@babel/plugin-transform-modules-commonjs'],
    }],
    ...ESBUILD,
  },
});
/** Synthesis is for the tests of the constructs to cover, and all the rest is for the other tests. */
const COVER_CONSTRUCTS = coverageOf('src/(?!shared/)', ['lambda/', 'cli/', 'src/shared/']);
const COVER_THE_REST = coverageOf('(lambda|cli|src/shared)/', ['src/(?!shared/)']);

const jestProject = (displayName: string, testMatch: string[], extra: object) => ({
  displayName,
  // What Jest lists before the first test: without this each project lists node_modules, too.
  roots: ['src', 'lambda', 'cli', 'test', 'bench', 'examples', 'scripts'].map((folder) => `<rootDir>/${folder}`),
  testMatch,
  testEnvironment: '<rootDir>/test/plain-context.cjs',
  clearMocks: true,
  moduleNameMapper: MODULES,
  ...extra,
});
new JsonFile(project, 'jest.config.json', {
  obj: {
    // A worker that has grown is slow.
    workerIdleMemoryLimit: '1GB',
    projects: [
      jestProject('unit', ['<rootDir>/test/{cli,lambda,shared}/**/*.test.ts', ...[RANDOM, ...WHOLE].map((pattern) => `!${pattern}`)], COVER_THE_REST),
      jestProject('unit-uncovered', WHOLE, NO_COVERAGE),
      jestProject('random', [RANDOM], NO_COVERAGE),
      jestProject('bench', ['<rootDir>/test/bench/**/*.test.ts'], NO_COVERAGE),
      jestProject('cdk-newest', ['<rootDir>/test/{newest,src}/**/*.test.ts'], { ...ON_NEWEST_CDK, ...COVER_CONSTRUCTS }),
      jestProject('cdk-newest-uncovered', ['<rootDir>/test/{examples,security}/**/*.test.ts'], { ...ON_NEWEST_CDK, ...NO_COVERAGE }),
      jestProject('cdk-floor', [CDK_DEPENDENT], { ...QUICK_SYNTH, ...NO_COVERAGE }),
      jestProject('cdk-floor-rest', ['<rootDir>/test/src/**/*.test.ts', `!${CDK_DEPENDENT}`], { ...QUICK_SYNTH, ...NO_COVERAGE }),
      jestProject('package', ['<rootDir>/test/package/**/*.test.ts'], NO_COVERAGE),
      jestProject('languages', ['<rootDir>/test/languages/**/*.test.ts'], NO_COVERAGE),
      jestProject('e2e', ['<rootDir>/test/e2e/**/*.test.ts', `!${LONG_DEPLOYS}`], NO_COVERAGE),
      jestProject('e2e-long', [LONG_DEPLOYS], NO_COVERAGE),
    ],
    collectCoverageFrom: ['src/**/*.ts', 'lambda/**/*.ts', 'cli/**/*.ts'],
    coverageReporters: ['text', 'lcov'],
    coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
    // Machines are slow when they are shared: a bound is there for what hangs.
    testTimeout: 180_000,
    maxWorkers: '100%',
  },
  marker: false,
});
project.addTask('typecheck', { exec: 'tsc --noEmit -p tsconfig.dev.json' });
project.addTask('test:unit', {
  description: 'All but the end-to-end deploys, with coverage',
  steps: [{ spawn: 'bundle' }, { exec: 'jest --coverage --selectProjects unit unit-uncovered bench cdk-newest cdk-newest-uncovered', receiveArgs: true }],
});
project.addTask('test:e2e', {
  description: 'Real cdk deploys on the loopback AWS',
  steps: [{ spawn: 'bundle' }, { exec: 'jest --selectProjects e2e e2e-long', receiveArgs: true }],
});
project.addTask('demo', {
  description: 'Deploy the demo on the loopback AWS',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx scripts/demo.ts', receiveArgs: true }],
});
project.addTask('docs:permissions', {
  description: 'Write the table of permissions in docs/security.md anew, from a synthesized template',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx scripts/permissions.ts', receiveArgs: true }],
});
project.addTask('docs:preflight', {
  description: 'Write the table of findings in docs/preflight.md anew, from their catalogue',
  steps: [{ exec: 'tsx scripts/preflight-docs.ts', receiveArgs: true }],
});
project.addTask('soak', { description: 'Random fault schedules, as many as asked', exec: 'tsx scripts/soak.ts', receiveArgs: true });
project.addTask('test:languages', {
  description: 'The Python, Java, Go and .NET packages, built and used',
  steps: [{ spawn: 'bundle' }, { spawn: 'compile' }, { exec: 'jest --selectProjects languages --runInBand', receiveArgs: true }],
});
project.addTask('bench', {
  description: 'Every figure of docs/performance.md, written to bench/RESULTS.md',
  steps: [{ spawn: 'bundle' }, { spawn: 'compile' }, { exec: 'tsx bench/run.ts', receiveArgs: true }],
});
project.addTask('bench:peers', {
  description: 'The same import by Packer, Ansible and the AWS CLI, on the same loopback AWS',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx bench/peers/run.ts', receiveArgs: true }],
});
// What follows the options is a name of a test, which an option of several values would take for one of them.
const integRunner = (...options: string[]) =>
  ['integ-runner --directory test/integ --language typescript --app "tsx {filePath}"', ...options, '--max-workers 2'].join(' ');
project.addTask('integ', {
  description: 'The acceptance run on the AWS account that the environment names (docs/integration-tests.md)',
  steps: [{ spawn: 'bundle' }, { exec: 'tsx scripts/acceptance.ts', receiveArgs: true }],
});
project.addTask('integ:deploy', {
  description: 'The integration tests alone, on the AWS account that the environment names (docs/integration-tests.md)',
  requiredEnv: ['AWS_REGION'],
  steps: [{ spawn: 'bundle' }, { exec: integRunner('--force --parallel-regions "$AWS_REGION"'), receiveArgs: true }],
});
project.addTask('docs:loopback', {
  description: 'Write the table of docs/loopback-aws.md from the list of unknowns',
  exec: 'tsx scripts/loopback-docs.ts',
});
project.addTask('integ:update', {
  description: 'Write the snapshots of the integration tests anew, without AWS',
  steps: [{ spawn: 'bundle' }, { exec: integRunner('--dry-run --update-on-failed'), receiveArgs: true }],
});
project.addTask('integ:snapshot', {
  description: 'The integration tests synthesize what their snapshots say, archives of functions aside',
  steps: [{ spawn: 'bundle' }, { exec: integRunner(), receiveArgs: true }],
});
// What a snapshot has that nobody compares.
project.gitignore.exclude('/test/integ/*.snapshot/asset.*', '/test/integ/*.snapshot/tree.json');
project.testTask.reset();
project.testTask.exec('tsx scripts/run-tests.ts');
project.addTask('test:all', { description: 'What `npm test` runs, and the long runs', exec: 'tsx scripts/run-tests.ts all' });
project.addTask('test:mutation', { description: 'Whether the tests notice changes of the deciding code', exec: 'tsx scripts/mutation.ts', receiveArgs: true });
project.addTask('test:boots', {
  description: 'Starts every disk of the boot tests under QEMU, two at a time',
  steps: [{ exec: 'DISK_IMAGE_BOOTS=all jest --selectProjects unit-uncovered --maxConcurrency=2 -- test/shared/disk-image/boots' }],
});
project.addTask('test:rest', { description: 'The long runs alone', exec: 'tsx scripts/run-tests.ts rest' });

// README and docstrings of the other languages show their own code: pacmak takes the translations that rosetta wrote beside the assembly.
for (const language of ['python', 'java', 'dotnet', 'go']) {
  project.tasks.tryFind(`package:${language}`)?.prependExec('jsii-rosetta extract --strict --fail');
}

// Trusted publishing needs npm 11.5.1, which Node.js 22 does not bring: https://docs.npmjs.com/trusted-publishers
project.github?.tryFindWorkflow('release')?.file?.patch(JsonPatch.replace('/jobs/release_npm/steps/0/with/node-version', '24.x'));

// The published package: lib, the bundle, .jsii, README, LICENSE; no test, handler source or example.
for (const path of [
  '/.ci/', '/.local-cloud/', '/lambda/', '/cli/', '/examples/', '/bench/', '/docs/*', '/scripts/', '/coverage/', '/test-reports/',
  '/rosetta/', 'cdk.out/', '.jsii.tabl.json', '/jest.config.json', '/CHANGELOG.md', '/CONTRIBUTING.md', '/SECURITY.md', '/tsconfig.dev.json',
]) {
  project.npmignore?.exclude(path);
}
project.npmignore?.include('/assets/');
// The pictures of the README.
project.npmignore?.include('/docs/images/');

project.synth();
