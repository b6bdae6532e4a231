import { EfakturError } from '../../base/errors.ts';
import type { Finding } from '../../base/progress.ts';
import { verbatim } from '../../base/text.ts';
import { chooseBackup, noSuchBackup, type Wanted } from '../../catalog/choose.ts';
import type { StoredBackup, StoredProgram } from '../stored/all-stores.ts';
import { withMissing } from '../stored/newest-pushed.ts';
import { checkAddressOrDeleted, nothingToCheck } from './texts.ts';

/** What of a store is to be checked. */

export interface Choice {
  /** Null for every backup. */
  readonly wanted: Wanted | null;
  /** Of every backup only those with these ids; all without. */
  readonly only?: ReadonlySet<string>;
}

interface Held {
  readonly backups: readonly StoredBackup[];
  readonly programs: readonly StoredProgram[];
}

/**
 * Of all that a store holds, the program folders that are meant, and what to say where it holds no backup though one is meant:
 * `no-such-backup`, thrown where no program is meant either. `lacking`: what is known to miss in it.
 */
export function programsMeant(
  url: string,
  { backups, programs }: Held,
  { wanted, only }: Choice,
  lacking: Finding | null,
): { readonly programs: readonly StoredProgram[]; readonly without: EfakturError | null } {
  const meant = programs.filter(({ id }) =>
    wanted === null ? (only?.has(id) ?? true) : wanted.by === 'id' && id === wanted.id,
  );
  if (backups.length > 0 || (meant.length > 0 && (wanted || only))) return { programs: meant, without: null };
  const without = withMissing(noBackups(url, programs.length), lacking);
  if (meant.length === 0) throw without;
  return { programs: meant, without };
}

/** The backups that are meant; `no-such-backup` where the one that is wanted is not among them. */
export function backupsMeant(
  url: string,
  backups: readonly StoredBackup[],
  { wanted, only, zone }: Choice & { readonly zone: string },
  lacking: Finding | null,
): readonly StoredBackup[] {
  if (wanted === null) return backups.filter(({ id }) => only?.has(id) ?? true);
  const chosen = chooseBackup(backups, wanted);
  if (!chosen) throw withMissing(noSuchBackup(backups, wanted, verbatim(url), zone), lacking);
  return [chosen];
}

const noBackups = (url: string, programs: number): EfakturError =>
  new EfakturError('no-such-backup', nothingToCheck(url, programs), checkAddressOrDeleted);
