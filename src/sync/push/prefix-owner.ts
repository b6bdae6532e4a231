import { basename } from 'node:path';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { type Origin, parseOrigin } from '../../catalog/manifest.ts';
import { cleanOriginName, parseOriginKey } from '../../catalog/names.ts';
import type { StoreRecord } from '../../state/record.ts';
import { addressBeside } from '../../store/open.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { PushingContext } from '../context.ts';

/** Whose prefix it is: one holds the history of one e-Faktur folder. */

export interface PrefixUser extends Pick<PushingContext, 'signal' | 'samePath'> {
  readonly origin: Origin;
}

/** Whether the owner that an origin object names is this folder, by the record or by reading it. */
export async function ownsPrefix(
  store: ObjectStore,
  key: string,
  record: StoreRecord,
  options: PrefixUser,
): Promise<boolean> {
  if (parseOriginKey(key)?.name !== options.origin.name) return false;
  const known: Origin | null =
    record.origin?.key === key ? record.origin : await readOrigin(store, key, options.signal);
  const [theirs, ours] = [known?.appFolder ?? null, options.origin.appFolder];
  return theirs === null || ours === null || options.samePath(theirs, ours);
}

/** A push key may not read; then the name alone decides. */
async function readOrigin(store: ObjectStore, key: string, signal: AbortSignal): Promise<Origin | null> {
  try {
    const bytes = await readObject(store, key, 64 << 10, { signal });
    return bytes && parseOrigin(bytes);
  } catch (error) {
    if (isEfakturError(error, 'access-denied')) return null;
    throw error;
  }
}

/** What to call the prefix of a folder beside that of an owner of perhaps the same name. */
function nameBeside(theirs: string, { name, appFolder }: Origin): string {
  if (theirs !== name) return name;
  const named = cleanOriginName(`${name}-${basename(appFolder ?? '')}`);
  return named === theirs ? `${name}-2` : named;
}

/** Refuses a prefix that is another folder's, and proposes one beside it. */
export function otherOwner(store: ObjectStore, owner: string, ours: Origin): EfakturError {
  const theirs = parseOriginKey(owner)?.name ?? '';
  const which = theirs === ours.name ? `another e-Faktur folder of "${theirs}"` : `"${theirs}"`;
  const beside = addressBeside(store.url, nameBeside(theirs, ours));
  const own = beside === null ? 'a bucket or folder of its own' : `a prefix of its own, such as ${beside}`;
  return new EfakturError(
    'usage',
    `${store.url} holds the history of ${which}, and one prefix holds one e-Faktur folder's history (this is "${ours.name}", ${ours.appFolder ?? 'no folder'})`,
    `Give this folder ${own}; or, if the folder was moved here, push once with --moved.`,
  );
}
