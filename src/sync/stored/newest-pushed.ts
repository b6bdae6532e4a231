import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { formatInstant } from '../../base/local-time.ts';
import type { Finding, Warning } from '../../base/progress.ts';
import { joined } from '../../base/text.ts';
import { type BackupEntry, listBackups } from '../../catalog/listing.ts';
import { manifestKey, parseBackupId } from '../../catalog/names.ts';
import { readRecord } from '../../state/record-file.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Local } from '../context.ts';
import { lookIntoBucket, newestNotListed } from './texts.ts';

/**
 * No prune ever lets the newest backup go. So a store that lists only older ones than this PC has pushed to it does not
 * show all, or somebody deleted some; without a word a restore would take the one before for the newest.
 */

type Listed = Pick<BackupEntry, 'id' | 'countedAt'>;

/** What was listed of a store: all of it, or what lies below some prefixes. */
export interface ListedPart {
  readonly backups: readonly Listed[];
  /** `['']` for all. */
  readonly prefixes: readonly string[];
}

/**
 * A finding when the newest backup that this PC pushed is not listed and nothing newer is, else null. A part that could
 * hold it and does not makes the whole store be listed: a prune may have let it go after a newer one came.
 */
export async function newestMissing(
  store: ObjectStore,
  { backups, prefixes }: ListedPart,
  { stateDir, now, zone, signal }: Local,
): Promise<Finding | null> {
  const pushed = await newestPushed(stateDir, store.url, now());
  if (!pushed || !prefixes.some((prefix) => pushed.key.startsWith(prefix)) || isShown(pushed, backups))
    return null;
  const all = prefixes.includes('') ? backups : (await listBackups(store, { signal })).backups;
  if (isShown(pushed, all)) return null;
  const newest = all.reduce<Listed | null>((a, b) => (a && a.countedAt >= b.countedAt ? a : b), null);
  const lacked = { id: pushed.id, at: formatInstant(pushed.capturedAt, zone) };
  return {
    code: 'newest-missing',
    message: newestNotListed(store.url, lacked, newest && formatInstant(newest.countedAt, zone)),
    hint: lookIntoBucket,
  };
}

/** The error that nothing is there that fits, with what this PC knows to be missing: that may be why. */
export const withMissing = (error: EfakturError, missing: Warning | null | undefined): EfakturError =>
  missing
    ? new EfakturError(
        error.code,
        joined([error.text, missing.message], '; '),
        missing.hint ?? error.hint,
        error,
      )
    : error;

interface Pushed {
  readonly id: string;
  readonly key: string;
  readonly capturedAt: Date;
}

/** Of what the record names the newest of those up to now: a clock that ran ahead says nothing of what a prune kept. */
async function newestPushed(stateDir: string, url: string, now: Date): Promise<Pushed | null> {
  const record = await readRecord(stateDir, url).catch((error: unknown) => {
    // What a restore can do without must not stop it.
    if (isEfakturError(error, 'newer-format', 'target-not-writable')) return null;
    throw error;
  });
  return (record?.backups ?? []).reduce<Pushed | null>((newest, { id, day }) => {
    const capturedAt = parseBackupId(id)?.capturedAt;
    if (!capturedAt || capturedAt > now || (newest && newest.capturedAt >= capturedAt)) return newest;
    return { id, key: manifestKey(day, id), capturedAt };
  }, null);
}

const isShown = ({ id, capturedAt }: Pushed, backups: readonly Listed[]): boolean =>
  backups.some((backup) => backup.id === id || backup.countedAt >= capturedAt);
