import { isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { StoredAppFacts } from '../../catalog/manifest-parts.ts';
import {
  type AppFacts,
  type AppProgram,
  appProgramChanged,
  readAppFacts,
  readAppProgram,
} from '../../efaktur/app-program.ts';
import { liesInBackups } from '../../efaktur/login-backups.ts';
import type { CandidateState } from './sources.ts';
import { programNotNoted } from './texts.ts';

/** The e-Faktur that a state was made with, as its manifest keeps it. */
export interface MadeWith {
  /** SHA-256 of its main program. */
  readonly appProgram: string;
  readonly app: StoredAppFacts;
}

/** Tells which e-Faktur made a state; null where that is not known. */
export type TellMadeWith = (candidate: CandidateState, capturedAt: Date) => Promise<MadeWith | null>;

export const storedAppFacts = ({ programs, memory }: AppFacts): StoredAppFacts => ({
  programs: programs.map(({ name, sha256, sizeBytes, version }) => ({
    name,
    sha256,
    sizeBytes,
    ...(version !== null && { version }),
  })),
  memory,
});

/** The e-Faktur that lies in a folder, read at most once for all that a push asks of it. Both fail as what they read with. */
export interface AppReader {
  readonly folder: string;
  facts(): Promise<AppFacts | null>;
  /** Reads no more than the main program where nobody has asked for all facts before. */
  program(): Promise<AppProgram | null>;
}

export function appReader(folder: string): AppReader {
  let reading: Promise<AppFacts | null> | null = null;
  return {
    folder,
    facts: () => {
      reading ??= readAppFacts(folder);
      return reading;
    },
    program: async () => {
      // What made all facts unreadable need not be the main program.
      const facts = await reading?.catch(() => null);
      return facts ? facts.main : readAppProgram(folder);
    },
  };
}

/**
 * Goes by the program that lies in the folder now. It made what is read live there, and a login backup of that folder
 * captured after it last changed; an older one may have been made with the program before it, and what lies elsewhere by
 * any. The programs are read when a manifest first needs it, as a push with nothing new needs none. A program that cannot be
 * read is a warning: the books count.
 */
export function madeWithIn(app: AppReader | null, warnings: Warning[]): TellMadeWith {
  if (app === null) return async () => null;
  let isTold = false;
  const unread = (error: unknown): null => {
    if (!isEfakturError(error, 'source-unusable')) throw error;
    if (!isTold)
      warnings.push({ code: 'program-unread', message: programNotNoted(error.text), hint: error.hint });
    isTold = true;
    return null;
  };
  const isOfProgramNow = async (candidate: CandidateState, capturedAt: Date): Promise<boolean> => {
    if (candidate.kind !== 'login-backup' && candidate.basis === 'read') return true;
    if (candidate.kind === 'login-backup' && !(await liesInBackups(app.folder, candidate.path))) return false;
    const changed = await appProgramChanged(app.folder).catch(unread);
    return changed !== null && capturedAt > changed;
  };
  return async (candidate, capturedAt) => {
    if (!(await isOfProgramNow(candidate, capturedAt))) return null;
    const facts = await app.facts().catch(unread);
    return facts && { appProgram: facts.main.sha256, app: storedAppFacts(facts) };
  };
}
