import { EfakturError, type ErrorReport, isEfakturError, keepOrThrow, reportOf } from '../base/errors.ts';
import { formatInstant, localDay } from '../base/local-time.ts';
import type { Warning } from '../base/progress.ts';
import { countedAt } from '../catalog/counted-time.ts';
import { toldLate } from '../catalog/late-uploads.ts';
import { prunedKey } from '../catalog/names.ts';
import type { DeleteLimit, PruneRules } from '../catalog/prune-rules.ts';
import { isEmptyPolicy } from '../catalog/retention.ts';
import { bytesBody } from '../store/small-object.ts';
import type { ObjectStore } from '../store/store.ts';
import type { StoresContext } from './context.ts';
import { type HeldBackup, type Inventory, neededSince, readInventory } from './prune/inventory.ts';
import {
  type Decided,
  type PruneDecision,
  type PrunedProgram,
  type PrunePlan,
  planStore,
} from './prune/plan.ts';
import type { HeldProgram } from './prune/programs.ts';
import {
  allowMore,
  giveKeepRule,
  keepsNewestOnly,
  lookAtPlan,
  notPrunedToEnd,
  orPushKeyStolen,
  overMaxDelete,
  soNothingDeleted,
  uploadedLate,
} from './prune-texts.ts';
import { countBackups } from './stored/counted-backups.ts';
import { removeAbandoned } from './stored/cut-off-uploads.ts';
import { lockedPut } from './stored/locked-put.ts';
import { newestMissing } from './stored/newest-pushed.ts';
import type { LockRule } from './stored/object-lock.ts';
import { encodeNote, type HeldObject } from './stored/prune-notes.ts';

export interface PruneRequest extends StoresContext, PruneRules {
  /** Without it nothing is changed. */
  readonly yes: boolean;
  /** How long what a run notes stays locked; null without locks. */
  readonly lock: LockRule | null;
}

export interface LockedObject {
  readonly key: string;
  /** RFC 3339 in the configured zone; null for a legal hold. */
  readonly until: string | null;
}

export interface PrunedStore {
  readonly store: string;
  readonly backups: number;
  /** Program folders, which are no backups. */
  readonly programs: number;
  /** Keys that this run deletes, or that one with `--yes` would. */
  readonly planned: readonly string[];
  readonly deleted: readonly string[];
  /** Bytes of the archives deleted. */
  readonly freedBytes: number;
  /** Archives that no backup needs from now on; a run at least a day later deletes them. */
  readonly letGo: readonly string[];
  readonly locked: readonly LockedObject[];
  readonly error?: ErrorReport;
}

export interface PruneDocument {
  readonly outcome: 'planned' | 'pruned';
  readonly decisions: readonly PruneDecision[];
  readonly programs: readonly PrunedProgram[];
  readonly deleted: readonly string[];
  readonly stores: readonly PrunedStore[];
  readonly warnings: readonly Warning[];
}

/** What a run has done to one store so far, also when it fails in between. */
interface Done {
  readonly deleted: string[];
  freedBytes: number;
  readonly letGo: string[];
  readonly locked: LockedObject[];
}

/**
 * Deletes what a policy does not keep, each store on its own, and program folders that neither are among the newest nor made a
 * kept backup (`program-retention.ts`); `maxDelete` counts backups alone. Archives go in two steps: the run that deletes manifests only
 * notes in `pruned/` what they leave behind, and a run at least a day later deletes what is still not needed and was
 * uploaded more than a week ago. A kill at any point loses nothing that a kept manifest needs, and the next run goes on. What
 * is locked stays and is named. A store that fails does not stop the others; `failure` is the first one's: `usage` over the
 * limit, `newer-format`, `damaged` for an unreadable manifest, or what the store threw.
 */
