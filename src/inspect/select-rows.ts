/* Some rows of one table: some columns, some values, from here to there. */
import { EfakturError } from '../base/errors.ts';
import { nearestName } from '../base/nearest.ts';
import type { Column } from '../derby/catalog.ts';
import type { UserTable } from '../derby/database.ts';
import type { Row } from '../derby/rows.ts';
import type { SqlValue } from '../derby/values.ts';
import { type ChosenTable, type Inspection, tableName } from './open-databases.ts';
import { tableRows } from './scan-tables.ts';
import { equalTest } from './terms.ts';
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

/** The column of that name, in large or small letters; `usage` when there is none. */
export function columnNamed(table: UserTable, name: string): Column {
  const wanted = name.trim().toLowerCase();
  const column = table.columns.find((one) => one.name.toLowerCase() === wanted);
  if (column) return column;
  const names = table.columns.map((one) => one.name);
  throw new EfakturError(
    'usage',
    `table ${tableName(table)} has no column ${name.trim()}`,
    `Did you mean ${nearestName(name.trim(), names)}? Its columns are ${names.join(', ')}.`,
  );
}

/** Reads `COLUMN=VALUE`; `usage` when it is not that, or the column can never have the value. */
export function parseCondition(table: UserTable, text: string): Condition {
  const at = text.indexOf('=');
  if (at < 1)
    throw new EfakturError(
      'usage',
      `--where: "${text}" is not COLUMN=VALUE`,
      'Write it as --where "NAMA_LAWAN=Gerbang Semesta".',
    );
  const column = columnNamed(table, text.slice(0, at));
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
