import { EfakturError } from '../../base/errors.ts';
import type { Finding, Warning } from '../../base/progress.ts';
import { type BackupVerdict, parseBackupId } from '../../catalog/names.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Checked } from '../restore/archive-check.ts';
import type { StoredBackup } from '../stored/all-stores.ts';
import {
  backupDamaged,
  giveEarlierKeys,
  nearestOthers,
  noOtherKnown,
  notOpened,
  pushFullAndRestoreSound,
  replaceBucketKeys,
  sameBackupIn,
  tamperedObjects,
  tamperedWith,
  updateNewerMade,
} from './texts.ts';

/** What a verify says of all that it found. */

export interface CheckedBackup extends Checked {
  /** What the databases were found to be, where they were looked at. */
  readonly verdict?: BackupVerdict;
}

/** What is lost, and what still has it. */
export function damageReport(
  checked: readonly CheckedBackup[],
  entries: readonly StoredBackup[],
): EfakturError | null {
  const bad = checked.filter((c) => !c.ok && c.code === undefined);
  const [first] = bad;
  if (!first) return null;
  // Of two backups that name one archive, only a look at both tells whether archive or manifest is at fault.
  const isSound = ({ id, tag, archive, store: { url } }: StoredBackup): boolean =>
    checked.find((c) => c.id === id && c.store === url)?.ok ??
    (archive !== null && !bad.some((b) => b.store === url && parseBackupId(b.id)?.tag === tag));
  const sound = entries.filter(isSound);
  const copies = sound.filter((e) => e.id === first.id && e.store.url !== first.store);
  const nearest = [sound.findLast((e) => e.id < first.id), sound.find((e) => e.id > first.id)].filter(
    (e) => e !== undefined,
  );
  const where =
    copies.length > 0
      ? sameBackupIn(copies.map((e) => e.store.url))
      : nearest.length > 0
        ? nearestOthers(nearest.map((e) => ({ id: e.id, store: e.store.url })))
        : noOtherKnown;
  const { id, store } = first;
  const problems = first.problems.slice(0, 3);
  return new EfakturError(
    'damaged',
    backupDamaged({ id, store, problems, more: bad.length - 1, where }),
    pushFullAndRestoreSound,
  );
}

/** What was passed over because it could not be opened; null when nothing was. */
export function unopenedReport(
  checked: readonly Checked[],
  programs: readonly Checked[],
): EfakturError | null {
  const both = (
    [
      { all: checked, of: 'backups' },
      { all: programs, of: 'programs' },
    ] as const
  ).map(({ all, of }) => ({ all, of, unopened: all.filter((c) => c.code !== undefined) }));
  const [first] = both.flatMap(({ unopened }) => unopened);
  if (!first?.code) return null;
  const counts = both.flatMap(({ all, of, unopened }) =>
    unopened.length === 0 ? [] : [{ of, unopened: unopened.length, all: all.length }],
  );
  return new EfakturError(
    first.code,
    notOpened(counts, first),
    first.code === 'wrong-key' ? giveEarlierKeys : updateNewerMade,
  );
}

export type FoundTampering = Tampering & { readonly store: ObjectStore };

export const tamperingWarning = ({ store, key, how }: FoundTampering): Warning => ({
  code: 'tampering',
  message: tamperedWith(store.url, key, how),
});

/** The warnings name each object. */
export function tamperingReport(tampered: readonly FoundTampering[]): EfakturError | null {
  if (tampered.length === 0) return null;
  const stores = [...new Set(tampered.map(({ store }) => store.url))];
  return new EfakturError('attention', tamperedObjects(tampered.length, stores), replaceBucketKeys);
}

export const missingReport = ([first]: readonly Finding[]): EfakturError | null =>
  first ? new EfakturError('attention', first.message, first.hint) : null;
