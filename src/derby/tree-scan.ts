/*
 * The pages of an index as they pass: its entries counted and their keys summed up as a table's rows are, and the pages
 * themselves noted, to see at the end that each is reached from the root and knows its neighbours. Layout: Derby's
 * ControlRow, LeafControlRow, BranchControlRow.
 */
import { parseConglomerate } from './conglomerate.ts';
import { brokenPages, type ContentScan, type SlotTable, slotTable } from './content.ts';
import {
  compressedInt,
  compressedIntSize,
  compressedLong,
  compressedLongSize,
  readFields,
  readRecordHead,
  recordSpaceAt,
  slotBytes,
  u16,
} from './page.ts';
import { placeSums } from './place-sums.ts';
import { hashA, hashB, isHashed, takeValue } from './value-check.ts';

const leafFormat = 133;
const branchFormat = 134;
const rootPage = 1;
/** In a record's status: the number of its first field is given. */
const statusFirstField = 4;
/** Fields of the first record of a page: what it is, its neighbours, its level, and of a branch the first page below. */
const [leftField, rightField, levelField, childField] = [1, 2, 4, 7];

/** One page of the tree. */
interface Node {
  readonly page: number;
  readonly left: number;
  readonly right: number;
  readonly level: number;
  readonly entries: number;
  /** In the order of their keys; none of a leaf. */
  readonly children: readonly number[];
}

const noChildren: readonly number[] = [];

/** What a first page says of the index's entries, and what these add up to. */
interface Keys {
  readonly conglomerate: ReturnType<typeof parseConglomerate>;
  readonly kinds: Uint8Array;
  /** Of the entry at hand: two for each key, 0 for one that is null. */
  readonly hashes: Int32Array;
  readonly sums: ReturnType<typeof placeSums>;
}

/** Without a first page, or of one that does not say, no keys. */
function keysOf(conglomerate: Keys['conglomerate']): Keys {
  // The last one is the place of the row.
  const kinds = Uint8Array.from(
    conglomerate && conglomerate.table !== null ? conglomerate.kinds.slice(0, -1) : [],
  );
  const hashes = new Int32Array(kinds.length * 2);
  return { conglomerate, kinds, hashes, sums: placeSums(kinds.length) };
}

/** Reads an index. */
export function scanTree(pageSize: number): ContentScan {
  let keys = keysOf(null);
  const nodes = new Map<number, Node>();
  const broken = brokenPages();
  return {
    page(b, pageAt, number) {
      if (number === rootPage) keys = keysOf(parseConglomerate(b.subarray(pageAt, pageAt + pageSize)));
      const slots = slotTable(b, pageAt, pageSize);
      if (!slots) return false;
      if (slots.count === 0) return true;
      const own = ownFields(b.subarray(pageAt, pageAt + pageSize));
      if (!own) return false;
      const { format, left, right, level, child } = own;
      const children = format === branchFormat ? childrenOf(b, pageAt, slots, child) : noChildren;
      if (!children) return false;
      if (format === leafFormat) {
        const entries = addEntries(b, pageAt, pageSize, slots, keys);
        if (entries === 'contradictory') return false;
        if (entries === 'no-values') broken.add(number);
      }
      nodes.set(number, { page: number, left, right, level, entries: slots.count - 1, children });
      return true;
    },
    end() {
      const { conglomerate, kinds, sums } = keys;
      const isKnown = conglomerate !== null && conglomerate.table !== null;
      checkTree(nodes, broken.add);
      return {
        places: sums.places,
        values: isKnown ? sums.values : null,
        hashed: [...kinds].map(isHashed),
        container: conglomerate?.container ?? null,
        table: conglomerate?.table ?? null,
        columns: isKnown ? kinds.length + 1 : null,
        brokenPages: broken.pages,
        brokenCount: broken.count(),
        isFollowed: true,
      };
    },
  };
}

