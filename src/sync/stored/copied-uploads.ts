import { inTurns } from '../../base/in-turns.ts';
import { type CopiedUploads, parseCopied } from '../../catalog/copied.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore } from '../../store/store.ts';
import { maxObjectBytes } from './prune-notes.ts';

/** What the notes of copies in a store say; the one reader of them. */
export interface CopiedNotes {
  /** By the key of a manifest; where two notes name one, the earlier. */
  readonly uploads: CopiedUploads;
  /** Notes that are none, or went away meanwhile. */
  readonly unreadable: readonly string[];
  /** Notes of a later version of the format. */
  readonly newer: readonly string[];
}

/** Reads notes under `copied/`, in their true version where one is named. */
export async function readCopiedNotes(
  store: ObjectStore,
  objects: readonly { readonly key: string; readonly readVersion: string | null }[],
  signal: AbortSignal,
): Promise<CopiedNotes> {
  const read = await inTurns(objects, async ({ key, readVersion }) => {
    const version = readVersion === null ? {} : { versionId: readVersion };
    const bytes = await readObject(store, key, maxObjectBytes, { signal, ...version });
    return { key, said: bytes && parseCopied(bytes) };
  });
  const uploads = new Map<string, Date>();
  for (const [manifest, at] of read.flatMap(({ said }) => (said instanceof Map ? [...said] : []))) {
    const known = uploads.get(manifest);
    if (!known || at < known) uploads.set(manifest, at);
  }
  const keysOf = (kind: 'newer' | null): string[] =>
    read.filter(({ said }) => said === kind).map(({ key }) => key);
  return { uploads, unreadable: keysOf(null), newer: keysOf('newer') };
}
