import { byUtf8 } from '../../base/file-set.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Warning } from '../../base/progress.ts';
import { parseBackupId } from '../../catalog/names.ts';
import { isDbName, type LeftOut, type LeftOutReason, leftOutText } from '../../efaktur/app-files.ts';
import type { ProgramFile } from '../../efaktur/app-program.ts';
import { describeStore, type PushedStore, type Target } from '../push/report.ts';
import { moreLeftOut } from '../push/texts.ts';
import type { ProgramRead } from './read-program.ts';
import type { StoredProgramAs } from './store-program.ts';
import {
  databasesBesideDb,
  doesNotStart,
  notInProgramCopy,
  pushThemByPath,
  putProgramAgain,
} from './texts.ts';

/** What a push says of a program folder, for documents and people. */

export interface PushedProgram {
  readonly id: string;
  /** The folder: local day of the read. */
  readonly date: string;
  /** When it was read, RFC 3339 in the configured zone. */
  readonly capturedAt: string;
  /** When the store got it; null where it did not now. */
  readonly uploadedAt: string | null;
  readonly kind: 'program';
  readonly storedBytes: number | null;
  readonly encrypted: boolean | null;
  readonly archive: string | null;
  readonly outcome: 'created' | 'unchanged' | 'planned';
  /** The e-Faktur folder. */
  readonly source: string;
  /** SHA-256 of the main program, and the version it states. */
  readonly appProgram: string;
  readonly version: string | null;
  readonly files: number;
  readonly totalBytes: number;
  /** What lies in the folder itself, the largest first; of a folder with all that is in it. */
  readonly parts: readonly ProgramPart[];
  readonly leftOut: readonly LeftOut[];
  readonly stores: readonly PushedStore[];
}

export interface ProgramPart {
  /** Folders end in a slash. */
  readonly path: string;
  readonly files: number;
  readonly sizeBytes: number;
}

export function programReport(
  appFolder: string,
  read: ProgramRead,
  {
    plan,
    results,
  }: {
    readonly plan: { readonly id: string; readonly day: string };
    readonly results: ReadonlyMap<Target, StoredProgramAs>;
  },
  targets: readonly Target[],
  { dryRun, zone }: { readonly dryRun: boolean; readonly zone: string },
): PushedProgram {
  const stored = [...results.values()];
  const shown = stored.find((s) => s.outcome === 'created' || s.outcome === 'planned') ?? stored[0];
  const id = shown?.id ?? plan.id;
  const archive = shown?.archive ?? null;
  return {
    id,
    date: shown?.day ?? plan.day,
    capturedAt: formatInstant(parseBackupId(id)?.capturedAt ?? new Date(Number.NaN), zone),
    uploadedAt:
      shown?.outcome === 'created' && archive ? formatInstant(new Date(archive.uploadedAt), zone) : null,
    kind: 'program',
    storedBytes: archive?.sizeBytes ?? null,
    encrypted: archive && archive.keysId !== null,
    archive: archive?.key ?? null,
    outcome: dryRun ? 'planned' : shown?.outcome === 'created' ? 'created' : 'unchanged',
    source: appFolder,
    appProgram: read.app.main.sha256,
    version: read.app.main.version,
    files: read.files.length,
    totalBytes: read.totalBytes,
    parts: partsOf(read),
    leftOut: read.leftOut,
    stores: targets.map((target) => describeStore(target, results.get(target))),
  };
}

function partsOf({ files }: ProgramRead): ProgramPart[] {
  const parts = new Map<string, ProgramPart>();
  for (const { path, sizeBytes } of files) {
    const slash = path.indexOf('/');
    const name = slash < 0 ? path : path.slice(0, slash + 1);
    const known = parts.get(name) ?? { path: name, files: 0, sizeBytes: 0 };
    parts.set(name, { path: name, files: known.files + 1, sizeBytes: known.sizeBytes + sizeBytes });
  }
  return [...parts.values()].sort((a, b) => b.sizeBytes - a.sizeBytes || byUtf8(a.path, b.path));
}

/** Left out in every folder, and no surprise. */
const expected: readonly LeftOutReason[] = [
  'database',
  'login-backups',
  'log',
  'temporary',
  'own',
  'settings',
];

const maxNamed = 20;

/** What somebody may miss on the next PC, each named; and programs that do not start on any. */
export function programWarnings(appFolder: string, { leftOut, app }: ProgramRead): Warning[] {
  const missed = leftOut.filter(({ why }) => !expected.includes(why));
  const warnings: Warning[] = missed.slice(0, maxNamed).map((one) => {
    const shown = one.path.length > 300 ? `${one.path.slice(0, 300)}…` : one.path;
    return { code: 'left-out', message: notInProgramCopy(shown, appFolder, leftOutText(one)) };
  });
  if (missed.length > maxNamed)
    warnings.push({ code: 'left-out', message: moreLeftOut(missed.length - maxNamed) });
  const databases = leftOut.filter(({ path, why }) => why === 'database' && !isDbName(path));
  if (databases.length > 0) {
    const shown = databases.slice(0, maxNamed).map(({ path }) => path);
    warnings.push({
      code: 'left-out',
      message: databasesBesideDb(appFolder, shown, databases.length - shown.length),
      hint: pushThemByPath,
    });
  }
  warnings.push(...app.programs.flatMap((program) => brokenWarning(appFolder, program)));
  return warnings;
}

function brokenWarning(appFolder: string, { name, sizeBytes, fault }: ProgramFile): Warning[] {
  if (fault === null) return [];
  const message = doesNotStart(name, appFolder, fault === 'empty' ? null : sizeBytes);
  return [{ code: 'broken-program', message, hint: putProgramAgain }];
}
