import { EfakturError } from '../../base/errors.ts';
import { inTurns } from '../../base/in-turns.ts';
import { parseJson } from '../../base/json.ts';
import type { Warning } from '../../base/progress.ts';
import { readObject } from '../../store/small-object.ts';
import type { ObjectStore, StoredObject } from '../../store/store.ts';
import { unknownKind, unreadablePassedOver, updateNewerStored } from './texts.ts';

/** What lies under a key as a pruner must know it, and the notes of what was pruned. */

/** A key with what lies under it. */
export interface HeldObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modified: Date | null;
  /** To read the true object by; null where the newest is the true one. */
  readonly readVersion: string | null;
  /** What must be deleted for the key to be gone, in that order: the true object is the last. */
  readonly versions: readonly StoredObject[];
}

/** `pruned/UTC.json`: archives that a run let go, to be deleted by a later one. */
export interface PrunedNote {
  readonly object: HeldObject;
  readonly at: Date;
  readonly archives: readonly string[];
}

const noteFormat = 1;

export const maxObjectBytes = 16 << 20;

/** A note of what a run lets go. */
export const encodeNote = (
  at: Date,
  program: string,
  going: { readonly backups: readonly string[]; readonly programs: readonly string[] },
  archives: readonly string[],
): Buffer =>
  Buffer.from(
    `${JSON.stringify({ format: noteFormat, at: at.toISOString(), program, ...going, archives }, null, 2)}\n`,
  );

/** The notes of earlier prunes; what is none is a warning, one of a later version stops the prune (`newer-format`). */
export async function readPruned(
  store: ObjectStore,
  objects: readonly { readonly object: HeldObject; readonly at: Date }[],
  warnings: Warning[],
  signal: AbortSignal,
): Promise<PrunedNote[]> {
  const notes: PrunedNote[] = [];
  for (const note of await inTurns(objects, ({ object, at }) => readNote(store, object, at, signal))) {
    if ('archives' in note) notes.push(note);
    else warnings.push(note);
  }
  return notes;
}

export const unknownObject = (store: string, key: string): EfakturError =>
  new EfakturError('newer-format', unknownKind(store, key), updateNewerStored);

/** For a note that is none: what it lets go, or what it says of copies, then stays as if there were none. */
export const unreadableNote = (store: ObjectStore, key: string): Warning => ({
  code: 'note-unreadable',
  message: unreadablePassedOver(store.url, key),
});

/** A note that is none only delays what it lets go, so it is passed over. */
async function readNote(
  store: ObjectStore,
  object: HeldObject,
  at: Date,
  signal: AbortSignal,
): Promise<PrunedNote | Warning> {
  const { key, readVersion } = object;
  const bytes = await readObject(store, key, maxObjectBytes, {
    signal,
    ...(readVersion !== null && { versionId: readVersion }),
  });
  const unreadable = unreadableNote(store, key);
  let json: { format?: unknown; archives?: unknown } | null;
  try {
    json = parseJson(bytes ?? Buffer.alloc(0)) as typeof json;
  } catch {
    return unreadable;
  }
  if (typeof json?.format === 'number' && json.format !== noteFormat) throw unknownObject(store.url, key);
  if (json?.format !== noteFormat || !Array.isArray(json.archives)) return unreadable;
  return { object, at, archives: json.archives.filter((archive) => typeof archive === 'string') };
}
