import type { Warning } from '../../base/progress.ts';
import type { PrivateFacts } from '../../catalog/manifest.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Verdict } from '../../derby/verdict.ts';

/**
 * One loud warning for each table that lost more than half of its rows since the backup before or is gone, and for each
 * database that is gone. Tables whose rows cannot be counted, because the database is not at rest, are passed over.
 */
export function lostRows(before: PrivateFacts | null, now: SetVerdict): Warning[] {
  const left = new Map(now.databases.map((d) => [d.database, d]));
  const warnings: Warning[] = [];
  const warn = (what: string): void => {
    warnings.push({ code: 'rows-lost', message: `LOOK AT THIS: ${what}; the backup before is kept` });
  };
  for (const { name, tables } of before?.judged ?? []) {
    const database = left.get(name);
    if (!database) {
      warn(`the database ${name} was in the backup before and is no longer there`);
      continue;
    }
    const rowsOf = new Map(database.tables.map((t) => [t.name, t.rows]));
    for (const { name: table, rows: had } of tables) {
      const rows = rowsOf.get(table);
      if (rows === undefined && database.verdict !== 'clean') continue;
      if ((rows ?? 0) * 2 >= had) continue;
      const what = `the table ${name}: ${table} had ${had} rows in the backup before and`;
      warn(
        rows === undefined ? `${what} is no longer there` : `${what} has ${rows} ${asOf(database.verdict)}`,
      );
    }
  }
  return warnings;
}

const asOf = (verdict: Verdict): string =>
  verdict === 'needs-recovery'
    ? 'as of the last checkpoint, which may lack the newest work'
    : verdict === 'damaged'
      ? 'that can be read'
      : 'now';
