import { createInterface } from 'node:readline';
import { Interruption } from '../interruption';
import { ExitStatus, Terminal } from '../terminal';

export type Answer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'interrupted'; readonly status: ExitStatus };

/** Asks somebody at a terminal. Only the whole word is a yes; no answer is a no. */
export async function ask(question: string, terminal: Terminal): Promise<Answer> {
  const interruption = new Interruption(terminal);
  const lines = createInterface({ input: terminal.stdin, signal: interruption.signal });
  try {
    const answered = new Promise<string | undefined>((resolve) => {
      lines.once('line', resolve).once('close', () => resolve(undefined));
    });
    terminal.stdout.write(question);
    const answer = await answered;
    if (answer === undefined) {
      terminal.stdout.write('\n');
    }
    if (interruption.signal.aborted) {
      return { kind: 'interrupted', status: interruption.status };
    }
    return answer?.trim().toLowerCase() === 'yes' ? { kind: 'yes' } : { kind: 'no' };
  } finally {
    lines.close();
    interruption.over();
  }
}
