export interface CloudFormationFailure {
  readonly statusCode: number;
  readonly code: string;
}

/** CloudFormation's DescribeStackResource, on its wire protocol, answering what the test says. */
export class StackResourceDouble {
  /** The status of the resource, or nothing where CloudFormation does not know it any more. */
  status: string | undefined = 'CREATE_IN_PROGRESS';
  /** When the status last changed. */
  changedAt: Date | undefined;
  asked = 0;
  /** What it answers instead, where it cannot answer. */
  failure: CloudFormationFailure | undefined;

  requestHandler() {
    return {
      handle: async () => {
        this.asked += 1;
        return { response: this.answer() };
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
  }

  private answer() {
    const headers = { 'content-type': 'text/xml' };
    if (this.failure) {
      const { statusCode, code } = this.failure;
      return { statusCode, headers, body: Buffer.from(`<ErrorResponse><Error><Code>${code}</Code><Message>${code}</Message></Error></ErrorResponse>`) };
    }
    if (this.status === undefined) {
      const body = '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack does not exist</Message></Error></ErrorResponse>';
      return { statusCode: 400, headers, body: Buffer.from(body) };
    }
    const changed = this.changedAt ? `<LastUpdatedTimestamp>${this.changedAt.toISOString()}</LastUpdatedTimestamp>` : '';
    const body =
      `<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail><ResourceStatus>${this.status}</ResourceStatus>${changed}` +
      '</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>';
    return { statusCode: 200, headers, body: Buffer.from(body) };
  }
}
