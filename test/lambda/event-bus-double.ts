import type { SdkRequestHandler } from '../local-cloud/emulator';

/** An event as it arrived on the bus. */
export interface ArrivedEvent {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: Readonly<Record<string, unknown>>;
}

/** The default event bus: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export class EventBusDouble {
  readonly events: ArrivedEvent[] = [];
  /** The answer that is given instead of taking the event. */
  refusal?: { readonly status: number; readonly body: string };

  /** The way in for clients of the SDK, without sockets. */
  requestHandler(): SdkRequestHandler {
    return {
      handle: async ({ body: sent }) => {
        const { status: statusCode, body } = this.refusal ?? this.take(textOf(sent));
        return { response: { statusCode, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: Buffer.from(body) } };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
  }

  private take(body: string): { readonly status: number; readonly body: string } {
    const { Entries } = JSON.parse(body) as { Entries: { Source: string; DetailType: string; Detail: string }[] };
    this.events.push(...Entries.map((entry) => ({ ...entry, Detail: JSON.parse(entry.Detail) as ArrivedEvent['Detail'] })));
    return { status: 200, body: JSON.stringify({ Entries: Entries.map(() => ({ EventId: 'e' })), FailedEntryCount: 0 }) };
  }
}

/** Returns the body of a request as text; the SDK sends bytes. */
export function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);
}
