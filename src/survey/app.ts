import { join } from 'node:path';
import { findApp } from '../app/folders.ts';
import { isEfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import { formatInstant } from '../base/local-time.ts';
import { readAppProgram } from '../efaktur/app-program.ts';
import { readDbFolder } from '../efaktur/live-db.ts';
import { listLoginBackups } from '../efaktur/login-backups.ts';
import { findRunning, isRunning } from '../efaktur/running.ts';
import type { Config } from '../settings/config.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { SurveyedApp } from './document.ts';
import type { Patience } from './patience.ts';

/** What lies in the e-Faktur folder of a configuration, by names and times alone; null when it cannot be told in time. */
export async function surveyApp(
  config: Config,
  around: Surroundings,
  { within }: Patience,
): Promise<SurveyedApp | null> {
  try {
    const found = await within(findApp(config, around));
    if (found === null) return null;
    const { path } = found;
    const [program, running, db, backups] = await Promise.all([
      within(orNull(readAppProgram(path))),
      within(orNull(findRunning(path))),
      within(orNull(readDbFolder(join(path, 'db')))),
      within(listLoginBackups(path, config.zone)),
    ]);
    const newest = backups?.at(-1)?.capturedAt;
    return {
      path,
      error: null,
      version: program?.version ?? null,
      isOpen: running && isRunning(running),
      databases: db?.databases ?? null,
      changedAt:
        db && db.databases.length > 0 ? formatInstant(new Date(db.newestMtimeMs), config.zone) : null,
      loginBackups: backups?.length ?? null,
      newestLoginBackupAt: newest ? formatInstant(newest, config.zone) : null,
    };
  } catch (error) {
    keepOrThrow(error);
    return {
      ...{ path: null, error: reportOf(error), version: null, isOpen: null, databases: null },
      ...{ changedAt: null, loginBackups: null, newestLoginBackupAt: null },
    };
  }
}

/** What is there and cannot be read is told by a push, which needs it. */
const orNull = <T>(call: Promise<T>): Promise<T | null> =>
  call.catch((error: unknown) => {
    if (isEfakturError(error, 'source-unusable')) return null;
    throw error;
  });
