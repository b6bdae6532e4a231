/*
 * In which stored backup something first appears. Rows mostly stay once they are entered, so the boundary is searched by
 * halves; but they may also be deleted and entered anew, so the backups before the boundary are looked into as well, at
 * growing distances, and what is in none of the newest is looked for from the newest back. See docs/DESIGN.md.
 */
import { type EfakturError, isEfakturError } from '../base/errors.ts';
import type { Warning } from '../base/progress.ts';
import { listStores, type StoredBackup } from '../sync/stored/all-stores.ts';
import type { ChosenInfo } from '../sync/stored/backup-info.ts';
import type { InspectContext } from './backup-files.ts';
import { isFound } from './find.ts';
import {
  type ChosenTable,
  databasesNamed,
  type Inspection,
  type InspectOptions,
  openDatabases,
  tablesNamed,
} from './open-databases.ts';
import { openCopies } from './stored-files.ts';
import type { Term } from './terms.ts';
import { backupPassedOver } from './texts.ts';

export interface FirstFound {
  /** The first backup that has it, as far as was looked; null when none has. */
  readonly first: ChosenInfo | null;
  /** The one before it, which does not have it; null when there is none. */
  readonly before: ChosenInfo | null;
  /** The last one that has it, when the newest has it no more. */
  readonly last: ChosenInfo | null;
  /** How many backups there are, and how many were looked into. */
  readonly backups: number;
  readonly lookedInto: number;
  /** True when every backup before the first was looked into (or is known to hold the same). */
  readonly certain: boolean;
}

export type FirstDocument = FirstFound & { readonly warnings: readonly Warning[] };

export interface FirstFoundRequest extends InspectOptions {
  readonly terms: readonly Term[];
  readonly table: string | null;
}

/**
 * Looks through all stored backups. One that cannot be read is passed over with a warning; throws when none can. An old one
 * need not have the database or the table yet; `usage` when it is in none of them.
 */
export async function findFirst(
  request: FirstFoundRequest,
  context: InspectContext,
  warnings: Warning[],
): Promise<FirstFound> {
  const stores = await context.stores();
  const listing = await listStores(stores, [''], context);
  warnings.push(...listing.warnings);
  const backups = inOrder(listing.backups);
  const misnamed: Misnamed = { database: null, table: null };
  const looks = createLooks(request, context, warnings, misnamed);
  const answers = new Map<number, Answer>();
  let failure: unknown = null;

  const look = async (index: number): Promise<Answer> => {
    const known = answers.get(index);
    if (known) return known;
    let answer: Answer = { isFound: null, isThere: false, info: null };
    try {
      answer = await looks(backups[index] ?? []);
    } catch (error) {
      if (!isEfakturError(error, 'damaged', 'source-unusable', 'wrong-key', 'newer-format')) throw error;
      failure ??= error;
      warnings.push({
        code: error.code,
        message: backupPassedOver(backups[index]?.[0]?.id ?? '', error.text),
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
  const looked = [...answers.values()];
  if (looked.length > 0 && looked.every(({ isFound }) => isFound === null)) throw failure;
  const usage = misnamed.table ?? misnamed.database;
  if (usage && !looked.some(({ isThere }) => isThere)) throw usage;
  let first = last;
  while (first > 0) {
    const boundary = await boundaryBelow(first, has);
    const earlier = await earlierThan(boundary, has);
    first = earlier ?? boundary;
    if (earlier === null) break;
  }
  const infoOf = (index: number): ChosenInfo | null => answers.get(index)?.info ?? null;
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
  /** Whether it has the database and table that were named. */
  readonly isThere: boolean;
  readonly info: ChosenInfo | null;
}

/** What the newest backup without the database, and the newest without the table, said of the name. */
interface Misnamed {
  database: EfakturError | null;
  table: EfakturError | null;
}

/** Looks into one backup after the other; tables whose files are those of a backup before are not read again. */
function createLooks(
  { terms, table, ...options }: FirstFoundRequest,
  context: InspectContext,
  warnings: Warning[],
  misnamed: Misnamed,
): (copies: readonly StoredBackup[]) => Promise<Answer> {
  const known = new Map<string, boolean>();
  /** Null when the backup has nothing of that name, which is noted. */
  const ifNamed = <T>(what: keyof Misnamed, named: () => T): T | null => {
    try {
      return named();
    } catch (error) {
      if (!isEfakturError(error, 'usage')) throw error;
      misnamed[what] ??= error;
      return null;
    }
  };
  return async (copies) => {
    const files = await openCopies({ copies, next: null }, context, warnings, options);
    try {
      const { backup: info } = files.info;
      const own: Warning[] = [];
      const databases = ifNamed('database', () => databasesNamed(files, options.database));
      if (!databases) return { isFound: false, isThere: false, info };
      const inspection = await openDatabases(files, options, own);
      const tables = ifNamed('table', () => tablesNamed(inspection, table));
      for (const chosen of tables ?? []) {
        const name = identityOf(inspection, chosen);
        const isInTable = known.get(name) ?? (await isFound(inspection, [chosen], terms, context.signal));
        known.set(name, isInTable);
        if (isInTable) return { isFound: true, isThere: true, info };
      }
      // It may be in a database that cannot be read.
      if (inspection.failure) throw inspection.failure;
      return { isFound: false, isThere: tables !== null, info };
    } finally {
      await files.close();
    }
  };
}

/** What decides which rows a table has: its file and its columns. */
const identityOf = ({ files }: Inspection, { database, table }: ChosenTable): string =>
  JSON.stringify([files.sha256(`${database.name}/${table.file}`), table.columns]);
