import { createHash } from 'node:crypto';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import type { NeededArchive } from '../../catalog/manifest-parts.ts';
import { readAhead } from '../../store/read-ahead.ts';
import { readObject } from '../../store/small-object.ts';
import type { GetOptions, ObjectStore } from '../../store/store.ts';
import { lineAltersBytes, otherEachTime } from './texts.ts';

/**
 * No fault of a line or a server becomes a verdict of damage: what looks damaged is read again, and only the same bytes a
 * second time make it so.
 */

/** An archive and which version of it is meant; null where there is only one. */
export interface OneVersion extends NeededArchive {
  readonly versionId: string | null;
}

/**
 * Whether these archives are, byte for byte, what their manifest names; `store-unavailable` when two readings of one that is
 * not differ, as then nothing is known of it.
 */
export async function areAsNamed(
  store: ObjectStore,
  archives: readonly OneVersion[],
  signal: AbortSignal,
): Promise<boolean> {
  const first = await digests(store, archives, signal);
  if (archives.every(({ sha256 }, i) => first[i] === sha256)) return true;
  const second = await digests(store, archives, signal);
  const other = archives.find((_, i) => first[i] !== second[i]);
  if (other) throw alters(store, other.key);
  return false;
}

/**
 * Runs what reads these archives. When it finds damage in them and they are what their manifest names all the same, it runs
 * once more, and what it finds then is so.
 */
export async function surely<T>(
  store: ObjectStore,
  archives: readonly OneVersion[],
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!isEfakturError(error, 'damaged') || !(await areAsNamed(store, archives, signal))) throw error;
    return await attempt();
  }
}

/**
 * Reads a small object and makes something of it (of null when it is not there). What cannot be made of it is read again: the
 * error stands when the same bytes came.
 */
export async function readSurely<T>(
  store: ObjectStore,
  key: string,
  maxBytes: number,
  options: GetOptions,
  make: (bytes: Buffer | null) => T | Promise<T>,
): Promise<T> {
  const first = await readObject(store, key, maxBytes, options);
  try {
    return await make(first);
  } catch (error) {
    if (!isEfakturError(error, 'damaged', 'newer-format')) throw error;
    const second = await readObject(store, key, maxBytes, options);
    if (first === null ? second === null : second?.equals(first)) throw error;
    try {
      return await make(second);
    } catch (again) {
      throw isEfakturError(again, 'damaged', 'newer-format') ? alters(store, key) : again;
    }
  }
}

/**
 * Whether an archive can be read there and has exactly the size that a manifest says, whatever a listing shows: a listing
 * may be stale, or another's.
 */
export async function isStored(
  store: ObjectStore,
  { key, sizeBytes }: NeededArchive,
  versionId: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const range = { first: Math.max(0, sizeBytes - 1), last: sizeBytes };
  const version = versionId === null ? {} : { versionId };
  const end = await readObject(store, key, 2, { signal, range, ...version });
  return end?.length === 1;
}

export const alters = (store: ObjectStore, key: string): EfakturError =>
  new EfakturError('store-unavailable', otherEachTime(store.url, key), lineAltersBytes);

/** The SHA-256 of each object as it comes now; null for what is not there. */
async function digests(
  store: ObjectStore,
  archives: readonly OneVersion[],
  signal: AbortSignal,
): Promise<(string | null)[]> {
  const found: (string | null)[] = [];
  for (const { key, sizeBytes, versionId } of archives) {
    const version = versionId === null ? {} : { versionId };
    const opened = await readAhead(store, key, sizeBytes, { signal, ...version });
    if (!opened) {
      found.push(null);
      continue;
    }
    const hash = createHash('sha256');
    for await (const piece of opened.bytes) {
      hash.update(piece);
      opened.giveBack(piece);
    }
    found.push(hash.digest('hex'));
  }
  return found;
}
