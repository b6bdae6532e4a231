/*
 * In which stored backup something first appears. Rows mostly stay once they are entered, so the boundary is searched by
 * halves; but they may also be deleted and entered anew, so the backups before the boundary are looked into as well, at
 * growing distances, and what is in none of the newest is looked for from the newest back. See docs/DESIGN.md.
 */
import { isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import type { BackupInfo } from '../sync/backup-info.ts';
import { listStores, type StoredBackup } from '../sync/merged-listing.ts';
import type { InspectContext } from './backup-files.ts';
import { findRows } from './find.ts';
import {
  type ChosenTable,
  type Inspection,
  type InspectOptions,
  openDatabases,
  tablesNamed,
} from './open-databases.ts';
import { openCopies } from './stored-files.ts';
import type { Term } from './terms.ts';

export type LookedBackup = BackupInfo & { readonly stores: readonly string[] };

export interface FirstFound {
  /** The first backup that has it, as far as was looked; null when none has. */
  readonly first: LookedBackup | null;
  /** The one before it, which does not have it; null when there is none. */
  readonly before: LookedBackup | null;
  /** The last one that has it, when the newest has it no more. */
  readonly last: LookedBackup | null;
  /** How many backups there are, and how many were looked into. */
  readonly backups: number;
  readonly lookedInto: number;
  /** True when every backup before the first was looked into (or is known to hold the same). */
  readonly certain: boolean;
}

export interface FirstFoundRequest extends InspectOptions {
  readonly terms: readonly Term[];
  readonly table: string | null;
}

/** Looks through all stored backups. One that cannot be read is passed over with a warning; throws when none can. */
export async function findFirst(
  request: FirstFoundRequest,
  context: InspectContext,
  warnings: Warning[],
): Promise<FirstFound> {
  const stores = await context.stores();
  const listing = await listStores(stores, [''], context.signal);
  warnings.push(...listing.warnings);
  const backups = inOrder(listing.backups);
  const looks = createLooks(request, context, warnings);
  const answers = new Map<number, Answer>();
  let failure: unknown = null;

  const look = async (index: number): Promise<Answer> => {
    const known = answers.get(index);
    if (known) return known;
    let answer: Answer = { isFound: null, info: null };
    try {
      answer = await looks(backups[index] ?? []);
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'source-unusable', 'wrong-key', 'newer-format')) throw error;
      failure ??= error;
      warnings.push({
        code: error.code,
        message: `${backups[index]?.[0]?.id} was passed over: ${error.message}`,
      });
    }
    answers.set(index, answer);
    return answer;
  };
  const has = async (index: number): Promise<boolean> => (await look(index)).isFound === true;

  const newest = backups.length - 1;
  // Mostly the newest has it. If not, the last that had it is the first one met from there.
  let last = newest;
  while (last >= 0 && !(await has(last))) last--;
  if (backups.length > 0 && [...answers.values()].every(({ isFound }) => isFound === null)) throw failure;
  let first = last;
  while (first > 0) {
    const boundary = await boundaryBelow(first, has);
    const earlier = await earlierThan(boundary, has);
    first = earlier ?? boundary;
    if (earlier === null) break;
  }
  const infoOf = (index: number): LookedBackup | null => answers.get(index)?.info ?? null;
  const beforeFirst = Array.from({ length: Math.max(0, first) }, (_, i) => answers.get(i));
  return {
    first: first < 0 ? null : infoOf(first),
    before: first > 0 ? infoOf(first - 1) : null,
    last: last >= 0 && last < newest ? infoOf(last) : null,
    backups: backups.length,
    lookedInto: answers.size,
    certain: beforeFirst.every((answer) => answer?.isFound === false),
  };
}

/** The lowest index of an unbroken run up to `found` as halves show it: the one below it does not have it. */
async function boundaryBelow(found: number, has: (index: number) => Promise<boolean>): Promise<number> {
  let [low, high] = [-1, found];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await has(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Looks before a boundary at distances of 2, 4, 8, … and at the oldest; the first that has it after all, or null. */
async function earlierThan(
  boundary: number,
  has: (index: number) => Promise<boolean>,
): Promise<number | null> {
  for (let distance = 2; boundary - distance > 0; distance *= 2)
    if (await has(boundary - distance)) return boundary - distance;
  return boundary > 1 && (await has(0)) ? 0 : null;
}

/** Oldest first, all copies of one backup together. */
function inOrder(all: readonly StoredBackup[]): StoredBackup[][] {
  const byId = new Map<string, StoredBackup[]>();
  for (const backup of all) byId.set(backup.id, [...(byId.get(backup.id) ?? []), backup]);
  return [...byId.values()];
}

interface Answer {
  /** Null for a backup that could not be read. */
  readonly isFound: boolean | null;
  readonly info: LookedBackup | null;
}

/** Looks into one backup after the other; tables whose files are those of a backup before are not read again. */
function createLooks(
  { terms, table, ...options }: FirstFoundRequest,
  context: InspectContext,
  warnings: Warning[],
): (copies: readonly StoredBackup[]) => Promise<Answer> {
  const known = new Map<string, boolean>();
  return async (copies) => {
    const files = await openCopies(copies, context, warnings, options);
    try {
      const own: Warning[] = [];
      const inspection = await openDatabases(files, options, own);
      const info = files.info.backup;
      for (const chosen of tablesOf(inspection, table)) {
        const name = identityOf(inspection, chosen);
        const isFound = known.get(name) ?? (await isInTable(inspection, chosen, terms, context.signal));
        known.set(name, isFound);
        if (isFound) return { isFound, info };
      }
      return { isFound: false, info };
    } finally {
      await files.close();
    }
  };
}

/** A table may not be there yet in an old backup. */
function tablesOf(inspection: Inspection, name: string | null): ChosenTable[] {
  try {
    return tablesNamed(inspection, name);
  } catch (error) {
    if (isEfakturError(error, 'usage')) return [];
    throw error;
  }
}

/** What decides which rows a table has: its file and its columns. */
const identityOf = ({ files }: Inspection, { database, table }: ChosenTable): string =>
  JSON.stringify([files.sha256(`${database.name}/${table.file}`), table.columns]);

async function isInTable(
  inspection: Inspection,
  chosen: ChosenTable,
  terms: readonly Term[],
  signal: AbortSignal,
): Promise<boolean> {
  for await (const _ of findRows(inspection, [chosen], terms, signal)) return true;
  return false;
}
