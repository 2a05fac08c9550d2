import { AwsError } from '../aws-error';
import { Call } from '../call';
import { Page, pageOf } from '../paging';

/** What Describe requests say about paging, and which ids they name. */
export interface DescribeRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination */
export function checkPaging(
  { MaxResults }: DescribeRequest, ids: readonly string[] | undefined, bounds: { readonly min: number; readonly max: number },
): void {
  if (MaxResults !== undefined && ids?.length) {
    throw new AwsError('InvalidParameterCombination', 'The parameter MaxResults cannot be used with a list of ids');
  }
  if (MaxResults !== undefined && (MaxResults < bounds.min || MaxResults > bounds.max || !Number.isInteger(MaxResults))) {
    throw new AwsError(
      'InvalidParameterValue',
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value from ${bounds.min} to ${bounds.max}.`,
    );
  }
}

export function describePage<T extends { readonly serial: number }>(
  resources: readonly T[], { MaxResults, NextToken }: DescribeRequest, { world }: Call,
): Page<T> {
  const size = MaxResults !== undefined && world.answer('pageLength') === 'short' ? 1 : MaxResults;
  const page = pageOf(resources, size, NextToken === '' ? undefined : NextToken);
  if (!page) {
    throw new AwsError('InvalidPaginationToken', `The token '${NextToken}' is invalid`);
  }
  return page;
}
