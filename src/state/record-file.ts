import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asTargetError, removeDeadTemps, writeFileAtomic } from '../base/atomic-file.ts';
import { EfakturError, systemCode } from '../base/errors.ts';
import { whileHeld } from '../base/held-files.ts';
import { makeFolder } from '../base/new-folder.ts';
import { storeIdentity } from '../base/store-identity.ts';
import { emptyRecord, type StoreRecord } from './record.ts';
import {
  checked,
  soundArchives,
  soundBackups,
  soundHead,
  soundPrograms,
  unchecked,
} from './record-checks.ts';
import {
  recordNotWritten,
  recordOfNewerVersion,
  recordUnreadable,
  updateOrOtherStateFolder,
} from './texts.ts';

/* The records as files of the state folder, one for each store, however its address is spelled. */

const recordFormat = 1;

const recordPath = (stateDir: string, store: string): string =>
  join(
    stateDir,
    'stores',
    `${createHash('sha256').update(storeIdentity(store)).digest('hex').slice(0, 16)}.json`,
  );

const isOf = (found: unknown, store: string): boolean =>
  typeof found === 'string' && storeIdentity(found) === storeIdentity(store);

/**
 * Reads the record of a store. An absent or unreadable one is empty, and of one that is damaged in part only what holds is
 * left (see `record-checks.ts`): losing it is harmless. `newer-format` when a newer version wrote it.
 */
export async function readRecord(stateDir: string, store: string): Promise<StoreRecord> {
  const path = recordPath(stateDir, store);
  let bytes: string;
  try {
    bytes = await whileHeld(() => readFile(path, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return emptyRecord(store);
    throw asTargetError(error, recordUnreadable(path));
  }
  let json: Readonly<Record<string, unknown>> | null;
  try {
    json = JSON.parse(bytes);
  } catch {
    return emptyRecord(store);
  }
  if (typeof json !== 'object' || json === null) return emptyRecord(store);
  const { archives, backups, programs } = json;
  const head = unchecked(json.head);
  // What is under a checksum tells a newer version from a number that rotted.
  const format = head?.format ?? json.format;
  if (typeof format === 'number' && format > recordFormat) {
    throw new EfakturError('newer-format', recordOfNewerVersion(path), updateOrOtherStateFolder);
  }
  if (format !== recordFormat) return emptyRecord(store);
  return {
    store,
    origin: null,
    ...(head !== null && isOf(head.store, store) && soundHead(head)),
    archives: soundArchives(archives),
    backups: soundBackups(backups),
    programs: soundPrograms(programs),
  };
}

/** Removes what killed runs left beside the records. */
export const cleanRecords = (stateDir: string): Promise<void> => removeDeadTemps(join(stateDir, 'stores'));

/** Writes the record as a whole; after a crash it is the old one or the new one. */
export async function writeRecord(stateDir: string, record: StoreRecord): Promise<void> {
  const path = recordPath(stateDir, record.store);
  const { archives, backups, programs, ...head } = record;
  const json = {
    format: recordFormat,
    head: checked({ format: recordFormat, ...head }),
    archives: archives.map(checked),
    backups: backups.map(checked),
    programs: programs.map(checked),
  };
  try {
    await makeFolder(join(stateDir, 'stores'), 0o700);
    await writeFileAtomic(path, `${JSON.stringify(json, null, 1)}\n`, 0o600);
  } catch (error) {
    throw asTargetError(error, recordNotWritten(path));
  }
}
