/** Colours of a terminal; none anywhere else. */
export type Paint = (color: keyof typeof CODES, text: string) => string;

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, bold: 1, dim: 2 } as const;

/** Whether what was written can be drawn over. */
export function isDrawable(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** https://no-color.org: any value but an empty one switches colours off. */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const plain = !isDrawable(stream, env) || (env.NO_COLOR ?? '') !== '';
  return (color, text) => (plain ? text : `\u001b[${CODES[color]}m${text}\u001b[0m`);
}
