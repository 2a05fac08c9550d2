import { IConstruct } from 'constructs';

/**
 * A property that AWS would refuse, found at synthesis.
 *
 * aws-cdk-lib has a ValidationError of its own, but keeps it internal.
 */
export class ValidationError extends Error {
  public constructor(sentence: string, scope: IConstruct) {
    super(`${sentence} [at ${scope.node.path}]`);
    this.name = 'ValidationError';
  }
}
