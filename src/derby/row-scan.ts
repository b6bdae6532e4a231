/*
 * The rows in a table's pages as they pass: counted, their places and values summed up, and each followed to wherever it
 * goes on.
 */
import { parseConglomerate } from './conglomerate.ts';
import {
  checksumBytes,
  compressedInt,
  compressedIntSize,
  compressedLong,
  compressedLongSize,
  type RecordPointer,
  recordSpaceAt,
  slotBytes,
  u16,
} from './page.ts';
import { placeSums, type RowPlaces } from './place-sums.ts';
import { rowChains } from './row-chains.ts';
import {
  blanksAtEnd,
  hashA,
  hashB,
  hashPiece,
  isHashed,
  isTextKey,
  mayBeLongKey,
  takeValue,
} from './value-check.ts';

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

/** Reads the rows of a table. */
export function scanRowPages(pageSize: number): ContentScan {
  let kinds = new Uint8Array(0);
  let sums = placeSums(0);
  let conglomerate: ReturnType<typeof parseConglomerate> = null;
  let hasLongKeys = false;
  const chains = rowChains();
  const broken = brokenPages();

  const learn = (page: Buffer): void => {
    conglomerate = parseConglomerate(page);
    if (!conglomerate || conglomerate.table !== null) return;
    kinds = Uint8Array.from(conglomerate.kinds);
    sums = placeSums(kinds.length);
    // Where pages are longest, a value that is longer than one is too long for a key.
    hasLongKeys = pageSize < 32768 && conglomerate.kinds.some(mayBeLongKey);
  };

  function page(b: Buffer, pageAt: number, number: number): boolean {
    if (number === 1) learn(b.subarray(pageAt, pageAt + pageSize));
    const isOverflow = b[pageAt + 4] !== 0;
    const slots = u16(b, pageAt + 14);
    let slotAt = pageAt + pageSize - checksumBytes - slotBytes;
    const slotsEnd = slotAt - (slots - 1) * slotBytes;
    if (slotsEnd < pageAt + recordSpaceAt) return false;
    // Records that lay over each other could make one page cost the work of thousands.
    let room = slotsEnd - pageAt - recordSpaceAt;
    // The first record of page 1 describes the table itself.
    let slot = 0;
    if (number === 1) {
      slot = 1;
      slotAt -= slotBytes;
    }
    for (; slot < slots; slot++, slotAt -= slotBytes) {
      const from = pageAt + u16(b, slotAt);
      const length = u16(b, slotAt + 2);
      const end = from + length;
      room -= length;
      if (from < pageAt + recordSpaceAt || length < 3 || end > slotsEnd || room < 0) return false;
      const status = b[from] as number;
      if (status & 1 && !isOverflow) continue;
      if (!record(b, from, end, status, number, isOverflow)) return false;
    }
    return true;
  }

  /** The pointer at `at`; `after` is set to where it ends. */
  let after = 0;
  const pointer = (b: Buffer, at: number): RecordPointer => {
    const idAt = at + compressedLongSize(b[at] as number);
    after = idAt + compressedIntSize(b[idAt] as number);
    return { page: compressedLong(b, at), id: compressedInt(b, idAt) };
  };

  function record(
    b: Buffer,
    from: number,
    end: number,
    status: number,
    number: number,
    isOverflow: boolean,
  ): boolean {
    let at = from + 1;
    const id = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
    let next: RecordPointer | null = null;
    if (status & 2) {
      next = pointer(b, at);
      at = after;
    }
    let firstField = 0;
    if (status & 4) {
      firstField = compressedInt(b, at);
      at += compressedIntSize(b[at] as number);
    }
    let fields = 0;
    if ((status & 6) !== 2) {
      fields = compressedInt(b, at);
      at += compressedIntSize(b[at] as number);
    }
    // A field takes a byte at least.
    if (at + fields > end) return false;
    // Only the first record of a row stands for it.
    const isHead = !isOverflow && firstField === 0;
    if (isHead) sums.addPlace(number, id);
    if (!isHead || next) chains.record({ page: number, id, isHead, next, firstField, fieldCount: fields });
    let isNoted = !isHead || next !== null;
    let isSound = true;
    let pieceFrom = -1;
    let pieceEnd = 0;
    let pieceNext: RecordPointer | null = null;
    for (let field = 0; field < fields; field++) {
      if (at >= end) return false;
      const fieldStatus = b[at++] as number;
      if (fieldStatus & 1) continue;
      if (at >= end) return false;
      const length = compressedInt(b, at);
      at += compressedIntSize(b[at] as number);
      const to = at + length;
      if (to > end) return false;
      const column = firstField + field;
      if (fieldStatus & 2) {
        const first = pointer(b, at);
        if (after > to) return false;
        if (!isNoted) {
          isNoted = true;
          chains.record({ page: number, id, isHead, next, firstField, fieldCount: fields });
        }
        chains.long(column, first);
        if (field === 1) pieceNext = first;
      } else {
        const kind = kinds[column] ?? 0;
        if (kind !== 0) {
          const isValue = takeValue(kind, b, at, to);
          const isSummed = isHashed(kind);
          if (isHead && !isValue) isSound = false;
          else if (isHead && isSummed) sums.addValue(column);
          else if (!isHead && (isSummed || !isValue)) chains.value(column, isValue, hashA, hashB);
        }
        if (field === 0) {
          pieceFrom = at;
          pieceEnd = to;
        }
      }
      at = to;
    }
    if (!isHead && !next && firstField === 0 && fields <= 2 && pieceFrom >= 0) {
      const length = pieceEnd - pieceFrom;
      if (hasLongKeys) hashPiece(b, pieceFrom, pieceEnd);
      const [a, z] = hasLongKeys ? [hashA, hashB] : [0, 0];
      const front = b.subarray(pieceFrom, Math.min(pieceFrom + 5, pieceEnd));
      const tail = b.subarray(Math.max(pieceEnd - 3, pieceFrom), pieceEnd);
      const blanks = hasLongKeys ? blanksAtEnd(b, pieceFrom, pieceEnd) : 0;
      chains.piece({ length, a, b: z, blanks, front, tail, next: pieceNext });
    }
    if (!isSound) broken.add(number);
    return true;
  }

  return {
    page,
    end() {
      // An index keeps its entry when a text changes to one that is equal in the language's order.
      const isCollated = conglomerate?.isCollated === true;
      const hashed = [...kinds].map((kind) => isHashed(kind) && !(isCollated && isTextKey(kind)));
      const unhashed = (column: number): void => {
        hashed[column] = false;
      };
      const isFollowed = chains.follow(kinds, sums, { broken: broken.add, unhashed });
      const isKnown = conglomerate !== null && conglomerate.table === null;
      return {
        places: sums.places,
        values: isKnown && isFollowed ? sums.values : null,
        hashed,
        container: conglomerate?.container ?? null,
        table: conglomerate?.table ?? null,
        columns: isKnown ? kinds.length : null,
        brokenPages: broken.pages,
        brokenCount: broken.count(),
        isFollowed,
      };
    },
  };
}
