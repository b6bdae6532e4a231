import { EfakturError } from '../base/errors.ts';
import { type Manifest, type PrivateFacts, parseManifest, parsePrivateFacts } from '../catalog/manifest.ts';
import type { Decryptor } from '../crypto/age.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';

/** A hostile or foreign object must not fill the memory. */
const maxManifestBytes = 16 << 20;

/** A manifest with its private part, as far as it can be read. */
export interface OpenManifest extends Manifest {
  /** Null when it is encrypted and no key was given. */
  readonly facts: PrivateFacts | null;
}

/**
 * Reads one manifest; `damaged` when it has gone or is none, `newer-format` when a newer version wrote it, `wrong-key`
 * when keys were given and none opens it.
 */
export async function readManifest(
  store: ObjectStore,
  { key, versionId }: { readonly key: string; readonly versionId: string | null },
  decryptor: Decryptor | null,
  signal: AbortSignal,
): Promise<OpenManifest> {
  const bytes = await readObject(store, key, maxManifestBytes, {
    signal,
    ...(versionId !== null && { versionId }),
  });
  if (!bytes)
    throw new EfakturError(
      'damaged',
      `${store.url}: the manifest ${key} has gone`,
      'List the backups again.',
    );
  const manifest = parseManifest(bytes, key);
  if (typeof manifest.private !== 'string') return { ...manifest, facts: manifest.private };
  if (!decryptor) return { ...manifest, facts: null };
  const text = await decryptor.decryptText(manifest.private, key);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new EfakturError(
      'damaged',
      `the manifest ${key} is damaged: its private part is not JSON`,
      'Use another backup, or this one from another store.',
      error,
    );
  }
  const facts = parsePrivateFacts(json, key);
  // Who can write to the store but has no key could else show an old state under a new time.
  if (facts.id !== undefined && facts.id !== manifest.id) {
    throw new EfakturError(
      'damaged',
      `the manifest ${key} is damaged: its private part is that of the backup ${facts.id}`,
      'Somebody changed it. Use another backup, or this one from another store.',
    );
  }
  return { ...manifest, facts };
}
