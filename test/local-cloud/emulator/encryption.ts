import type { Settings } from './settings';

/** How a new snapshot is encrypted. */
export interface Encryption {
  readonly encrypted: boolean;
  /** Missing where it is the key that AWS manages, `aws/ebs`. */
  readonly key?: string;
}

/**
 * Returns what becomes of a request, with the account's encryption by default and its default key.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebsapis-using-encryption.html
 */
export function encryptionOf(
  { encryptionByDefault, defaultKmsKeyId }: Settings, asked: { readonly encrypted?: boolean | undefined; readonly key?: string | undefined },
): Encryption {
  const { encrypted, key } = asked;
  return encrypted === true || encryptionByDefault ? { encrypted: true, key: key ?? defaultKmsKeyId } : { encrypted: false };
}
