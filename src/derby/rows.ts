/*
 * A table's rows, page after page: live rows only, put together from their records, with values decoded. Memory does not
 * grow with the table; a value beyond the limit is given as something to read piece by piece.
 */

import { EfakturError } from '../base/errors.ts';
import type { Text } from '../base/text.ts';
import type { Column } from './catalog.ts';
import {
  compressedInt,
  compressedIntSize,
  isOverflowPage,
  isUsedDataPage,
  readRecordHead,
  slotCount,
  u16,
} from './page.ts';
import type { PageReader } from './pages.ts';
import { assembleRow, type PageWork, readPiece, readWholeValue, type StoredValue } from './row.ts';
import { textDecoder } from './text.ts';
import {
  inTable,
  leaveColumnOut,
  pageContradicts,
  pageIsDamaged,
  rowUnreadable,
  useAnotherOrSalvage,
  valueBreaksOff,
} from './texts.ts';
import {
  bytesHeader,
  decoderOf,
  isTextType,
  type LongValue,
  type SqlValue,
  textDataAt,
  type ValueDecoder,
} from './values.ts';

/** One row: a value for each asked column, in their order. */
export type Row = readonly SqlValue[];

/** What a salvage could not read. */
export interface SalvageCount {
  pages: number;
  rows: number;
}

