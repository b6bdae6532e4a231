import { damaged, type EfakturError } from '../base/errors.ts';

const restoreAnother = 'Restore another backup, or this one from another store.';

export const damagedArchive = (what: string, cause?: unknown): EfakturError =>
  damaged('the archive', what, restoreAnother, cause);

/** The layer below: what is packed is not the tar that this program writes. */
export const damagedTar = (what: string, cause?: unknown): EfakturError =>
  damaged("the archive's tar", what, restoreAnother, cause);

/** The layer above: no byte of what is packed was seen, so other archives of the store may be so, too. */
export const damagedFrames = (what: string, cause?: unknown): EfakturError =>
  damaged(
    'the archive',
    what,
    'Run "efaktur-cloud verify --read-data" to see which other backup or store is sound.',
    cause,
  );

export const damagedIndex = (what: string, cause?: unknown): EfakturError =>
  damaged('a block index', what, 'The next push makes a new full backup.', cause);
