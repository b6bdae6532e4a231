/* A row, or some of its values, as one digest: equal for equal values, whatever page they lie in. */
import { createHash } from 'node:crypto';
import type { Row } from '../derby/rows.ts';
import type { SqlValue, WholeValue } from '../derby/values.ts';
import { type Digest, digestOf } from './key-table.ts';
import { isLong } from './value-text.ts';

/** A value as text that no other value shares; lengths keep neighbours apart. */
function tagged(value: WholeValue): string {
  if (value === null) return '-';
  if (typeof value === 'string') return `s${value.length}:${value}`;
  if (Buffer.isBuffer(value)) return `x${value.length}:${value.toString('latin1')}`;
  return `${typeof value === 'boolean' ? 'b' : 'n'}${value};`;
}

/** The digest of these columns of a row, by their places. */
export function rowDigest(row: Row, places: readonly number[]): Digest | Promise<Digest> {
  let text = '';
  for (const place of places) {
    const value = row[place] as SqlValue;
    if (isLong(value)) return longRowDigest(row, places);
    text += tagged(value);
  }
  return digestOf(text);
}

async function longRowDigest(row: Row, places: readonly number[]): Promise<Digest> {
  const parts = await Promise.all(places.map((place) => valueDigest(row[place] as SqlValue)));
  return digestOf(parts.join(''));
}

/** A value as a text to compare it by: a long one by its digest. */
export async function valueDigest(value: SqlValue): Promise<string> {
  if (!isLong(value)) return tagged(value);
  const hash = createHash('sha256');
  for await (const chunk of value.chunks()) hash.update(chunk);
  return `l${hash.digest('hex')}`;
}
