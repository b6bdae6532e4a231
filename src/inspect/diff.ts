/*
 * What differs between two states, table by table. Rows are told apart by the primary key, or as wholes where there is
 * none. The first pass keeps only digests, in parts of bounded size; the rows themselves are read again, and only where
 * something differs. Tables whose files are known to be the same are not read at all.
 */
import { byUtf8 } from '../base/file-set.ts';
import { joined, type Text } from '../base/text.ts';
import { type Column, tableName } from '../derby/catalog.ts';
import type { UserTable } from '../derby/database.ts';
import {
  byKey,
  byWholeRow,
  type ComparedColumns,
  type Marked,
  markPart,
  type RowChange,
  readRows,
  type Side,
} from './compare-rows.ts';
import { type Inspection, tableNames, withName } from './open-databases.ts';
import { countTableRows, isLeftToRecovery } from './scan-tables.ts';
import { addedColumns, removedColumns, tableAdded, tableRemoved } from './texts.ts';

export interface TableCounts {
  /** Null where they did not have to be read. */
  readonly rowsBefore: number | null;
  readonly rowsAfter: number | null;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** One table in two states. `count` comes first; `changes` may follow. */
export interface TableComparison {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  /** A table that only one of the states has counts all its rows as added or removed. */
  readonly in: 'both' | 'before' | 'after';
  /** The columns that both have (or the one), which are compared. */
  readonly columns: readonly Column[];
  readonly columnsAdded: readonly string[];
  readonly columnsRemoved: readonly string[];
  /** What tells rows apart; empty when they are compared as wholes. */
  readonly key: readonly string[];
  count(): Promise<TableCounts>;
  /** The rows that differ; those removed and changed come before those added. */
  changes(): AsyncGenerator<RowChange>;
}

/**
 * The tables of both states by name, sorted. A database that one of them could not read is left out: nobody knows what
 * became of its tables.
 */
export function compareStates(
  before: Inspection,
  after: Inspection,
  table: string | null,
  signal: AbortSignal,
  { maxKeys = defaultMaxKeys }: { readonly maxKeys?: number } = {},
): TableComparison[] {
  const unknown = new Set([...before.failed, ...after.failed].map((name) => name.toLowerCase()));
  const all = [before, after].flatMap((inspection) =>
    inspection.databases
      .filter(({ name }) => !unknown.has(name.toLowerCase()))
      .flatMap((database) =>
        database.database.tables.map((one): Side => ({ inspection, chosen: { database, table: one } })),
      ),
  );
  const wanted = table === null ? all : withName(all, table, ({ chosen }) => tableNames(chosen.table));
  const sides = new Map<string, { before?: Side; after?: Side }>();
  for (const side of wanted) {
    const { database, table: one } = side.chosen;
    const name = [database.name.toLowerCase(), one.schema, one.name].join('\0');
    sides.set(name, { ...sides.get(name), [side.inspection === before ? 'before' : 'after']: side });
  }
  return [...sides]
    .sort(([a], [b]) => byUtf8(a, b))
    .map(([, pair]) => comparison(pair.before ?? null, pair.after ?? null, signal, maxKeys));
}

/** What became of a table and its columns, in words; empty when both states have the same. */
export function noteOn({
  in: where,
  columnsAdded,
  columnsRemoved,
}: Pick<TableComparison, 'in' | 'columnsAdded' | 'columnsRemoved'>): Text {
  if (where !== 'both') return where === 'before' ? tableRemoved : tableAdded;
  return joined(
    [
      ...(columnsAdded.length > 0 ? [addedColumns(columnsAdded)] : []),
      ...(columnsRemoved.length > 0 ? [removedColumns(columnsRemoved)] : []),
    ],
    '; ',
  );
}

/** About 100 MB of digests at most. */
const defaultMaxKeys = 1_500_000;

function comparison(
  before: Side | null,
  after: Side | null,
  signal: AbortSignal,
  maxKeys: number,
): TableComparison {
  const either = (before ?? after) as Side;
  const [columnsBefore, columnsAfter] = [columnsOf(before ?? either), columnsOf(after ?? either)];
  const columns = columnsAfter.filter(({ name }) => columnsBefore.some((one) => one.name === name));
  const others = (all: readonly Column[]): string[] =>
    all.map(({ name }) => name).filter((name) => !columns.some((one) => one.name === name));
  const key = before && after ? sharedKey(before.chosen.table, after.chosen.table) : [];
  const plan: ComparedColumns = {
    columns: columns.map(({ name }) => name),
    all: columns.map((_, i) => i),
    key: key.map((name) => columns.findIndex((column) => column.name === name)),
    signal,
  };
  const shared = {
    database: either.chosen.database.name,
    schema: either.chosen.table.schema,
    name: either.chosen.table.name,
    in: before && after ? ('both' as const) : before ? ('before' as const) : ('after' as const),
    columns,
    columnsAdded: before && after ? others(columnsAfter) : [],
    columnsRemoved: before && after ? others(columnsBefore) : [],
    key,
  };
  const work =
    before && after ? comparePair(before, after, plan, maxKeys) : oneSided(either, before !== null, plan);
  return { ...shared, ...orNothing([before, after], work) };
}

/** Where the rows of a side are left to recovery, nobody knows yet what differs; the inspection notes it. */
function orNothing(sides: readonly (Side | null)[], work: Work): Work {
  let isKnown: boolean | null = null;
  const known = async (): Promise<boolean> => {
    if (isKnown !== null) return isKnown;
    isKnown = true;
    for (const side of sides)
      if (side && (await isLeftToRecovery(side.chosen, side.inspection.warnings))) isKnown = false;
    return isKnown;
  };
  return {
    count: async () =>
      (await known())
        ? work.count()
        : { rowsBefore: null, rowsAfter: null, added: 0, removed: 0, changed: 0 },
    async *changes() {
      if (await known()) yield* work.changes();
    },
  };
}

const columnsOf = ({ chosen }: Side): readonly Column[] => chosen.table.columns;

function sharedKey(before: UserTable, after: UserTable): readonly string[] {
  return before.primaryKey.join('\0') === after.primaryKey.join('\0') ? after.primaryKey : [];
}

type Work = Pick<TableComparison, 'count' | 'changes'>;

function oneSided(side: Side, isBefore: boolean, plan: ComparedColumns): Work {
  return {
    async count() {
      const rows = (await countTableRows(side.inspection, side.chosen, plan.signal)) ?? 0;
      return isBefore
        ? { rowsBefore: rows, rowsAfter: 0, added: 0, removed: rows, changed: 0 }
        : { rowsBefore: 0, rowsAfter: rows, added: rows, removed: 0, changed: 0 };
    },
    async *changes() {
      for await (const batch of readRows(side, plan)) {
        for (const row of batch)
          yield isBefore
            ? { change: 'removed', before: row, after: null, differing: [] }
            : { change: 'added', before: null, after: row, differing: [] };
      }
    },
  };
}

/** True when both tables are the same bytes, so that their rows are the same. */
function isSameFile(before: Side, after: Side): boolean {
  const hashOf = ({ inspection, chosen }: Side): string | null =>
    inspection.files.sha256(`${chosen.database.name}/${chosen.table.file}`);
  const hash = hashOf(before);
  // Columns added later are not in the file.
  return (
    hash !== null &&
    hash === hashOf(after) &&
    JSON.stringify(columnsOf(before)) === JSON.stringify(columnsOf(after))
  );
}

function comparePair(before: Side, after: Side, plan: ComparedColumns, maxKeys: number): Work {
  if (isSameFile(before, after)) {
    const rowsOf = ({ inspection, chosen }: Side): number | null =>
      inspection.files.countedRows(chosen.database.name, tableName(chosen.table));
    return {
      count: async () => ({
        rowsBefore: rowsOf(before),
        rowsAfter: rowsOf(after),
        added: 0,
        removed: 0,
        changed: 0,
      }),
      async *changes() {},
    };
  }
  const digest = plan.key.length > 0 ? byKey(plan) : byWholeRow(plan);
  let parts = 1;
  let kept: Marked | null = null;
  const markAll = async function* (): AsyncGenerator<Marked> {
    for (let part = 0; part < parts; ) {
      const marked: Marked | null = await markPart(before, after, plan, digest, { part, parts, maxKeys });
      if (marked) {
        yield marked;
        part++;
      } else {
        // Too many keys for the memory: this part again, as two.
        parts *= 2;
        part *= 2;
      }
    }
  };
  return {
    async count() {
      const sum = { rowsBefore: 0, rowsAfter: 0, added: 0, removed: 0, changed: 0 };
      for await (const marked of markAll()) {
        const counts = digest.count(marked.table);
        sum.added += counts.added;
        sum.removed += counts.removed;
        sum.changed += counts.changed;
        sum.rowsBefore += marked.rowsBefore;
        sum.rowsAfter += marked.rowsAfter;
        kept = parts === 1 ? marked : null;
      }
      return sum;
    },
    async *changes() {
      const marked: Marked | null = kept;
      // Giving the rows uses the marks up.
      kept = null;
      if (marked) {
        yield* digest.changes(before, after, marked);
        return;
      }
      for await (const part of markAll()) yield* digest.changes(before, after, part);
    },
  };
}
