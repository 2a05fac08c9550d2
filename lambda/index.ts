import { createClients } from './aws';
import { createHandlers } from './handlers';
import { jsonLog } from './log';

export const { onEvent, isComplete } = createHandlers({
  clients: createClients(),
  now: Date.now,
  log: jsonLog((line) => process.stdout.write(`${line}\n`)),
});
