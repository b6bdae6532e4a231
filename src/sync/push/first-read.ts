import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isEfakturError } from '../../base/errors.ts';
import { judgeVersion } from '../../derby/verdict.ts';
import type { DatabaseSet } from '../../efaktur/database-files.ts';
import type { StoreRecord } from '../../state/record.ts';
import { readRecord } from '../../state/record-file.ts';
import type { KeepingRules, PushingContext, StoresContext } from '../context.ts';
import { type KnownStates, type ReadState, readState } from '../reading/read-state.ts';
import { warmReaders, worthThreadsBytes } from '../reading/readers.ts';
import { cleanVerdict } from '../stored/judged-facts.ts';
import { type Base, findBase, type RecordedStore } from './base.ts';
import { leaningBy } from './leaning.ts';
import { type CandidateState, findCandidates, type SourceChoice } from './sources.ts';

/**
 * The first read of a state, and how it can begin before the stores were asked: by the time that their client is loaded
 * and the first answer is here, half a gigabyte is read.
 */

export interface FirstReadRules extends Pick<PushingContext, 'stateDir' | 'keysId' | 'signal' | 'progress'> {
  readonly full: boolean;
}

/** A first read, and the full that it was compared with. */
export interface FirstRead {
  readonly read: ReadState;
  readonly base: Base | null;
  /** How long ago it ended, where that was not just now. */
  ageMs(): number;
}

/** Reads a state for the first time; see `readState`. */
export async function firstRead(
  candidate: CandidateState,
  set: DatabaseSet,
  stores: readonly RecordedStore[],
  rules: FirstReadRules,
): Promise<FirstRead> {
  const base = await baseOf(stores, rules);
  return { read: await readComparing(candidate, set, base, stores, rules), base, ageMs: () => 0 };
}

const baseOf = async (stores: readonly RecordedStore[], rules: FirstReadRules): Promise<Base | null> =>
  rules.full ? null : findBase(stores, rules.keysId, rules.stateDir);

function readComparing(
  candidate: CandidateState,
  set: DatabaseSet,
  base: Base | null,
  stores: readonly RecordedStore[],
  rules: FirstReadRules,
): Promise<ReadState> {
  const known = rules.full || candidate.capturedAt ? null : knownStates(stores);
  return readState(set, candidate.path, { base: base?.index ?? null, known }, rules);
}

/** For live states: a login backup that was pushed is known by its name and never read again. */
function knownStates(stores: readonly RecordedStore[]): KnownStates {
  const archives = stores.flatMap((s) => s.record.archives);
  const last = archives.reduce((ms, a) => Math.max(ms, Date.parse(a.uploadedAt)), 0);
  return {
    lastPushMs: last,
    verdictOf(hash) {
      const known = archives.findLast(({ facts }) => facts.contentHash === hash)?.facts;
      // What an older judge did not look at is looked at now.
      return (known?.judge ?? 0) >= judgeVersion ? cleanVerdict(known?.judged) : null;
    },
  };
}

export interface EarlyReadRequest
  extends FirstReadRules,
    KeepingRules,
    Pick<StoresContext, 'stores' | 'zone' | 'now'> {
  readonly appFolder: string | null;
  readonly source: SourceChoice;
  readonly all: boolean;
}

/** A first read under way. */
export interface EarlyRead {
  /**
   * The read, if it is the one wanted: of the same files as they are listed now, by what is known of the stores now.
   * Null otherwise, and after the first time: whatever it found out the push will find again.
   */
  take(
    candidate: CandidateState,
    set: DatabaseSet,
    stores: readonly RecordedStore[],
  ): Promise<FirstRead | null>;
  /** Stops it. */
  close(): Promise<void>;
}

/**
 * Begins to read the live db where that is what the push would take by all that is known on this PC; null where it is
 * not, or where anything is in the way.
 */
export async function beginEarlyRead(request: EarlyReadRequest): Promise<EarlyRead | null> {
  const { appFolder, source, zone, now } = request;
  if (request.all || appFolder === null || (source.type !== 'live' && source.type !== 'auto')) return null;
  if (!(await isLarge(join(appFolder, 'db')))) return null;
  warmReaders();
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  let opened: Awaited<ReturnType<CandidateState['open']>> = null;
  let records: StoreRecord[];
  let set: DatabaseSet;
  try {
    const { states } = await findCandidates({ appFolder, choice: source, zone, now, signal });
    const [first] = states;
    if (!first || first.capturedAt !== null) return null;
    opened = await first.open();
    if (!opened) return null;
    set = await opened.state.files();
    records = await Promise.all(request.stores.map(({ url }) => readRecord(request.stateDir, url)));
  } catch (error) {
    opened?.state.close();
    if (isEfakturError(error)) return null;
    throw error;
  }
  const { candidate, state } = opened;
  if (set.problems.length > 0) {
    state.close();
    return null;
  }
  const leaning = leaningBy(request, () => now().getTime());
  const stores = records.map((record): RecordedStore => ({ record, ...leaning }));
  const base = await baseOf(stores, request);
  const reading = readComparing(candidate, set, base, stores, { ...request, signal }).then((read) => {
    const endedMs = performance.now();
    return { read, base, ageMs: () => performance.now() - endedMs };
  });
  reading.catch(() => {});
  // The threads get their files before this one is busy with loading.
  await turn();
  let isTaken = false;
  return {
    async take(wanted, setNow, storesNow) {
      const isWanted =
        !isTaken &&
        wanted.path === candidate.path &&
        wanted.kind === candidate.kind &&
        wanted.capturedAt === null &&
        looks(setNow) === looks(set) &&
        known(storesNow) === known(stores);
      if (!isTaken && !isWanted) stop.abort();
      isTaken = true;
      return isWanted ? reading : null;
    },
    async close() {
      stop.abort();
      await reading.catch(() => {});
      state.close();
    },
  };
}

/** Whether the containers of a `db` folder are worth threads; less is read in a moment. No if anything is in the way. */
async function isLarge(db: string): Promise<boolean> {
  let bytes = 0;
  for (const database of await readdir(db).catch(() => [])) {
    const folder = join(db, database, 'seg0');
    for (const name of await readdir(folder).catch(() => [])) {
      bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
      if (bytes >= worthThreadsBytes) return true;
    }
  }
  return false;
}

const looks = ({ files, emptyFolders, problems }: DatabaseSet): string =>
  JSON.stringify([
    files.map(({ path, sizeBytes, mtimeMs }) => [path, sizeBytes, mtimeMs]),
    emptyFolders,
    problems,
  ]);

/** All that a first read goes by. */
const known = (stores: readonly RecordedStore[]): string =>
  JSON.stringify(stores.map((s) => s.record.archives.map((a) => [a.tag, s.mayLeanOn(a)])));
