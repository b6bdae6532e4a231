import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { inTurns } from '../../base/in-turns.ts';
import type { Warning } from '../../base/progress.ts';
import { type Manifest, parseManifest } from '../../catalog/manifest.ts';
import {
  afterLastDay,
  attachedTag,
  doctorPrefix,
  isCopiedKey,
  looksLikeBackup,
  type Proof,
  parseBackupKey,
  parseOriginKey,
  parseProgramKey,
  parsePrunedKey,
  proofPrefix,
} from '../../catalog/names.ts';
import { proofOf, standingDamage } from '../../catalog/proofs.ts';
import type { RetainableBackup } from '../../catalog/retention.ts';
import { byUpload } from '../../catalog/true-objects.ts';
import type { ObjectStore, StoredObject } from '../../store/store.ts';
import { readCopiedNotes } from '../stored/copied-uploads.ts';
import {
  type HeldObject,
  type PrunedNote,
  readPruned,
  unknownObject,
  unreadableNote,
} from '../stored/prune-notes.ts';
import { type HeldArchives, hasNeeds, readHeldManifest } from './manifests.ts';
import { type HeldProgram, type ProgramObject, readPrograms } from './programs.ts';
import { changedByOthers, deleteManifestByHand, needsUnknown, notOurs } from './texts.ts';

/**
 * Everything a store holds, as a pruner must know it: nothing may go while anything in it is not understood. On a versioned
 * bucket the oldest version of a key is the true object; later ones and delete markers are somebody's tampering.
 */

export interface HeldBackup extends RetainableBackup {
  readonly day: string;
  readonly object: HeldObject;
  readonly needs: ReadonlySet<string>;
  /** It came from another store, so its `uploadedAt` is of there. */
  readonly isCopied: boolean;
  /** The e-Faktur it was made with; null where that is not known. */
  readonly appProgram: string | null;
}

export interface Inventory {
  /** Everything that was listed. */
  readonly keys: ReadonlySet<string>;
  readonly backups: readonly HeldBackup[];
  readonly programs: readonly HeldProgram[];
  /** Those of backups and of program folders, by key. */
  readonly archives: HeldArchives;
  /** Index and proof objects, by the tag of their archive. */
  readonly attached: ReadonlyMap<string, readonly HeldObject[]>;
  readonly proofs: ReadonlyMap<string, readonly Proof[]>;
  readonly notes: readonly PrunedNote[];
  /** When the store got its oldest origin object, without one its oldest manifest; null when that is not known. */
  readonly beganAt: Date | null;
  readonly serverTime: Date | null;
  readonly warnings: readonly Warning[];
}

/**
 * Lists a store with all versions and reads every manifest. `newer-format` for a kind, version or name that this program
 * does not know, `damaged` for a manifest that cannot be read, `store-unavailable` when one goes away meanwhile.
 */
