import { Readable } from 'node:stream';
import type { Ec2AndImageBuilder } from './emulator';
import type { WireBody } from './wire';

/** What an AWS SDK client takes as its `requestHandler`: the part of the SDK's HttpHandler that this one uses. */
export interface SdkRequestHandler {
  handle(request: SdkRequest, options?: { readonly abortSignal?: AbortSignalLike }): Promise<{ readonly response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

interface SdkRequest {
  readonly method: string;
  readonly hostname?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | Readable;
}

interface AbortSignalLike {
  readonly aborted: boolean;
  onabort: unknown;
}

/** The SDK's way in without sockets; serialisation and signing stay the SDK's own. */
export function requestHandler(emulator: Ec2AndImageBuilder): SdkRequestHandler {
  return {
    async handle(request, { abortSignal } = {}) {
      if (abortSignal?.aborted) {
        throw abortError();
      }
      const handled = emulator.handle({
        method: request.method, path: request.path, query: queryOf(request), headers: headersOf(request), body: bodyOf(request),
      });
      const outcome = await unlessAborted(handled, abortSignal);
      if (outcome.kind === 'dropped') {
        // What the SDK's own handler makes of a connection that was reset.
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
      }
      const { status, headers, body } = outcome.response;
      // The SDK wants a stream where the model has a streaming payload; all the others are text.
      const answered = typeof body === 'string' ? Buffer.from(body) : Readable.from([body]);
      return { response: { statusCode: status, headers: { ...headers }, body: answered } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** The emulator goes on with a request whose client has given up, as AWS would. */
async function unlessAborted<T>(handled: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (!(signal instanceof EventTarget)) {
    return handled;
  }
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener('abort', abort, { once: true });
    handled.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}

function queryOf({ query }: SdkRequest): URLSearchParams {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) => (
    (Array.isArray(value) ? value : [value ?? '']).map((one): [string, string] => [key, one])
  ));
  return new URLSearchParams(pairs);
}

function headersOf({ headers }: SdkRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}

function bodyOf({ body }: SdkRequest): WireBody {
  if (body === undefined || body === null || typeof body === 'string') {
    return body ?? '';
  }
  if (body instanceof Uint8Array) {
    // Not Buffer.from(body): the SDK's own byte arrays convert themselves, with a warning.
    return [Buffer.from(body.buffer, body.byteOffset, body.byteLength)];
  }
  throw new TypeError('The emulator takes bytes; a streaming body needs the HTTP door');
}
