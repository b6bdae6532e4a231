import type { Warning } from '../../base/progress.ts';
import type { Text } from '../../base/text.ts';
import type { SetVerdict } from '../../derby/judge.ts';
import type { Problem } from '../../derby/problems.ts';
import { damagedButStored, encryptedByDerby, firstProblems, notClosed, problemAt } from './texts.ts';

/** Verdicts as users read them. */

const shownProblems = 3;

/** The problems behind a verdict, the first few in full: `ETaxInvoice/seg0/c4d0.dat, page 7: …`. */
export function problemText(judged: SetVerdict, severity: Problem['severity']): Text {
  const problems = judged.databases.flatMap((d) => d.problems).filter((p) => p.severity === severity);
  const shown = problems.slice(0, shownProblems).map(textOf);
  return firstProblems(shown, problems.length - shown.length);
}

/** All problems of a set, one text each, for documents. */
export const problemList = (judged: SetVerdict): Text[] =>
  judged.databases.flatMap((d) => d.problems).map(textOf);

const textOf = ({ file, page, message }: Problem): Text => problemAt(file, page, message);

/** What the user should know of a verdict that does not stop a push. */
export function verdictWarnings(what: Text, judged: SetVerdict): Warning[] {
  switch (judged.verdict) {
    case 'clean':
      return [];
    case 'encrypted':
      return [
        {
          code: 'encrypted-database',
          message: encryptedByDerby(what),
        },
      ];
    case 'needs-recovery':
      return [
        {
          code: 'needs-recovery',
          message: notClosed(what, problemText(judged, 'needs-recovery')),
        },
      ];
    case 'damaged':
      return [
        {
          code: 'damaged-stored',
          message: damagedButStored(what, problemText(judged, 'damaged')),
        },
      ];
  }
}
