import { formatIsoDate } from '../inspect/dates.ts';
import type { PullDocument } from '../sync/pull.ts';
import { formatTable } from './format.ts';

/** What restored databases hold, as far as somebody looked. */
export function restoredTableLines({ tables }: Pick<PullDocument, 'tables'>): string[] {
  if (tables.length === 0) return [];
  const severalDatabases = new Set(tables.map(({ database }) => database)).size > 1;
  const rows = tables.map(({ database, table, rows: count, newest, asOfLastCheckpoint }) => [
    `  ${severalDatabases ? `${database}: ` : ''}${table}`,
    `${count} row${count === 1 ? '' : 's'}`,
    newest === null ? '' : `newest ${formatIsoDate(newest.slice(0, 10))}`,
    asOfLastCheckpoint ? 'as of the last checkpoint' : '',
  ]);
  return ['What it holds:', formatTable(rows).replace(/ +$/gm, '')];
}
