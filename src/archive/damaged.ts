import { damaged, type EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import {
  aBlockIndex,
  nextPushIsFull,
  restoreAnother,
  theArchive,
  theFileList,
  theTar,
  verifyOthers,
} from './texts.ts';

export const damagedArchive = (because: Text, cause?: unknown): EfakturError =>
  damaged(theArchive, because, restoreAnother, cause);

export const damagedFileList = (because: Text, cause?: unknown): EfakturError =>
  damaged(theFileList, because, restoreAnother, cause);

/** The layer below: what is packed is not the tar that this program writes. */
export const damagedTar = (because: Text, cause?: unknown): EfakturError =>
  damaged(theTar, because, restoreAnother, cause);

/** The layer above: no byte of what is packed was seen, so other archives of the store may be so, too. */
export const damagedFrames = (because: Text, cause?: unknown): EfakturError =>
  damaged(theArchive, because, verifyOthers, cause);

export const damagedIndex = (because: Text, cause?: unknown): EfakturError =>
  damaged(aBlockIndex, because, nextPushIsFull, cause);
