import type { FileList } from '../../archive/file-list.ts';
import { localDay } from '../../base/local-time.ts';
import { encodeManifest, type Manifest, type PrivateFacts } from '../../catalog/manifest.ts';
import { maxManifestBytes, rfc3339 } from '../../catalog/manifest-parts.ts';
import { type BackupKind, backupId, newTag } from '../../catalog/names.ts';
import { stockRestoreLine } from '../../catalog/stock-tools.ts';
import { judgeVersion } from '../../derby/verdict.ts';
import type { DatabaseSet } from '../../efaktur/database-files.ts';
import type { RecordedArchive, RecordedBackup } from '../../state/record.ts';
import type { PushingContext, VerbContext } from '../context.ts';
import type { ReadState } from '../reading/read-state.ts';
import { judgedFacts } from '../stored/judged-facts.ts';
import type { Base } from './base.ts';
import type { MadeWith } from './made-with.ts';
import type { StoreSession } from './session.ts';
import type { CandidateState } from './sources.ts';
import type { StoringContext } from './storing.ts';

/** One state on its way to the stores, and what manifests, lists and the local record say of it. */

export interface StateContext extends StoringContext, VerbContext, Pick<PushingContext, 'fullEveryDays'> {}

/** A state after its first read. */
export interface StateRead {
  readonly candidate: CandidateState;
  readonly read: ReadState;
  /** The full that it was compared with. */
  readonly base: Base | null;
  readonly capturedAt: Date;
  /** Several databases were copied one after the other while they were open. */
  readonly noCommonInstant: boolean;
  /** Its files, listed and opened again at each call. */
  readonly filesNow: () => Promise<DatabaseSet>;
  /** The e-Faktur that made it, looked for when a manifest needs it; null where it is not known. */
  readonly madeWith: () => Promise<MadeWith | null>;
}

/** One read state on its way to the stores. */
export interface StatePlan extends StateRead {
  readonly push: StateContext;
  readonly day: string;
  /** What goes with its content, not with the time it was captured at. */
  readonly facts: PrivateFacts;
  /** Drawn for this push; the same in every store that the archive goes to. */
  readonly tag: string;
}

export const planOf = (state: StateRead, push: StateContext): StatePlan => ({
  ...state,
  push,
  day: localDay(state.capturedAt, push.zone),
  facts: factsOf(state),
  tag: newTag(),
});

/** The id of the backup that a push of a new archive makes. */
export const newId = ({ capturedAt, tag }: StatePlan): string => backupId(capturedAt, tag);

/**
 * Equal bytes, or equal data in two databases that were both closed cleanly: Derby rewrites its log at every login. A
 * damaged state is sent each time, as nothing may lean on one.
 */
export const holdsSame = (stored: PrivateFacts, now: PrivateFacts): boolean =>
  now.verdict !== 'damaged' &&
  (stored.contentHash === now.contentHash ||
    (stored.dataHash !== undefined &&
      stored.dataHash === now.dataHash &&
      stored.verdict === 'clean' &&
      now.verdict === 'clean'));

const factsOf = ({ candidate, read, noCommonInstant }: StateRead): PrivateFacts => ({
  contentHash: read.contentHash,
  dataHash: read.dataHash,
  verdict: read.judged.verdict,
  judge: judgeVersion,
  judged: judgedFacts(read.judged),
  files: read.files.length,
  totalBytes: read.totalBytes,
  databases: read.set.databases,
  ...(candidate.sourceName !== null && { sourceName: candidate.sourceName }),
  ...(noCommonInstant && { noCommonInstant }),
});

/** What the file list of an archive of that kind says of the state. */
export const listFacts = (
  plan: StatePlan,
  kind: BackupKind,
  madeWith: MadeWith | null,
): FileList['facts'] => ({
  id: newId(plan),
  capturedAt: rfc3339(plan.capturedAt),
  capturedBasis: plan.candidate.basis,
  kind,
  source: plan.candidate.kind,
  program: plan.push.program,
  ...plan.facts,
  ...madeWith,
});

/** The manifest of the state as an archive in one store holds it. */
export async function manifestOf(
  plan: StatePlan,
  archive: RecordedArchive,
  session: StoreSession,
  origin: string,
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
    program: plan.push.program,
    ...(madeWith && { appProgram: madeWith.appProgram }),
    archive: archive.key,
    needs: [...(base ? [base] : []), archive].map(({ key, sizeBytes, sha256 }) => ({
      key,
      sizeBytes,
      sha256,
    })),
    restore: stockRestoreLine(archive.key, base?.key ?? null),
    private: plan.push.encryptor
      ? await plan.push.encryptor.encryptText(JSON.stringify({ ...facts, id }))
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
export async function recordedFrom({
  candidate,
  madeWith,
}: StatePlan): Promise<Pick<RecordedBackup, 'local' | 'app'>> {
  const made = await madeWith();
  const main = made?.app.programs.find(({ sha256 }) => sha256 === made.appProgram);
  return { local: candidate.local, app: made && { sha256: made.appProgram, version: main?.version ?? null } };
}
