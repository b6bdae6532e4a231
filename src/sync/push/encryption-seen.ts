import {
  afterLastDay,
  indexKey,
  originPrefix,
  parseBackupKey,
  parseIndexKey,
  parseProgramKey,
} from '../../catalog/names.ts';
import type { StoreRecord } from '../../state/record.ts';
import type { ObjectStore } from '../../store/store.ts';

/**
 * The record with what the names in the store say of encryption: others may push there, too. Days that were seen in clear
 * are not listed again, unless the index of an encrypted full shows that one came to them later. A backup is one by its
 * manifest: of an archive or an index alone nobody knows who left it.
 */
export async function lookForEncrypted(
  store: ObjectStore,
  record: StoreRecord,
  signal: AbortSignal,
): Promise<StoreRecord> {
  if (record.holdsEncrypted) return record;
  if (record.archives.some((a) => a.keysId !== null)) return { ...record, holdsEncrypted: true };
  let seen = await namesOfEncryption(store, record.clearUpTo, signal);
  if (!seen.isEncrypted && seen.hasIndex && record.clearUpTo !== undefined)
    seen = await namesOfEncryption(store, undefined, signal);
  const { isEncrypted, clearUpTo } = seen;
  if (isEncrypted) return { ...record, holdsEncrypted: true };
  return clearUpTo === undefined ? record : { ...record, clearUpTo };
}

interface EncryptionSeen {
  /** A manifest is there, and its archive is encrypted. */
  readonly isEncrypted: boolean;
  /** Of an encrypted full, perhaps. */
  readonly hasIndex: boolean;
  /** Up to here there is nothing encrypted. */
  readonly clearUpTo: string | undefined;
}

async function namesOfEncryption(
  store: ObjectStore,
  startAfter: string | undefined,
  signal: AbortSignal,
): Promise<EncryptionSeen> {
  const [named, encrypted] = [new Set<string>(), new Set<string>()];
  let clearUpTo = startAfter;
  let hasIndex = false;
  listing: for await (const page of store.list('', { signal, startAfter })) {
    for (const { key } of page.objects) {
      // What comes after the indexes says nothing of encryption.
      if (key >= originPrefix) break listing;
      const tag = parseIndexKey(key);
      if (tag !== null && key === indexKey(tag, true)) hasIndex = true;
      if (key >= afterLastDay) continue;
      const parsed = parseBackupKey(key) ?? parseProgramKey(key);
      if (parsed?.type === 'manifest') named.add(parsed.id);
      else if (parsed?.encrypted) encrypted.add(parsed.id);
      // The two names of a backup must be met in one listing.
      if (encrypted.size === 0) clearUpTo = key;
    }
  }
  return { isEncrypted: [...encrypted].some((id) => named.has(id)), hasIndex, clearUpTo };
}
