/* What a restore is about to bring back, looked at before it takes the place of the old db. */
import { EfakturError, isEfakturError, type Reasoned } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import { tableName } from '../derby/catalog.ts';
import type { SqlValue } from '../derby/values.ts';
import type { InspectContext } from './backup-files.ts';
import { isFound } from './find.ts';
import { openLocalFiles } from './local-files.ts';
import { type ChosenTable, type Inspection, openDatabases, tablesNamed } from './open-databases.ts';
import { openBackupFiles } from './open-files.ts';
import { isLeftToRecovery, tableRows } from './scan-tables.ts';
import { parseTerms } from './terms.ts';
import { expectOtherwise, notRestoredAsAbsent, notRestoredAsUnread, notShown } from './texts.ts';
import { isoTimestamp } from './value-text.ts';

export interface RestoredTable {
  readonly database: string;
  /** `SCHEMA.TABLE`. */
  readonly table: string;
  readonly rows: number;
  /** The newest date or time in any column; null without one. */
  readonly newest: string | null;
  /** Only of a database that was not closed: recovery may change the rows. */
  readonly asOfLastCheckpoint?: true;
}

/**
 * Counts the rows of every table below a folder of databases, finds their newest dates, and looks for each of the
 * expected texts: `not-in-backup` when one is in no row. What cannot be read is a warning, unless something is expected.
 */
export async function inspectRestored(
  folder: string,
  expected: readonly string[],
  context: InspectContext,
): Promise<{ tables: readonly RestoredTable[]; warnings: readonly Warning[] }> {
  const warnings: Warning[] = [];
  // A salvage: whether what is damaged may be restored is not for the summary to decide.
  const options = { database: null, salvage: true };
  const tables: RestoredTable[] = [];
  const files = await openLocalFiles(folder, context, warnings);
  try {
    let inspection: Inspection | null = null;
    try {
      // What is not at rest is told by the judge of the restore.
      inspection = await openDatabases(files, options, []);
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'source-unusable')) throw error;
      if (expected.length > 0)
        throw notThere({ what: notRestoredAsUnread(expected[0] ?? ''), because: error.text });
      warnings.push({ code: 'not-shown', message: notShown(error.text) });
    }
    if (!inspection) return { tables, warnings };
    const told = inspection.warnings.length;
    await expectIn(inspection, expected, context.signal);
    for (const one of tablesNamed(inspection, null)) {
      if (!(await isLeftToRecovery(one, inspection.warnings)))
        tables.push(await summary(inspection, one, context.signal));
    }
    warnings.push(...inspection.warnings.slice(told));
    return { tables, warnings };
  } finally {
    await files.close();
  }
}

/** Looks for the expected texts in a stored backup, for a restore that is only planned. `not-in-backup`. */
export async function expectStored(
  id: string,
  expected: readonly string[],
  context: InspectContext,
): Promise<void> {
  const warnings: Warning[] = [];
  const options = { database: null, salvage: false };
  const files = await openBackupFiles({ in: 'stores', wanted: { by: 'id', id } }, context, warnings, options);
  try {
    await expectIn(await openDatabases(files, options, warnings), expected, context.signal);
  } finally {
    await files.close();
  }
}

async function expectIn(
  inspection: Inspection,
  expected: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const tables = tablesNamed(inspection, null);
  for (const text of expected) {
    if (!(await isFound(inspection, tables, parseTerms([text]), signal)))
      throw notThere(notRestoredAsAbsent(text));
  }
}

const notThere = (said: Text | Reasoned): EfakturError =>
  new EfakturError('not-in-backup', said, expectOtherwise);

/** Dates that stand for "never" would hide the newest real one. */
const endOfTime = '9999';

async function summary(
  inspection: Inspection,
  chosen: ChosenTable,
  signal: AbortSignal,
): Promise<RestoredTable> {
  const { database, table } = chosen;
  const dates = table.columns.filter(({ type }) => type.name === 'DATE' || type.name === 'TIMESTAMP');
  let rows = 0;
  let newest: string | null = null;
  const columns = dates.map(({ name }) => name);
  for await (const batch of tableRows(inspection, chosen, { columns, signal })) {
    rows += batch.length;
    for (const row of batch) for (const value of row) newest = later(newest, value);
  }
  return {
    database: database.name,
    table: tableName(table),
    rows,
    newest: newest === null ? null : isoTimestamp(newest),
    ...(database.state !== 'clean' && { asOfLastCheckpoint: true }),
  };
}

const later = (newest: string | null, value: SqlValue): string | null =>
  typeof value === 'string' && !value.startsWith(endOfTime) && (newest === null || value > newest)
    ? value
    : newest;
