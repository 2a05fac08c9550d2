import { createHash } from 'crypto';
import { Lazy, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/**
 * Returns a text that changes with the content, and says what follows from a change. `cdk diff` shows what changes, but not what
 * follows from it.
 */
export function contentInDiff(scope: IConstruct, content: object, consequence: string): string {
  return Lazy.string({
    produce: () => {
      const digest = createHash('sha256').update(JSON.stringify(Stack.of(scope).resolve(content))).digest('hex').slice(0, 12);
      return `${digest}: ${consequence}`;
    },
  });
}