export async function readInventory(store: ObjectStore, signal: AbortSignal): Promise<Inventory> {
  const { objects, serverTime, tampered } = await listHeld(store, signal);
  const manifests = new Map<string, { object: HeldObject; day: string }>();
  const programs = new Map<string, ProgramObject>();
  const archives = new Map<string, HeldObject & { tag: string }>();
  const attached = new Map<string, HeldObject[]>();
  const proofs = new Map<string, Proof[]>();
  const noteObjects: { object: HeldObject; at: Date }[] = [];
  const copiedObjects: HeldObject[] = [];
  let beganAt: Date | null = null;
  let foreign = 0;
  const attach = (tag: string, object: HeldObject): void => {
    attached.set(tag, [...(attached.get(tag) ?? []), object]);
  };
  for (const object of objects) {
    const parsed = parseBackupKey(object.key);
    const program = parseProgramKey(object.key);
    const proof = proofOf(object);
    const at = parsePrunedKey(object.key);
    const tag = attachedTag(object.key);
    if (parsed?.type === 'manifest') {
      const known = manifests.get(parsed.id);
      // A second manifest of one id is somebody's forgery: it must not stand for the true one, nor stop a prune.
      if (known) foreign++;
      if (!known || byUpload(object, known.object) < 0) manifests.set(parsed.id, { object, day: parsed.day });
    } else if (program?.type === 'manifest') {
      const known = programs.get(program.id);
      if (known) foreign++;
      if (!known || byUpload(object, known.object) < 0) programs.set(program.id, { parsed: program, object });
    } else if (parsed ?? program)
      archives.set(object.key, { ...object, tag: (parsed ?? program)?.tag ?? '' });
    else if (proof) {
      proofs.set(proof.tag, [...(proofs.get(proof.tag) ?? []), proof]);
      attach(proof.tag, object);
    } else if (tag !== null) attach(tag, object);
    else if (at) noteObjects.push({ object, at });
    else if (isCopiedKey(object.key)) copiedObjects.push(object);
    else if (parseOriginKey(object.key)) beganAt = earlierOf(beganAt, object.modified);
    else if (looksLikeBackup(object.key)) throw unknownObject(store.url, object.key);
    else if (object.key < afterLastDay || object.key.startsWith(proofPrefix)) foreign++;
  }
  const read = await inTurns([...manifests.values()], ({ object, day }) =>
    readHeldBackup(store, object, day, archives, signal),
  );
  const claims = new Map<string, Set<string>>();
  for (const { tag, claim } of read) claims.set(tag, (claims.get(tag) ?? new Set()).add(claim));
  const warnings: Warning[] = [];
  const { uploads, unreadable, newer } = await readCopiedNotes(store, copiedObjects, signal);
  for (const key of newer) throw unknownObject(store.url, key);
  // One that is none only makes copies look late, which lets nothing go.
  warnings.push(...unreadable.map((key) => unreadableNote(store, key)));
  const backups = read.map((b): HeldBackup => {
    const uploadedAt = uploads.get(b.object.key) ?? b.object.modified;
    const isCopied = uploads.has(b.object.key);
    return { ...b, uploadedAt, isCopied, isDisputed: (claims.get(b.tag)?.size ?? 0) > 1 };
  });
  // Damage to the archive that a differential leans on is its damage too.
  for (const { tag, needs } of backups) {
    const leansOn = [...needs].flatMap((key) => archives.get(key) ?? []).filter((a) => a.tag !== tag);
    const damage = leansOn.flatMap((a) => standingDamage(proofs.get(a.tag) ?? []));
    const own = proofs.get(tag) ?? [];
    const news = damage.filter((p) => !own.includes(p));
    if (news.length > 0) proofs.set(tag, [...own, ...news]);
  }
  const readAll = { proofs, uploads };
  const heldPrograms = await readPrograms(store, [...programs.values()], archives, readAll, warnings, signal);
  const notes = await readPruned(store, noteObjects, warnings, signal);
  if (tampered.length > 0) {
    warnings.push({
      code: 'tampering',
      message: changedByOthers(store.url, tampered.slice(0, 3), tampered.length),
    });
  }
  if (foreign > 0) {
    warnings.push({
      code: 'foreign-keys',
      message: notOurs(store.url, foreign),
    });
  }
  return {
    keys: new Set(objects.map((object) => object.key)),
    backups: backups.sort((a, b) => (a.id < b.id ? -1 : 1)),
    programs: heldPrograms.sort((a, b) => (a.id < b.id ? -1 : 1)),
    archives,
    attached,
    proofs,
    notes,
    beganAt: beganAt ?? backups.reduce<Date | null>((first, b) => earlierOf(first, b.object.modified), null),
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
  const fresh = objects.filter(({ key }) => !inventory.keys.has(key));
  const backups = await inTurns(
    fresh.filter(({ key }) => parseBackupKey(key)?.type === 'manifest'),
    (object) => readManifestOf(store, object, signal),
  );
  const warnings: Warning[] = [];
  const programs = await readPrograms(
    store,
    fresh.flatMap((object) => {
      const parsed = parseProgramKey(object.key);
      return parsed?.type === 'manifest' ? [{ parsed, object }] : [];
    }),
    inventory.archives,
    { proofs: new Map(), uploads: new Map() },
    warnings,
    signal,
  );
  return new Set([
    ...backups.flatMap(({ needs }) => needs.map((need) => need.key)),
    ...programs.flatMap(({ needs }) => [...needs]),
  ]);
}

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

const earlierOf = (a: Date | null, b: Date | null): Date | null => (a && (!b || a < b) ? a : b);

async function readManifestOf(
  store: ObjectStore,
  object: HeldObject,
  signal: AbortSignal,
): Promise<Manifest> {
  try {
    return await readHeldManifest(store, object, parseManifest, signal);
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    throw new EfakturError('damaged', needsUnknown(store.url, error.text), deleteManifestByHand, error);
  }
}

async function readHeldBackup(
  store: ObjectStore,
  object: HeldObject,
  day: string,
  archives: HeldArchives,
  signal: AbortSignal,
): Promise<Omit<HeldBackup, 'isDisputed' | 'isCopied' | 'uploadedAt'> & { readonly claim: string }> {
  const { id, capturedAt, needs, appProgram = null } = await readManifestOf(store, object, signal);
  const readAgain = async () => (await readManifestOf(store, object, signal)).needs;
  return {
    id,
    capturedAt,
    day,
    tag: id.slice(id.lastIndexOf('-') + 1),
    isWhole: await hasNeeds(store, object, needs, archives, readAgain, signal),
    object,
    needs: new Set(needs.map((need) => need.key)),
    appProgram,
    claim: JSON.stringify(needs),
  };
}
