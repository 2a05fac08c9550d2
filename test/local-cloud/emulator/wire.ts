/** One HTTP request, whichever door it came through. */
export interface WireRequest {
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body: WireBody;
}

/** Text where the caller has text; otherwise the bytes in the pieces in which they arrived, so that blocks need no copy. */
export type WireBody = string | readonly Buffer[];

export function textOf(body: WireBody): string {
  return typeof body === 'string' ? body : Buffer.concat(body).toString();
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An answer, or a connection that was cut before the client had one. */
export type WireOutcome =
  | { readonly kind: 'answered'; readonly response: WireResponse }
  | { readonly kind: 'dropped' };
