/** One page, and how to ask for the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/**
 * Cuts a page out of resources in the order they were made. The token remembers the last one shown, so what is
 * made or deleted between two pages neither repeats nor hides a resource. Undefined: the token is none of ours.
 */
export function pageOf<T extends { readonly serial: number }>(
  resources: readonly T[], size: number | undefined, token: string | undefined,
): Page<T> | undefined {
  const after = token === undefined ? 0 : decodeToken(token);
  if (after === undefined) {
    return undefined;
  }
  const rest = after === 0 ? resources : resources.filter(({ serial }) => serial > after);
  const items = size === undefined ? rest : rest.slice(0, size);
  const last = items.at(-1);
  return { items, nextToken: last && items.length < rest.length ? encodeToken(last.serial) : undefined };
}

function encodeToken(serial: number): string {
  return Buffer.from(`after:${serial}`).toString('base64url');
}

function decodeToken(token: string): number | undefined {
  const serial = /^after:([0-9]+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  return serial === undefined ? undefined : Number(serial);
}
