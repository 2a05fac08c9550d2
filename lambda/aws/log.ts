import { withoutSecrets } from '../cloudformation/failure';

/** The fields of a log line; undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** Writes one JSON object a line. */
export type Log = (fields: LogFields) => void;

export function jsonLog(write: (line: string) => void): Log {
  return (fields) => write(withoutSecrets(JSON.stringify(fields)));
}