export interface ScanOptions {
  /** Names for messages. */
  readonly table: string;
  /** Longer values are given as {@link LongValue}. 1 MiB unless told. */
  readonly maxValueBytes?: number | undefined;
  /** Counts and passes over what cannot be read, in place of failing with `damaged`. */
  readonly salvage?: SalvageCount | undefined;
  /** What a long value that breaks off while it is read throws: its own error (`damaged`) unless told. */
  readonly blame?: ((error: EfakturError) => unknown) | undefined;
  readonly sieve?: Sieve | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Leaves out rows before they are decoded as a whole, which is most of the work. Those that are given need not fit: one that
 * does not lie whole in its page is given unasked.
 */
export interface Sieve {
  /** All that `mayFit` looks at. */
  readonly columns: readonly Column[];
  /** Is asked with the values of `columns` alone, in their order. */
  mayFit(values: Row): boolean;
}

/** A batch is handed on when its long values reach this, so that a page of big values does not fill the memory. */
const batchBytes = 8 << 20;
const batchRows = 1000;

/**
 * Yields the rows in batches. Fails with `damaged` on a page or row that cannot be read, unless it salvages: then a row is
 * given only when its long values are whole as well, for which they are read through. `columns` are the asked ones.
 */
export async function* scanRows(
  pages: PageReader,
  columns: readonly Column[],
  options: ScanOptions,
): AsyncGenerator<Row[]> {
  const { table, salvage, signal, sieve } = options;
  const limitBytes = options.maxValueBytes ?? 1 << 20;
  const plan = planOf(columns);
  const sievePlan = sieve && planOf(sieve.columns);
  const fail = (what: Text): never => {
    throw new EfakturError('damaged', inTable(table, pages.file, what), useAnotherOrSalvage);
  };
  let batch: Row[] = [];
  let bytes = 0;
  // Read on while the rows are used; a failure shows when its turn comes.
  const readAhead = (first: number): Promise<readonly (Buffer | null)[]> => {
    const run = pages.run(first);
    run.catch(() => {});
    return run;
  };
  let coming = readAhead(0);
  for (let first = 0; first < pages.pageCount; ) {
    signal?.throwIfAborted();
    const run = await coming;
    if (run.length === 0) break;
    coming = readAhead(first + run.length);
    for (const [index, page] of run.entries()) {
      const number = first + index;
      if (number === 0) continue;
      if (!page) {
        if (!salvage) fail(pageIsDamaged(number));
        else salvage.pages++;
        continue;
      }
      if (!isUsedDataPage(page) || isOverflowPage(page)) continue;
      const slots = slotCount(page);
      if (slots === null) {
        if (!salvage) fail(pageContradicts(number));
        else salvage.pages++;
        continue;
      }
      // The first record of page 1 describes the table itself.
      for (let slot = number === 1 ? 1 : 0; slot < slots; slot++) {
        let row = simpleRow(page, slot, slots, sievePlan ?? plan);
        if (row === deletedRow) continue;
        if (row && row !== complexRow && sieve) {
          if (!sieve.mayFit(row)) continue;
          row = simpleRow(page, slot, slots, plan);
        }
        if (row === complexRow) {
          row = await longRow(pages, page, slot, columns, plan, limitBytes, options);
          if (row) bytes += storedBytes(row);
        }
        if (row) {
          batch.push(row);
        } else if (salvage) {
          salvage.rows++;
        } else {
          fail(rowUnreadable(number));
        }
        if (batch.length >= batchRows || bytes >= batchBytes) {
          yield batch;
          batch = [];
          bytes = 0;
          signal?.throwIfAborted();
        }
      }
    }
    first += run.length;
    // Few rows are left of many: whoever waits for the first must not wait for a thousand.
    if (sieve && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

/** Which stored column goes where. Arrays are by column number less one; a gap is a column nobody asked for. */
interface RowPlan {
  readonly width: number;
  readonly places: number[];
  readonly decoders: ValueDecoder[];
  readonly asked: number;
}

function planOf(columns: readonly Column[]): RowPlan {
  const width = columns.reduce((most, { number }) => Math.max(most, number), 0);
  const plan: RowPlan = { width, places: [], decoders: [], asked: columns.length };
  columns.forEach((column, place) => {
    plan.places[column.number - 1] = place;
    plan.decoders[column.number - 1] = decoderOf(column.type);
  });
  return plan;
}

const deletedRow: Row = [];
const complexRow: Row = [];

/**
 * Decodes a row that lies whole in its page, which nearly all do, without a detour. Null when it cannot be true,
 * {@link complexRow} when it goes on elsewhere.
 */
function simpleRow(b: Buffer, slot: number, slots: number, plan: RowPlan): Row | null {
  const slotAt = b.length - 8 - 6 * (slot + 1);
  let at = u16(b, slotAt);
  const end = at + u16(b, slotAt + 2);
  if (at < 60 || end > b.length - 8 - 6 * slots || at + 3 > end) return null;
  const status = b[at] as number;
  if (status & 1) return deletedRow;
  if (status !== 0) return complexRow;
  at += 1;
  at += compressedIntSize(b[at] as number);
  const stored = compressedInt(b, at);
  at += compressedIntSize(b[at] as number);
  const count = Math.min(stored, plan.width);
  // Columns added after the row was written are not stored: they are null.
  const row: SqlValue[] = new Array<SqlValue>(plan.asked).fill(null);
  for (let i = 0; i < count; i++) {
    if (at >= end) return null;
    const field = b[at++] as number;
    if (field & 1) continue;
    if (field & 2) return complexRow;
    const length = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
    const to = at + length;
    if (to > end) return null;
    const place = plan.places[i];
    const decode = plan.decoders[i];
    if (place !== undefined && decode) {
      const value = decode(b, at, to);
      if (value === undefined) return null;
      row[place] = value;
    }
    at = to;
  }
  return row;
}

async function longRow(
  pages: PageReader,
  page: Buffer,
  slot: number,
  columns: readonly Column[],
  plan: RowPlan,
  limitBytes: number,
  options: ScanOptions,
): Promise<Row | null> {
  const head = readRecordHead(page, slot);
  // Only the first record of a row stands for it.
  if (head && head.firstField > 0) return deletedRow;
  if (head && columns.length === 0) return [];
  const stored = head && (await run(assembleRow(page, head), pages));
  if (!stored) return null;
  const row: SqlValue[] = new Array<SqlValue>(plan.asked).fill(null);
  for (const [place, column] of columns.entries()) {
    const value = stored[column.number - 1];
    if (!value || value.isNull) continue;
    const decoded = await decodeValue(pages, value, column, limitBytes, options);
    if (decoded === undefined) return null;
    row[place] = decoded;
  }
  return row;
}

async function decodeValue(
  pages: PageReader,
  value: StoredValue,
  column: Column,
  limitBytes: number,
  options: ScanOptions,
): Promise<SqlValue | undefined> {
  const decode = decoderOf(column.type);
  if (!value.next) return decode(value.page, value.from, value.to);
  const whole = await run(readWholeValue(value, limitBytes), pages);
  if (whole === null) return undefined;
  if (whole !== 'too-long') return decode(whole, 0, whole.length);
  // Whoever reads it later cannot take back the half of it that was written by then.
  if (options.salvage && !(await isWhole(pages, value, options))) return undefined;
  return longValue(pages, value, column, options);
}

/** The pieces of a long value in order; null in place of the first that cannot be read, which is the last. */
async function* piecesOf(
  pages: PageReader,
  value: StoredValue,
  { signal }: ScanOptions,
): AsyncGenerator<Buffer | null> {
  const seen = new Set<number>();
  let pointer = value.next;
  while (pointer) {
    signal?.throwIfAborted();
    const piece = seen.has(pointer.page) ? null : await run(readPiece(pointer), pages);
    yield piece?.data ?? null;
    if (!piece) return;
    seen.add(pointer.page);
    pointer = piece.next;
  }
}

async function isWhole(pages: PageReader, value: StoredValue, options: ScanOptions): Promise<boolean> {
  for await (const data of piecesOf(pages, value, options)) if (!data) return false;
  return true;
}

function longValue(pages: PageReader, value: StoredValue, column: Column, options: ScanOptions): LongValue {
  const isText = isTextType(column.type);
  return {
    kind: isText ? 'text' : 'bytes',
    async *chunks() {
      const decoder = textDecoder();
      let isFirst = true;
      for await (const data of piecesOf(pages, value, options)) {
        if (!data) {
          const error = new EfakturError(
            'damaged',
            inTable(options.table, pages.file, valueBreaksOff(column.name)),
            leaveColumnOut,
          );
          throw options.blame?.(error) ?? error;
        }
        // The first piece is nearly a page, so the header is in it.
        const from = !isFirst
          ? 0
          : isText
            ? textDataAt(column.type, data)
            : (bytesHeader(data, 0, data.length)?.at ?? 0);
        isFirst = false;
        yield isText ? decoder.write(data.subarray(from)) : Buffer.from(data.subarray(from));
      }
      const rest = decoder.end();
      if (rest !== '') yield rest;
    },
  };
}

/** Does page work with pages from the reader. */
async function run<T>(work: PageWork<T>, pages: PageReader): Promise<T | null> {
  let step = work.next();
  while (!step.done) {
    const known = pages.cached(step.value);
    step = work.next(known === undefined ? await pages.page(step.value) : known);
  }
  return step.value;
}

function storedBytes(row: Row): number {
  let bytes = 0;
  for (const value of row) if (typeof value === 'string' || Buffer.isBuffer(value)) bytes += value.length;
  return bytes;
}

/** How many live rows a table has, without decoding them. Damage counts and fails as in {@link scanRows}. */
export async function countRows(pages: PageReader, options: ScanOptions): Promise<number> {
  let rows = 0;
  for await (const batch of scanRows(pages, [], options)) rows += batch.length;
  return rows;
}
