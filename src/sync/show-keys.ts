import type { Warning } from '../base/progress.ts';
import { listBackups } from '../catalog/listing.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';

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

/** An age header for a few dozen recipients. */
const headerBytes = 4096;

/** Which stored backups the keys at hand open, told from the first bytes of each archive. */
export async function showKeys(request: {
  readonly stores: readonly ObjectStore[];
  readonly encryptor: Encryptor | null;
  readonly decryptor: Decryptor | null;
  readonly signal: AbortSignal;
}): Promise<KeysDocument> {
  const { stores, encryptor, decryptor, signal } = request;
  const backups: { id: string; store: string; opens: boolean | null }[] = [];
  for (const store of stores) {
    const opens = new Map<string, boolean>();
    for (const { id, archive } of (await listBackups(store, { signal })).backups) {
      if (!archive) continue;
      if (!archive.encrypted) {
        backups.push({ id, store: store.url, opens: null });
        continue;
      }
      if (!opens.has(archive.key)) {
        const range = { first: 0, last: Math.min(headerBytes, archive.sizeBytes) - 1 };
        const start = decryptor && (await readObject(store, archive.key, headerBytes, { range, signal }));
        opens.set(
          archive.key,
          decryptor !== null && start !== null && (await decryptor.canOpen(start, archive.key)),
        );
      }
      backups.push({ id, store: store.url, opens: opens.get(archive.key) ?? false });
    }
  }
  return {
    recipients: encryptor?.recipients ?? [],
    identities: decryptor?.recipients ?? [],
    backups,
    warnings: [],
  };
}
