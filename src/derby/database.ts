/*
 * A Derby database to look into, without Java: its tables and their rows, over any medium that reads ranges of its files.
 * Nothing is written, and only the system tables and the asked tables are read.
 */

import { EfakturError } from '../base/errors.ts';
import {
  type Catalog,
  type Column,
  catalogContainers,
  readCatalog,
  readPrimaryKeys,
  systemTable,
  type Table,
} from './catalog.ts';
import {
  containerFileName,
  containerHeaderBytes,
  pageChecksumOk,
  parseContainerHeader,
  parseContainerName,
} from './container.ts';
import { type LogFileFacts, parseLogControl, parseLogName, scanLogFile } from './log.ts';
import { judgeLog, type LogState } from './log-state.ts';
import { type DatabaseFiles, openPages, type PageReader } from './pages.ts';
import { controlOfDamaged } from './problem-texts.ts';
import { oldPropertiesName } from './properties-names.ts';
import { countRows, type Row, type SalvageCount, type Sieve, scanRows } from './rows.ts';
import { isEncryptedBy, parseServiceProperties, usedProperties } from './service-properties.ts';
import {
  bootPassword,
  columnsAre,
  listOfTablesDamaged,
  noColumn,
  restoreAndOpen,
  tableFileDamaged,
  useAnotherBackup,
  useAnotherOrSalvage,
} from './texts.ts';

/** A user table of an open database. */
export interface UserTable {
  readonly schema: string;
  readonly name: string;
  /** In the order of the row. */
  readonly columns: readonly Column[];
  /** Names of the primary key's columns in order; empty when the table has none. */
  readonly primaryKey: readonly string[];
  /** The file that holds the rows, relative to the database's folder. */
  readonly file: string;
  /** Bytes of that file, indexes not counted. */
  readonly sizeBytes: number;
}

