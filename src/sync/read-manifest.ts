import { EfakturError } from '../base/errors.ts';
import { type Manifest, parseManifest } from '../catalog/manifest.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';

/** A hostile or foreign object must not fill the memory. */
const maxManifestBytes = 16 << 20;

/** Reads one manifest; `damaged` when it has gone or is none, `newer-format` when a newer version wrote it. */
export async function readManifest(store: ObjectStore, key: string, signal: AbortSignal): Promise<Manifest> {
  const bytes = await readObject(store, key, maxManifestBytes, { signal });
  if (!bytes)
    throw new EfakturError(
      'damaged',
      `${store.url}: the manifest ${key} has gone`,
      'List the backups again.',
    );
  return parseManifest(bytes, key);
}
