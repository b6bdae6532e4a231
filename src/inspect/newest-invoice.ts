/* How far the invoices of an e-Faktur folder go: what tells one taxpayer's folder from an old copy of it. */
import { isEfakturError } from '../base/errors.ts';
import type { Column } from '../derby/catalog.ts';
import { tableName } from '../derby/catalog.ts';
import type { InspectContext } from './backup-files.ts';
import { openLocalFiles } from './local-files.ts';
import { openDatabases, tablesNamed } from './open-databases.ts';
import { isLeftToRecovery, tableRows } from './scan-tables.ts';

/** What e-Faktur calls its tables is not public; the words of its screens are. */
const ofInvoices = /faktur|invoice/i;
const isDay = /tanggal|tgl|date/i;

/** A date far ahead stands for "never". */
const latest = (now: Date): string => `${now.getUTCFullYear() + 1}-12-31`;

/**
 * The newest date of an invoice in a `db` that is read as it lies there, `2023-07-08`; null where none can be told: no
 * database, a damaged or encrypted one, one that changed meanwhile, or no such table. Of tables whose names speak of invoices the
 * date of the invoice counts, else every date in them.
 */
export async function newestInvoice(appFolder: string, context: InspectContext): Promise<string | null> {
  try {
    const files = await openLocalFiles(appFolder, context, []);
    try {
      const inspection = await openDatabases(files, { database: null, salvage: true }, []);
      let newest: string | null = null;
      for (const chosen of tablesNamed(inspection, null)) {
        if (!ofInvoices.test(tableName(chosen.table))) continue;
        const columns = datesOf(chosen.table.columns).map(({ name }) => name);
        if (columns.length === 0 || (await isLeftToRecovery(chosen, []))) continue;
        for await (const batch of tableRows(inspection, chosen, { columns, signal: context.signal }))
          for (const row of batch)
            for (const value of row) {
              const day = typeof value === 'string' ? value.slice(0, 10) : '';
              if (day <= latest(context.now()) && day > (newest ?? '')) newest = day;
            }
      }
      return newest;
    } finally {
      await files.close();
    }
  } catch (error) {
    if (isEfakturError(error, 'damaged', 'source-unusable', 'source-changed', 'usage')) return null;
    throw error;
  }
}

function datesOf(columns: readonly Column[]): readonly Column[] {
  const dates = columns.filter(({ type }) => type.name === 'DATE' || type.name === 'TIMESTAMP');
  const ofInvoice = dates.filter(({ name }) => ofInvoices.test(name));
  const named = dates.filter(({ name }) => isDay.test(name));
  return [ofInvoice, named, dates].find((some) => some.length > 0) ?? [];
}
