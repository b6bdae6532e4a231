/*
 * Column values from their stored bytes. Layout: Derby's SQLInteger, SQLDecimal, SQLDate and their like. Dates and times
 * become text as Derby's own getString shows them, so that no time zone and no rounding comes in between.
 */
import type { ColumnType } from './catalog.ts';
import { u16 } from './page.ts';
import { decodeText } from './text.ts';

/** A value too long to be given whole. */
export interface LongValue {
  readonly kind: 'text' | 'bytes';
  /** Reads it from the beginning, each time anew: strings of a text, buffers of bytes. Fails with `damaged`. */
  chunks(): AsyncIterable<string | Buffer>;
}

/**
 * SMALLINT, INTEGER, REAL, DOUBLE are numbers, BIGINT a bigint, DECIMAL its exact text (`345000.00`), dates and times
 * text (`2023-07-08`, `09:30:00`, `2023-07-08 09:30:00.0`), FOR BIT DATA and BLOB bytes, a CHAR padded with blanks.
 */
export type SqlValue = null | boolean | number | bigint | string | Buffer | LongValue;

/** A value that is whole in memory. */
export type WholeValue = Exclude<SqlValue, LongValue>;

/** Decodes the bytes `from`..`to`; undefined when they are no value of the type. */
export type ValueDecoder = (b: Buffer, from: number, to: number) => WholeValue | undefined;

const decoders: Readonly<Record<string, ValueDecoder>> = {
  SMALLINT: (b, from, to) => (to - from === 2 ? b.readInt16BE(from) : undefined),
  TINYINT: (b, from, to) => (to - from === 1 ? b.readInt8(from) : undefined),
  INTEGER: (b, from, to) => (to - from === 4 ? b.readInt32BE(from) : undefined),
  BIGINT: (b, from, to) => (to - from === 8 ? b.readBigInt64BE(from) : undefined),
  REAL: (b, from, to) => (to - from === 4 ? shortestReal(b.readFloatBE(from)) : undefined),
  DOUBLE: (b, from, to) => (to - from === 8 ? b.readDoubleBE(from) : undefined),
  BOOLEAN: (b, from, to) => (to - from === 1 ? b[from] !== 0 : undefined),
  DECIMAL: decodeDecimal,
  NUMERIC: decodeDecimal,
  DATE: (b, from, to) => (to - from === 4 ? dateText(b, from) : undefined),
  TIME: (b, from, to) => (to - from === 8 ? timeText(b, from) : undefined),
  TIMESTAMP: decodeTimestamp,
  CHAR: decodeText,
  VARCHAR: decodeText,
  'LONG VARCHAR': decodeText,
  CLOB: (b, from, to) => decodeText(b, clobDataAt(b, from, to), to, clobDataAt(b, from, to)),
  // A u16 says how the text is kept; there is only one way.
  XML: (b, from, to) => (to - from >= 4 ? decodeText(b, from + 2, to) : undefined),
  BLOB: decodeBytes,
  'CHAR () FOR BIT DATA': decodeBytes,
  'VARCHAR () FOR BIT DATA': decodeBytes,
  'LONG VARCHAR FOR BIT DATA': decodeBytes,
};

/** The decoder of a type. A user-defined (Java) type gives its bytes as they are. */
export function decoderOf(type: ColumnType): ValueDecoder {
  return decoders[type.name] ?? ((b, from, to) => Buffer.from(b.subarray(from, to)));
}

const textTypes = new Set(['CHAR', 'VARCHAR', 'LONG VARCHAR', 'CLOB', 'XML']);

export const isTextType = (type: ColumnType): boolean => textTypes.has(type.name);

