/** What the demo says as it goes. */

/** When the current step began. */
let began: number | undefined;

/** Begins a step, and says how long the previous one took. */
export function say(text: string): void {
  if (began !== undefined) {
    console.log(`  (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  }
  began = Date.now();
  console.log(`\n${text}`);
}

export function tell(text: string): void {
  console.log(`  ${text}`);
}

/** Fails the demo if it does not show what it says. */
export function expect(holds: boolean, what: string): void {
  if (!holds) {
    throw new Error(`The demo went wrong: it is not so that ${what}.`);
  }
}
