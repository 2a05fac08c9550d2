import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ValidationError } from './requirements';
import type { DiskContainerConfig } from '../../disk-container';

interface ImportedObject {
  readonly by: Construct;
  readonly becomes: 'deleted' | 'kept';
}

/** What imports of one provider cannot share, which would show only after hours: names of AMIs, and objects that one of them deletes. */
export class Claims {
  private readonly amiNames = new Map<string, Construct>();
  private readonly objects = new Map<string, ImportedObject>();

  public claimAmiName(by: Construct, name: string | undefined): void {
    if (name === undefined || Token.isUnresolved(name)) {
      return;
    }
    const other = this.amiNames.get(name);
    if (other !== undefined) {
      throw new ValidationError(
        `The AMI name ${JSON.stringify(name)} is also that of ${other.node.path}, but names of AMIs are unique in an account and Region: use another one.`,
        by,
      );
    }
    this.amiNames.set(name, by);
  }

  public claimObjects(by: Construct, disks: readonly DiskContainerConfig[]): void {
    for (const { bucket, objectKey, deleteSourceOnSuccess } of disks) {
      if (bucket !== undefined && objectKey !== undefined) {
        this.claimObject(`${bucket.bucketName}/${objectKey}`, objectKey, { by, becomes: deleteSourceOnSuccess ? 'deleted' : 'kept' });
      }
    }
  }

  private claimObject(id: string, objectKey: string, { by, becomes }: ImportedObject): void {
    const other = this.objects.get(id);
    const isDeleted = becomes === 'deleted' || other?.becomes === 'deleted';
    if (isDeleted && other !== undefined && other.by !== by) {
      throw new ValidationError(
        `${Token.isUnresolved(objectKey) ? 'An object' : objectKey} is also imported by ${other.by.node.path}, and one of the two deletes it: remove deleteSourceOnSuccess.`,
        by,
      );
    }
    this.objects.set(id, { by, becomes: isDeleted ? 'deleted' : 'kept' });
  }
}