/** The type as SQL writes it: `VARCHAR(30)`, `DECIMAL(18,2)`, `CHAR(10) FOR BIT DATA`. */
export function describeType({ name, precision, scale, maxWidth }: ColumnType): string {
  if (name === 'DECIMAL' || name === 'NUMERIC') return `${name}(${precision},${scale})`;
  if (name === 'CHAR' || name === 'VARCHAR' || name === 'CLOB' || name === 'BLOB')
    return `${name}(${maxWidth})`;
  return name.replace('()', `(${maxWidth})`).replace(' (', '(');
}

/** Beyond it not every whole number is a 32-bit one. */
const exactReals = 2 ** 24;

/** The shortest decimal that is this 32-bit number, as people wrote it: 0.1, not 0.10000000149011612, and 1e20. */
function shortestReal(value: number): number {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) <= exactReals)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/** u8 scale, u8 length, the unscaled number in two's complement. */
function decodeDecimal(b: Buffer, from: number, to: number): string | undefined {
  const scale = b[from] as number;
  const bytes = b[from + 1] as number;
  const at = from + 2;
  if (to - from < 3 || at + bytes !== to || bytes === 0) return undefined;
  let digits: string;
  if (bytes <= 6) {
    digits = String(b.readIntBE(at, bytes));
  } else {
    let value = BigInt.asIntN(8, BigInt(b[at] as number));
    for (let i = at + 1; i < to; i++) value = (value << 8n) | BigInt(b[i] as number);
    digits = String(value);
  }
  if (scale === 0) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const padded = digits.slice(sign.length).padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

const two: readonly string[] = Array.from({ length: 256 }, (_, n) => String(n).padStart(2, '0'));

const dateText = (b: Buffer, at: number): string =>
  `${String(u16(b, at)).padStart(4, '0')}-${two[b[at + 2] as number]}-${two[b[at + 3] as number]}`;

const timeText = (b: Buffer, at: number): string =>
  `${two[u16(b, at) & 0xff]}:${two[b[at + 2] as number]}:${two[b[at + 3] as number]}`;

function decodeTimestamp(b: Buffer, from: number, to: number): string | undefined {
  if (to - from !== 12) return undefined;
  const nanos = b.readUInt32BE(from + 8);
  const fraction = nanos === 0 ? '0' : String(nanos).padStart(9, '0').replace(/0+$/, '');
  return `${dateText(b, from)} ${timeText(b, from + 4)}.${fraction}`;
}

/** Where a CLOB's characters begin: after five bytes with F0 in the middle, or after the two of Derby before 10.5. */
function clobDataAt(b: Buffer, from: number, to: number): number {
  return to - from >= 5 && b[from + 2] === 0xf0 ? from + 5 : from + 2;
}

/** Where the characters of a long text begin in its first piece. */
export function textDataAt({ name }: ColumnType, b: Buffer): number {
  // Before the text of an XML value stands how it is kept.
  return name === 'XML' ? 4 : clobDataAt(b, 0, b.length);
}

/** Where bytes begin, and how many there are: 0 when the header does not say. Null when there is no header. */
export function bytesHeader(
  b: Buffer,
  from: number,
  to: number,
): { readonly at: number; readonly length: number } | null {
  if (to - from < 1) return null;
  const first = b[from] as number;
  if (first === 0xc0) return to - from < 5 ? null : { at: from + 5, length: b.readUInt32BE(from + 1) };
  if (first === 0xa0) return to - from < 3 ? null : { at: from + 3, length: u16(b, from + 1) };
  if (first & 0x80) return { at: from + 1, length: first & 0x1f };
  // Four bytes, in bits: of old releases, or 0 for a stream whose length was not known.
  return to - from < 4 ? null : { at: from + 4, length: Math.ceil(b.readUInt32BE(from) / 8) };
}

function decodeBytes(b: Buffer, from: number, to: number): Buffer | undefined {
  const header = bytesHeader(b, from, to);
  if (!header || header.at + header.length > to) return undefined;
  const end = header.length === 0 ? to : header.at + header.length;
  // Copied: a part would keep all the pages that were read with its own in memory.
  return Buffer.from(b.subarray(header.at, end));
}
