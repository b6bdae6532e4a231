/*
 * Two ways to tell the rows of two tables apart: by a key, or as wholes. Both mark digests of one part of the rows, count
 * the marks, and then give the rows that differ by reading them again.
 */
import type { Row } from '../derby/rows.ts';
import type { SqlValue } from '../derby/values.ts';
import { createKeyTable, type Digest, type KeyTable, partOf } from './key-table.ts';
import type { ChosenTable, Inspection } from './open-databases.ts';
import { rowDigest, valueDigest } from './row-digest.ts';
import { tableRows } from './scan-tables.ts';

export interface RowChange {
  readonly change: 'added' | 'removed' | 'changed';
  /** In the order of `columns`; null for a row that was not there. */
  readonly before: Row | null;
  readonly after: Row | null;
  /** Names of the columns that differ; empty for an added or removed row. */
  readonly differing: readonly string[];
}

/** A table in one of the states. */
export interface Side {
  readonly inspection: Inspection;
  readonly chosen: ChosenTable;
}

/** Names of the columns to read, and the places of the key among them. */
export interface ComparedColumns {
  readonly columns: readonly string[];
  readonly all: readonly number[];
  readonly key: readonly number[];
  readonly signal: AbortSignal;
}

/** Batches of the compared columns. */
export const readRows = (
  { inspection, chosen }: Side,
  { columns, signal }: ComparedColumns,
): AsyncGenerator<Row[]> => tableRows(inspection, chosen, { columns, signal });

