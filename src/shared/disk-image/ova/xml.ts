/** An XML element; prefixes are dropped, because OVF writers choose them freely. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

/** Bounds of the documents that are read: an OVF has a few hundred elements, about ten deep. */
const MOST_ELEMENTS = 20_000;
const DEEPEST = 64;

// Extensible Markup Language (XML) 1.0, https://www.w3.org/TR/xml/: what descriptors use of it. No entity is ever
// expanded beyond the predefined ones and character references, nothing external is ever read. Every pattern is
// written so that it cannot backtrack over what it has read: the text comes from anybody.
const NAME = String.raw`[^\s<>/="'&]+`;
const TOKEN = new RegExp([
  String.raw`<!--[\s\S]*?-->`,
  String.raw`<\?[\s\S]*?\?>`,
  String.raw`<!\[CDATA\[(?<cdata>[\s\S]*?)\]\]>`,
  String.raw`<!DOCTYPE[^>[]*(?:\[[^\]]*\]\s*)?>`,
  String.raw`</(?<close>${NAME})\s*>`,
  String.raw`<(?<open>${NAME}(?=[\s/>])(?:[^<>"']|"[^"]*"|'[^']*')*)>`,
  String.raw`(?<text>[^<]+)`,
].join('|'), 'y');
const ATTRIBUTE = new RegExp(String.raw`(?<!\S)${NAME}\s*=\s*(?:"[^"]*"|'[^']*')`, 'g');
const PREDEFINED: ReadonlyMap<string, string> = new Map([['lt', '<'], ['gt', '>'], ['amp', '&'], ['apos', "'"], ['quot', '"']]);

/** The root element, or nothing where the text is not well-formed or beyond the bounds. */
export function parseXml(document: string): XmlElement | undefined {
  const top = element('');
  const open = [top];
  const token = new RegExp(TOKEN);
  let elements = 0;
  while (token.lastIndex < document.length) {
    const groups = token.exec(document)?.groups;
    const parent = open[open.length - 1];
    if (groups === undefined || parent === undefined) return undefined;
    if (groups.open !== undefined) {
      const child = element(groups.open);
      parent.children.push(child);
      if (!groups.open.endsWith('/')) open.push(child);
      if (++elements > MOST_ELEMENTS || open.length > DEEPEST) return undefined;
    } else if (groups.close !== undefined) {
      if (open.pop()?.name !== local(groups.close)) return undefined;
    } else {
      parent.text += groups.cdata ?? unescape(groups.text ?? '');
    }
  }
  return open.length === 1 ? top.children[0] : undefined;
}

/** Every descendant of that name, in document order. */
export function descendants(of: XmlElement, name: string): XmlElement[] {
  return of.children.flatMap(child => [...(child.name === name ? [child] : []), ...descendants(child, name)]);
}

export function childText(of: XmlElement, name: string): string {
  return of.children.find(child => child.name === name)?.text.trim() ?? '';
}

/** What stands in a tag: the name, the attributes. */
function element(tag: string): XmlElement {
  const name = tag.replace(/[\s/][^]*$/, '');
  const attributes = [...tag.slice(name.length).matchAll(ATTRIBUTE)].map(([pair]) => {
    const at = pair.indexOf('=');
    return [local(pair.slice(0, at).trim()), unescape(pair.slice(at + 1).trim().slice(1, -1))] as const;
  });
  return { name: local(name), attributes: new Map(attributes), children: [], text: '' };
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function unescape(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[\da-fA-F]{1,6}|\w+);/g, (whole, reference: string) => {
    if (!reference.startsWith('#')) return PREDEFINED.get(reference) ?? whole;
    const code = Number(reference.replace('#x', '0x').replace('#', ''));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
