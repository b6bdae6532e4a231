import { basename } from 'node:path';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { findObject } from '../../catalog/listing.ts';
import { encodeOrigin, type Origin, parseOrigin } from '../../catalog/manifest.ts';
import { cleanOriginName, originKey, originPrefix, parseOriginKey, readmeKey } from '../../catalog/names.ts';
import { prefixReadme } from '../../catalog/prefix-readme-texts.ts';
import { emptyRecord, type StoreRecord } from '../../state/record.ts';
import { addressBeside } from '../../store/open.ts';
import { bytesBody, readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { Local, PushingContext } from '../context.ts';
import type { LockedPut } from '../stored/locked-put.ts';
import {
  checkAddressOrNewStore,
  emptiedStore,
  giveOwnPrefix,
  lookIntoOrNewStore,
  otherOwner,
  ownerGone,
} from './store-texts.ts';

/** Whose prefix it is: one holds the history of one e-Faktur folder. */

export interface PrefixUser extends Local, Pick<PushingContext, 'samePath'> {
  readonly origin: Origin;
  /** Takes over the prefix of another name or folder. */
  readonly moved: boolean;
  /** Begins anew where the store lost what was pushed to it. */
  readonly newStore: boolean;
}

/** A prefix that may be pushed to. */
export interface OpenedPrefix {
  /** The origin object that counts; null when nobody has pushed there yet. */
  readonly ownerKey: string | null;
  /** Whether that owner is this folder; if not, a push writes another origin. */
  readonly isOurs: boolean;
  /** The store's clock minus ours when it was asked; null where it has none. */
  readonly clockOffsetMs: number | null;
  /** What this PC knows of the store; begun anew with `newStore`. */
  readonly record: StoreRecord;
}

/**
 * Lists `origin/` and compares it with this PC and with its record of the store. `usage` when another name or folder owns the
 * prefix, `store-unavailable` when the record knows the store but nothing there says any more whose it is.
 */
export async function openPrefix(
  store: ObjectStore,
  known: StoreRecord,
  user: PrefixUser,
): Promise<OpenedPrefix> {
  let ownerKey: string | null = null;
  let clockOffsetMs: number | null = null;
  for await (const { serverTime, objects } of store.list(originPrefix, { signal: user.signal })) {
    if (serverTime && clockOffsetMs === null) clockOffsetMs = serverTime.getTime() - user.now().getTime();
    ownerKey = objects.findLast(({ key }) => parseOriginKey(key) !== null)?.key ?? ownerKey;
  }
  const isLost = ownerKey === null && known.archives.length + known.programs.length > 0;
  if (isLost && !user.newStore) throw await lostOrigin(store, user.signal);
  const record = isLost ? emptyRecord(store.url) : known;
  const isOurs = ownerKey !== null && (await ownsPrefix(store, ownerKey, record, user));
  if (ownerKey !== null && !isOurs && !user.moved) throw ownedByOther(store, ownerKey, user.origin);
  return { ownerKey, isOurs, clockOffsetMs, record };
}

/**
 * Writes that the prefix is this folder's, and README.txt before it where there is none; resolves with the key of the origin,
 * which comes after that of the owner before.
 */
export async function writeOrigin(
  {
    store,
    put,
    signal,
  }: { readonly store: ObjectStore; readonly put: LockedPut; readonly signal: AbortSignal },
  origin: Origin,
  ownerBefore: string | null,
  now: Date,
): Promise<string> {
  // Never over one that is there: a push may have been killed before its origin.
  if ((await findObject(store, readmeKey, signal)) === null) await put(readmeKey, bytesBody(prefixReadme));
  // The last one by name is the owner, so a move within its second, or by a clock that is behind, comes after it.
  const lastMs = (ownerBefore !== null && parseOriginKey(ownerBefore)?.at.getTime()) || 0;
  const key = originKey(new Date(Math.max(now.getTime(), lastMs + 1000)), origin.name);
  await put(key, bytesBody(encodeOrigin(origin)));
  return key;
}

const lostOrigin = async (store: ObjectStore, signal: AbortSignal): Promise<EfakturError> =>
  (await holdsAnything(store, signal))
    ? new EfakturError('store-unavailable', ownerGone(store.url, originPrefix), lookIntoOrNewStore)
    : new EfakturError('store-unavailable', emptiedStore(store.url), checkAddressOrNewStore);

async function holdsAnything(store: ObjectStore, signal: AbortSignal): Promise<boolean> {
  for await (const { objects } of store.list('', { signal })) if (objects.length > 0) return true;
  return false;
}

/** Whether the owner that an origin object names is this folder, by the record or by reading it. */
async function ownsPrefix(
  store: ObjectStore,
  key: string,
  record: StoreRecord,
  user: PrefixUser,
): Promise<boolean> {
  if (parseOriginKey(key)?.name !== user.origin.name) return false;
  const known: Origin | null =
    record.origin?.key === key ? record.origin : await readOrigin(store, key, user.signal);
  const [theirs, ours] = [known?.appFolder ?? null, user.origin.appFolder];
  return theirs === null || ours === null || user.samePath(theirs, ours);
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
function ownedByOther(store: ObjectStore, owner: string, ours: Origin): EfakturError {
  const theirs = parseOriginKey(owner)?.name ?? '';
  const beside = addressBeside(store.url, nameBeside(theirs, ours));
  return new EfakturError('usage', otherOwner(store.url, theirs, ours), giveOwnPrefix(beside));
}
