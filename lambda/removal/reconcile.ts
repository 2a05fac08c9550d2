import { cancelTasks, removeImport } from './act';
import { decideRemoval } from './decide';
import { observeRemoval } from './observe';
import type { Aws } from '../aws/clients';
import type { PassResult } from '../aws/wait-out-errors';
import type { Import } from '../import/request';

/** Runs one pass towards the absence of an import: observe, decide, act. */
export async function reconcileRemoval(aws: Aws, import_: Import, elapsed: number): Promise<PassResult> {
  const action = decideRemoval(await observeRemoval(aws, import_), elapsed);
  switch (action.kind) {
    case 'done':
      return { kind: 'done', attributes: {} };
    case 'wait':
    case 'fail':
      return action;
    case 'cancel':
      await cancelTasks(aws, action.taskIds);
      return { kind: 'wait', on: `import task ${action.taskIds.join(', ')} is being cancelled` };
    case 'remove': {
      const held = await removeImport(aws, import_.id, action);
      if (held !== undefined) {
        return { kind: 'wait', on: held };
      }
      return action.then === 'done' ? { kind: 'done', attributes: {} } : { kind: 'wait', on: 'a second look for leftovers' };
    }
  }
}