export async function prune(
  request: PruneRequest,
): Promise<{ document: PruneDocument; failure: EfakturError | null }> {
  if (isEmptyPolicy(request.policy)) {
    throw new EfakturError('usage', keepsNewestOnly, giveKeepRule);
  }
  const decided: Decided = { backups: [], programs: [] };
  const stores: PrunedStore[] = [];
  const warnings: Warning[] = [];
  let failure: EfakturError | null = null;
  for (const store of request.stores) {
    const run = await pruneStore(store, request, decided, warnings);
    stores.push(run.pruned);
    failure ??= run.error;
    if (run.error)
      warnings.push({ code: run.error.code, message: notPrunedToEnd(store.url, run.error.text) });
  }
  if (failure && stores.every((s) => s.error && s.backups === 0)) throw failure;
  const deleted = stores.flatMap((s) => s.deleted);
  return {
    document: {
      outcome: request.yes ? 'pruned' : 'planned',
      decisions: decided.backups,
      programs: decided.programs,
      deleted,
      stores,
      warnings,
    },
    failure,
  };
}

async function pruneStore(
  store: ObjectStore,
  request: PruneRequest,
  decided: Decided,
  warnings: Warning[],
): Promise<{ pruned: PrunedStore; error: EfakturError | null }> {
  const done: Done = { deleted: [], freedBytes: 0, letGo: [], locked: [] };
  let backups = 0;
  let programs = 0;
  let planned: string[] = [];
  let error: EfakturError | null = null;
  try {
    const inventory = await readInventory(store, request.signal);
    backups = inventory.backups.length;
    programs = inventory.programs.length;
    warnings.push(...inventory.warnings);
    await refuseIncomplete(store, inventory, request);
    const now = inventory.serverTime ?? request.now();
    warnings.push(...timeWarnings(store, inventory, request));
    const plan = planStore(store.url, inventory, now, request, decided);
    planned = [
      ...[...plan.going, ...plan.goingPrograms].map((b) => b.object.key),
      ...plan.archives.map((a) => a.key),
    ];
    if (!request.yes) done.letGo.push(...plan.letGo);
    const tooMany = overLimit(store, plan.going.length, backups, request.maxDelete);
    if (tooMany && request.yes) throw tooMany;
    if (tooMany) warnings.push({ code: 'over-the-limit', message: tooMany.text, hint: allowMore });
    if (request.yes) {
      await carryOut(store, inventory, plan, now, request, done);
      await removeAbandoned(store, now, { signal: request.signal });
    }
  } catch (thrown) {
    keepOrThrow(thrown);
    error = thrown;
  }
  return {
    pruned: {
      store: store.url,
      backups,
      programs,
      planned,
      ...done,
      ...(error && { error: reportOf(error) }),
    },
    error,
  };
}

/** What is not known to be all of a store says nothing of what may go. */
async function refuseIncomplete(
  store: ObjectStore,
  inventory: Inventory,
  context: PruneRequest,
): Promise<void> {
  const backups = inventory.backups.map((backup) => ({ id: backup.id, countedAt: countedAt(backup) }));
  const missing = await newestMissing(store, { backups, prefixes: [''] }, context);
  if (!missing) return;
  throw new EfakturError('store-unavailable', soNothingDeleted(missing.message), missing.hint);
}

/** What the times of backups tell: those that name wrong ones, and those that came late. */
function timeWarnings({ url }: ObjectStore, inventory: Inventory, { now, zone }: PruneRequest): Warning[] {
  const { backups, serverTime, beganAt } = inventory;
  const counted = backups.map((b) => ({ ...b, countedAt: countedAt(b) }));
  const told = countBackups({ url, backups: counted, serverTime, now: now(), zone }).findings;
  // Those dated ahead are told with the reason for each.
  const findings = told.filter(({ code }) => code !== 'dated-ahead');
  const late = toldLate(
    backups.filter((b) => !b.isCopied),
    beganAt,
  );
  if (late.length === 0) return findings;
  const days = [...new Set(late.map((b) => localDay(b.uploadedAt ?? b.capturedAt, zone)))].sort();
  return [
    ...findings,
    {
      code: 'late-uploads',
      message: uploadedLate(url, late.length, days),
      hint: orPushKeyStolen,
    },
  ];
}

