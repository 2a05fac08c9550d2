import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const FIXTURE = readFileSync(join(REPOSITORY, 'rosetta', 'default.ts-fixture'), 'utf8');

/** What stands for the constructs that a block only declares. The same as in app/python/readme-blocks.py for the README. */
const DECLARED: Readonly<Record<string, string>> = {
  bucket: "s3.Bucket.fromBucketName(this, 'GivenBucket', 'my-vm-exports')",
  golden: `new VmImportImage(this, 'GivenImage', {
    diskContainers: [DiskContainer.fromSnapshot('snap-0123456789abcdef0')], platform: Platform.LINUX, licenseType: LicenseType.BYOL, semanticVersion: '1.0.0',
  })`,
  key: "kms.Key.fromKeyArn(this, 'GivenKey', Stack.of(this).formatArn({ service: 'kms', resource: 'key', resourceName: '1234abcd-12ab-34cd-56ef-1234567890ab' }))",
  role: "iam.Role.fromRoleName(this, 'GivenRole', 'operators')",
  topic: "new sns.Topic(this, 'GivenTopic')",
  vpc: `ec2.Vpc.fromVpcAttributes(this, 'GivenVpc', {
    vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['us-east-1a'], privateSubnetIds: ['subnet-0123456789abcdef0'],
  })`,
};

/** A TypeScript block of a page, or an example of the API, as an app. */
export interface PastedBlock {
  /** The name of the app and of its one stack, unless the block is an app itself. */
  readonly name: string;
  readonly app: string;
}

/** Every TypeScript block of the README in an npm package, of its API and of docs/, each once. */
export function pastedBlocks(packageFolder: string): readonly PastedBlock[] {
  const pages = readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).sort();
  const { types } = JSON.parse(readFileSync(join(packageFolder, '.jsii'), 'utf8')) as Assembly;
  return [
    ...readmeBlocks(packageFolder),
    ...Object.values(types).flatMap(({ name, docs }) => (docs?.example === undefined ? [] : [{ name: `Api${name}`, app: inStack(`Api${name}`, docs.example) }])),
    ...pages.flatMap((page) => blocksOf(page, readFileSync(join(REPOSITORY, 'docs', page), 'utf8'))),
  ];
}

/** Every TypeScript block of the README in an npm package. */
export function readmeBlocks(packageFolder: string): readonly PastedBlock[] {
  return blocksOf('README', readFileSync(join(packageFolder, 'README.md'), 'utf8'));
}

/** The examples of what jsii wrote of the API. */
interface Assembly {
  readonly types: Readonly<Record<string, { readonly name: string; readonly docs?: { readonly example?: string } }>>;
}

function blocksOf(page: string, markdown: string): readonly PastedBlock[] {
  const pageName = page.replace(/\.md$/, '').replace(/(^|\W)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  return [...markdown.matchAll(/^```ts( nofixture)?\n(.*?)^```$/gms)].map(([, whole, block = ''], index) => {
    const name = `${pageName}${index + 1}`;
    return { name, app: whole === undefined ? inStack(name, block) : block };
  });
}

/** Puts a block into the stack of the fixture, with constructs for what it declares. */
function inStack(name: string, block: string): string {
  const body = block.replace(/^declare const (\w+): (.+);$/gm, (_, variable: string, type: string) => {
    if (DECLARED[variable] === undefined) {
      throw new Error(`The block ${name} declares ${variable}, which nothing stands for.`);
    }
    return `const ${variable}: ${type} = ${DECLARED[variable]};`;
  });
  return `import { App } from 'aws-cdk-lib';\n${FIXTURE.replace('/// here', body)}\nnew Example(new App(), '${name}');\n`;
}
