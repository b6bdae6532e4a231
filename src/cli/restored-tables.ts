import { count } from '../base/phrases.ts';
import { inBoth, type Text } from '../base/text.ts';
import type { PullDocument } from '../sync/pull.ts';
import { formatTable } from './format.ts';
import { asOfLastCheckpoint, newestDate, whatItHolds } from './inspect-texts.ts';

/** What restored databases hold, as far as somebody looked. */
export function restoredTableLines({ tables }: Pick<PullDocument, 'tables'>): Text[] {
  if (tables.length === 0) return [];
  const severalDatabases = new Set(tables.map(({ database }) => database)).size > 1;
  const table = inBoth((language) => {
    const rows = tables.map((one) => [
      `  ${severalDatabases ? `${one.database}: ` : ''}${one.table}`,
      count(one.rows, 'row')[language],
      one.newest === null ? '' : newestDate(one.newest.slice(0, 10))[language],
      one.asOfLastCheckpoint ? asOfLastCheckpoint[language] : '',
    ]);
    return formatTable(rows).replace(/ +$/gm, '');
  });
  return [whatItHolds, table];
}
