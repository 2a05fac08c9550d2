import type { Inflate } from '../formats/vmdk-sparse';

/** Where a run of bytes of the virtual disk is in the image. */
export type Extent =
  /** Byte for byte, from `offset` of the image. */
  | { readonly kind: 'stored'; readonly length: number; readonly offset: number; readonly written?: SectorBitmap }
  /** In one compressed unit of the image. */
  | { readonly kind: 'compressed'; readonly length: number; readonly unit: CompressedUnit; /** Byte of the unpacked unit. */ readonly from: number }
  /** Nowhere: the format does not allocate these bytes, and they read as zeros. */
  | { readonly kind: 'hole'; readonly length: number };

/** Says which sectors were written, by a bit for each, the most significant one first. All others read as zeros, whatever the image has in their place. */
export interface SectorBitmap {
  /** Byte of the image at which the bitmap begins. */
  readonly offset: number;
  /** At which of the bytes that the bitmap describes the extent begins. */
  readonly from: number;
}

export interface CompressedUnit {
  /** Byte of the image. */
  readonly offset: number;
  /** Bytes that it takes in the image at most. */
  readonly size: number;
  /** Unpacks these bytes, or fewer where the image ends. Returns undefined if they are damaged. The next call may overwrite the result. */
  unpack(packed: Uint8Array): Uint8Array | undefined;
}

/** How a format arranges the virtual disk in the image. */
export interface Layout {
  /** Bytes of the virtual disk. */
  readonly size: number;
  /**
   * Finds the run of bytes that begins at an offset of the virtual disk. It has at least one byte, and may end after the disk.
   *
   * `most` is how many bytes the caller needs: a layout looks no further, and the run may be shorter or longer.
   */
  locate(offset: number, most: number): Promise<Extent>;
}

/** What decompresses: this code stays free of Node.js and of libraries. Each returns undefined if the data is damaged, and ignores what follows it. */
export interface Decompressors {
  /** zlib (RFC 1950), in VMDK. */
  readonly zlib: Inflate;
  /** deflate (RFC 1951), in qcow2. */
  readonly deflate: Inflate;
  /** Zstandard (RFC 8878), in qcow2. Called with exactly one frame. The next call may overwrite the result. */
  readonly zstd: Inflate;
}
