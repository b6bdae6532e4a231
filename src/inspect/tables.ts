/* Which tables a state has. */
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { tableName } from '../derby/catalog.ts';
import { describeType } from '../derby/values.ts';
import type { PlaceInfo } from './backup-files.ts';
import { type Inspection, salvageWarning } from './open-databases.ts';
import { countTableRows } from './scan-tables.ts';
import { about } from './texts.ts';

export interface ShownColumn {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
  readonly nullable: boolean;
}

export interface ShownTable {
  readonly schema: string;
  readonly name: string;
  /** Null when the table cannot be read. */
  readonly rows: number | null;
  /** Only where the rows are known after Derby's next start: that is no damage. */
  readonly afterRecovery?: true;
  readonly columns: readonly ShownColumn[];
  readonly primaryKey: readonly string[];
  /** Of the table's file, without its indexes. */
  readonly bytes: number;
}

export interface ShownDatabase {
  readonly name: string;
  readonly state: 'clean' | 'needs-recovery' | 'broken';
  readonly tables: readonly ShownTable[];
}

export interface TablesDocument extends PlaceInfo {
  readonly databases: readonly ShownDatabase[];
  readonly warnings: readonly Warning[];
}

/**
 * The user tables of every database that can be read. Rows are those the push counted where it proved the database clean,
 * else they are counted now; a table that is damaged has null and
 * a warning, and the first is `failure`.
 */
export async function describeTables(
  inspection: Inspection,
  signal: AbortSignal,
): Promise<{ document: TablesDocument; failure: EfakturError | null }> {
  let { failure } = inspection;
  const { files, salvage, warnings } = inspection;
  const databases: ShownDatabase[] = [];
  for (const opened of inspection.databases) {
    const { name, database, state } = opened;
    const tables: ShownTable[] = [];
    for (const table of database.tables) {
      let rows = files.countedRows(name, tableName(table));
      let isLater = false;
      try {
        rows ??= await countTableRows(inspection, { database: opened, table }, signal);
        isLater = rows === null;
      } catch (error) {
        if (!isEfakturError(error, 'damaged', 'source-unusable')) throw error;
        failure ??= error;
        warnings.push({ code: error.code, message: about(name, error.text) });
      }
      tables.push({
        schema: table.schema,
        name: table.name,
        rows,
        ...(isLater && { afterRecovery: true as const }),
        columns: table.columns.map((column) => ({
          name: column.name,
          type: describeType(column.type),
          nullable: column.type.nullable,
        })),
        primaryKey: table.primaryKey,
        bytes: table.sizeBytes,
      });
    }
    databases.push({ name, state, tables });
  }
  warnings.push(...salvageWarning(salvage));
  return { document: { ...inspection.info, databases, warnings }, failure };
}
