/*
 * Values as text. For programs: plain, ISO, exact. For people: numbers and dates as they are written in Indonesia, on one
 * line, cut when long.
 */
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import { isTextType, type LongValue, type SqlValue, type WholeValue } from '../derby/values.ts';
import { formatIsoDate } from './dates.ts';
import { formatDecimal } from './numbers.ts';

export const isLong = (value: SqlValue): value is LongValue =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value);

/** `2023-07-08T09:30:00` out of Derby's `2023-07-08 09:30:00.0`; a fraction of a second stays when there is one. */
export const isoTimestamp = (value: string): string => value.replace(' ', 'T').replace(/\.0$/, '');

/**
 * A value as CSV and lines of text hold it: decimals with all their digits, dates in ISO 8601, bytes in hex, a CHAR with
 * its blanks. Null has no text.
 */
export function plainText(value: Exclude<WholeValue, null>, { type }: Column): string {
  if (typeof value === 'string') return type.name === 'TIMESTAMP' ? isoTimestamp(value) : value;
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

/**
 * A value as JSON holds it: as {@link plainText}, but numbers that JSON readers keep exact are numbers, and truth values
 * are true or false. Decimals are text.
 */
export function jsonValue(value: WholeValue, column: Column): null | boolean | number | string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  return plainText(value, column);
}

/** Names of columns whose numbers are numbers of something, not amounts: guessed, as e-Faktur's tables are not published. */
const identifying = /NPWP|NIK|NITKU|NOMOR|SERI|KODE|TELP|TELEPON|REKENING|(^|_)(NO|NOFA)(_|$)/i;

/** True for columns such as NPWP or NOMOR_FAKTUR, whose digits must never be grouped or rounded. */
export const isIdentifying = (column: Column): boolean => identifying.test(column.name);

const cut = (text: string, atMost: number): string => {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd();
  return line.length <= atMost ? line : `${line.slice(0, atMost - 1)}…`;
};

/** A value as people read it, at most so many characters; null as an empty text. */
export async function peopleText(value: SqlValue, column: Column, atMost = 200): Promise<string> {
  if (value === null) return '';
  if (isLong(value)) {
    for await (const chunk of value.chunks()) {
      if (typeof chunk !== 'string') return cut(`${chunk.subarray(0, 100).toString('hex')}…`, atMost);
      if (chunk !== '') return cut(`${chunk.slice(0, atMost)}…`, atMost);
    }
    return '';
  }
  const { name } = column.type;
  if (name === 'DATE' && typeof value === 'string') return formatIsoDate(value);
  if (name === 'TIMESTAMP' && typeof value === 'string') {
    const [date = '', time = ''] = value.split(' ');
    return `${formatIsoDate(date)} ${time.replace(/\.0$/, '')}`;
  }
  if ((name === 'DECIMAL' || name === 'NUMERIC') && typeof value === 'string')
    return isIdentifying(column) ? value : formatDecimal(value);
  if (typeof value === 'number' && (name === 'REAL' || name === 'DOUBLE'))
    return String(value).replace('.', ',');
  return cut(plainText(value, column), atMost);
}

/** Longer values are cut in JSON documents, which are in memory as a whole. */
export const maxJsonCharacters = 1 << 20;

/** As {@link jsonValue}, reading a long value as far as a document can hold it. */
export async function jsonValueOf(
  value: SqlValue,
  column: Column,
  onCut: () => void,
): Promise<null | boolean | number | string> {
  if (!isLong(value)) return jsonValue(value, column);
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of value.chunks()) {
    const text = typeof chunk === 'string' ? chunk : chunk.toString('hex');
    parts.push(text);
    length += text.length;
    if (length < maxJsonCharacters) continue;
    onCut();
    break;
  }
  return parts.join('').slice(0, maxJsonCharacters);
}

/** A row as an object of a document, by the names of its columns; `onCut` is told of each column whose value is cut. */
export async function jsonRowOf(
  columns: readonly Column[],
  row: Row,
  onCut: (column: Column) => void,
): Promise<Record<string, unknown>> {
  const object: Record<string, unknown> = {};
  for (const [i, column] of columns.entries())
    object[column.name] = await jsonValueOf(row[i] ?? null, column, () => onCut(column));
  return object;
}

/** Whether numbers stand to the right in a column for people. */
export const isNumeric = ({ type }: Column): boolean =>
  !isTextType(type) && /^(SMALLINT|INTEGER|BIGINT|DECIMAL|NUMERIC|REAL|DOUBLE|TINYINT)$/.test(type.name);
