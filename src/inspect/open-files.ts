import type { Warning } from '../base/progress.ts';
import type { BackupFiles, InspectContext, OpenOptions, Place } from './backup-files.ts';
import { openLocalFiles } from './local-files.ts';
import { openStoredFiles } from './stored-files.ts';

/**
 * Opens a state for reading; nothing is written to it. `no-such-backup`, `wrong-key`, `damaged` or what the store threw;
 * `usage` or `source-unusable` for a path that is not there or holds no database.
 */
export const openBackupFiles = (
  place: Place,
  context: InspectContext,
  warnings: Warning[],
  options: OpenOptions,
): Promise<BackupFiles> =>
  place.in === 'stores'
    ? openStoredFiles(place.wanted, context, warnings, options)
    : openLocalFiles(place.path, context, warnings);
