import type { Trial } from './trial';

/** What a tool's user is told, and whether it is so. */
export type Verdict =
  | { readonly kind: 'succeeded' }
  /** It says that the import failed, and so it did. */
  | { readonly kind: 'failed' }
  /** It says that the import failed, which went on and made its AMI. */
  | { readonly kind: 'gave up' }
  /** It says that all is well, and there is no AMI. */
  | { readonly kind: 'nothing made' }
  | { readonly kind: 'killed'; readonly again: 'succeeded' | 'failed' | 'did not wait' }
  /** It did not end in the time that the benchmark gives it. */
  | { readonly kind: 'no end' };

export function verdictOf({ run, again, atAgain, settled }: Pick<Trial, 'run' | 'again' | 'atAgain' | 'settled'>): Verdict {
  switch (run.end) {
    case 'timeout':
      return { kind: 'no end' };
    case 'killed':
      return { kind: 'killed', again: again?.code !== 0 ? 'failed' : atAgain?.amis === 0 ? 'did not wait' : 'succeeded' };
    case 'exit':
      return run.code === 0
        ? { kind: settled.amis > 0 ? 'succeeded' : 'nothing made' }
        : { kind: settled.amis > 0 ? 'gave up' : 'failed' };
  }
}
