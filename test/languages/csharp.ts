/** One declaration of generated C# that stands for something in the assembly. */
export interface Declaration {
  /** The name in the assembly. */
  readonly name: string;
  /** The declaration itself, up to its body. */
  readonly code: string;
  /** What the attribute says beside the name, JSON texts read. */
  readonly attribute: Readonly<Record<string, unknown>>;
}

/** What one file of generated C# declares. */
export interface CsharpFile {
  readonly type: Declaration;
  readonly members: readonly Declaration[];
}

/** An attribute of jsii's with its arguments, attributes without any, and the line that they are about. */
const DECLARATION = /^ *\[Jsii(\w+)\((.*)\)\]\n(?: *\[[\w.]+(?:\(.*\))?\]\n)* *(.+)$/gm;
const ARGUMENT = /(\w+): (?:"((?:[^"\\]|\\.)*)"|(typeof\([^)]*\)|\w+))/g;

/** Reads a file that jsii-pacmak wrote. What follows the type proxy only repeats the members, for the runtime. */
export function readCsharp(text: string): CsharpFile {
  const [own = ''] = text.split(/^ *\[JsiiTypeProxy/m);
  const [type, ...members] = [...own.matchAll(DECLARATION)].map(([, , args = '', code = '']) => declaration(args, code));
  if (type === undefined) {
    throw new Error(`No type is declared in:\n${text}`);
  }
  return { type, members };
}

function declaration(args: string, code: string): Declaration {
  const attribute: Record<string, unknown> = {};
  for (const [, key = '', quoted, bare] of args.matchAll(ARGUMENT)) {
    const value = quoted === undefined ? bare : (JSON.parse(`"${quoted}"`) as string);
    attribute[key] = key.endsWith('Json') ? JSON.parse(value ?? '') : value;
  }
  return { name: String(attribute.name ?? attribute.fullyQualifiedName ?? attribute.fqn), code: code.replace(/,$/, ''), attribute };
}