function overLimit(store: ObjectStore, going: number, all: number, limit: DeleteLimit): EfakturError | null {
  const isOver = 'percent' in limit ? going * 100 > limit.percent * all : going > limit.backups;
  if (!isOver) return null;
  const shown = 'percent' in limit ? `${limit.percent}%` : `${limit.backups}`;
  return new EfakturError('usage', overMaxDelete(store.url, going, all, shown), lookAtPlan);
}

async function carryOut(
  store: ObjectStore,
  inventory: Inventory,
  plan: PrunePlan,
  now: Date,
  { program, signal, zone, lock }: PruneRequest,
  done: Done,
): Promise<void> {
  const remove = async (object: HeldObject): Promise<boolean> => {
    const lock = await removeObject(store, object, now, signal);
    if (lock) done.locked.push({ key: object.key, until: lock.until && formatInstant(lock.until, zone) });
    else done.deleted.push(object.key);
    return lock === null;
  };
  // Noted first: after a kill what the manifests leave behind is known, and a manifest that is still there keeps it.
  const going = [...plan.going, ...plan.goingPrograms];
  if (going.length > 0 || plan.letGo.length > 0) {
    const ids = {
      backups: plan.going.map((backup) => backup.id),
      programs: plan.goingPrograms.map(({ id }) => id),
    };
    const note = bytesBody(encodeNote(now, program, ids, plan.letGo));
    await lockedPut(store, { lock, now: () => now, job: null, signal })(freeNoteKey(inventory, now), note);
  }
  const stillNeeded = new Set<string>();
  const deletedOnes: (HeldBackup | HeldProgram)[] = [];
  for (const one of going) {
    if (await remove(one.object)) deletedOnes.push(one);
    else for (const key of one.needs) stillNeeded.add(key);
  }
  done.letGo.push(...plan.letGo.filter((key) => !stillNeeded.has(key)));
  if (plan.archives.length > 0) {
    const neededAgain = await neededSince(store, inventory, signal);
    // A forged archive may have the tag of a true one, whose index and proofs must stay.
    const users = new Map<string, number>();
    const count = (tag: string, by: number): void => void users.set(tag, (users.get(tag) ?? 0) + by);
    const { archives, backups, programs } = inventory;
    for (const { tag } of [...archives.values(), ...backups, ...programs]) count(tag, 1);
    for (const { tag } of deletedOnes) count(tag, -1);
    for (const archive of plan.archives) {
      if (neededAgain.has(archive.key)) continue;
      // The archive is the last to go: while it is there, the next run finds what is left.
      if (users.get(archive.tag) === 1)
        for (const object of inventory.attached.get(archive.tag) ?? []) await remove(object);
      if (!(await remove(archive))) continue;
      count(archive.tag, -1);
      done.freedBytes += archive.sizeBytes;
    }
  }
  // A locked note does no harm; a later run tries again.
  for (const note of plan.notes)
    if (!(await removeObject(store, note, now, signal))) done.deleted.push(note.key);
}

function freeNoteKey({ notes }: Inventory, now: Date): string {
  const taken = new Set(notes.map((note) => note.object.key));
  for (let at = now; ; at = new Date(at.getTime() + 1000)) {
    const key = prunedKey(at);
    if (!taken.has(key)) return key;
  }
}

/** Deletes every version; resolves with the lock that forbids it, or null when the key is gone. */
async function removeObject(
  store: ObjectStore,
  { key, versions }: HeldObject,
  now: Date,
  signal: AbortSignal,
): Promise<{ readonly until: Date | null } | null> {
  for (const { versionId } of versions) {
    const options = { signal, ...(versionId !== null && { versionId }) };
    try {
      await store.delete(key, options);
    } catch (error) {
      if (!isEfakturError(error, 'access-denied')) throw error;
      // Services answer alike to a lock and to a missing right.
      const lock = await store.lockOf(key, options).catch((asked: unknown) => {
        if (isEfakturError(asked, 'access-denied')) return null;
        throw asked;
      });
      if (!lock || (lock.until !== null && lock.until <= now)) throw error;
      return lock;
    }
  }
  return null;
}
