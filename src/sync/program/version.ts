import { join } from 'node:path';
import { isEfakturError } from '../../base/errors.ts';
import type { Warning } from '../../base/progress.ts';
import type { JudgedDatabase, Manifest, PrivateFacts } from '../../catalog/manifest.ts';
import { type AppProgram, compareVersions, readAppProgram } from '../../efaktur/app-program.ts';
import { otherTables, programUnread, writtenByNewer } from './texts.ts';

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

/** The program in a folder; one that cannot be read is a warning and null. */
export async function programIn(folder: string, warnings: Warning[]): Promise<AppProgram | null> {
  try {
    return await readAppProgram(folder);
  } catch (error) {
    if (!isEfakturError(error, 'source-unusable')) throw error;
    warnings.push({ code: 'program-unread', message: programUnread(folder, error.text), hint: error.hint });
    return null;
  }
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
        message: writtenByNewer(name, derbyVersion, folder, there.derbyVersion),
      });
    } else if (
      schemaFingerprint &&
      there.schemaFingerprint &&
      schemaFingerprint !== there.schemaFingerprint
    ) {
      warnings.push({
        code: 'other-schema',
        message: otherTables(name, folder),
      });
    }
  }
  return warnings;
}
