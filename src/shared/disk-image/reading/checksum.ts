/* eslint-disable no-bitwise -- a cyclic redundancy check is arithmetic on bits */
import { Bytes } from './bytes';

/** Reflected polynomials: IEEE 802.3, which GPT uses, and Castagnoli, which VHDX uses. */
const POLYNOMIALS = { crc32: 0xedb88320, crc32c: 0x82f63b78 } as const;

const TABLES = { crc32: tableOf(POLYNOMIALS.crc32), crc32c: tableOf(POLYNOMIALS.crc32c) };

function tableOf(polynomial: number): DataView {
  const table = new DataView(new ArrayBuffer(256 * 4));
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    table.setUint32(byte * 4, value);
  }
  return table;
}

/** A field that counts as zero, because it holds the checksum itself. */
export interface ChecksumField {
  readonly at: number;
  readonly length: number;
}

/** The checksum of bytes that may hold it themselves. */
export function crc(kind: keyof typeof TABLES, bytes: Bytes, field: ChecksumField): number {
  const table = TABLES[kind];
  let value = 0xffffffff;
  for (const byte of without(bytes, field)) {
    value = (value >>> 8) ^ table.getUint32(((value ^ byte) & 0xff) * 4);
  }
  return ~value >>> 0;
}

/** The one's complement of the sum of all bytes: how VHD footers and headers protect themselves. */
export function onesComplementSum(bytes: Bytes, field: ChecksumField): number {
  return ~without(bytes, field).reduce((sum, byte) => sum + byte, 0) >>> 0;
}

function without({ data }: Bytes, { at, length }: ChecksumField): Uint8Array {
  return Uint8Array.from(data).fill(0, at, at + length);
}
