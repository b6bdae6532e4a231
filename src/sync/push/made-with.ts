import { isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { StoredAppFacts } from '../../catalog/manifest-parts.ts';
import { type AppFacts, appProgramChanged, readAppFacts } from '../../efaktur/app-program.ts';
import { liesInBackups } from '../../efaktur/login-backups.ts';
import type { CandidateState } from './sources.ts';

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

/**
 * Goes by the program that lies in the folder now. It made what is read live there, and a login backup of that folder
 * captured after it last changed; an older one may have been made with the program before it, and what lies elsewhere by
 * any. The programs are read when a manifest first needs it and once a push, as a push with nothing new needs none. A
 * program that cannot be read is a warning: the books count.
 */
export function madeWithIn(appFolder: string | null, warnings: Warning[]): TellMadeWith {
  if (appFolder === null) return async () => null;
  let reading: Promise<AppFacts | null> | null = null;
  const read = async (): Promise<AppFacts | null> => {
    try {
      return await readAppFacts(appFolder);
    } catch (error) {
      return unread(error);
    }
  };
  let isTold = false;
  const unread = (error: unknown): null => {
    if (!isEfakturError(error, 'source-unusable')) throw error;
    const message = `which e-Faktur this backup was made with is not noted: ${error.message}`;
    if (!isTold) warnings.push({ code: 'program-unread', message, hint: error.hint });
    isTold = true;
    return null;
  };
  const isOfProgramNow = async (candidate: CandidateState, capturedAt: Date): Promise<boolean> => {
    if (candidate.kind !== 'login-backup' && candidate.basis === 'read') return true;
    if (candidate.kind === 'login-backup' && !(await liesInBackups(appFolder, candidate.path))) return false;
    const changed = await appProgramChanged(appFolder).catch(unread);
    return changed !== null && capturedAt > changed;
  };
  return async (candidate, capturedAt) => {
    if (!(await isOfProgramNow(candidate, capturedAt))) return null;
    reading ??= read();
    const facts = await reading;
    return facts && { appProgram: facts.main.sha256, app: storedAppFacts(facts) };
  };
}
