/** An image that cannot be read as a virtual disk. The message is one sentence for users, and trying again does not help. */
export class VirtualDiskError extends Error {
  public override readonly name = 'VirtualDiskError';
}
