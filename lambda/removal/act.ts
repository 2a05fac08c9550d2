/**
 * Performs the actions that `decide.ts` chose. What is gone already is just as good.
 */
import { CancelImportTaskCommand } from '@aws-sdk/client-ec2';
import type { RemovalAction } from './decide';
import type { Aws } from '../aws/clients';
import { deleteInOrder } from '../aws/deletion';
import { kindOf, unlessHeld } from '../aws/errors';
import { createTags } from '../aws/tags';

/** Asks running tasks to end. A task that has just ended by itself is just as good. */
export async function cancelTasks(aws: Aws, taskIds: readonly string[]): Promise<void> {
  for (const ImportTaskId of taskIds) {
    try {
      await unlessHeld(() =>
        aws.ec2.send(
          new CancelImportTaskCommand({ ImportTaskId, CancelReason: 'The CloudFormation resource of this import was deleted' }),
          { abortSignal: aws.signal },
        ));
    } catch (error) {
      // EC2 documents no code for a task that is ending. The next pass observes what became of it.
      if (kindOf(error) !== 'definite') {
        throw error;
      }
    }
  }
}

/** Deletes what an import created. Returns what is still in use and by what, or undefined if everything is gone. */
export async function removeImport(aws: Aws, importId: string, action: RemovalAction & { readonly kind: 'remove' }): Promise<string | undefined> {
  if (action.untaggedIds.length > 0) {
    await createTags(aws, importId, action.untaggedIds, {});
  }
  return deleteInOrder(aws, action);
}
