import { resolve } from 'node:path';
import { EfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type Text, verbatim } from '../base/text.ts';
import type { BackupFiles, InspectContext, Place, PlaceInfo } from '../inspect/backup-files.ts';
import { type Inspection, openDatabases } from '../inspect/open-databases.ts';
import { openBackupFiles } from '../inspect/open-files.ts';
import type { FileTarget } from '../inspect/written-file.ts';
import { type FlagValues, type Invocation, isSet, optionalText, text } from './command.ts';
import { formatTimes } from './format.ts';
import {
  giveLocalOrStored,
  giveWorkbookName,
  localAndStored,
  notANumber,
  theBackupOf,
  workbookNeedsName,
  writeWholeNumber,
} from './inspect-texts.ts';
import { wantedOf } from './pull-command.ts';

/** What the commands that look inside a backup have in common. */

/** The state that `--local`, `--date`, `--as-of` or `--id` name; the newest backup without them. */
export function placeOf({ io, workplace, flags }: Invocation): Place {
  const local = text(flags, 'local');
  const wanted = wantedOf(flags, workplace.config.zone);
  if (local === undefined) return { in: 'stores', wanted };
  if (wanted.by !== 'newest') {
    throw new EfakturError('usage', localAndStored, giveLocalOrStored);
  }
  return { in: 'folder', path: resolve(io.around.currentFolder, local) };
}

export const inspectOptions = (
  flags: FlagValues,
): { readonly database: string | null; readonly salvage: boolean } => ({
  database: text(flags, 'database') ?? null,
  salvage: isSet(flags, 'salvage'),
});

/** Opens a state, lets it be used, and closes it. Warnings gather in the inspection. */
export async function inspecting<T>(
  invocation: Invocation,
  place: Place,
  context: InspectContext,
  use: (inspection: Inspection) => Promise<T>,
): Promise<T> {
  const warnings: Warning[] = [];
  const options = inspectOptions(invocation.flags);
  const files: BackupFiles = await openBackupFiles(place, context, warnings, options);
  try {
    return await use(await openDatabases(files, options, warnings));
  } finally {
    await files.close();
  }
}

/** The file to write that a flag names; null when it names none. */
export function fileTarget({ io, flags }: Invocation, name: string): FileTarget | null {
  const value = optionalText(flags, name);
  if (value === null || value === '') return null;
  return { path: resolve(io.around.currentFolder, value), replace: isSet(flags, 'yes') };
}

/** The workbook that `--xlsx` names; null without it, `usage` when it names none. */
export function workbookTarget(invocation: Invocation): FileTarget | null {
  const target = fileTarget(invocation, 'xlsx');
  if (target !== null || text(invocation.flags, 'xlsx') === undefined) return target;
  throw new EfakturError('usage', workbookNeedsName, giveWorkbookName);
}

/** `the backup of 2023-07-08 09:30 (ID)`, or the path. */
export const describePlace = ({ backup, local }: PlaceInfo): Text =>
  backup ? theBackupOf(formatTimes(backup), backup.id) : verbatim(local ?? '');

/** A whole number given with a flag; `usage` when it is none, or less than `atLeast`. */
export function numberOf(flags: FlagValues, name: string, atLeast = 0): number | null {
  const value = text(flags, name);
  if (value === undefined) return null;
  if (/^\d{1,15}$/.test(value) && Number(value) >= atLeast) return Number(value);
  throw new EfakturError('usage', notANumber(name, value, atLeast), writeWholeNumber);
}
