import { withoutSecrets } from '../cloudformation/failure';

/** The fields of a log line. Undefined fields are left out. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Writes one line. */
export type Log = (fields: LogFields) => void;

/** Returns a log that writes one JSON object a line. */
export function jsonLog(write: (line: string) => void): Log {
  return (fields) => write(withoutSecrets(JSON.stringify(fields)));
}
