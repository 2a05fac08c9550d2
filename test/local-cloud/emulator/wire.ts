/** One HTTP request, whichever door it came through. */
export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer, or a connection that was cut before the client had one. */
export type WireOutcome =
  | { readonly kind: 'answered'; readonly response: WireResponse }
  | { readonly kind: 'dropped' };
