/* eslint-disable no-bitwise -- a cyclic redundancy check is arithmetic on bits */
import { Bytes } from './bytes';

/** Reflected polynomials: IEEE 802.3, which GPT uses, and Castagnoli, which VHDX uses. */
const POLYNOMIALS = { crc32: 0xedb88320, crc32c: 0x82f63b78 } as const;

const TABLES = { crc32: tableOf(POLYNOMIALS.crc32), crc32c: tableOf(POLYNOMIALS.crc32c) };

function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    return value;
  });
}

/** The checksum of bytes whose own checksum field, `length` bytes at `field`, counts as zero. */
export function crc(kind: keyof typeof TABLES, bytes: Bytes, field: { readonly at: number; readonly length: number }): number {
  const table = new Bytes(new Uint8Array(TABLES[kind].buffer));
  let value = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) {
    const byte = i >= field.at && i < field.at + field.length ? 0 : bytes.u8(i);
    value = (value >>> 8) ^ table.u32le(((value ^ byte) & 0xff) * 4);
  }
  return ~value >>> 0;
}

/** The one's complement of the sum of all bytes: how VHD footers and headers protect themselves. */
export function onesComplementSum(bytes: Bytes, field: { readonly at: number; readonly length: number }): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    sum += i >= field.at && i < field.at + field.length ? 0 : bytes.u8(i);
  }
  return ~sum >>> 0;
}
