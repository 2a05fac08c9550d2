import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DEPLOY_TIMEOUT_MS, NOTHING } from './deployment';
import { runCommand } from '../local-cloud/command';
import { LocalCloud } from '../local-cloud/local-cloud';

const REPOSITORY = join(__dirname, '..', '..');
const MODULES = join(REPOSITORY, 'node_modules');
const BIN = join(MODULES, '.bin');
const TASK_DURATION_MS = 600_000;

describe('the integration tests, run by integ-runner as docs/integration-tests.md says', () => {
  let cloud: LocalCloud;

  beforeAll(async () => {
    // The function that makes the calls of the assertions finds the AWS SDK where AWS Lambda has it.
    cloud = await LocalCloud.start({ timeScale: 120, waitScale: 2, modules: MODULES, imports: { taskDurationMs: TASK_DURATION_MS } });
    await cloud.bootstrap();
  }, DEPLOY_TIMEOUT_MS);

  afterAll(async () => cloud.stop());

  test('integ.snapshot deploys, asks AWS for image, AMI and encrypted snapshot, and leaves nothing', async () => {
    const snapshot = cloud.emulator.giveSnapshot();
    const apps = copyOfTheApps(cloud.folder);
    const options = ['--directory', '.', '--language', 'typescript', '--app', 'tsx {filePath}', '--force', '--parallel-regions', cloud.region, '--max-workers', '1'];
    const { code, output } = await runCommand(process.execPath, [join(BIN, 'integ-runner'), ...options, 'integ.snapshot.ts'], {
      cwd: apps,
      env: { ...cloud.env, PATH: [BIN, process.env.PATH].join(delimiter), VM_IMPORT_SNAPSHOT: snapshot },
      timeoutMs: DEPLOY_TIMEOUT_MS,
    });

    expect(output).toMatch(/SUCCESS {4}integ\.snapshot-Snapshot\/DefaultTest/);
    expect(code).toBe(0);
    const [assertions] = [...(await cloud.functionLogs())].filter(([group]) => group.includes('DeployAssert')).map(([, lines]) => lines.join('\n'));
    for (const call of ['imagebuilder.GetImage', 'ec2.DescribeImages', 'ec2.DescribeSnapshots']) {
      expect(assertions).toContain(`SDK request to ${call} with parameters`);
    }
    expect(await cloud.emulator.remaining()).toEqual(NOTHING);
  }, DEPLOY_TIMEOUT_MS);
});

/** A test that passes writes its snapshot anew, which is none of the repository's here. */
function copyOfTheApps(folder: string): string {
  const apps = join(folder, 'test', 'integ');
  mkdirSync(apps, { recursive: true });
  const original = join(REPOSITORY, 'test', 'integ');
  readdirSync(original).filter((name) => name.endsWith('.ts')).forEach((name) => cpSync(join(original, name), join(apps, name)));
  ['src', 'node_modules'].forEach((name) => symlinkSync(join(REPOSITORY, name), join(folder, name)));
  return apps;
}
