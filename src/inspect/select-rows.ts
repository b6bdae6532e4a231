/* Some rows of one table: some columns, some values, from here to there. */

import { EfakturError } from '../base/errors.ts';
import { proposal } from '../base/nearest.ts';
import { verbatim } from '../base/text.ts';
import { type Column, tableName } from '../derby/catalog.ts';
import type { UserTable } from '../derby/database.ts';
import type { Row } from '../derby/rows.ts';
import type { SqlValue } from '../derby/values.ts';
import { type ChosenTable, type Inspection, withName } from './open-databases.ts';
import { tableRows } from './scan-tables.ts';
import { equalTest } from './terms.ts';
import {
  columnsAre,
  noColumn,
  notACondition,
  severalColumns,
  writeCondition,
  writeLettersAsTheyAre,
} from './texts.ts';
import { isLong } from './value-text.ts';

export interface RowSelection {
  /** The columns to give, in this order. */
  readonly columns: readonly Column[];
  readonly conditions: readonly Condition[];
  readonly offset: number;
  /** Null for all. */
  readonly limit: number | null;
}

export interface Condition {
  readonly column: Column;
  readonly fits: (value: SqlValue) => boolean;
}

/** The column of that name (see {@link withName}); `usage` when there is none, or several. */
export function columnNamed(table: UserTable, name: string): Column {
  const names = table.columns.map((one) => one.name);
  const [column, ...others] = withName(table.columns, name, (one) => [one.name]);
  if (column && others.length === 0) return column;
  if (column) {
    throw new EfakturError(
      'usage',
      severalColumns(
        tableName(table),
        name,
        [column, ...others].map((one) => one.name),
      ),
      writeLettersAsTheyAre,
    );
  }
  throw new EfakturError(
    'usage',
    noColumn(tableName(table), name),
    columnsAre(proposal(name, names, verbatim('')), names),
  );
}

/**
 * Reads `A,B`; a name with a comma in it stands in double quotes, and one given twice counts once. `usage` for a column that
 * is not there.
 */
export function columnsNamed(table: UserTable, text: string): Column[] {
  const names = text.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*(?=,|$)|([^,]*))/g);
  const columns = [...names].map(([, quoted, plain = '']) =>
    columnNamed(table, quoted?.replaceAll('""', '"') ?? plain.trim()),
  );
  return [...new Set(columns)];
}

/** Reads `COLUMN=VALUE`; `usage` when it is not that, or the column can never have the value. */
export function parseCondition(table: UserTable, text: string): Condition {
  const places = [...text.matchAll(/=/g)].map(({ index }) => index).filter((index) => index > 0);
  const nameAt = (end: number): string => text.slice(0, end).trim();
  // A name may have one in it as well: the longest that is a column is meant.
  const isColumn = (end: number): boolean =>
    withName(table.columns, nameAt(end), (one) => [one.name]).length > 0;
  const at = places.findLast(isColumn) ?? places[0];
  if (at === undefined) throw new EfakturError('usage', notACondition(text), writeCondition);
  const column = columnNamed(table, nameAt(at));
  const wanted = text.slice(at + 1);
  if (wanted === '') return { column, fits: (value) => value === null || value === '' };
  const test = equalTest(wanted, column);
  return { column, fits: (value) => value !== null && !isLong(value) && test(value) };
}

/** Batches of the selected rows. */
export async function* selectRows(
  inspection: Inspection,
  chosen: ChosenTable,
  { columns, conditions, offset, limit }: RowSelection,
  signal: AbortSignal,
): AsyncGenerator<Row[]> {
  // What conditions look at is read too, behind what is given.
  const read = [...columns];
  const places = conditions.map(({ column }) => {
    const known = read.indexOf(column);
    return known >= 0 ? known : read.push(column) - 1;
  });
  const fits = (row: Row): boolean =>
    conditions.every((condition, i) => condition.fits(row[places[i] as number] ?? null));
  let toSkip = offset;
  let left = limit ?? Number.POSITIVE_INFINITY;
  const names = read.map(({ name }) => name);
  if (left <= 0) return;
  for await (const batch of tableRows(inspection, chosen, { columns: names, signal })) {
    let rows = conditions.length > 0 ? batch.filter(fits) : batch;
    if (toSkip > 0) {
      const skipped = Math.min(toSkip, rows.length);
      toSkip -= skipped;
      rows = rows.slice(skipped);
    }
    if (rows.length > left) rows = rows.slice(0, left);
    if (read.length > columns.length) rows = rows.map((row) => row.slice(0, columns.length));
    left -= rows.length;
    if (rows.length > 0) yield rows;
    if (left <= 0) return;
  }
}
