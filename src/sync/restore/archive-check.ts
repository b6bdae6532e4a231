import { join } from 'node:path';
import { EfakturError, isEfakturError } from '../../base/errors.ts';
import { type Text, verbatim } from '../../base/text.ts';
import type { ArchiveEntry, StoredArchive } from '../../catalog/listing.ts';
import type { NeededArchive } from '../../catalog/manifest-parts.ts';
import type { BackupVerdict, ProofLevel } from '../../catalog/names.ts';
import type { EngineOutcome } from '../../derby/engine.ts';
import type { Engine } from '../../derby/engine-search.ts';
import { beginJob } from '../../state/job.ts';
import type { ObjectStore } from '../../store/store.ts';
import type { ReadingContext } from '../context.ts';
import { discardFile, type LocatedArchive, locateArchives, readJudged } from '../stored/archives.ts';
import { byManifest, type ManifestPlace, type OpenManifest } from '../stored/manifest.ts';
import { isStored, surely } from '../stored/second-reading.ts';
import { problemList } from '../stored/verdict-words.ts';
import { extractInto } from './extract.ts';
import {
  archiveAbsent,
  archiveOfOtherSize,
  derbyCannotCheck,
  derbySays,
  faultOfTable,
  lockedTable,
  nameNewerDerby,
  verifying,
} from './texts.ts';

/** What a check of an archive needs of its surroundings. */
export interface CheckRequest
  extends Pick<ReadingContext, 'decryptor' | 'stateDir' | 'now' | 'signal' | 'progress'> {
  /** Java and derby.jar, for the level `engine`. */
  readonly engine: Engine | null;
}

/** What was found of something that is stored. */
export interface Checked {
  readonly id: string;
  readonly store: string;
  /** What was really done: an archive outside of the part read is only `present`. */
  readonly level: 'present' | ProofLevel;
  readonly ok: boolean;
  /** Why it could not be opened, where it could not: that says nothing of what is stored. */
  readonly code?: UnopenedCode;
  readonly problems: readonly Text[];
}

type UnopenedCode = 'wrong-key' | 'newer-format';

/**
 * Checks what is stored one after the other; what no given key or no present version opens does not stop the rest. `unopened` is
 * the error of the first such.
 */
export async function checkEach<Stored extends { readonly id: string }, Found>(
  store: ObjectStore,
  all: readonly Stored[],
  check: (stored: Stored) => Promise<Found>,
): Promise<{
  checked: (Checked | (Found & Pick<Checked, 'id' | 'store'>))[];
  unopened: EfakturError | null;
}> {
  const checked: (Checked | (Found & Pick<Checked, 'id' | 'store'>))[] = [];
  let unopened: EfakturError | null = null;
  for (const stored of all) {
    const at = { id: stored.id, store: store.url };
    try {
      checked.push({ ...at, ...(await check(stored)) });
    } catch (error) {
      if (!isEfakturError(error, 'wrong-key', 'newer-format')) throw error;
      unopened ??= error;
      const code = error.code as UnopenedCode;
      checked.push({ ...at, level: 'present', ok: false, code, problems: [error.text] });
    }
  }
  return { checked, unopened };
}

/** What of the archives that a manifest needs is not there, or has another size, in words. */
export async function absentNeeds(
  store: ObjectStore,
  needs: readonly NeededArchive[],
  listed: ReadonlyMap<string, StoredArchive>,
  signal: AbortSignal,
): Promise<Text[]> {
  const problems: Text[] = [];
  for (const need of needs) {
    const object = listed.get(need.key);
    const size = object?.sizeBytes;
    if (size === need.sizeBytes) continue;
    // A listing may be stale, or show another's: the store is asked for the object itself.
    if (await isStored(store, need, object?.versionId ?? null, signal)) continue;
    if (size === undefined) problems.push(archiveAbsent(need.key));
    else problems.push(archiveOfOtherSize(need.key, size, need.sizeBytes));
  }
  return problems;
}

/** How one archive of one store was found, once for all backups that name it. */
export interface ArchiveCheck {
  readonly level: ProofLevel;
  readonly verdict: BackupVerdict;
  readonly problems: readonly Text[];
}

/** Reads what a manifest names and judges it; `wrong-key` when no key opens it, `usage` when the engine cannot. */
export async function checkArchive(
  store: ObjectStore,
  manifest: OpenManifest,
  manifestAt: ManifestPlace,
  listed: ReadonlyMap<string, ArchiveEntry>,
  level: ProofLevel,
  request: CheckRequest,
): Promise<ArchiveCheck> {
  const mine = manifest.needs.flatMap((need) => listed.get(need.key) ?? []);
  const archives = await locateArchives(store, manifest, mine, request.signal);
  request.progress.begin(
    verifying(manifest.id),
    archives.reduce((sum, a) => sum + a.sizeBytes, 0),
  );
  try {
    return await byManifest(store, manifestAt, manifest, request.decryptor, request.signal, async () => {
      if (level === 'engine') return checkByEngine(store, archives, request);
      const { judged } = await surely(store, archives, request.signal, () =>
        readJudged(store, archives, { ...request, take: discardFile }),
      );
      return { level, verdict: judged.verdict, problems: problemList(judged) };
    });
  } catch (error) {
    if (!isEfakturError(error, 'damaged')) throw error;
    return { level, verdict: 'damaged', problems: [error.text] };
  }
}

async function checkByEngine(
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  request: CheckRequest,
): Promise<ArchiveCheck> {
  const { engine, signal } = request;
  if (!engine) throw new TypeError('the level engine needs an engine');
  const { checkWithEngine } = await import('../../derby/engine.ts');
  const job = await beginJob(request.stateDir, request.now());
  try {
    const scratch = await job.makeScratch('engine');
    const { judged } = await extractInto(scratch, store, archives, request);
    // Derby reads only what it needs, and boots without a word when log files are missing: damage it does not see stays damage.
    if (judged.verdict === 'damaged')
      return { level: 'engine', verdict: 'damaged', problems: problemList(judged) };
    const problems: Text[] = [];
    const outcomes: EngineOutcome[] = [];
    for (const { database } of judged.databases) {
      const opened = await checkWithEngine({ databaseFolder: join(scratch, database), engine, signal });
      outcomes.push(opened.outcome);
      if (opened.message !== null) problems.push(derbySays(database, opened.derbyVersion, opened.message));
      for (const table of opened.tables) {
        if (table.ok) continue;
        const found = opened.outcome === 'in-doubt' ? lockedTable : faultOfTable;
        problems.push(found(database, table.name, table.message ?? verbatim('')));
      }
    }
    return { level: 'engine', verdict: engineVerdict(outcomes, problems), problems };
  } finally {
    await job.end();
  }
}

/** `usage` when this Derby could say nothing of a database. */
function engineVerdict(outcomes: readonly EngineOutcome[], problems: readonly Text[]): BackupVerdict {
  if (outcomes.includes('damaged')) return 'damaged';
  if (outcomes.includes('newer-database') || outcomes.includes('no-access')) {
    throw new EfakturError('usage', derbyCannotCheck(problems), nameNewerDerby);
  }
  if (outcomes.includes('in-doubt')) return 'needs-recovery';
  return outcomes.includes('encrypted') ? 'encrypted' : 'clean';
}