/** The keys of one part of both tables, marked with what became of them. */
export interface Marked {
  readonly table: KeyTable;
  readonly part: number;
  readonly parts: number;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

/** How rows are told apart. */
export interface Method {
  keyOf(row: Row): Digest | Promise<Digest>;
  /** Notes a row of the earlier state; false when the table is full. */
  before(table: KeyTable, key: Digest, row: Row): boolean | Promise<boolean>;
  after(table: KeyTable, key: Digest, row: Row): boolean | Promise<boolean>;
  count(table: KeyTable): { added: number; removed: number; changed: number };
  changes(before: Side, after: Side, marked: Marked): AsyncGenerator<RowChange>;
}

/** Null when there are more keys than the table may hold. */
export async function markPart(
  before: Side,
  after: Side,
  plan: ComparedColumns,
  method: Method,
  { part, parts, maxKeys }: { part: number; parts: number; maxKeys: number },
): Promise<Marked | null> {
  const table = createKeyTable(maxKeys);
  const pass = async (side: Side, note: Method['before']): Promise<number | null> => {
    let rows = 0;
    for await (const batch of readRows(side, plan)) {
      for (const row of batch) {
        const found = method.keyOf(row);
        const key = found instanceof Promise ? await found : found;
        if (parts > 1 && partOf(key, parts) !== part) continue;
        rows++;
        const noted = note(table, key, row);
        if (!(typeof noted === 'boolean' ? noted : await noted)) return null;
      }
    }
    return rows;
  };
  const rowsBefore = await pass(before, method.before);
  if (rowsBefore === null) return null;
  const rowsAfter = await pass(after, method.after);
  return rowsAfter === null ? null : { table, part, parts, rowsBefore, rowsAfter };
}

const marks = { before: 1, same: 2, changed: 3, after: 4 } as const;

/** Old rows held at once while their new ones are looked for. */
const heldRows = 20_000;

export function byKey(plan: ComparedColumns): Method {
  const keyOf = (row: Row): Digest | Promise<Digest> => rowDigest(row, plan.key);
  const withRow = (row: Row, use: (digest: Digest) => boolean): boolean | Promise<boolean> => {
    const digest = rowDigest(row, plan.all);
    return digest instanceof Promise ? digest.then(use) : use(digest);
  };
  return {
    keyOf,
    before: (table, key, row) =>
      withRow(row, (digest) => {
        const place = table.add(key);
        if (place === null) return false;
        table.setMark(place, marks.before);
        table.setRow(place, digest);
        return true;
      }),
    after: (table, key, row) =>
      withRow(row, (digest) => {
        const place = table.add(key);
        if (place === null) return false;
        if (table.mark(place) === 0) table.setMark(place, marks.after);
        else if (table.mark(place) === marks.before)
          table.setMark(place, table.isRow(place, digest) ? marks.same : marks.changed);
        return true;
      }),
    count(table) {
      const counts = [0, 0, 0, 0, 0];
      for (const mark of table.marks()) counts[mark] = (counts[mark] ?? 0) + 1;
      const [, removed = 0, , changed = 0, added = 0] = counts;
      return { added, removed, changed };
    },
    async *changes(before, after, marked) {
      const { table, part, parts } = marked;
      const counts = this.count(table);
      const markOf = async (row: Row): Promise<{ place: number; mark: number }> => {
        const key = await keyOf(row);
        const place = parts > 1 && partOf(key, parts) !== part ? -1 : table.find(key);
        return { place, mark: place < 0 ? 0 : table.mark(place) };
      };
      const held = new Map<number, Row>();
      const pairs = async function* (): AsyncGenerator<RowChange> {
        for await (const batch of readRows(after, plan)) {
          for (const row of batch) {
            const { place } = await markOf(row);
            const old = held.get(place);
            if (!old) continue;
            held.delete(place);
            const differing = await differingColumns(old, row, plan);
            yield { change: 'changed', before: old, after: row, differing };
          }
          if (held.size === 0) break;
        }
        held.clear();
      };
      for await (const batch of counts.removed + counts.changed > 0 ? readRows(before, plan) : []) {
        for (const row of batch) {
          const { place, mark } = await markOf(row);
          if (mark === marks.before) yield { change: 'removed', before: row, after: null, differing: [] };
          else if (mark === marks.changed) held.set(place, row);
        }
        if (held.size >= heldRows) yield* pairs();
      }
      if (held.size > 0) yield* pairs();
      for await (const batch of counts.added > 0 ? readRows(after, plan) : []) {
        for (const row of batch) {
          const { mark } = await markOf(row);
          if (mark === marks.after) yield { change: 'added', before: null, after: row, differing: [] };
        }
      }
    },
  };
}

async function differingColumns(before: Row, after: Row, { columns }: ComparedColumns): Promise<string[]> {
  const differing: string[] = [];
  for (const [i, column] of columns.entries()) {
    const [a, b] = await Promise.all([valueDigest(before[i] as SqlValue), valueDigest(after[i] as SqlValue)]);
    if (a !== b) differing.push(column);
  }
  return differing;
}

/** A mark counts how often a row stands in the earlier state more than in the later one. */
export function byWholeRow(plan: ComparedColumns): Method {
  const keyOf = (row: Row): Digest | Promise<Digest> => rowDigest(row, plan.all);
  const note =
    (step: number): Method['before'] =>
    (table, key) => {
      const place = table.add(key);
      if (place === null) return false;
      table.setMark(place, table.mark(place) + step);
      return true;
    };
  return {
    keyOf,
    before: note(1),
    after: note(-1),
    count(table) {
      let [added, removed] = [0, 0];
      for (const mark of table.marks()) {
        if (mark > 0) removed += mark;
        else added -= mark;
      }
      return { added, removed, changed: 0 };
    },
    async *changes(before, after, { table, part, parts }) {
      for (const [side, step] of [
        [before, -1],
        [after, 1],
      ] as const) {
        for await (const batch of readRows(side, plan)) {
          for (const row of batch) {
            const key = await keyOf(row);
            if (parts > 1 && partOf(key, parts) !== part) continue;
            const place = table.find(key);
            const mark = place < 0 ? 0 : table.mark(place);
            if (mark * step >= 0) continue;
            table.setMark(place, mark + step);
            yield step < 0
              ? { change: 'removed', before: row, after: null, differing: [] }
              : { change: 'added', before: null, after: row, differing: [] };
          }
        }
      }
    },
  };
}
