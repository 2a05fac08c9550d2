import type { StackEvent } from '../local-cloud/cloudformation-driver';
import { errorXml, stackEventsXml, stackResourceXml, type XmlAnswer } from '../local-cloud/cloudformation-xml';

export interface CloudFormationFailure {
  readonly statusCode: number;
  readonly code: string;
}

/** What the handlers ask of CloudFormation, on its wire protocol, answering what the test says. */
export class StackResourceDouble {
  /** The status of the resource, or nothing where CloudFormation does not know it any more. */
  status: string | undefined = 'CREATE_IN_PROGRESS';
  /** When the status last changed. */
  changedAt: Date | undefined;
  /** What has happened to the stack, oldest first; nothing where CloudFormation does not tell. */
  events: readonly StackEvent[] = [];
  /** How often it was asked for the resource. */
  asked = 0;
  /** What it answers instead, where it cannot answer. */
  failure: CloudFormationFailure | undefined;
  /** What it answers instead of the events, where it cannot answer. */
  failureOfEvents: CloudFormationFailure | undefined;

  requestHandler() {
    return {
      handle: async (request: { readonly body?: unknown }) => {
        const { status: statusCode, body } = this.answer(new URLSearchParams(String(request.body)));
        return { response: { statusCode, headers: { 'content-type': 'text/xml' }, body: Buffer.from(body) } };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
  }

  private answer(asked: URLSearchParams): XmlAnswer {
    const events = asked.get('Action') === 'DescribeStackEvents';
    this.asked += events ? 0 : 1;
    const failure = this.failure ?? (events ? this.failureOfEvents : undefined);
    if (failure) {
      return errorXml(failure.statusCode, failure.code, failure.code);
    }
    if (events) {
      return stackEventsXml(asked.get('StackName') ?? '', this.events, asked.get('NextToken'));
    }
    return this.status === undefined
      ? errorXml(400, 'ValidationError', 'Stack does not exist')
      : stackResourceXml({ logicalId: '', physicalId: '', status: this.status, time: this.changedAt?.getTime() });
  }
}