/** Adds the rows that a leaf's live entries name, with their keys; `no-values` when a key is no value of its type. */
function addEntries(
  b: Buffer,
  pageAt: number,
  pageSize: number,
  slots: SlotTable,
  { kinds, hashes, sums }: Keys,
): 'sound' | 'no-values' | 'contradictory' {
  // Entries that lay over each other could make one page cost the work of thousands.
  let room = pageSize;
  const slotsEnd = slots.lastAt;
  let slotAt = slots.firstAt;
  let isSound = true;
  for (let slot = 1; slot < slots.count; slot++) {
    slotAt -= slotBytes;
    const from = pageAt + u16(b, slotAt);
    if (from < pageAt + recordSpaceAt || from + 5 > slotsEnd) return 'contradictory';
    const status = b[from] as number;
    if (status & 1) continue;
    if (status !== 0) return 'contradictory';
    let at = from + 1;
    at += compressedIntSize(b[at] as number);
    const fields = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
    // Each turn moves on by a byte at least and ends at the slot table.
    for (let key = 0; key < fields - 1; key++) {
      if (at >= slotsEnd || --room < 0) return 'contradictory';
      if ((b[at++] as number) & 1) {
        hashes[2 * key] = 0;
        hashes[2 * key + 1] = 0;
        continue;
      }
      const first = b[at] as number;
      const valueAt = at + compressedIntSize(first);
      at = valueAt + (first < 0x40 ? first : compressedInt(b, at));
      const kind = kinds[key] ?? 0;
      if (at > slotsEnd) return 'contradictory';
      if (kind === 0) continue;
      if (!takeValue(kind, b, valueAt, at)) isSound = false;
      // 1: not null.
      hashes[2 * key] = hashA | 1;
      hashes[2 * key + 1] = hashB;
    }
    // The last field is the row's place: status, length, page, record id.
    if (fields < 1 || at + 5 > slotsEnd) return 'contradictory';
    at += 2;
    const page = compressedLong(b, at);
    at += compressedLongSize(b[at] as number);
    if (at + compressedIntSize(b[at] as number) > slotsEnd) return 'contradictory';
    sums.addPlace(page, compressedInt(b, at));
    for (let key = 0; key < kinds.length; key++) {
      const a = hashes[2 * key] as number;
      if (a !== 0) sums.addHashed(key, a, hashes[2 * key + 1] as number);
    }
  }
  return isSound ? 'sound' : 'no-values';
}

interface OwnFields {
  readonly format: number;
  readonly left: number;
  readonly right: number;
  readonly level: number;
  readonly child: number;
}

const i64 = (b: Buffer, at: number): number => b.readInt32BE(at) * 0x1_0000_0000 + b.readUInt32BE(at + 4);

/** What the page says of itself, in its first record; null when it does not. */
function ownFields(page: Buffer): OwnFields | null {
  const head = readRecordHead(page, 0);
  const fields = head && readFields(page, head);
  const long = (field: number): number => {
    const span = fields?.[field];
    return span && !span.isNull && span.to - span.from === 8 ? i64(page, span.from) : -1;
  };
  const first = fields?.[0];
  const format = first && first.to - first.from === 2 ? u16(page, first.from) : 0;
  if (format !== leafFormat && format !== branchFormat) return null;
  return {
    format,
    left: long(leftField),
    right: long(rightField),
    level: long(levelField),
    child: long(childField),
  };
}

/** The pages below a branch: the first one, and the last field of each of its entries. */
function childrenOf(b: Buffer, pageAt: number, slots: SlotTable, first: number): readonly number[] | null {
  const children = [first];
  const slotsEnd = slots.lastAt;
  let room = slots.firstAt - pageAt;
  let slotAt = slots.firstAt;
  for (let slot = 1; slot < slots.count; slot++) {
    slotAt -= slotBytes;
    const from = pageAt + u16(b, slotAt);
    if (from < pageAt + recordSpaceAt || from + 5 > slotsEnd) return null;
    const status = b[from] as number;
    if (status & ~statusFirstField) return null;
    let at = from + 1;
    at += compressedIntSize(b[at] as number);
    if (status & statusFirstField) at += compressedIntSize(b[at] as number);
    const fields = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
    for (let left = fields; left > 1; left--) {
      if (at >= slotsEnd || --room < 0) return null;
      if ((b[at++] as number) & 1) continue;
      const length = compressedInt(b, at);
      at += compressedIntSize(b[at] as number) + length;
    }
    if (fields < 2 || at + 10 > slotsEnd || b[at] !== 0 || b[at + 1] !== 8) return null;
    children.push(i64(b, at + 2));
  }
  return children;
}

/** Walks the levels from the root down: each page must be there, and name the one before and the one after it. */
function checkTree(nodes: ReadonlyMap<number, Node>, broken: (page: number) => void): void {
  const seen = new Set<number>();
  let level: readonly number[] = [rootPage];
  let height = nodes.get(rootPage)?.level ?? 0;
  while (level.length > 0) {
    const below: number[] = [];
    for (const [i, number] of level.entries()) {
      const node = nodes.get(number);
      const isLinked =
        node &&
        node.level === height &&
        node.left === (level[i - 1] ?? -1) &&
        node.right === (level[i + 1] ?? -1);
      if (!isLinked || seen.has(number) || height > 0 !== node.children.length > 0) {
        broken(number);
        // What lies below a page that is not what it should be tells nothing.
        return;
      }
      seen.add(number);
      below.push(...node.children);
    }
    level = below;
    height--;
  }
  for (const { page, entries } of nodes.values()) if (entries > 0 && !seen.has(page)) broken(page);
}