export interface RowOptions {
  /** Names of the wanted columns, each once, in the wanted order; all when absent. */
  readonly columns?: readonly string[] | undefined;
  /** Longer values come as `LongValue`. 1 MiB unless told. */
  readonly maxValueBytes?: number | undefined;
  /** Passes over pages and rows that cannot be read, and counts them here. Without it they are an error (`damaged`). */
  readonly salvage?: SalvageCount | undefined;
  /** What a `LongValue` that breaks off throws: its own error (`damaged`) unless told. */
  readonly blame?: ((error: EfakturError) => unknown) | undefined;
  /** Which rows to leave out early, by columns of the table. */
  readonly sieve?: Sieve | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Database {
  /** Sorted by schema and name. */
  readonly tables: readonly UserTable[];
  /**
   * Whether the rows are all there is: with `needs-recovery` or `broken` they are as of the last checkpoint, perhaps in
   * the middle of a change. Reads the last log file, no more.
   */
  logState(): Promise<LogState>;
  /** Batches of live rows in the order they are stored. Fails with `damaged`, and `usage` for a column that is not there. */
  rows(table: UserTable, options?: RowOptions): AsyncGenerator<Row[]>;
  countRows(table: UserTable, options?: RowOptions): Promise<number>;
  /**
   * Of a database that needs recovery: true when no file holds the table's rows because its container was dropped after the
   * last checkpoint (DROP TABLE, TRUNCATE, a compression), or is not made yet. That is no damage: recovery drops the table,
   * or makes the file that it has since.
   */
  isLeftToRecovery(table: UserTable): Promise<boolean>;
}

const maxCatalogBytes = 64 << 20;
const propertiesFile = 'service.properties';

/**
 * Opens a database. Fails with `source-unusable` when it is encrypted, `damaged` when its system tables cannot be read.
 * `name` stands in messages. With `salvage`, what is damaged in the system tables is passed over and counted there; the
 * tables it described are not shown.
 */
export async function openDatabase(
  files: DatabaseFiles,
  name: string,
  { salvage }: { readonly salvage?: SalvageCount | undefined } = {},
): Promise<Database> {
  if (await isEncrypted(files)) {
    throw new EfakturError('source-unusable', bootPassword(name), restoreAndOpen);
  }
  const catalog = await catalogOf(files, name, salvage);
  const primaryKeys = await primaryKeysOf(files, catalog);
  const known = new Set<UserTable>();
  for (const table of catalog.tables) if (table.isUserTable) known.add(userTable(table, primaryKeys, files));

  const pagesOf = async (wanted: UserTable, { salvage: passed }: RowOptions): Promise<PageReader> => {
    const guess = passed !== undefined;
    const pages = known.has(wanted) ? await openPages(files, wanted.file, { guess }) : null;
    if (pages?.isGuessed && passed) passed.pages++;
    if (pages) return pages;
    throw new EfakturError(
      'damaged',
      tableFileDamaged(`${wanted.schema}.${wanted.name}`, name, wanted.file),
      useAnotherBackup,
    );
  };

  return {
    tables: [...known],
    logState: () => logStateOf(files, name),
    async *rows(wanted, options = {}) {
      const { columns, ...rest } = options;
      const chosen = columns?.map((column) => columnOf(wanted, column)) ?? wanted.columns;
      yield* scanRows(await pagesOf(wanted, options), chosen, {
        table: `${wanted.schema}.${wanted.name}`,
        ...rest,
      });
    },
    async countRows(wanted, options = {}) {
      return countRows(await pagesOf(wanted, options), {
        table: `${wanted.schema}.${wanted.name}`,
        ...options,
      });
    },
    isLeftToRecovery: ({ file }) => isLeftToRecovery(files, file),
  };
}

/** The rule of the judge: dropped, with what is left of it or its header to show for it, or younger than all that is there. */
async function isLeftToRecovery(files: DatabaseFiles, file: string): Promise<boolean> {
  const id = parseContainerName(file.slice('seg0/'.length))?.id ?? 0;
  const sizeBytes = files.sizeBytes(file);
  if (sizeBytes !== null && sizeBytes >= containerHeaderBytes)
    return parseContainerHeader(await files.read(file, 0, containerHeaderBytes))?.committedDrop ?? false;
  let newest = 0;
  for (const path of files.paths()) {
    const found = path.startsWith('seg0/') ? parseContainerName(path.slice('seg0/'.length)) : null;
    if (found?.dropped && found.id === id) return true;
    if (found && !found.dropped) newest = Math.max(newest, found.id);
  }
  return sizeBytes === null && id > newest;
}

const containerPath = (id: number): string => `seg0/${containerFileName(id)}`;

function columnOf(table: UserTable, name: string): Column {
  const column = table.columns.find((one) => one.name === name);
  if (column) return column;
  throw new EfakturError(
    'usage',
    noColumn(`${table.schema}.${table.name}`, name),
    columnsAre(table.columns.map((one) => one.name)),
  );
}

function userTable(table: Table, primaryKeys: ReadonlySet<string> | null, files: DatabaseFiles): UserTable {
  const key = table.indexes.find((index) => primaryKeys?.has(index.id));
  const names = key?.columns.map((number) => table.columns.find((column) => column.number === number)?.name);
  const file = containerPath(table.container);
  return {
    schema: table.schema,
    name: table.name,
    columns: table.columns,
    primaryKey: names?.every((one) => one !== undefined) ? names : [],
    file,
    sizeBytes: files.sizeBytes(file) ?? 0,
  };
}

async function isEncrypted(files: DatabaseFiles): Promise<boolean> {
  const bytesOf = async (path: string): Promise<Buffer | null> => {
    const sizeBytes = files.sizeBytes(path);
    return sizeBytes === null ? null : files.read(path, 0, Math.min(sizeBytes, 1 << 16));
  };
  const [current, old] = [await bytesOf(propertiesFile), await bytesOf(oldPropertiesName)];
  const used = usedProperties(current, old) === 'old' ? old : current;
  const properties = used && parseServiceProperties(used);
  return properties !== null && isEncryptedBy(properties);
}

/**
 * A system table's file as a whole, damaged pages emptied and their number beside it; null when it is missing or beyond
 * all measure.
 */
async function wholeContainer(
  files: DatabaseFiles,
  id: number,
): Promise<{ bytes: Buffer; badPages: number } | null> {
  const path = containerPath(id);
  const sizeBytes = files.sizeBytes(path);
  if (sizeBytes === null || sizeBytes > maxCatalogBytes) return null;
  const bytes = Buffer.from(await files.read(path, 0, sizeBytes));
  const pageSize = parseContainerHeader(bytes.subarray(0, containerHeaderBytes))?.pageSize;
  if (!pageSize) return null;
  let badPages = 0;
  for (let at = pageSize; at + pageSize <= bytes.length; at += pageSize) {
    if (pageChecksumOk(bytes, at, pageSize)) continue;
    badPages++;
    bytes.fill(0, at, at + pageSize);
  }
  return { bytes, badPages };
}

async function catalogOf(
  files: DatabaseFiles,
  name: string,
  salvage: SalvageCount | undefined,
): Promise<Catalog> {
  const [conglomerates, tables, columns, schemas] = await Promise.all([
    wholeContainer(files, catalogContainers.conglomerates),
    wholeContainer(files, catalogContainers.tables),
    wholeContainer(files, catalogContainers.columns),
    wholeContainer(files, catalogContainers.schemas),
  ]);
  if (conglomerates && tables && columns && schemas) {
    const badPages = conglomerates.badPages + tables.badPages + columns.badPages + schemas.badPages;
    if (salvage) salvage.pages += badPages;
    const parts = {
      conglomerates: conglomerates.bytes,
      tables: tables.bytes,
      columns: columns.bytes,
      schemas: schemas.bytes,
    };
    const catalog = badPages > 0 && !salvage ? null : readCatalog(parts, { tolerant: salvage !== undefined });
    if (catalog) return catalog;
  }
  throw new EfakturError(
    'damaged',
    listOfTablesDamaged(name),
    salvage ? useAnotherBackup : useAnotherOrSalvage,
  );
}

async function primaryKeysOf(files: DatabaseFiles, catalog: Catalog): Promise<ReadonlySet<string> | null> {
  const constraints = systemTable(catalog, 'SYSCONSTRAINTS');
  const keys = systemTable(catalog, 'SYSKEYS');
  if (!constraints || !keys) return null;
  const [constraintRows, keyRows] = await Promise.all([
    wholeContainer(files, constraints.container),
    wholeContainer(files, keys.container),
  ]);
  // Without them rows are compared whole; that is no reason to show nothing.
  return constraintRows && keyRows ? readPrimaryKeys(constraintRows.bytes, keyRows.bytes) : null;
}

async function logStateOf(files: DatabaseFiles, name: string): Promise<LogState> {
  const control = (await controlOf(files, 'log/log.ctrl')) ?? (await controlOf(files, 'log/logmirror.ctrl'));
  if (!control)
    return {
      state: 'broken',
      file: 'log.ctrl',
      reason: controlOfDamaged(name),
      leftOver: [],
    };
  const facts = new Map<number, LogFileFacts>();
  for (const path of files.paths()) {
    const number = path.startsWith('log/') ? parseLogName(path.slice(4)) : null;
    if (number === null) continue;
    const scan = scanLogFile(number, control.checkpoint);
    const sizeBytes = files.sizeBytes(path) ?? 0;
    for (let at = 0; at < sizeBytes; at += 1 << 18) {
      scan.write(await files.read(path, at, Math.min(1 << 18, sizeBytes - at)));
    }
    facts.set(number, scan.end());
  }
  return judgeLog(control.checkpoint, facts, false);
}

async function controlOf(files: DatabaseFiles, path: string) {
  const sizeBytes = files.sizeBytes(path);
  if (sizeBytes === null || sizeBytes > 1 << 10) return null;
  return parseLogControl(await files.read(path, 0, sizeBytes));
}
