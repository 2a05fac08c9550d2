import { AwsError } from '../aws-error';
import { Call } from '../call';
import { Page, pageOf } from '../paging';
import { invalid } from './check';

const MAX_PAGE = 25;

export function listPage<T extends { readonly serial: number }>(
  resources: readonly T[], request: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined }, { world }: Call,
): Page<T> {
  const { maxResults, nextToken } = request;
  if (maxResults !== undefined && (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > MAX_PAGE)) {
    throw invalid('maxResults', `maxResults must be between 1 and ${MAX_PAGE}.`);
  }
  const page = pageOf(resources, world.answer('pageLength') === 'short' ? 1 : maxResults ?? MAX_PAGE, nextToken);
  if (!page) {
    throw new AwsError('InvalidPaginationTokenException', 'The pagination token is not valid');
  }
  return page;
}
