/** Colors text for a terminal; returns it unchanged anywhere else. */
export type Paint = (color: keyof typeof CODES, text: string) => string;

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, bold: 1, dim: 2 } as const;

/** Returns whether a stream can be redrawn in place. */
export function isDrawable(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Returns the paint of a stream. Any non-empty NO_COLOR switches colors off (https://no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const plain = !isDrawable(stream, env) || (env.NO_COLOR ?? '') !== '';
  return (color, text) => (plain ? text : `\u001b[${CODES[color]}m${text}\u001b[0m`);
}
