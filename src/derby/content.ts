/*
 * What is said of the pages of a table or an index as they pass, and the door to those who read them.
 */
import { checksumBytes, recordSpaceAt, slotBytes, u16 } from './page.ts';
import type { RowPlaces } from './place-sums.ts';

/** What a container's rows or entries add up to. */
export interface ContentFacts {
  /** Of the rows of a table, or of the rows that an index names. */
  readonly places: RowPlaces;
  /** Two sums for each column, or for each of the key; null when they could not be made. */
  readonly values: Int32Array | null;
  /** Which columns have sums. */
  readonly hashed: readonly boolean[];
  /** Whose file it says to be; null when it does not say. */
  readonly container: number | null;
  /** Of an index: the container of its table. */
  readonly table: number | null;
  /** Columns of a table, or of an index with the place of the row; null when it does not say. */
  readonly columns: number | null;
  /** Pages with rows or entries that lead nowhere, or are no values of their type: the first, and how many rows. */
  readonly brokenPages: readonly number[];
  readonly brokenCount: number;
  /** Every row was followed to its end, or every page of the index reached. */
  readonly isFollowed: boolean;
}

export interface ContentScan {
  /** Takes a data page in use whose checksum is right; false when what it holds contradicts itself. */
  page(chunk: Buffer, at: number, number: number): boolean;
  end(): ContentFacts;
}

const keptBroken = 20;

/** Collects what is broken. */
export function brokenPages(): { readonly pages: number[]; count(): number; add(page: number): void } {
  const pages: number[] = [];
  let count = 0;
  return {
    pages,
    count: () => count,
    add(page) {
      count++;
      if (pages.length < keptBroken && pages.at(-1) !== page) pages.push(page);
    },
  };
}

/** The slot table of a page, which grows from the page's end towards its records. */
export interface SlotTable {
  readonly count: number;
  readonly firstAt: number;
  /** Where the last slot lies: no record reaches beyond it. */
  readonly lastAt: number;
}

/** The slot table of the page at `pageAt`; null when it would reach out of it. */
export function slotTable(b: Buffer, pageAt: number, pageSize: number): SlotTable | null {
  const count = u16(b, pageAt + 14);
  const firstAt = pageAt + pageSize - checksumBytes - slotBytes;
  const lastAt = firstAt - (count - 1) * slotBytes;
  return lastAt < pageAt + recordSpaceAt ? null : { count, firstAt, lastAt };
}
