import type { FileList } from '../../archive/file-list.ts';
import { dayMs } from '../../base/durations.ts';
import { localDay } from '../../base/local-time.ts';
import { encodeManifest, type Manifest, type PrivateFacts } from '../../catalog/manifest.ts';
import { maxManifestBytes, rfc3339 } from '../../catalog/manifest-parts.ts';
import { archiveKey, type BackupKind, backupId, indexKey, newTag } from '../../catalog/names.ts';
import { stockRestoreLine } from '../../catalog/stock-tools.ts';
import type { Encryptor } from '../../crypto/age.ts';
import { judgeVersion } from '../../derby/verdict.ts';
import type { DatabaseSet } from '../../efaktur/database-files.ts';
import { writeIndexCopy } from '../../state/block-index-copy.ts';
import type { Job } from '../../state/job.ts';
import type { RecordedArchive, RecordedBackup } from '../../state/record.ts';
import type { PushingContext, VerbContext } from '../context.ts';
import type { ReadState } from '../reading/read-state.ts';
import { judgedFacts } from '../stored/judged-facts.ts';
import type { Base } from './base.ts';
import type { MadeWith } from './made-with.ts';
import { type PackedState, packState } from './pack-state.ts';
import { describeState, type PushedBackup, type StoredAs, type Target } from './report.ts';
import { eachTarget, nameTaken, sendingProgress, sendSpool } from './sending.ts';
import type { StoreSession } from './session.ts';
import type { CandidateState } from './sources.ts';

export interface StateContext extends VerbContext, Pick<PushingContext, 'keysId' | 'fullEveryDays'> {
  readonly full: boolean;
  readonly dryRun: boolean;
  /** Null without keys. */
  readonly encryptor: Encryptor | null;
  readonly job: Job | null;
}

/** A state after its first read. */
export interface StateRead {
  readonly candidate: CandidateState;
  readonly read: ReadState;
  /** The full that it was compared with. */
  readonly base: Base | null;
  readonly capturedAt: Date;
  /** Several databases were copied one after the other while they were open. */
  readonly noCommonInstant: boolean;
  /** The e-Faktur that made it, looked for when a manifest needs it; null where it is not known. */
  readonly madeWith: () => Promise<MadeWith | null>;
}

/** One read state on its way to the stores. */
interface StatePlan {
  readonly candidate: CandidateState;
  readonly read: ReadState;
  readonly capturedAt: Date;
  readonly day: string;
  /** What goes with its content, not with the time it was captured at. */
  readonly facts: PrivateFacts;
  readonly madeWith: StateRead['madeWith'];
  /** Drawn for this push; the same in every store that the archive goes to. */
  readonly tag: string;
}

/**
 * Stores a state that has been read once. Stores that already have its content get a manifest only; for the others it is
 * packed once, which is the second read (`source-changed` when that differs), and sent to each on its own: a store that
 * fails keeps its error in its target and does not stop the others.
 */
export async function storeState(
  { candidate, read, base, capturedAt, noCommonInstant, madeWith }: StateRead,
  filesNow: () => Promise<DatabaseSet>,
  targets: readonly Target[],
  context: StateContext,
): Promise<PushedBackup> {
  const plan: StatePlan = {
    candidate,
    read,
    capturedAt,
    day: localDay(capturedAt, context.zone),
    facts: { ...factsOf(candidate, read), ...(noCommonInstant && { noCommonInstant }) },
    madeWith,
    tag: newTag(),
  };
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
    context.job && receivers.length > 0
      ? await pack(plan, base, receivers, filesNow, context.job, context)
      : null;
  const results = new Map<Target, StoredAs>();
  const again: Target[] = [];
  const sending = packed ? sendingProgress(packed.spool, receivers.length, context.progress) : null;
  await eachTarget(targets, async (target, session) => {
    const archive = unchanged.get(target) ?? null;
    if (context.dryRun) results.set(target, planned(plan, archive));
    else if (archive) {
      const named = await nameAgain(plan, session, archive, context);
      if (named) results.set(target, named);
      else again.push(target);
    } else if (packed && sending) results.set(target, await send(plan, session, packed, sending, context));
    const leansOn = results.get(target)?.archive;
    const leans = archive !== null || packed?.base;
    if (leansOn && leans && !context.dryRun && !(await standsFast(session, leansOn))) again.push(target);
  });
  await packed?.spool.whole;
  await sendAnew(plan, again, results, filesNow, context);
  if (packed?.index && [...results.values()].some((r) => r.outcome === 'created')) {
    const keepMs = 3 * context.fullEveryDays * dayMs;
    await writeIndexCopy(context.stateDir, plan.tag, packed.index.plain, context.now(), keepMs);
  }
  return describeState({ ...plan, id: backupId(plan.capturedAt, plan.tag) }, targets, results, context);
}

/**
 * Equal bytes, or equal data in two databases that were both closed cleanly: Derby rewrites its log at every login. A
 * damaged state is sent each time, as nothing may lean on one.
 */
const holdsSame = (stored: PrivateFacts, now: PrivateFacts): boolean =>
  now.verdict !== 'damaged' &&
  (stored.contentHash === now.contentHash ||
    (stored.dataHash !== undefined &&
      stored.dataHash === now.dataHash &&
      stored.verdict === 'clean' &&
      now.verdict === 'clean'));

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
  filesNow: () => Promise<DatabaseSet>,
  context: StateContext,
): Promise<void> {
  if (targets.length === 0 || !context.job) return;
  const anew: StatePlan = { ...plan, tag: newTag() };
  const packed = await pack(anew, null, targets, filesNow, context.job, context);
  const sending = sendingProgress(packed.spool, targets.length, context.progress);
  await eachTarget(targets, async (target, session) => {
    results.set(target, await send(anew, session, packed, sending, context));
  });
  await packed.spool.whole;
}

