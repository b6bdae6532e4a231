import { EfakturError, isEfakturError } from '../base/errors.ts';
import { parseCompactUtc } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { type Manifest, parseManifest } from '../catalog/manifest.ts';
import { afterLastDay, doctorPrefix, parseBackupKey } from '../catalog/names.ts';
import { type Proof, proofOf, proofPrefix, standingDamage } from '../catalog/proofs.ts';
import type { RetainableBackup } from '../catalog/retention.ts';
import { byUpload } from '../catalog/true-objects.ts';
import { readObject } from '../store/small-object.ts';
import type { ObjectStore, StoredObject } from '../store/store.ts';

/**
 * Everything a store holds, as a pruner must know it: nothing may go while anything in it is not understood. On a versioned
 * bucket the oldest version of a key is the true object; later ones and delete markers are somebody's tampering.
 */

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

export interface HeldBackup extends RetainableBackup {
  readonly day: string;
  readonly object: HeldObject;
  readonly needs: ReadonlySet<string>;
}

/** `pruned/UTC.json`: archives that a run let go, to be deleted by a later one. */
export interface PrunedNote {
  readonly object: HeldObject;
  readonly at: Date;
  readonly archives: readonly string[];
}

export interface Inventory {
  /** Everything that was listed. */
  readonly keys: ReadonlySet<string>;
  readonly backups: readonly HeldBackup[];
  /** By key. */
  readonly archives: ReadonlyMap<string, HeldObject & { readonly tag: string }>;
  /** Index and proof objects, by the tag of their archive. */
  readonly attached: ReadonlyMap<string, readonly HeldObject[]>;
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
  readonly notes: readonly PrunedNote[];
  readonly serverTime: Date | null;
  readonly warnings: readonly Warning[];
}

export const prunedPrefix = 'pruned/';
const noteFormat = 1;

const maxObjectBytes = 16 << 20;
const concurrency = 8;

/**
 * Lists a store with all versions and reads every manifest. `newer-format` for a kind, version or name that this program
 * does not know, `damaged` for a manifest that cannot be read, `store-unavailable` when one goes away meanwhile.
 */
export async function readInventory(store: ObjectStore, signal: AbortSignal): Promise<Inventory> {
  const { objects, serverTime, tampered } = await listHeld(store, signal);
  const manifests = new Map<string, { object: HeldObject; day: string }>();
  const archives = new Map<string, HeldObject & { tag: string }>();
  const attached = new Map<string, HeldObject[]>();
  const proofs = new Map<string, Proof[]>();
  const noteObjects: { object: HeldObject; at: Date }[] = [];
  let foreign = 0;
  const attach = (tag: string, object: HeldObject): void => {
    attached.set(tag, [...(attached.get(tag) ?? []), object]);
  };
  for (const object of objects) {
    const parsed = parseBackupKey(object.key);
    const proof = proofOf(object);
    const noted = /^pruned\/(\d{8}T\d{6}Z)\.json$/.exec(object.key)?.[1];
    const at = noted === undefined ? null : parseCompactUtc(noted);
    const tag = /^index\/([0-9a-f]{12})(?![0-9a-f])/.exec(object.key)?.[1];
    if (parsed?.type === 'manifest') {
      const known = manifests.get(parsed.id);
      // A second manifest of one id is somebody's forgery: it must not stand for the true one, nor stop a prune.
      if (known) foreign++;
      if (!known || byUpload(object, known.object) < 0) manifests.set(parsed.id, { object, day: parsed.day });
    } else if (parsed) archives.set(object.key, { ...object, tag: parsed.tag });
    else if (proof) {
      proofs.set(proof.tag, [...(proofs.get(proof.tag) ?? []), proof]);
      attach(proof.tag, object);
    } else if (tag !== undefined) attach(tag, object);
    else if (at) noteObjects.push({ object, at });
    else if (looksLikeBackup(object.key)) throw unknownObject(store, object.key);
    else if (object.key < afterLastDay || object.key.startsWith(proofPrefix)) foreign++;
  }
  const read = await inTurns([...manifests.values()], ({ object, day }) =>
    readBackup(store, object, day, archives, signal),
  );
  const claims = new Map<string, Set<string>>();
  for (const { tag, claim } of read) claims.set(tag, (claims.get(tag) ?? new Set()).add(claim));
  const backups = read.map((b) => ({ ...b, isDisputed: (claims.get(b.tag)?.size ?? 0) > 1 }));
  // Damage to the archive that a differential leans on is its damage too.
  for (const { tag, needs } of backups) {
    const leansOn = [...needs].flatMap((key) => archives.get(key) ?? []).filter((a) => a.tag !== tag);
    const damage = leansOn.flatMap((a) => standingDamage(proofs.get(a.tag) ?? []));
    const own = proofs.get(tag) ?? [];
    const news = damage.filter((p) => !own.includes(p));
    if (news.length > 0) proofs.set(tag, [...own, ...news]);
  }
  const warnings: Warning[] = [];
  const notes: PrunedNote[] = [];
  for (const note of await inTurns(noteObjects, ({ object, at }) => readNote(store, object, at, signal))) {
    if ('archives' in note) notes.push(note);
    else warnings.push(note);
  }
  if (tampered.length > 0) {
    warnings.push({
      code: 'tampering',
      message: `${store.url}: ${tampered.length} object(s) were overwritten or deleted by somebody else, and the first version of each counts: ${tampered.slice(0, 3).join(', ')}${tampered.length > 3 ? ', …' : ''}`,
    });
  }
  if (foreign > 0) {
    warnings.push({
      code: 'foreign-keys',
      message: `${store.url}: ${foreign} object(s) among the backups are not efaktur-cloud's and were passed over`,
    });
  }
  return {
    keys: new Set(objects.map((object) => object.key)),
    backups: backups.sort((a, b) => (a.id < b.id ? -1 : 1)),
    archives,
    attached,
    proofs,
    notes,
    serverTime,
    warnings,
  };
}

