import { isKept } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import { listBackups } from '../../catalog/listing.ts';
import { type AppProgram, versionName } from '../../efaktur/app-program.ts';
import type { AppReader } from '../push/made-with.ts';
import type { Target } from '../push/report.ts';
import type { StoreSession } from '../push/session.ts';
import { type FoundProgram, programFinder } from './finder.ts';
import { noCopyOfProgram, storeProgramOnce } from './texts.ts';

/**
 * Says of each store that has no copy of the e-Faktur in this folder that it has none: once for each program and store, as
 * whoever decides against it must not hear it every hour. Nothing that goes wrong here is worth a word. `target-not-writable`
 * when it cannot be noted.
 */
export async function proposeProgram(
  targets: readonly Target[],
  app: AppReader,
  warnings: Warning[],
  signal: AbortSignal,
): Promise<void> {
  const sessions = targets.flatMap(({ session, error }) => (session && !error ? [session] : []));
  const program = sessions.length > 0 ? await unlessUnusable(app.program()) : null;
  if (!program) return;
  for (const session of sessions) {
    const { programs, proposed = [] } = session.record;
    if (programs.some((p) => p.appProgram === program.sha256) || proposed.includes(program.sha256)) continue;
    // Undefined where one that cannot be read may be it.
    const found = await unlessUnusable(find(session, program, signal));
    if (found === undefined) continue;
    await session.noteProposed(program.sha256);
    if (found === null) warnings.push(notStored(session, program));
  }
}

async function find(
  { store, record, isNew }: StoreSession,
  { sha256 }: AppProgram,
  signal: AbortSignal,
): Promise<FoundProgram> {
  if (isNew) return null;
  const { programs } = await listBackups(store, { signal });
  return programFinder(store, programs, record, signal)(sha256);
}

async function unlessUnusable<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (isKept(error)) return undefined;
    throw error;
  }
}

const notStored = ({ store }: StoreSession, { version }: AppProgram): Warning => ({
  code: 'program-not-stored',
  message: noCopyOfProgram(store.url, version === null ? null : versionName(version)),
  hint: storeProgramOnce,
});
