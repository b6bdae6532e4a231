/* Rows of a chosen table, with what a salvage does about a table that cannot be read at all. */
import { isEfakturError } from '../base/errors.ts';
import type { Row, Sieve } from '../derby/rows.ts';
import { blamingPlace, type ChosenTable, type Inspection, tableName } from './open-databases.ts';

export interface ScanOptions {
  readonly columns?: readonly string[] | undefined;
  readonly sieve?: Sieve | undefined;
  readonly signal: AbortSignal;
}

/**
 * Batches of a table's rows. With a salvage, a table that breaks off ends there with a warning; without, it is an error
 * (`damaged`, or `source-unusable` on a local path), which a long value throws too when it breaks off.
 */
export async function* tableRows(
  { info, salvage, warnings }: Pick<Inspection, 'info' | 'salvage' | 'warnings'>,
  { database, table }: ChosenTable,
  { columns, sieve, signal }: ScanOptions,
): AsyncGenerator<Row[]> {
  try {
    const blame = (error: unknown): unknown => blamingPlace(info, error);
    yield* database.database.rows(table, { columns, sieve, signal, salvage: salvage ?? undefined, blame });
  } catch (error) {
    if (!salvage || !isEfakturError(error, 'damaged')) throw blamingPlace(info, error);
    warnings.push({
      code: 'table-lost',
      message: `${database.name}: ${tableName(table)} cannot be read on: ${error.message}`,
    });
  }
}

/** How many live rows a table has; damage counts and fails as in {@link tableRows}. */
export async function countTableRows(
  { info, salvage }: Pick<Inspection, 'info' | 'salvage'>,
  { database, table }: ChosenTable,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await database.database.countRows(table, { signal, salvage: salvage ?? undefined });
  } catch (error) {
    throw blamingPlace(info, error);
  }
}
