import { EfakturError } from '../../base/errors.ts';
import type { Finding, Warning } from '../../base/progress.ts';
import { inBoth, joined } from '../../base/text.ts';
import { type BackupVerdict, parseBackupId } from '../../catalog/names.ts';
import type { Tampering } from '../../catalog/true-objects.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Checked } from '../restore/archive-check.ts';
import type { StoredBackup } from '../stored/all-stores.ts';

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
      ? `the same backup lies in ${copies.map((e) => e.store.url).join(', ')}`
      : nearest.length > 0
        ? `the nearest others are ${nearest.map((e) => `${e.id} (${e.store.url})`).join(' and ')}`
        : 'no other backup is known';
  const more = bad.length > 1 ? `; ${bad.length - 1} more are damaged too` : '';
  return new EfakturError(
    'damaged',
    inBoth(
      (l) =>
        `the backup ${first.id} in ${first.store} is damaged: ${joined(first.problems.slice(0, 3), '; ')[l]}${more}; ${where}`,
    ),
    'Push again with --full to store the present state anew, and restore from a sound copy.',
  );
}

/** What was passed over because it could not be opened; null when nothing was. */
export function unopenedReport(
  checked: readonly Checked[],
  programs: readonly Checked[],
): EfakturError | null {
  const both = [
    { all: checked, called: 'backups' },
    { all: programs, called: 'program folders' },
  ].map(({ all, called }) => ({ all, called, unopened: all.filter((c) => c.code !== undefined) }));
  const [first] = both.flatMap(({ unopened }) => unopened);
  if (!first?.code) return null;
  const counts = both.flatMap(({ all, called, unopened }) =>
    unopened.length === 0 ? [] : [`${unopened.length} of ${all.length} ${called}`],
  );
  return new EfakturError(
    first.code,
    inBoth(
      (l) =>
        `${counts.join(' and ')} could not be opened, so they are not proven; the first is ${first.id} in ${first.store}: ${joined(first.problems, '; ')[l]}`,
    ),
    first.code === 'wrong-key'
      ? 'Give the keys that were used then as well: EFAKTUR_IDENTITY_FILE may name a file with several.'
      : 'Update efaktur-cloud: a newer version made them.',
  );
}

export type FoundTampering = Tampering & { readonly store: ObjectStore };

export const tamperingWarning = ({ store, key, how }: FoundTampering): Warning => ({
  code: 'tampering',
  message: `${store.url}: SOMEBODY TAMPERED with ${key}: it was ${how} after it was written; its first version is used`,
});

/** The warnings name each object. */
export function tamperingReport(tampered: readonly FoundTampering[]): EfakturError | null {
  if (tampered.length === 0) return null;
  const stores = [...new Set(tampered.map(({ store }) => store.url))].join(', ');
  return new EfakturError(
    'attention',
    `SOMEBODY TAMPERED with ${tampered.length} object(s) in ${stores}; the first version of each is used`,
    'The backups are whole, but somebody has keys to this bucket: delete those keys at the provider and make new ones.',
  );
}

export const missingReport = ([first]: readonly Finding[]): EfakturError | null =>
  first ? new EfakturError('attention', first.message, first.hint) : null;