/** What manifests written since the inventory need. */
export async function neededSince(
  store: ObjectStore,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Set<string>> {
  const { objects } = await listHeld(store, signal);
  const fresh = objects.filter(
    ({ key }) => !inventory.keys.has(key) && parseBackupKey(key)?.type === 'manifest',
  );
  const read = await inTurns(fresh, (object) => readManifestOf(store, object, signal));
  return new Set(read.flatMap((manifest) => manifest.needs.map((need) => need.key)));
}

/** A note of what a run lets go. */
export const encodeNote = (
  at: Date,
  program: string,
  backups: readonly string[],
  archives: readonly string[],
): Buffer =>
  Buffer.from(
    `${JSON.stringify({ format: noteFormat, at: at.toISOString(), program, backups, archives }, null, 2)}\n`,
  );

async function listHeld(
  store: ObjectStore,
  signal: AbortSignal,
): Promise<{ objects: HeldObject[]; serverTime: Date | null; tampered: string[] }> {
  const listAs = async (versions: boolean) => {
    const byKey = new Map<string, StoredObject[]>();
    let serverTime: Date | null = null;
    for await (const page of store.list('', { signal, versions })) {
      serverTime ??= page.serverTime;
      for (const object of page.objects) {
        const known = byKey.get(object.key);
        if (known) known.push(object);
        else byKey.set(object.key, [object]);
      }
    }
    return { byKey, serverTime };
  };
  let listed: Awaited<ReturnType<typeof listAs>>;
  try {
    listed = await listAs(true);
  } catch (error) {
    // Services without versions refuse to list them.
    if (!isEfakturError(error, 'usage')) throw error;
    listed = await listAs(false);
  }
  const objects: HeldObject[] = [];
  const tampered: string[] = [];
  for (const [key, versions] of listed.byKey) {
    const trueOne = versions.findLast((version) => !version.isDeleteMarker);
    if (!trueOne) continue;
    // A put that was sent twice leaves two equal versions.
    const isSame = (v: StoredObject): boolean =>
      !v.isDeleteMarker && v.sizeBytes === trueOne.sizeBytes && v.etag === trueOne.etag;
    // `doctor` writes one name twice, to see what becomes of the first.
    if (!key.startsWith(doctorPrefix) && !versions.every(isSame)) tampered.push(key);
    objects.push({
      key,
      sizeBytes: trueOne.sizeBytes,
      modified: trueOne.modified,
      readVersion: versions.length > 1 ? trueOne.versionId : null,
      versions: [...versions.filter((v) => v !== trueOne), trueOne],
    });
  }
  return { objects, serverTime: listed.serverTime, tampered };
}

/** Named as a backup, with an ending that a later version may have brought. */
function looksLikeBackup(key: string): boolean {
  const stem = /^([^/]+\/[^/.]+)[.]/.exec(key)?.[1];
  return stem !== undefined && parseBackupKey(`${stem}.json`) !== null;
}

const unknownObject = (store: ObjectStore, key: string): EfakturError =>
  new EfakturError(
    'newer-format',
    `${store.url}: ${key} is of a kind that this version does not know, so nothing was deleted`,
    'Update efaktur-cloud: a newer version stored it.',
  );

async function readManifestOf(
  store: ObjectStore,
  { key, readVersion }: HeldObject,
  signal: AbortSignal,
): Promise<Manifest> {
  const bytes = await readObject(store, key, maxObjectBytes, {
    signal,
    ...(readVersion !== null && { versionId: readVersion }),
  });
  if (!bytes) {
    throw new EfakturError(
      'store-unavailable',
      `${store.url}: the manifest ${key} went away while it was to be read`,
      'Somebody else prunes this store now; try again later.',
    );
  }
  try {
    return parseManifest(bytes, key);
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    throw new EfakturError(
      'damaged',
      `${store.url}: ${error.message}, so what it needs is not known and nothing was deleted`,
      'If that backup is lost for good, delete this one object by hand, then prune again.',
      error,
    );
  }
}

async function readBackup(
  store: ObjectStore,
  object: HeldObject,
  day: string,
  archives: ReadonlyMap<string, HeldObject & { tag: string }>,
  signal: AbortSignal,
): Promise<Omit<HeldBackup, 'isDisputed'> & { readonly claim: string }> {
  const { id, capturedAt, needs } = await readManifestOf(store, object, signal);
  return {
    id,
    capturedAt,
    uploadedAt: object.modified,
    day,
    tag: id.slice(id.lastIndexOf('-') + 1),
    isWhole: needs.every((need) => archives.get(need.key)?.sizeBytes === need.sizeBytes),
    object,
    needs: new Set(needs.map((need) => need.key)),
    claim: JSON.stringify(needs),
  };
}

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
  const unreadable: Warning = {
    code: 'note-unreadable',
    message: `${store.url}: ${key} cannot be read and was passed over`,
  };
  let json: { format?: unknown; archives?: unknown } | null;
  try {
    json = JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    return unreadable;
  }
  if (typeof json?.format === 'number' && json.format !== noteFormat) throw unknownObject(store, key);
  if (json?.format !== noteFormat || !Array.isArray(json.archives)) return unreadable;
  return { object, at, archives: json.archives.filter((archive) => typeof archive === 'string') };
}

/** Runs a step for each item, a few at a time; results in the order of the items. */
async function inTurns<T, R>(items: readonly T[], step: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await step(items[i] as T);
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return results;
}
