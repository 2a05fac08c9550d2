import { Readable } from 'node:stream';
import { EventBridge } from '../../lambda/event-bridge';
import type { RequestConfiguration } from '../../lambda/signed-requests';

/** An event as it arrived on the bus. */
export interface ArrivedEvent {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: Readonly<Record<string, unknown>>;
}

/** The default event bus: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export class EventBusDouble {
  readonly events: ArrivedEvent[] = [];
  /** What is answered instead of taking the event. */
  refusal?: { readonly status: number; readonly body: string };

  /** The way in of the handlers, through what may come between. */
  client(
    region: string,
    retryStrategy: RequestConfiguration['retryStrategy'],
    through: <R>(body: string, answer: () => Promise<R>) => Promise<R> = async (_body, answer) => answer(),
  ): EventBridge {
    const handle = async ({ body }: { readonly body: string }) => through(body, async () => {
      const { status, body: answer } = this.refusal ?? this.take(body);
      return { response: { statusCode: status, headers: {}, body: Readable.from([Buffer.from(answer)]) } };
    });
    return new EventBridge({
      region: async () => region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { handle, destroy: () => undefined } as unknown as RequestConfiguration['requestHandler'],
      retryStrategy,
    });
  }

  private take(body: string): { readonly status: number; readonly body: string } {
    const { Entries } = JSON.parse(body) as { Entries: { Source: string; DetailType: string; Detail: string }[] };
    this.events.push(...Entries.map((entry) => ({ ...entry, Detail: JSON.parse(entry.Detail) as ArrivedEvent['Detail'] })));
    return { status: 200, body: JSON.stringify({ Entries: Entries.map(() => ({ EventId: 'e' })), FailedEntryCount: 0 }) };
  }
}
