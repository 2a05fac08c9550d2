/** Names of files and in disk images are anybody's: they must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\uFFFD');
}

/** What an error says, in one line; the name is told where it is AWS's own. */
export function reasonOf(error: unknown): string {
  const { name, message } = Object(error) as { readonly name?: string; readonly message?: string };
  return printable((name === 'Error' || name === 'TypeError' ? `${message}` : `${name}: ${message}`).replace(/\s+/g, ' ').trim());
}
