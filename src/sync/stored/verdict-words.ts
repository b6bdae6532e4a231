import { EfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { JudgedDatabase, PrivateFacts } from '../../catalog/manifest.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Problem } from '../../derby/problems.ts';
import type { Verdict } from '../../derby/verdict.ts';

/** Verdicts as manifests keep them and as users read them. */

export const judgedFacts = ({ databases }: SetVerdict): JudgedDatabase[] =>
  databases.map(({ database, verdict, derbyVersion, derbyBuild, schemaFingerprint, tables }) => ({
    name: database,
    verdict,
    ...(derbyVersion !== null && { derbyVersion }),
    ...(derbyBuild !== null && { derbyBuild }),
    ...(schemaFingerprint !== null && { schemaFingerprint }),
    tables,
  }));

/** The verdict that kept facts of clean databases stand for; null when they do not tell, or tell of others. */
export function cleanVerdict(databases: readonly JudgedDatabase[] | undefined): SetVerdict | null {
  if (!databases || databases.length === 0 || databases.some(({ verdict }) => verdict !== 'clean'))
    return null;
  return {
    verdict: 'clean',
    databases: databases.map(({ name, derbyVersion, derbyBuild, schemaFingerprint, tables }) => ({
      database: name,
      verdict: 'clean',
      problems: [],
      derbyVersion: derbyVersion ?? null,
      derbyBuild: derbyBuild ?? null,
      schemaFingerprint: schemaFingerprint ?? null,
      tables,
      checked: [],
    })),
  };
}

const shownProblems = 3;

/** The problems behind a verdict, the first few in full: `ETaxInvoice/seg0/c4d0.dat, page 7: …`. */
export function problemText(judged: SetVerdict, severity: Problem['severity']): string {
  const problems = judged.databases.flatMap((d) => d.problems).filter((p) => p.severity === severity);
  const shown = problems
    .slice(0, shownProblems)
    .map((p) => `${p.file}${p.page === null ? '' : `, page ${p.page}`}: ${p.message}`);
  const more = problems.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** All problems of a set, one text each, for documents. */
export const problemList = (judged: SetVerdict): string[] =>
  judged.databases
    .flatMap((d) => d.problems)
    .map((p) => `${p.file}${p.page === null ? '' : `, page ${p.page}`}: ${p.message}`);

/** What the user should know of a verdict that does not stop a push. */
export function verdictWarnings(what: string, judged: SetVerdict): Warning[] {
  switch (judged.verdict) {
    case 'clean':
      return [];
    case 'encrypted':
      return [
        {
          code: 'encrypted-database',
          message: `${what}: a database is encrypted by Derby, so only its headers could be checked`,
        },
      ];
    case 'needs-recovery':
      return [
        {
          code: 'needs-recovery',
          message: `${what}: a database was not closed properly (${problemText(judged, 'needs-recovery')}); it counts as unproven until "efaktur-cloud verify --engine" has opened it`,
        },
      ];
    case 'damaged':
      return [
        {
          code: 'damaged-stored',
          message: `${what} is damaged and was stored all the same: ${problemText(judged, 'damaged')}`,
        },
      ];
  }
}

export const damagedState = (what: string, judged: SetVerdict): EfakturError =>
  new EfakturError(
    'source-unusable',
    `${what} is damaged: ${problemText(judged, 'damaged')}`,
    'Push another state with --source; if this is the only copy left, store it, marked as damaged, with --force-damaged.',
  );

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
