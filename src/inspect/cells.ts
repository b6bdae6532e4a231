/* Values as cells of a workbook, with their real types as far as a spreadsheet keeps them exact. */
import { dayMs } from '../base/durations.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import type { SqlValue } from '../derby/values.ts';
import { isIdentifying, isLong, plainText } from './value-text.ts';
import { type Cell, maxCellCharacters } from './xlsx.ts';

/** A spreadsheet calculates with 15 digits; a longer decimal would lose its last ones. */
const exactDigits = 15;

/**
 * Dates and times are dates, numbers of at most 15 digits are numbers; longer ones, and numbers in columns such as NPWP
 * or NOMOR_FAKTUR, are text, because a spreadsheet would round them or drop their zeros. Dates before March 1900 are text.
 * `onCut` is told of a text that is longer than a cell can be.
 */
export async function cellOf(value: SqlValue, column: Column, onCut: () => void): Promise<Cell> {
  if (value === null) return null;
  if (isLong(value)) {
    let text = '';
    for await (const chunk of value.chunks()) {
      text += typeof chunk === 'string' ? chunk : chunk.toString('hex');
      if (text.length > maxCellCharacters) break;
    }
    return cutTextCell(text, onCut);
  }
  const { name } = column.type;
  const plain = plainText(value, column);
  if (typeof value === 'boolean') return { kind: 'truth', value };
  if (name === 'DATE' || name === 'TIME' || name === 'TIMESTAMP')
    return dateCell(name, plain) ?? { kind: 'text', text: plain };
  const isNumber =
    typeof value === 'number' || typeof value === 'bigint' || name === 'DECIMAL' || name === 'NUMERIC';
  // What fills up a CHAR is no part of it; blanks at the end of another text are.
  const told = name === 'CHAR' ? plain.replace(/ +$/, '') : plain;
  if (!isNumber || isIdentifying(column)) return cutTextCell(told, onCut);
  if (typeof value !== 'number' && plain.replace(/\D/g, '').replace(/^0+/, '').length > exactDigits)
    return { kind: 'text', text: plain };
  const isAmount = name === 'DECIMAL' || name === 'NUMERIC';
  const decimals = isAmount && column.type.scale === 2 ? 2 : isAmount && column.type.scale === 0 ? 0 : null;
  return { kind: 'number', digits: plain, decimals };
}

function cutTextCell(text: string, onCut: () => void): Cell {
  if (text.length > maxCellCharacters) onCut();
  return { kind: 'text', text };
}

/** A text of ours. */
export const textCell = (text: string): Cell => (text === '' ? null : { kind: 'text', text });

/** A whole number of ours. */
export const numberCell = (value: number | null): Cell =>
  value === null ? null : { kind: 'number', digits: String(value), decimals: null };

const epochMs = Date.UTC(1899, 11, 30);
/** Before it, Excel counts a 29 February 1900 that never was. */
const firstSerial = 61;

function dateCell(type: 'DATE' | 'TIME' | 'TIMESTAMP', iso: string): Cell {
  const ms = Date.parse(
    type === 'TIME' ? `1970-01-01T${iso}Z` : type === 'DATE' ? `${iso}T00:00:00Z` : `${iso}Z`,
  );
  if (Number.isNaN(ms)) return null;
  if (type === 'TIME') return { kind: 'time', serial: ms / dayMs };
  const serial = (ms - epochMs) / dayMs;
  if (serial < firstSerial) return null;
  return { kind: type === 'DATE' ? 'date' : 'moment', serial };
}

const widths: Readonly<Record<string, number>> = { DATE: 12, TIME: 10, TIMESTAMP: 20, BOOLEAN: 8 };

/** How wide a column of a sheet should be, from its type: in characters. */
export function widthOf({ name, type }: Column): number {
  const wide = widths[type.name] ?? Math.min(40, type.maxWidth > 0 ? type.maxWidth + 2 : 12);
  return Math.max(name.length + 2, wide);
}

/** Rows as cells. */
export async function* cellRows(
  columns: readonly Column[],
  batches: AsyncIterable<readonly Row[]>,
  onCut: () => void,
): AsyncGenerator<readonly Cell[]> {
  for await (const batch of batches) {
    for (const row of batch)
      yield await Promise.all(columns.map((column, i) => cellOf(row[i] ?? null, column, onCut)));
  }
}
