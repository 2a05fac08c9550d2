import { Service } from './fault';

/** One call that reached the emulator. */
export interface CallRecord {
  /** Counts from 1. */
  readonly seq: number;
  /** When it arrived, in milliseconds of the emulator's clock. */
  readonly time: number;
  readonly service: Service;
  readonly action: string;
  /** Decoded, in the names of the SDK. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What the client says of itself, where it came over HTTP. */
  readonly userAgent: string | undefined;
  /** Missing while the call is under way. */
  outcome?: CallOutcome;
  /** Ids and ARNs that the call made, changed or showed. */
  resources: readonly string[];
}

export type CallOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly errorCode?: string }
  | { readonly kind: 'dropped'; readonly done: 'nothing' | 'everything' };
