/**
 * The acceptance run on a real account: `npm run integ`. It states its cost ceiling, asks AWS what it leaves open, deploys the
 * integration tests, deletes everything, and writes a report. docs/integration-tests.md describes it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EBSClient } from '@aws-sdk/client-ebs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ImagebuilderClient } from '@aws-sdk/client-imagebuilder';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { askQuestions } from './acceptance/questions';
import { costCeiling, reportOf, type Report } from './acceptance/report';

const EXPLANATION = `The acceptance run needs an AWS account. It has not been started, and nothing was created.
Set these variables, with credentials of an account whose Region "cdk bootstrap" has prepared:
  AWS_REGION           the Region, e.g. eu-west-1
  VM_IMPORT_BUCKET     a bucket in that Region
  VM_IMPORT_KEY        an exported Linux disk in it that VM Import/Export supports, e.g. disk.vmdk; the smaller, the cheaper
  VM_IMPORT_ROLE       the service role of VM Import/Export (default: vmimport)
  VM_IMPORT_SNAPSHOT   an EBS snapshot of such a disk, to deploy integ.snapshot.ts as well (optional)
docs/integration-tests.md says what the run does and what it costs.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'report': { type: 'string', default: 'acceptance-report.json' },
      'max-cost': { type: 'string', default: '1' },
      'questions-only': { type: 'boolean', default: false },
    },
  });
  const { AWS_REGION: region, VM_IMPORT_BUCKET: bucket, VM_IMPORT_KEY: key, VM_IMPORT_ROLE: roleName = 'vmimport' } = process.env;
  if (region === undefined || bucket === undefined || key === undefined) {
    console.error(EXPLANATION);
    return 2;
  }
  const size = await diskSize(region, bucket, key);
  if (typeof size === 'string') {
    console.error(`s3://${bucket}/${key} cannot be read: ${size}\n\n${EXPLANATION}`);
    return 2;
  }
  const ceiling = costCeiling(size);
  console.log(`This run costs at most $${ceiling.toFixed(2)}, and takes one to three hours.`);
  if (ceiling > Number(values['max-cost'])) {
    console.error(`That is more than $${values['max-cost']}: choose a smaller disk, or allow it by --max-cost ${Math.ceil(ceiling)}.`);
    return 2;
  }
  const startedAt = new Date();
  const { findings, failures } = await askQuestions({
    ec2: new EC2Client({ region }),
    ebs: new EBSClient({ region }),
    imagebuilder: new ImagebuilderClient({ region }),
    disk: { bucket, key, format: key.replace(/^.*\./, '').toUpperCase() },
    roleName,
    runId: startedAt.getTime().toString(36),
    now: Date.now,
    pause: async (ms) => sleep(ms),
    log: (line) => console.log(`${new Date().toISOString()} ${line}`),
  });
  const deployments = values['questions-only'] ? [] : deploy();
  const report = reportOf({ startedAt: startedAt.toISOString(), region, costCeiling: ceiling, findings, failures, deployments });
  writeFileSync(values.report, `${JSON.stringify(report, undefined, 2)}\n`);
  findings.forEach(({ question, answer, seen }) => console.log(`${question}\n  ${answer ?? 'another answer'}: ${seen}`));
  failures.forEach((failure) => console.error(`Failed: ${failure}`));
  console.log(`The report is in ${values.report}. Please attach it to an issue if AWS answered what docs/loopback-aws.md does not expect.`);
  return failures.length === 0 && deployments.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
}

/** Returns the size of the disk, or why it cannot be read. */
async function diskSize(region: string, bucket: string, key: string): Promise<number | string> {
  try {
    return (await new S3Client({ region }).send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength ?? 0;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** Deploys the integration tests for which the environment has the disks. */
function deploy(): Report['deployments'] {
  const names = ['integ.bucket.ts', ...(process.env.VM_IMPORT_SNAPSHOT === undefined ? [] : ['integ.snapshot.ts'])];
  return names.map((name) => {
    const { status } = spawnSync('npx', ['projen', 'integ:deploy', name], { stdio: 'inherit' });
    return { name, outcome: status === 0 ? 'passed' : 'failed' };
  });
}

void main().then((code) => {
  process.exitCode = code;
});
