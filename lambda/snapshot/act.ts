/** Performs the actions of `decide.ts`. Each may run again after a crash: it has a token or a name, or asks for a state. */
import { CompleteSnapshotCommand, StartSnapshotCommand } from '@aws-sdk/client-ebs';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { SnapshotAction } from './decide';
import { executionName, type SnapshotResource } from './observe';
import { bareETag, type SnapshotPlan } from './plan';
import { ARCHITECTURE_TAG, BOOT_MODE_TAG, ID_TAG, SOURCE_ETAG_TAG } from '../../src/shared/contract/names';
import { creationSignal, type Aws } from '../aws/clients';
import { describeError } from '../aws/errors';
import { text } from '../aws/fields';
import { toEc2Tags } from '../aws/tags';
import type { PassResult } from '../aws/wait-out-errors';
import { digest } from '../cloudformation/physical-id';
import { planDiskCopy } from '../disk-copy/plan';

/** EBS deletes what nobody completes: https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html (Timeout, in minutes). */
const LONGEST_TIMEOUT = 4_320;

/** Starts the snapshot. The same attempt started twice is one snapshot: EBS knows its token. */
export async function startSnapshot(aws: Aws, { id, request }: SnapshotResource, plan: SnapshotPlan, attempt: number): Promise<string> {
  const { SnapshotId } = await aws.ebs.send(
    new StartSnapshotCommand({
      VolumeSize: plan.volumeSize,
      Description: request.description,
      ...request.encryption,
      Timeout: Math.min(LONGEST_TIMEOUT, Math.ceil(request.timeout / 60) + 60),
      ClientToken: digest([id, 'StartSnapshot', attempt], 32),
      Tags: toEc2Tags({
        ...request.tags,
        [ID_TAG]: id,
        [SOURCE_ETAG_TAG]: bareETag(plan),
        ...(plan.boot === undefined ? {} : { [ARCHITECTURE_TAG]: plan.boot.architecture, [BOOT_MODE_TAG]: text(plan.boot.bootMode) }),
      }),
    }),
    { abortSignal: creationSignal(aws) },
  );
  return text(SnapshotId);
}

/** Starts the execution that writes the blocks. One that runs already under this name is as good. */
export async function startCopy(
  aws: Aws, { id, request }: SnapshotResource, plan: SnapshotPlan, { snapshotId, attempt }: { readonly snapshotId: string; readonly attempt: number },
): Promise<void> {
  const { source, format, virtualSize } = plan;
  const { ovaDisk } = request.disk;
  const input = planDiskCopy({ source, format, ovaDisk, virtualSize, snapshotId, unallocatedBlocks: request.unallocatedBlocks });
  try {
    await aws.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: request.stateMachineArn, name: executionName(id, attempt), input: JSON.stringify(input) }),
      { abortSignal: creationSignal(aws) },
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) {
      throw error;
    }
  }
}

/**
 * Asks EBS to complete the snapshot. It checks the number of blocks and the checksum over all of them.
 * AWS documents nowhere what a second call answers: a refusal is waited out for a while, as the first call may have succeeded.
 */
export async function completeSnapshot(
  aws: Aws, { snapshotId, total, refusal }: SnapshotAction & { readonly kind: 'complete' },
): Promise<PassResult> {
  const { blocksWritten, checksum } = total;
  try {
    await aws.ebs.send(
      new CompleteSnapshotCommand({
        SnapshotId: snapshotId,
        ChangedBlocksCount: blocksWritten,
        ...(checksum === undefined ? {} : { Checksum: checksum, ChecksumAlgorithm: 'SHA256', ChecksumAggregationMethod: 'LINEAR' }),
      }),
      { abortSignal: aws.signal },
    );
  } catch (error) {
    if (!(error instanceof Error && (error.name === 'ValidationException' || error.name === 'ConflictException'))) {
      throw error;
    }
    if (refusal === 'fail') {
      return { kind: 'fail', reason: `EBS refused to complete the snapshot ${snapshotId}: ${describeError(error)}` };
    }
  }
  return { kind: 'wait', on: `EBS to complete the snapshot ${snapshotId}` };
}
