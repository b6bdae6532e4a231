/* Rows of a chosen table, with what a salvage does about a table that cannot be read at all. */
import { isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';

import { tableName } from '../derby/catalog.ts';
import type { Row, Sieve } from '../derby/rows.ts';
import { blamingPlace, type ChosenTable, type Inspection } from './open-databases.ts';
import { cannotReadOn, rowsAfterRecovery } from './texts.ts';

export interface TableRowsOptions {
  readonly columns?: readonly string[] | undefined;
  readonly sieve?: Sieve | undefined;
  readonly signal: AbortSignal;
}

/**
 * Whether the database was ended between the change of a table and the checkpoint that would have written it: Derby drops the
 * table or makes its file anew at its next start. Noted once for each table; nothing else of the database is touched by it.
 */
export async function isLeftToRecovery(
  { database, table }: ChosenTable,
  warnings: Warning[],
): Promise<boolean> {
  if (database.state !== 'needs-recovery' || !(await database.database.isLeftToRecovery(table))) return false;
  const message = rowsAfterRecovery(database.name, tableName(table));
  if (!warnings.some((one) => one.message.en === message.en))
    warnings.push({ code: 'rows-after-recovery', message });
  return true;
}

/**
 * Batches of a table's rows; none of a table that is {@link isLeftToRecovery}. With a salvage, a table that breaks off ends there with a warning; without, it is an error
 * (`damaged`, or `source-unusable` on a local path), which a long value throws too when it breaks off.
 */
export async function* tableRows(
  { info, salvage, warnings }: Pick<Inspection, 'info' | 'salvage' | 'warnings'>,
  { database, table }: ChosenTable,
  { columns, sieve, signal }: TableRowsOptions,
): AsyncGenerator<Row[]> {
  if (await isLeftToRecovery({ database, table }, warnings)) return;
  try {
    const blame = (error: unknown): unknown => blamingPlace(info, error);
    yield* database.database.rows(table, { columns, sieve, signal, salvage: salvage ?? undefined, blame });
  } catch (error) {
    if (!salvage || !isEfakturError(error, 'damaged')) throw blamingPlace(info, error);
    warnings.push({
      code: 'table-lost',
      message: cannotReadOn(database.name, tableName(table), error.text),
    });
  }
}

/**
 * How many live rows a table has; damage counts and fails as in {@link tableRows}. Null where that is left to recovery, which
 * is noted.
 */
export async function countTableRows(
  { info, salvage, warnings }: Pick<Inspection, 'info' | 'salvage' | 'warnings'>,
  { database, table }: ChosenTable,
  signal: AbortSignal,
): Promise<number | null> {
  if (await isLeftToRecovery({ database, table }, warnings)) return null;
  try {
    return await database.database.countRows(table, { signal, salvage: salvage ?? undefined });
  } catch (error) {
    throw blamingPlace(info, error);
  }
}
