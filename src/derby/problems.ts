/* What is wrong with a database, in words an accountant can read. */
import type { Text } from '../base/text.ts';

export type ProblemKind =
  | 'missing-file'
  | 'service-properties'
  | 'log-control'
  | 'log'
  | 'not-closed'
  | 'file-length'
  | 'container-header'
  | 'page'
  | 'catalog'
  | 'index';

export interface Problem {
  /** Relative to the `db` folder. */
  readonly file: string;
  readonly page: number | null;
  readonly kind: ProblemKind;
  /** What it makes of the database; a `note` changes no verdict. */
  readonly severity: 'damaged' | 'needs-recovery' | 'note';
  /** A sentence in plain words. */
  readonly message: Text;
}

export type Report = (
  severity: Problem['severity'],
  kind: ProblemKind,
  /** Relative to the database's folder. */
  file: string,
  message: Text,
  page?: number | null,
) => void;

const maxProblems = 1000;

/** The problems of one database, in the order in which they are reported; at most a thousand. */
export function collectProblems(database: string): {
  readonly problems: readonly Problem[];
  readonly report: Report;
} {
  const problems: Problem[] = [];
  return {
    problems,
    report(severity, kind, file, message, page = null) {
      if (problems.length < maxProblems)
        problems.push({ file: `${database}/${file}`, page, kind, severity, message });
    },
  };
}
