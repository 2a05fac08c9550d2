import { refused, unseen, type Opened } from './look';

/** Opens a file at an http(s) URL for reads by range, where its server allows them. Redirects are left to the import. */
export async function openUrl(url: string, label: string, signal: AbortSignal): Promise<Opened> {
  const get = async (from: number, size: number) =>
    fetch(url, { headers: { range: `bytes=${from}-${from + size - 1}` }, redirect: 'manual', signal });
  const first = await get(0, 1);
  await first.body?.cancel();
  switch (first.status) {
    case 206: {
      const length = /\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1];
      return length === undefined
        ? unseen('its server does not say how long it is')
        : { kind: 'open', reader: { length: Number(length), read: async (offset, size) => bytesOf(await get(offset, size), size) } };
    }
    case 200:
      return unseen('its server gives no ranges');
    case 404:
    case 410:
      return refused(`There is nothing at ${label} (HTTP ${first.status}): check the URL.`);
    default:
      return unseen(`its server answers HTTP ${first.status}`);
  }
}

/** The bytes of one range, and no more, whatever the server sends. */
async function bytesOf(response: Response, size: number): Promise<Uint8Array> {
  if (response.status !== 206) {
    await response.body?.cancel();
    throw new Error(`its server answers HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= size) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, size);
}
