import { join } from 'node:path';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { JudgedDatabase, Manifest, PrivateFacts } from '../../catalog/manifest.ts';
import { type AppProgram, compareVersions, readAppProgram, versionName } from '../../efaktur/app-program.ts';
import type { OfferedProgram } from './finder.ts';

/**
 * Whether the e-Faktur in a folder fits a backup. The main programs tell: equal bytes are the same program, else the
 * versions that they state say which is newer. Only where that is not known do the databases give a hint.
 */
export interface ProgramComparison {
  /** What the one in the folder is to the one that the backup was made with. */
  readonly result: 'same' | 'newer' | 'older' | 'other-build' | 'unknown';
  /** What the backup was made with; null where it is not known. */
  readonly backup: AppProgram | null;
  /** What lies in the folder; null where none does, or it cannot be read. */
  readonly target: AppProgram | null;
}

/** What a backup was made with, or a stored folder holds, as its manifest says; null where it does not, or its two parts contradict each other. */
export function programOf(
  { appProgram }: Pick<Manifest, 'appProgram'>,
  facts: Pick<PrivateFacts, 'app'> | null,
): AppProgram | null {
  if (appProgram === undefined) return null;
  if (!facts?.app) return { sha256: appProgram, version: null };
  const main = facts.app.programs.find(({ sha256 }) => sha256 === appProgram);
  return main ? { sha256: appProgram, version: main.version ?? null } : null;
}

export function comparePrograms(backup: AppProgram | null, target: AppProgram | null): ProgramComparison {
  const compared = (result: ProgramComparison['result']): ProgramComparison => ({ result, backup, target });
  if (!backup || !target) return compared('unknown');
  if (backup.sha256 === target.sha256) return compared('same');
  if (backup.version === null || target.version === null) return compared('unknown');
  const order = compareVersions(target.version, backup.version);
  return compared(order > 0 ? 'newer' : order < 0 ? 'older' : 'other-build');
}

/** The program in a folder; one that cannot be read is a warning and null. */
export async function programIn(folder: string, warnings: Warning[]): Promise<AppProgram | null> {
  try {
    return await readAppProgram(folder);
  } catch (error) {
    if (!isEfakturError(error, 'source-unusable')) throw error;
    const message = `which e-Faktur lies in ${folder} is not known: ${error.message}`;
    warnings.push({ code: 'program-unread', message, hint: error.hint });
    return null;
  }
}

/** A program by its name, for people: by its version, or else by the beginning of its SHA-256. */
export const programName = ({ sha256, version }: AppProgram): string =>
  version === null
    ? `a version that its program does not state (SHA-256 ${sha256.slice(0, 12)}…)`
    : versionName(version);

/** What is to be said of a comparison, as a sentence; null where the programs are the same. */
export function comparisonText({ result, backup, target }: ProgramComparison, folder: string): string | null {
  const [made, there] = [backup && programName(backup), target && programName(target)];
  switch (result) {
    case 'same':
      return null;
    case 'newer':
      return `the e-Faktur in ${folder} is ${there}, newer than ${made}, which this backup was made with: run ETaxInvoiceUpd once before you log in`;
    case 'older':
      return `the e-Faktur in ${folder} is ${there}, older than ${made}, which this backup was made with: it may fail on these databases`;
    case 'other-build':
      return `the e-Faktur in ${folder} is another build of the same version as the one that this backup was made with, ${made}: if it does not open the databases, run ETaxInvoiceUpd once`;
    case 'unknown':
      if (made !== null && there !== null)
        return `the e-Faktur in ${folder} is another program than the one that this backup was made with, and which of them is newer is not known (there: ${there}; the backup: ${made})`;
      if (made !== null)
        return `this backup was made with ${made}; no e-Faktur that can be compared lies in ${folder}`;
      return `which e-Faktur this backup was made with is not known${there === null ? '' : `; in ${folder} lies ${there}`}`;
  }
}

/** The warning that goes with a comparison, where something must be done; none where nothing is wrong or known. */
export function comparisonWarnings(comparison: ProgramComparison, folder: string): Warning[] {
  const message = comparisonText(comparison, folder);
  const codes = { newer: 'newer-program', older: 'older-program', 'other-build': 'other-build' } as const;
  const { result } = comparison;
  return message === null || result === 'same' || result === 'unknown'
    ? []
    : [{ code: codes[result], message }];
}

/** How to get a stored program, to be put into a hint. */
export const offerText = ({ id, store }: OfferedProgram): string =>
  `${store} holds the folder: "efaktur-cloud pull --whole-app --program ${id} --to DIR" makes a new folder with it`;

/** A restore into the folder of an older e-Faktur is refused with this. */
export function olderProgram(
  comparison: ProgramComparison,
  folder: string,
  stored: OfferedProgram | null,
): EfakturError {
  const get = stored ? `${offerText(stored)}. ` : '';
  return new EfakturError(
    'usage',
    `${comparisonText(comparison, folder)}; nothing was changed`,
    `Restore into a folder with that e-Faktur or a newer one. ${get}To restore it here all the same, add --other-version.`,
  );
}

/**
 * What the databases in a folder tell of its e-Faktur, where the programs do not: who wrote these with a newer Derby was
 * newer, and other tables are of another version.
 */
export async function databaseWarnings(
  folder: string,
  judged: readonly Pick<JudgedDatabase, 'name' | 'derbyVersion' | 'schemaFingerprint'>[],
): Promise<Warning[]> {
  const warnings: Warning[] = [];
  // It judges them, which a list of backups never needs.
  const { installedDatabases } = await import('../../efaktur/db-version.ts');
  const installed = new Map((await installedDatabases(join(folder, 'db'))).map((d) => [d.name, d]));
  for (const { name, derbyVersion, schemaFingerprint } of judged) {
    const there = installed.get(name);
    if (!there) continue;
    if (derbyVersion && there.derbyVersion && compareVersions(derbyVersion, there.derbyVersion) > 0) {
      warnings.push({
        code: 'older-program',
        message: `${name} in the backup was written by a newer e-Faktur (Derby ${derbyVersion}) than the one in ${folder} (Derby ${there.derbyVersion}): an older program cannot open it; install the newer e-Faktur`,
      });
    } else if (
      schemaFingerprint &&
      there.schemaFingerprint &&
      schemaFingerprint !== there.schemaFingerprint
    ) {
      warnings.push({
        code: 'other-schema',
        message: `${name} in the backup has other tables or columns than the db that was in ${folder}: it is of another e-Faktur version; run ETaxInvoiceUpd before you log in`,
      });
    }
  }
  return warnings;
}
