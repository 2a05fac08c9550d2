import type { StackEvent } from './cloudformation-stack';

export interface XmlAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * How CloudFormation answers DescribeStackResource.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
 */
export function stackResourceXml({ logicalId, physicalId, status, time }: Omit<StackEvent, 'time'> & { readonly time: number | undefined }): XmlAnswer {
  return answer('DescribeStackResource', [
    `<StackResourceDetail><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>`,
    `<ResourceStatus>${status}</ResourceStatus>`,
    time === undefined ? '' : `<LastUpdatedTimestamp>${new Date(time).toISOString()}</LastUpdatedTimestamp>`,
    '</StackResourceDetail>',
  ]);
}

/** Few, so that it takes more than one page to read what has happened to a stack. */
const PAGE = 10;

/**
 * How CloudFormation answers DescribeStackEvents: the newest first.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */
export function stackEventsXml(stackId: string, events: readonly StackEvent[], token: string | null): XmlAnswer {
  const from = Number(token ?? 0);
  const members = [...events].reverse().slice(from, from + PAGE).map(({ logicalId, physicalId, status, time }) =>
    `<member><StackId>${stackId}</StackId><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId>`
    + `<ResourceStatus>${status}</ResourceStatus><Timestamp>${new Date(time).toISOString()}</Timestamp></member>`);
  const next = from + PAGE < events.length ? `<NextToken>${from + PAGE}</NextToken>` : '';
  return answer('DescribeStackEvents', [`<StackEvents>${members.join('')}</StackEvents>${next}`]);
}

export function errorXml(status: number, code: string, message: string): XmlAnswer {
  return { status, body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}

function answer(action: string, result: readonly string[]): XmlAnswer {
  const body = `<${action}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${action}Result>${result.join('')}</${action}Result></${action}Response>`;
  return { status: 200, body };
}
