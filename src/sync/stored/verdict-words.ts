import { EfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Problem } from '../../derby/problems.ts';

/** Verdicts as users read them. */

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
