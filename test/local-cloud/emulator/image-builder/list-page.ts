import { AwsError } from '../aws-error';
import { Page, pageOf } from '../paging';
import { invalid } from './check';

const MAX_PAGE = 25;

export function listPage<T extends { readonly serial: number }>(
  resources: readonly T[], { maxResults, nextToken }: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): Page<T> {
  if (maxResults !== undefined && (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > MAX_PAGE)) {
    throw invalid('maxResults', `maxResults must be between 1 and ${MAX_PAGE}.`);
  }
  const page = pageOf(resources, maxResults ?? MAX_PAGE, nextToken);
  if (!page) {
    throw new AwsError('InvalidPaginationTokenException', 'The pagination token is not valid');
  }
  return page;
}
