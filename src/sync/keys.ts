import { isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { type ArchiveEntry, listBackups } from '../catalog/listing.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';
import { inStore } from '../store/texts.ts';
import type { ReadingContext } from './context.ts';
import { tamperingWarnings } from './stored/all-stores.ts';
import { newestMissing } from './stored/newest-pushed.ts';

export interface KeysRequest extends ReadingContext {
  /** Null without keys. */
  readonly encryptor: Encryptor | null;
}

export interface KeysDocument {
  /** Whom pushes from here are encrypted to. */
  readonly recipients: readonly string[];
  /** Public keys of the secret keys at hand. */
  readonly identities: readonly string[];
  /** Whether the keys at hand open a backup; null when it is not encrypted. */
  readonly backups: readonly {
    readonly id: string;
    readonly store: string;
    readonly opens: boolean | null;
  }[];
  readonly warnings: readonly Warning[];
}

/** Of a key pair that was made: never the secret key itself. */
export interface NewKeysDocument {
  readonly recipient: string;
  /** The file that holds the secret key; null where none was written. */
  readonly identityFile: string | null;
  readonly sheet?: string;
  /** Whether a passphrase opens what was written. */
  readonly protected: boolean;
  readonly warnings: readonly Warning[];
}

/** An age header for a few dozen recipients. */
const headerBytes = 4096;

/** Which stored backups the keys at hand open, told from the first bytes of each archive. */
export async function showKeys(request: KeysRequest): Promise<KeysDocument> {
  const { stores, encryptor, decryptor, signal } = request;
  const backups: { id: string; store: string; opens: boolean | null }[] = [];
  const warnings: Warning[] = [];
  const canOpen = async (store: ObjectStore, archive: ArchiveEntry, keys: Decryptor): Promise<boolean> => {
    const { key, sizeBytes, versionId } = archive;
    const range = { first: 0, last: Math.min(headerBytes, sizeBytes) - 1 };
    try {
      const options = { range, signal, ...(versionId !== null && { versionId }) };
      const start = sizeBytes === 0 ? null : await readObject(store, key, headerBytes, options);
      return start !== null && (await keys.canOpen(start, key));
    } catch (error) {
      if (!isEfakturError(error, 'damaged')) throw error;
      warnings.push({ code: error.code, message: inStore(store.url, error.text) });
      return false;
    }
  };
  for (const store of stores) {
    const opens = new Map<string, boolean>();
    const listing = await listBackups(store, { signal });
    warnings.push(...tamperingWarnings(store, listing.tampered));
    const missing = await newestMissing(store, { backups: listing.backups, prefixes: [''] }, request);
    if (missing) warnings.push(missing);
    for (const { id, archive } of listing.backups) {
      if (!archive) continue;
      if (!archive.encrypted) {
        backups.push({ id, store: store.url, opens: null });
        continue;
      }
      if (!opens.has(archive.key)) {
        opens.set(archive.key, decryptor !== null && (await canOpen(store, archive, decryptor)));
      }
      backups.push({ id, store: store.url, opens: opens.get(archive.key) ?? false });
    }
  }
  return {
    recipients: encryptor?.recipients ?? [],
    identities: decryptor?.recipients ?? [],
    backups,
    warnings,
  };
}
