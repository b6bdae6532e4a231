/*
 * All tables of a state as files for the archive: a CSV each, and a schema.json that says what they are. It is built under
 * a temp name beside the target and renamed when it is whole and on disk.
 */
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asTargetError, syncDirectory, whileBusy } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { beginRun } from '../base/living-run.ts';
import { makeFolder } from '../base/new-folder.ts';
import type { Warning } from '../base/progress.ts';
import { removeLeftovers, stagedName } from '../base/staged.ts';
import type { Language } from '../base/text.ts';
import { describeType } from '../derby/values.ts';
import type { PlaceInfo } from './backup-files.ts';
import { type Inspection, salvageWarning, tablesNamed } from './open-databases.ts';
import { csvFormat, writeLines } from './row-lines.ts';
import { isLeftToRecovery, tableRows } from './scan-tables.ts';
import { folderNotEmpty, nameNewFolder, tablesNotTaken } from './texts.ts';
import { withLineFile } from './written-file.ts';

export interface ExportedTable {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  /** Relative to the folder, with `/`. */
  readonly file: string;
  readonly rows: number;
}

/** The workbook in the folder, where one was asked for. */
export const workbookName = 'tables.xlsx';

export interface ExportTablesDocument extends PlaceInfo {
  readonly outcome: 'exported';
  readonly path: string;
  /** Of the workbook with all tables, where one was asked for. */
  readonly workbook?: string;
  readonly tables: readonly ExportedTable[];
  readonly rows: number;
  readonly warnings: readonly Warning[];
}

export interface ExportTablesRequest {
  /** The folder to make; it must not be there, or be empty. */
  readonly to: string;
  /** A workbook with all tables as well. */
  readonly workbook: boolean;
  /** Of the workbook. */
  readonly language: Language;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly program: string;
}

/**
 * Writes all tables. After an error nothing is left; after a kill the next export to that folder removes the rest.
 * `usage` when the folder is there and not empty, `target-not-writable`, `damaged`.
 */
export async function exportTables(
  inspection: Inspection,
  { to, workbook, language, now, signal, program }: ExportTablesRequest,
): Promise<ExportTablesDocument> {
  const staging = join(dirname(to), stagedName(basename(to), 'exporting', await beginRun(now)));
  try {
    await refuseFull(to);
    await makeFolder(dirname(to));
    await removeLeftExports(to);
    await mkdir(staging);
  } catch (error) {
    throw cannotTake(to, error);
  }
  try {
    const tables = await writeTables(inspection, staging, signal);
    await withLineFile(join(staging, 'schema.json'), async (sink) => {
      await sink.write(schemaJson(inspection, tables, program));
    });
    if (workbook) {
      const { writeTablesWorkbook } = await import('./tables-workbook.ts');
      const book = await writeTablesWorkbook(join(staging, workbookName), inspection, language, signal);
      inspection.warnings.push(...book.warnings);
    }
    await syncDirectory(staging);
    await rmdir(to).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
    await whileBusy(() => rename(staging, to));
    await syncDirectory(dirname(to));
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    const warnings = [...inspection.warnings, ...salvageWarning(inspection.salvage)];
    return {
      outcome: 'exported',
      ...inspection.info,
      path: to,
      ...(workbook && { workbook: join(to, workbookName) }),
      tables,
      rows,
      warnings,
    };
  } catch (error) {
    await rm(staging, { recursive: true, force: true, maxRetries: 5 });
    throw cannotTake(to, error);
  }
}

const cannotTake = (to: string, error: unknown): unknown => asTargetError(error, tablesNotTaken(to));

async function refuseFull(to: string): Promise<void> {
  const names = await readdir(to).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return;
  throw new EfakturError('usage', folderNotEmpty(to), nameNewFolder);
}

/** What killed exports to the same folder left. */
const removeLeftExports = (to: string): Promise<void> =>
  removeLeftovers(
    dirname(to),
    ({ kind, stem, pcName }) => kind === 'exporting' && stem === basename(to) && pcName === null,
    (_, error) => error,
  );

async function writeTables(
  inspection: Inspection,
  staging: string,
  signal: AbortSignal,
): Promise<ExportedTable[]> {
  const tables: ExportedTable[] = [];
  const folderOf = createNames(workbookName, 'schema.json');
  const folders = new Map(inspection.databases.map(({ name }) => [name, folderOf(name)]));
  const nameOf = createNames();
  for (const chosen of tablesNamed(inspection, null)) {
    const { database, table } = chosen;
    if (await isLeftToRecovery(chosen, inspection.warnings)) continue;
    const folder = folders.get(database.name) ?? '';
    const file = nameOf(`${table.schema}.${table.name}`, `${folder}/`, '.csv');
    await makeFolder(join(staging, folder));
    const batches = tableRows(inspection, chosen, { signal });
    const rows = await withLineFile(join(staging, file), (sink) =>
      writeLines(csvFormat(table.columns), batches, sink),
    );
    tables.push({ database: database.name, schema: table.schema, name: table.name, file, rows });
  }
  for (const folder of new Set(tables.map(({ file }) => dirname(file))))
    await syncDirectory(join(staging, folder));
  return tables;
}

/** Linux takes 255 bytes of a name, Windows 260 characters of a path. */
const maxNameBytes = 120;

/** Names that every system can have; letters that some cannot are written `%XX`, and what is too long is cut. */
function safeName(name: string): string {
  let safe = '';
  for (const character of name.toWellFormed()) {
    const written = encodeURIComponent(character).replace('*', '%2A');
    if (safe.length + written.length > maxNameBytes) break;
    safe += written;
  }
  return safe.replace(/\.$/, '%2E').replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '_$1');
}

/** Gives names, no two of which are one on a system that knows no large letters, and none of which is reserved. */
function createNames(...reserved: string[]): (name: string, before?: string, ending?: string) => string {
  const taken = new Set(reserved);
  return (name, before = '', ending = '') => {
    for (let n = 1; ; n++) {
      const path = `${before}${safeName(name)}${n === 1 ? '' : `_${n}`}${ending}`;
      if (taken.has(path.toLowerCase())) continue;
      taken.add(path.toLowerCase());
      return path;
    }
  };
}

/** What the files are, for whoever reads them years later. */
function schemaJson(
  { info, databases }: Inspection,
  tables: readonly ExportedTable[],
  program: string,
): string {
  const described = databases.map(({ name, database, state }) => ({
    name,
    state,
    tables: database.tables.map((table) => {
      const written = tables.find(
        (one) => one.database === name && one.schema === table.schema && one.name === table.name,
      );
      return {
        schema: table.schema,
        name: table.name,
        file: written?.file,
        rows: written?.rows,
        primaryKey: table.primaryKey,
        columns: table.columns.map((column) => ({
          name: column.name,
          type: describeType(column.type),
          nullable: column.type.nullable,
        })),
      };
    }),
  }));
  const csv =
    'UTF-8, RFC 4180, first line names; null is an empty field (NULL without quotes where there is one column only) and an empty text is ""; decimals as stored, dates ISO 8601, bytes hex';
  return `${JSON.stringify({ format: 1, program, csv, ...info, databases: described }, null, 2)}\n`;
}
