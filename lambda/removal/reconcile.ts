/** One pass towards nothing being left: observe, decide, act. */
import { cancelTasks, removeImport } from './act';
import { observeRemoval } from './observe';
import type { Aws } from '../aws/clients';
import { waitOutErrors, type PassResult } from '../aws/wait-out-errors';
import { decideRemoval } from '../import/decide';
import type { Import } from '../import/import';

export function reconcileRemoval(aws: Aws, import_: Import, elapsed: number): Promise<PassResult> {
  return waitOutErrors(elapsed, async () => {
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
        const held = await removeImport(aws, import_, action);
        if (held !== undefined) {
          return { kind: 'wait', on: held };
        }
        return action.then === 'done' ? { kind: 'done', attributes: {} } : { kind: 'wait', on: 'a second look, whether anything is left' };
      }
    }
  });
}