/** Packs the state once for all receivers: a differential only where each of them still shows the base. */
async function pack(
  plan: StatePlan,
  base: Base | null,
  receivers: readonly Target[],
  filesNow: () => Promise<DatabaseSet>,
  job: Job,
  context: StateContext,
): Promise<PackedState> {
  const shown: RecordedArchive[] = [];
  await eachTarget(base ? receivers : [], async (_, session) => {
    const archive = session.record.archives.find((a) => a.tag === base?.tag);
    if (archive && (await session.isSound(archive))) shown.push(archive);
  });
  const full = shown.length === receivers.length ? shown[0] : undefined;
  const madeWith = await plan.madeWith();
  return packState(plan.read, base && full ? { ...base, ...full } : null, filesNow, {
    ...context,
    folder: job.folder,
    what: plan.candidate.path,
    tag: plan.tag,
    facts: (kind) => listFacts(plan, kind, madeWith, context),
  });
}

const factsOf = (candidate: CandidateState, read: ReadState): PrivateFacts => ({
  contentHash: read.contentHash,
  dataHash: read.dataHash,
  verdict: read.judged.verdict,
  judge: judgeVersion,
  judged: judgedFacts(read.judged),
  files: read.files.length,
  totalBytes: read.totalBytes,
  databases: read.set.databases,
  ...(candidate.sourceName !== null && { sourceName: candidate.sourceName }),
});

const listFacts = (
  plan: StatePlan,
  kind: BackupKind,
  madeWith: MadeWith | null,
  context: StateContext,
): FileList['facts'] => ({
  id: backupId(plan.capturedAt, plan.tag),
  capturedAt: rfc3339(plan.capturedAt),
  capturedBasis: plan.candidate.basis,
  kind,
  source: plan.candidate.kind,
  program: context.program,
  ...plan.facts,
  ...madeWith,
});

const planned = (plan: StatePlan, archive: RecordedArchive | null): StoredAs => ({
  outcome: archive ? 'unchanged' : 'planned',
  id: backupId(plan.capturedAt, archive?.tag ?? plan.tag),
  day: plan.day,
  archive,
});

async function manifestOf(
  plan: StatePlan,
  archive: RecordedArchive,
  session: StoreSession,
  origin: string,
  context: StateContext,
): Promise<Manifest> {
  const base =
    archive.base === undefined ? null : session.record.archives.find((a) => a.tag === archive.base);
  const id = backupId(plan.capturedAt, archive.tag);
  const madeWith = await plan.madeWith();
  const manifestWith = async (facts: PrivateFacts): Promise<Manifest> => ({
    id,
    capturedAt: plan.capturedAt,
    capturedBasis: plan.candidate.basis,
    kind: archive.kind,
    source: plan.candidate.kind,
    origin,
    program: context.program,
    ...(madeWith && { appProgram: madeWith.appProgram }),
    archive: archive.key,
    needs: [...(base ? [base] : []), archive].map(({ key, sizeBytes, sha256 }) => ({
      key,
      sizeBytes,
      sha256,
    })),
    restore: stockRestoreLine(archive.key, base?.key ?? null),
    private: context.encryptor
      ? await context.encryptor.encryptText(JSON.stringify({ ...facts, id }))
      : facts,
  });
  const known: PrivateFacts = { ...archive.facts, ...(madeWith && { app: madeWith.app }) };
  const manifest = await manifestWith(known);
  if (encodeManifest(manifest).length <= maxManifestBytes) return manifest;
  // The list in the archive has the same facts, and only the tables take much room.
  const { judged, ...others } = known;
  return manifestWith(others as PrivateFacts);
}

/** What the local record keeps of where a backup came from. */
async function recordedFrom({
  candidate,
  madeWith,
}: StatePlan): Promise<Pick<RecordedBackup, 'local' | 'app'>> {
  const made = await madeWith();
  const main = made?.app.programs.find(({ sha256 }) => sha256 === made.appProgram);
  return { local: candidate.local, app: made && { sha256: made.appProgram, version: main?.version ?? null } };
}

/**
 * A backup of the same content at another time: a manifest that names the archive already there. Null when somebody else's
 * lies under its name.
 */
async function nameAgain(
  plan: StatePlan,
  session: StoreSession,
  archive: RecordedArchive,
  context: StateContext,
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
  const manifest = await manifestOf(plan, archive, session, origin, context);
  const put = await session.putManifest(manifest, archive, await recordedFrom(plan));
  return put === 'taken' ? null : { ...again, id: manifest.id, day: plan.day };
}

async function send(
  plan: StatePlan,
  session: StoreSession,
  packed: PackedState,
  onBytes: (bytes: number) => void,
  context: StateContext,
): Promise<StoredAs> {
  const { spool, kind } = packed;
  const origin = await session.ensureOrigin();
  const key = archiveKey(plan.day, backupId(plan.capturedAt, plan.tag), kind, context.encryptor !== null);
  const sent = await sendSpool(session, { tag: plan.tag, key, keysId: context.keysId }, spool, onBytes);
  const base = packed.base && { base: packed.base.tag };
  const archive: RecordedArchive = { ...sent, kind, ...base, facts: plan.facts };
  if (packed.index)
    await session.putIndex(indexKey(plan.tag, context.encryptor !== null), packed.index.stored);
  const manifest = await manifestOf(plan, archive, session, origin, context);
  // Its tag was drawn for this push, so nobody could guess the name.
  if ((await session.putManifest(manifest, archive, await recordedFrom(plan))) === 'taken')
    throw nameTaken(session.store, manifest.id);
  return { outcome: 'created', id: manifest.id, day: plan.day, archive };
}
