import { join } from 'node:path';
import { localDay } from '../../base/local-time.ts';
import { rfc3339 } from '../../catalog/manifest-parts.ts';
import { backupId, newTag, programArchiveKey } from '../../catalog/names.ts';
import type { ProgramFacts, ProgramManifest } from '../../catalog/program-manifest.ts';
import { stockRestoreLine } from '../../catalog/stock-tools.ts';
import type { AppFilesOptions } from '../../efaktur/app-files.ts';
import type { Job } from '../../state/job.ts';
import type { RecordedProgram, SentArchive } from '../../state/record.ts';
import { storedAppFacts } from '../push/made-with.ts';
import type { Target } from '../push/report.ts';
import { eachTarget, nameTaken, sendingProgress, sendSpool } from '../push/sending.ts';
import type { StoreSession } from '../push/session.ts';
import { type Spool, spoolArchive } from '../push/spool.ts';
import type { StoringContext } from '../push/storing.ts';
import { type ProgramRead, sameFilesNow } from './read-program.ts';

export interface ProgramContext extends StoringContext {
  readonly appFolder: string;
  readonly options: AppFilesOptions;
}

/** How one store took a program. */
export interface StoredProgramAs {
  readonly outcome: 'created' | 'unchanged' | 'planned';
  readonly id: string;
  readonly day: string;
  readonly archive: SentArchive | null;
}

/** One read program on its way to the stores. */
interface ProgramPlan {
  readonly read: ProgramRead;
  readonly capturedAt: Date;
  readonly day: string;
  readonly tag: string;
  readonly id: string;
  readonly facts: ProgramFacts;
}

/**
 * Stores a program folder that has been read once. Where a store has its content already, for the same keys, nothing is
 * written; for the others it is packed once, which is the second read (`source-changed` when that differs), and sent to each on
 * its own: a store that fails keeps its error in its target and does not stop the others.
 */
export async function storeProgram(
  read: ProgramRead,
  at: Date,
  targets: readonly Target[],
  context: ProgramContext,
): Promise<{
  readonly plan: Pick<ProgramPlan, 'id' | 'day' | 'capturedAt'>;
  readonly results: ReadonlyMap<Target, StoredProgramAs>;
}> {
  const capturedAt = new Date(Math.floor(at.getTime() / 1000) * 1000);
  const tag = newTag();
  const plan: ProgramPlan = {
    read,
    capturedAt,
    day: localDay(capturedAt, context.zone),
    tag,
    id: backupId(capturedAt, tag),
    facts: factsOf(read),
  };
  const results = new Map<Target, StoredProgramAs>();
  await eachTarget(targets, async (target, session) => {
    const isSame = (p: RecordedProgram): boolean =>
      p.keysId === context.keysId && p.contentHash === read.contentHash;
    const known = context.full ? null : await session.findUnchangedProgram(isSame);
    if (known) results.set(target, { outcome: 'unchanged', id: known.id, day: known.day, archive: known });
    else if (context.dryRun)
      results.set(target, { outcome: 'planned', id: plan.id, day: plan.day, archive: null });
  });
  const receivers = targets.filter((t) => t.session && !t.error && !results.has(t));
  if (context.job && receivers.length > 0) {
    const spool = await pack(plan, context.job, context);
    const onBytes = sendingProgress(spool, receivers.length, context.progress);
    await eachTarget(receivers, async (target, session) => {
      const archive = await send(plan, session, spool, onBytes, context);
      results.set(target, { outcome: 'created', id: plan.id, day: plan.day, archive });
    });
    await spool.whole;
  }
  return { plan, results };
}

function factsOf({ contentHash, files, totalBytes, app, leftOut }: ProgramRead): ProgramFacts {
  const counts: Record<string, number> = {};
  for (const { why } of leftOut) counts[why] = (counts[why] ?? 0) + 1;
  return { contentHash, files: files.length, totalBytes, ...storedAppFacts(app), leftOut: counts };
}

async function pack(plan: ProgramPlan, job: Job, context: ProgramContext): Promise<Spool> {
  const set = await sameFilesNow(context.appFolder, plan.read, context.options);
  const facts = {
    id: plan.id,
    capturedAt: rfc3339(plan.capturedAt),
    kind: 'program',
    program: context.program,
    appProgram: plan.read.app.main.sha256,
    ...plan.facts,
  };
  const list = { facts, files: plan.read.files, emptyFolders: set.emptyFolders };
  return spoolArchive(join(job.folder, `${plan.tag}.spool`), list, set, context);
}

async function send(
  plan: ProgramPlan,
  session: StoreSession,
  spool: Spool,
  onBytes: (bytes: number) => void,
  context: ProgramContext,
): Promise<SentArchive> {
  const { encryptor, keysId } = context;
  const origin = await session.ensureOrigin();
  const key = programArchiveKey(plan.day, plan.id, encryptor !== null);
  const archive = await sendSpool(session, { tag: plan.tag, key, keysId }, spool, onBytes);
  const manifest: ProgramManifest = {
    id: plan.id,
    capturedAt: plan.capturedAt,
    kind: 'program',
    origin,
    program: context.program,
    appProgram: plan.read.app.main.sha256,
    archive: key,
    needs: [{ key, sizeBytes: archive.sizeBytes, sha256: archive.sha256 }],
    restore: stockRestoreLine(key),
    private: encryptor
      ? await encryptor.encryptText(JSON.stringify({ ...plan.facts, id: plan.id }))
      : plan.facts,
  };
  // Its tag was drawn for this push, so nobody could guess the name.
  if ((await session.putProgram(manifest, archive, plan.read.contentHash)) === 'taken')
    throw nameTaken(session.store, plan.id);
  return archive;
}
