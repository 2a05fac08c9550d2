/** What the demo says as it goes. */

export function say(text: string): void {
  console.log(`\n${text}`);
}

export function tell(text: string): void {
  console.log(`  ${text}`);
}

/** A demo that shows something else than it says is none. */
export function expect(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(`The demo went wrong: it is not so that ${what}.`);
  }
}
