/*
 * The databases of a state, opened: those that can be read, and a plain word about each that is encrypted, damaged or not
 * at rest.
 */

import { EfakturError, isEfakturError } from '../base/errors.ts';
import { proposal } from '../base/nearest.ts';
import type { Warning } from '../base/progress.ts';
import { verbatim } from '../base/text.ts';
import { tableName } from '../derby/catalog.ts';
import { type Database, openDatabase, type UserTable } from '../derby/database.ts';
import type { LogState } from '../derby/log-state.ts';
import type { SalvageCount } from '../derby/rows.ts';
import type { BackupFiles, PlaceInfo } from './backup-files.ts';
import {
  about,
  closeOrSalvage,
  logNotWhole,
  nameDatabaseAndSchema,
  noDatabase,
  noDatabaseAtAll,
  noTable,
  noTablesAtAll,
  notClosedProperly,
  passedOver,
  reasonedAbout,
  severalTables,
  tableIn,
  tablesShowsAll,
  thereIs,
} from './texts.ts';

export interface OpenedDatabase {
  readonly name: string;
  readonly database: Database;
  /** With anything but `clean` the rows are those of the last checkpoint. */
  readonly state: LogState['state'];
}

export interface Inspection {
  readonly info: PlaceInfo;
  readonly files: BackupFiles;
  readonly databases: readonly OpenedDatabase[];
  /** What was passed over so far; null unless it was asked for. */
  readonly salvage: SalvageCount | null;
  /** Why the first database that could not be opened could not, when others could. */
  readonly failure: EfakturError | null;
  /** The names of all that could not. */
  readonly failed: readonly string[];
  readonly warnings: Warning[];
}

export interface InspectOptions {
  /** Only this database of the set. */
  readonly database: string | null;
  readonly salvage: boolean;
}

/**
 * Those with that name: written exactly so, or when there are none of these, in large or small letters. Two names may
 * differ in nothing else.
 */
export function withName<T>(all: readonly T[], name: string, namesOf: (one: T) => readonly string[]): T[] {
  const exact = all.filter((one) => namesOf(one).includes(name));
  if (exact.length > 0) return exact;
  const wanted = name.toLowerCase();
  return all.filter((one) => namesOf(one).some((known) => known.toLowerCase() === wanted));
}

/** All databases of a state, or those with that name (see {@link withName}); `usage` when there is none. */
export function databasesNamed({ databases }: BackupFiles, name: string | null): BackupFiles['databases'] {
  const wanted = name === null ? databases : withName(databases, name, (one) => [one.name]);
  if (wanted.length > 0) return wanted;
  const names = databases.map((one) => one.name);
  throw new EfakturError(
    'usage',
    noDatabase(name ?? ''),
    names.length === 0 ? noDatabaseAtAll : thereIs(names),
  );
}

/**
 * Opens the databases of a state. Throws when none can be read: `source-unusable` for an encrypted one, `damaged`
 * (`source-unusable` on a local path), `usage` when there is none of that name.
 */
export async function openDatabases(
  files: BackupFiles,
  options: InspectOptions,
  warnings: Warning[],
): Promise<Inspection> {
  const wanted = databasesNamed(files, options.database);
  const salvage: SalvageCount | null = options.salvage ? { pages: 0, rows: 0 } : null;
  const databases: OpenedDatabase[] = [];
  const failed: string[] = [];
  let failure: EfakturError | null = null;
  for (const { name, files: own } of wanted) {
    try {
      const database = await openDatabase(own, name, { salvage: salvage ?? undefined });
      const log = await database.logState();
      databases.push({ name, database, state: log.state });
      if (log.state !== 'clean') warnings.push(asOfCheckpoint(name, log));
    } catch (thrown) {
      const error = blamingPlace(files.info, thrown);
      if (!isEfakturError(error, 'damaged', 'source-unusable')) throw error;
      failure ??= error;
      failed.push(name);
      if (wanted.length > 1) warnings.push({ code: error.code, message: about(name, error.text) });
    }
  }
  if (databases.length === 0 && failure) throw failure;
  return { info: files.info, files, databases, salvage, failure, failed, warnings };
}

const asOfCheckpoint = (name: string, { state, file, reason }: LogState): Warning => ({
  code: state === 'broken' ? 'log-broken' : 'needs-recovery',
  message: state === 'broken' ? logNotWhole(name, file, reason) : notClosedProperly(name),
});

/** A warning for what a salvage passed over, once the rows have been read. */
export function salvageWarning(salvage: SalvageCount | null): Warning[] {
  if (!salvage || (salvage.pages === 0 && salvage.rows === 0)) return [];
  return [{ code: 'salvaged', message: passedOver(salvage.pages, salvage.rows) }];
}

/** What is damaged on a local path is an unusable source, not a damaged backup in a store. */
export function blamingPlace({ local }: PlaceInfo, error: unknown): unknown {
  if (local === null || !isEfakturError(error, 'damaged')) return error;
  const said = reasonedAbout(local, error.what, error.because);
  return new EfakturError('source-unusable', said, closeOrSalvage, error);
}

/** A table of one of the databases. */
export interface ChosenTable {
  readonly database: OpenedDatabase;
  readonly table: UserTable;
}

/** The names a table answers to: `TABLE` and `SCHEMA.TABLE`. */
export const tableNames = (table: UserTable): readonly string[] => [table.name, tableName(table)];

/** All tables, or those with that name (see {@link withName} and {@link tableNames}); `usage` when there is none. */
export function tablesNamed({ databases }: Inspection, name: string | null): ChosenTable[] {
  const all = databases.flatMap((database) =>
    database.database.tables.map((table): ChosenTable => ({ database, table })),
  );
  if (name === null) return all;
  const found = withName(all, name, ({ table }) => tableNames(table));
  if (found.length > 0) return found;
  const names = [...new Set(all.flatMap(({ table }) => tableNames(table)))];
  throw new EfakturError(
    'usage',
    noTable(name),
    names.length === 0 ? noTablesAtAll : tablesShowsAll(proposal(name, names, verbatim(''))),
  );
}

/** The one table with that name; `usage` when several databases or schemas have it. */
export function tableNamed(inspection: Inspection, name: string): ChosenTable {
  const [first, ...others] = tablesNamed(inspection, name);
  if (!first) throw new TypeError('tablesNamed finds one or throws');
  if (others.length === 0) return first;
  const where = [first, ...others].map(({ database, table }) => tableIn(tableName(table), database.name));
  throw new EfakturError('usage', severalTables(name, where), nameDatabaseAndSchema);
}
