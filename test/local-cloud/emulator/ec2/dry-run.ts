import { AwsError } from '../aws-error';

/** A dry run that is permitted answers an error of its own; here everything is permitted. */
export function checkDryRun(dryRun: boolean | undefined): void {
  if (dryRun) {
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
}
