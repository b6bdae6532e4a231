import type { Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import type { PrivateFacts } from '../../catalog/manifest.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Verdict } from '../../derby/verdict.ts';
import { databaseGone, lookAtThis, type RowsAsOf, tableGone, tableShrunk } from './texts.ts';

/**
 * One loud warning for each table that lost more than half of its rows since the backup before or is gone, and for each
 * database that is gone. Tables whose rows cannot be counted, because the database is not at rest, are passed over.
 */
export function lostRows(before: PrivateFacts | null, now: SetVerdict): Warning[] {
  const left = new Map(now.databases.map((d) => [d.database, d]));
  const warnings: Warning[] = [];
  const warn = (what: Text): void => {
    warnings.push({ code: 'rows-lost', message: lookAtThis(what) });
  };
  for (const { name, tables } of before?.judged ?? []) {
    const database = left.get(name);
    if (!database) {
      warn(databaseGone(name));
      continue;
    }
    const rowsOf = new Map(database.tables.map((t) => [t.name, t.rows]));
    for (const { name: table, rows: had } of tables) {
      const rows = rowsOf.get(table);
      if (rows === undefined && database.verdict !== 'clean') continue;
      if ((rows ?? 0) * 2 >= had) continue;
      warn(
        rows === undefined
          ? tableGone(name, table, had)
          : tableShrunk(name, table, had, rows, asOf(database.verdict)),
      );
    }
  }
  return warnings;
}

const asOf = (verdict: Verdict): RowsAsOf =>
  verdict === 'needs-recovery' ? 'checkpoint' : verdict === 'damaged' ? 'readable' : 'now';
