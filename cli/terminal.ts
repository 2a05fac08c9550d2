/** Where a command writes. */
export interface Output {
  readonly isTTY?: boolean;
  /** Of a terminal; 0 or nothing where it does not say. */
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** By which somebody, a shell or a terminal that closes ends a command. */
export type EndingSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What a command has of the outside; `process` is one. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  on(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
  off(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
}

/**
 * What a command answers to the shell: done; done, and something is wrong; could not be done; or 128 and the number of
 * the signal that ended it.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
 */
export type ExitStatus = 0 | 1 | 2 | 129 | 130 | 143;
