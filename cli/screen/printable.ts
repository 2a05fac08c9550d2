/** Replaces control characters: names of files and in disk images come from anywhere and must not control the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\uFFFD');
}

/** Returns the message of an error in one line, with its name if AWS gave it one. */
export function reasonOf(error: unknown): string {
  const { name, message } = Object(error) as { readonly name?: string; readonly message?: string };
  return printable((name === 'Error' || name === 'TypeError' ? `${message}` : `${name}: ${message}`).replace(/\s+/g, ' ').trim());
}
