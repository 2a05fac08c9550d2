/** Where a reference of an OVF descriptor leads. */
export type Target =
  /** Names that the file may have in the archive, the one of the standard first. */
  | { readonly kind: 'in archive'; readonly names: readonly string[] }
  /** A URL or a path outside of the archive. */
  | { readonly kind: 'elsewhere' };

/**
 * Resolves an `ovf:href`: a relative reference of RFC 3986, relative to the descriptor (ISO/IEC 17203, 7.1).
 * Many tools write the name as it is instead, without percent-encoding: it is the second choice.
 */
export function targetOf(href: string, descriptor: string): Target {
  const folder = descriptor.replace(/[^/]*$/, '');
  const path = href.replace(/[?#].*$/s, '');
  const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith('//');
  const literal = memberName(href.startsWith('/') ? href : folder + href);
  if (isUrl) return /^[a-z][a-z0-9+.-]*:\/\//i.test(href) || href.startsWith('//') ? { kind: 'elsewhere' } : { kind: 'in archive', names: [literal] };
  const resolved = decoded(path);
  // The last one is for archives whose descriptor alone was moved into a folder.
  const names = [memberName(resolved.startsWith('/') ? resolved : folder + resolved), literal, memberName(resolved)];
  return { kind: 'in archive', names: [...new Set(names)] };
}

/** Returns the name of a member in one form: without `.` and `..`, and composed as macOS does not write it. */
export function memberName(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/').normalize('NFC');
}

/** Says whether a member is none of the package: what macOS and Windows add to archives. */
export function isForeignMember(name: string): boolean {
  return /(^|\/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name) || /(^|\/)(__MACOSX|PaxHeaders?(\.\d+)?)\//.test(name);
}

/** A `%` that begins no octet is left as it is, and so is what decodes to no text. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replace(/%(?![\da-f]{2})/gi, '%25'));
  } catch {
    return path;
  }
}
