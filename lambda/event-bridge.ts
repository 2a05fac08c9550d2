import { SignedRequests, type RequestConfiguration } from './signed-requests';

/** An event on its way to the default event bus. */
export interface Event {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, string | undefined>>;
}

/** The one request to Amazon EventBridge: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
export class EventBridge {
  private readonly requests: SignedRequests;

  public constructor(configuration: RequestConfiguration) {
    this.requests = new SignedRequests('events', configuration);
  }

  /** Puts an event; answers why it was not taken, where it was not. */
  public async put({ source, detailType, detail }: Event, signal: AbortSignal): Promise<string | undefined> {
    const endpoint = await this.requests.endpoint(process.env.AWS_ENDPOINT_URL_EVENTBRIDGE ?? process.env.AWS_ENDPOINT_URL);
    const { status, body } = await this.requests.send({
      method: 'POST',
      endpoint,
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' },
      body: JSON.stringify({ Entries: [{ Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }] }),
    }, signal);
    const text = Buffer.from(body).toString();
    // An entry may be refused in an answer that is a success.
    return status === 200 && /"FailedEntryCount":\s*0\b/.test(text) ? undefined : `Amazon EventBridge answers HTTP ${status}: ${text.slice(0, 300)}`;
  }
}
