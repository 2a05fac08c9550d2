import { GetEbsDefaultKmsKeyIdCommand, GetEbsEncryptionByDefaultCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { refused, type Look } from './look';
import { text } from '../aws/fields';

/**
 * EBS's name for the key that AWS manages, which every role of the account may use. AWS leaves open whether EC2 answers the ARN of
 * that key after ResetEbsDefaultKmsKeyId, so the refusal names the way out.
 */
const AWS_MANAGED_KEY = 'alias/aws/ebs';

/** Which key an app asks for, and who would use the default key. */
export interface EncryptedBy {
  readonly user: 'the service role' | 'the provider\'s functions';
  readonly keyId?: string;
  readonly encrypted?: boolean;
}

/**
 * Looks at the key that EBS would use for the snapshots of an import that names no key. Only the key that AWS manages needs no
 * permission: who uses a customer managed key must be granted it, and only `encryptionKey` does that.
 *
 * @see https://docs.aws.amazon.com/vm-import/latest/userguide/required-permissions.html (service role, step 4)
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-permissions.html (whoever copies a disk)
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
 */
export async function lookAtDefaultKey(ec2: EC2Client, { user, keyId, encrypted }: EncryptedBy, signal: AbortSignal): Promise<Look> {
  if (keyId !== undefined || !(encrypted || (await isEncryptedByDefault(ec2, signal)))) {
    return { kind: 'stands' };
  }
  const key = text((await ec2.send(new GetEbsDefaultKmsKeyIdCommand({}), { abortSignal: signal })).KmsKeyId);
  return key.endsWith(AWS_MANAGED_KEY)
    ? { kind: 'stands' }
    : refused(
      `EBS would encrypt the imported snapshots with ${key}, the default key of this account and Region, and only encryptionKey lets ${user} use it. ` +
      'Set encryptionKey to this key. If AWS manages the key, or if its key policy allows this already, skip this look.',
    );
}

async function isEncryptedByDefault(ec2: EC2Client, signal: AbortSignal): Promise<boolean> {
  const { EbsEncryptionByDefault } = await ec2.send(new GetEbsEncryptionByDefaultCommand({}), { abortSignal: signal });
  return EbsEncryptionByDefault === true;
}
