/** A copy of bytes with others written over them; a string stands for its Latin-1 bytes. */
export function patched(bytes: Uint8Array, ...patches: (readonly [at: number, content: string | number[] | Uint8Array])[]): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const [at, content] of patches) {
    copy.set(typeof content === 'string' ? Buffer.from(content, 'latin1') : content, at < 0 ? copy.length + at : at);
  }
  return copy;
}

export function u32le(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u32be(value: number): Buffer {
  return u32le(value).reverse();
}

export function u64le(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function u64be(value: number | bigint): Buffer {
  return u64le(value).reverse();
}
