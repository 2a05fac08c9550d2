import { setTimeout } from 'node:timers/promises';
import { createClients } from './aws/clients';
import { jsonLog } from './aws/log';
import { createHandlers } from './handlers';

export const { onEvent, isComplete } = createHandlers({
  clients: createClients(),
  now: Date.now,
  pause: setTimeout,
  // Set by the provider, which polls at this interval.
  pollInterval: Number(process.env.POLL_INTERVAL ?? 30),
  log: jsonLog((line) => process.stdout.write(`${line}\n`)),
});
