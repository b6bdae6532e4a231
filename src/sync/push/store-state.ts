import { dayMs } from '../../base/durations.ts';
import { archiveKey, indexKey, newTag } from '../../catalog/names.ts';
import { writeIndexCopy } from '../../state/block-index-copy.ts';
import type { Job } from '../../state/job.ts';
import type { RecordedArchive } from '../../state/record.ts';
import type { Base } from './base.ts';
import { type PackedState, packState } from './pack-state.ts';
import { describeState, type PushedBackup, type StoredAs, type Target } from './report.ts';
import { eachTarget, nameTaken, sendingProgress, sendSpool } from './sending.ts';
import type { StoreSession } from './session.ts';
import {
  holdsSame,
  listFacts,
  manifestOf,
  newId,
  planOf,
  recordedFrom,
  type StateContext,
  type StatePlan,
  type StateRead,
} from './state-plan.ts';

/**
 * Stores a state that has been read once. Stores that already have its content get a manifest only; for the others it is
 * packed once, which is the second read (`source-changed` when that differs), and sent to each on its own: a store that
 * fails keeps its error in its target and does not stop the others.
 */
export async function storeState(
  state: StateRead,
  targets: readonly Target[],
  context: StateContext,
): Promise<PushedBackup> {
  const plan = planOf(state, context);
  const unchanged = new Map<Target, RecordedArchive | null>();
  await eachTarget(targets, async (target, session) => {
    unchanged.set(
      target,
      context.full
        ? null
        : await session.findUnchanged((a) => a.keysId === context.keysId && holdsSame(a.facts, plan.facts)),
    );
  });
  const receivers = targets.filter((t) => t.session && !t.error && !unchanged.get(t));
  const packed =
    context.job && receivers.length > 0 ? await pack(plan, state.base, receivers, context.job) : null;
  const results = new Map<Target, StoredAs>();
  const again: Target[] = [];
  const sending = packed ? sendingProgress(packed.spool, receivers.length, context.progress) : null;
  await eachTarget(targets, async (target, session) => {
    const archive = unchanged.get(target) ?? null;
    if (context.dryRun) results.set(target, planned(plan, archive));
    else if (archive) {
      const named = await nameAgain(plan, session, archive);
      if (named) results.set(target, named);
      else again.push(target);
    } else if (packed && sending) results.set(target, await send(plan, session, packed, sending));
    const leansOn = results.get(target)?.archive;
    const leans = archive !== null || packed?.base;
    if (leansOn && leans && !context.dryRun && !(await standsFast(session, leansOn))) again.push(target);
  });
  await packed?.spool.whole;
  await sendAnew(plan, again, results);
  if (packed?.index && [...results.values()].some((r) => r.outcome === 'created')) {
    const keepMs = 3 * context.fullEveryDays * dayMs;
    await writeIndexCopy(context.stateDir, plan.tag, packed.index.plain, context.now(), keepMs);
  }
  return describeState({ ...plan, id: newId(plan) }, targets, results, context);
}

/** Whether all that a manifest just written needs is still there: a prune may have run meanwhile. */
async function standsFast(session: StoreSession, archive: RecordedArchive): Promise<boolean> {
  const base = session.record.archives.find((a) => a.tag === archive.base);
  return (!base || (await session.isThere(base))) && (await session.isThere(archive));
}

/** Sends the state as a full, under a tag of its own, to the stores that lost what it leant on, or where its name was taken. */
async function sendAnew(
  plan: StatePlan,
  targets: readonly Target[],
  results: Map<Target, StoredAs>,
): Promise<void> {
  const { job, progress } = plan.push;
  if (targets.length === 0 || !job) return;
  const anew: StatePlan = { ...plan, tag: newTag() };
  const packed = await pack(anew, null, targets, job);
  const sending = sendingProgress(packed.spool, targets.length, progress);
  await eachTarget(targets, async (target, session) => {
    results.set(target, await send(anew, session, packed, sending));
  });
  await packed.spool.whole;
}

/** Packs the state once for all receivers: a differential only where each of them still shows the base. */
async function pack(
  plan: StatePlan,
  base: Base | null,
  receivers: readonly Target[],
  job: Job,
): Promise<PackedState> {
  const shown: RecordedArchive[] = [];
  await eachTarget(base ? receivers : [], async (_, session) => {
    const archive = session.record.archives.find((a) => a.tag === base?.tag);
    if (archive && (await session.isSound(archive))) shown.push(archive);
  });
  const full = shown.length === receivers.length ? shown[0] : undefined;
  const madeWith = await plan.madeWith();
  return packState(plan.read, base && full ? { ...base, ...full } : null, plan.filesNow, {
    ...plan.push,
    folder: job.folder,
    what: plan.candidate.path,
    tag: plan.tag,
    facts: (kind) => listFacts(plan, kind, madeWith),
  });
}

const planned = (plan: StatePlan, archive: RecordedArchive | null): StoredAs => ({
  outcome: archive ? 'unchanged' : 'planned',
  id: newId({ ...plan, tag: archive?.tag ?? plan.tag }),
  day: plan.day,
  archive,
});

/**
 * A backup of the same content at another time: a manifest that names the archive already there. Null when somebody else's
 * lies under its name.
 */
async function nameAgain(
  plan: StatePlan,
  session: StoreSession,
  archive: RecordedArchive,
): Promise<StoredAs | null> {
  const origin = await session.ensureOrigin();
  const again = { outcome: 'unchanged', archive } as const;
  const own = session.record.backups.filter((b) => b.tag === archive.tag && b.day === plan.day);
  const alreadyNamed = own.findLast((b) => !archive.key.includes(b.id));
  // An open office pushes many times a day; one line a day says that nothing changed.
  if (plan.candidate.capturedAt === null && alreadyNamed) {
    await session.noteLiveFound(archive, plan.capturedAt);
    return { ...again, id: alreadyNamed.id, day: alreadyNamed.day };
  }
  const manifest = await manifestOf(plan, archive, session, origin);
  const put = await session.putManifest(manifest, archive, await recordedFrom(plan));
  return put === 'taken' ? null : { ...again, id: manifest.id, day: plan.day };
}

async function send(
  plan: StatePlan,
  session: StoreSession,
  packed: PackedState,
  onBytes: (bytes: number) => void,
): Promise<StoredAs> {
  const { spool, kind } = packed;
  const { keysId, encryptor } = plan.push;
  const origin = await session.ensureOrigin();
  const key = archiveKey(plan.day, newId(plan), kind, encryptor !== null);
  const sent = await sendSpool(session, { tag: plan.tag, key, keysId }, spool, onBytes);
  const base = packed.base && { base: packed.base.tag };
  const archive: RecordedArchive = { ...sent, kind, ...base, facts: plan.facts };
  if (packed.index) await session.putIndex(indexKey(plan.tag, encryptor !== null), packed.index.stored);
  const manifest = await manifestOf(plan, archive, session, origin);
  // Its tag was drawn for this push, so nobody could guess the name.
  if ((await session.putManifest(manifest, archive, await recordedFrom(plan))) === 'taken')
    throw nameTaken(session.store, manifest.id);
  return { outcome: 'created', id: manifest.id, day: plan.day, archive };
}
