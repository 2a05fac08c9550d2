const UTF8 = new TextDecoder('utf-8');
const UTF16 = new TextDecoder('utf-16le');
const HALF = 2 ** 32;
/** Byte order marks, and how a document without one begins. */
const ENCODING_MARKS: readonly (readonly [string, string])[] = [
  ['\xef\xbb\xbf', 'utf-8'], ['\xfe\xff', 'utf-16be'], ['\xff\xfe', 'utf-16le'], ['\0<\0', 'utf-16be'], ['<\0', 'utf-16le'],
];

/**
 * Bytes that were read from a file, seen through total accessors: what lies beyond the end reads as zero.
 *
 * The bytes come from people's files, so a parser may follow any number in them anywhere. With accessors that
 * cannot throw, a damaged file leads to "signature not found", never to an exception.
 */
export class Bytes {
  public static zeros(length: number): Bytes {
    return new Bytes(new Uint8Array(length));
  }

  public static concat(parts: readonly Bytes[]): Bytes {
    const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.length;
    }
    return new Bytes(data);
  }

  public constructor(public readonly data: Uint8Array) {}

  public get length(): number {
    return this.data.length;
  }

  public u8(at: number): number {
    return this.data[at] ?? 0;
  }

  public u16le(at: number): number {
    return this.u8(at) + this.u8(at + 1) * 256;
  }

  public u32le(at: number): number {
    return this.u16le(at) + this.u16le(at + 2) * 65_536;
  }

  public u32be(at: number): number {
    return this.u8(at) * 16_777_216 + this.u8(at + 1) * 65_536 + this.u8(at + 2) * 256 + this.u8(at + 3);
  }

  /** Exact up to 2^53; above that only "very large" matters here. */
  public u64le(at: number): number {
    return this.u32le(at) + this.u32le(at + 4) * HALF;
  }

  public u64be(at: number): number {
    return this.u32be(at) * HALF + this.u32be(at + 4);
  }

  /** A GUID as Microsoft and UEFI store it: the first three groups are little-endian. */
  public guid(at: number): string {
    const hex = (...order: number[]) => order.map(i => this.u8(at + i).toString(16).padStart(2, '0')).join('');
    return [hex(3, 2, 1, 0), hex(5, 4), hex(7, 6), hex(8, 9), hex(10, 11, 12, 13, 14, 15)].join('-').toUpperCase();
  }

  /** Whether these very characters (one byte each) stand at an offset. */
  public has(at: number, signature: string): boolean {
    return at + signature.length <= this.length && this.latin1(at, signature.length) === signature;
  }

  public latin1(at: number, length: number): string {
    return String.fromCharCode(...this.data.subarray(at, at + length));
  }

  /** A text that ends at its first NUL, or at the length. */
  public text(at: number, length: number): string {
    const raw = this.data.subarray(at, at + length);
    const end = raw.indexOf(0);
    return UTF8.decode(end < 0 ? raw : raw.subarray(0, end));
  }

  /** A UTF-16 text, little-endian, that ends at its first NUL, or at the length. */
  public utf16(at: number, length: number): string {
    return UTF16.decode(this.data.subarray(at, at + length)).replace(/\0[^]*$/, '');
  }

  /**
   * Decodes the whole as an XML document, by its byte order mark, its first characters, or its XML declaration.
   *
   * @see https://www.w3.org/TR/xml/#sec-guessing
   * @returns no text where the encoding is not known
   */
  public document(): { readonly text: string | undefined; readonly encoding: string } {
    const encoding = this.encoding();
    try {
      return { text: new TextDecoder(encoding).decode(this.data), encoding };
    } catch {
      return { text: undefined, encoding };
    }
  }

  private encoding(): string {
    const marked = ENCODING_MARKS.find(([mark]) => this.has(0, mark))?.[1];
    if (marked !== undefined) return marked;
    const declared = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(this.latin1(0, 256))?.[1] ?? 'utf-8';
    // Eight bits a character, as it was read until here: what declares sixteen does not mean it.
    return /^(utf-?16|ucs-2|iso-10646-ucs-2)/i.test(declared) ? 'utf-8' : declared;
  }

  public slice(at: number, length: number): Bytes {
    return new Bytes(this.data.subarray(at, at + length));
  }

  public isZero(): boolean {
    return this.data.every(byte => byte === 0);
  }
}
