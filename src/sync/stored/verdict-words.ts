import type { Warning } from '../../base/progress.ts';
import { asText, inBoth, type Said } from '../../base/text.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Problem } from '../../derby/problems.ts';

/** Verdicts as users read them. */

const shownProblems = 3;

/** The problems behind a verdict, the first few in full: `ETaxInvoice/seg0/c4d0.dat, page 7: …`. */
export function problemText(judged: SetVerdict, severity: Problem['severity']): string {
  const problems = judged.databases.flatMap((d) => d.problems).filter((p) => p.severity === severity);
  const shown = problems
    .slice(0, shownProblems)
    .map((p) => `${p.file}${p.page === null ? '' : `, page ${p.page}`}: ${p.message.en}`);
  const more = problems.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

/** All problems of a set, one text each, for documents. */
export const problemList = (judged: SetVerdict): string[] =>
  judged.databases
    .flatMap((d) => d.problems)
    .map((p) => `${p.file}${p.page === null ? '' : `, page ${p.page}`}: ${p.message.en}`);

/** What the user should know of a verdict that does not stop a push. */
export function verdictWarnings(what: Said, judged: SetVerdict): Warning[] {
  switch (judged.verdict) {
    case 'clean':
      return [];
    case 'encrypted':
      return [
        {
          code: 'encrypted-database',
          message: inBoth(
            (l) =>
              `${asText(what)[l]}: a database is encrypted by Derby, so only its headers could be checked`,
          ),
        },
      ];
    case 'needs-recovery':
      return [
        {
          code: 'needs-recovery',
          message: inBoth(
            (l) =>
              `${asText(what)[l]}: a database was not closed properly (${problemText(judged, 'needs-recovery')}); it counts as unproven until "efaktur-cloud verify --engine" has opened it`,
          ),
        },
      ];
    case 'damaged':
      return [
        {
          code: 'damaged-stored',
          message: inBoth(
            (l) =>
              `${asText(what)[l]} is damaged and was stored all the same: ${problemText(judged, 'damaged')}`,
          ),
        },
      ];
  }
}
