import type { Settings } from './settings';

/** What a request says about encryption. */
export interface Asked {
  readonly encrypted?: boolean | undefined;
  readonly key?: string | undefined;
}

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
export function encryptionOf({ encryptionByDefault, defaultKmsKeyId }: Settings, { encrypted, key }: Asked): Encryption {
  return encrypted === true || encryptionByDefault ? { encrypted: true, key: key ?? defaultKmsKeyId } : { encrypted: false };
}

/** Whether a customer managed key that is the account's default would encrypt, and was not granted to who asks. */
export function isDefaultKeyDenied(settings: Settings, asked: Asked): boolean {
  return asked.key === undefined && encryptionOf(settings, asked).key !== undefined && settings.defaultKeyGrantedTo === 'nobody';
}
