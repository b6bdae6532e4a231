/*
 * What a table or index says of itself in the first record of its page 1: whose file it is, and the formats of its columns.
 * Layout: Derby's Heap, BTree and B2I.
 */
import { dataPageFormat, readFields, readRecordHead, u16 } from './page.ts';
import { type ValueKind, valueKind } from './value-check.ts';

export interface Conglomerate {
  readonly container: number;
  /** Of the columns of a table, or of the key of an index and the place of the row after it. */
  readonly kinds: readonly ValueKind[];
  /** Of a table: its texts are in the order of a language, in which texts of other bytes may be equal. */
  readonly isCollated: boolean;
  /** Of an index: the container of its table. */
  readonly table: number | null;
}

const heapFormats = new Set([91, 467]);
const treeFormats = new Set([92, 388, 466, 470]);
/** In the first record of an index, what describes it comes after what every page says of itself. */
const treeField = 6;
/** Derby allows 1,012 columns. */
const maxColumns = 1100;

const i64 = (b: Uint8Array, at: number): number =>
  (u16(b, at) * 0x1_0000 + u16(b, at + 2)) * 0x1_0000_0000 + u16(b, at + 4) * 0x1_0000 + u16(b, at + 6);
const i32 = (b: Uint8Array, at: number): number => u16(b, at) * 0x1_0000 + u16(b, at + 2);

/** Reads it from page 1; null when the page does not hold it, or in a form that is not known. */
export function parseConglomerate(page: Buffer): Conglomerate | null {
  const head = u16(page, 0) === dataPageFormat ? readRecordHead(page, 0) : null;
  const fields = head && readFields(page, head);
  const [first] = fields ?? [];
  const ofTree = fields && fields.length > treeField ? fields[treeField] : undefined;
  const field = ofTree ?? first;
  if (!field || field.isNull || field.next) return null;
  const b = page.subarray(field.from, field.to);
  const format = u16(b, 0);
  if (!ofTree && heapFormats.has(format) && b.length >= 18) {
    // Format, segment, container, number of columns.
    const count = i32(b, 14);
    const kinds = kindsAt(b, 18, count);
    // What follows is the list of collations; without any it says so with zeros.
    const isCollated = b.subarray(18 + 2 * count).some((byte) => byte !== 0);
    return kinds && { container: i64(b, 6), kinds, isCollated, table: null };
  }
  if (ofTree && treeFormats.has(format) && b.length >= 24) {
    // Format, container, segment, key fields, unique ones, two bytes of settings.
    const count = i32(b, 14);
    const kinds = kindsAt(b, 24, count);
    const tableAt = 24 + 2 * count;
    return kinds && b.length >= tableAt + 8
      ? { container: i64(b, 2), kinds, isCollated: false, table: i64(b, tableAt) }
      : null;
  }
  return null;
}

function kindsAt(b: Buffer, at: number, count: number): ValueKind[] | null {
  if (count > maxColumns || at + 2 * count > b.length) return null;
  return Array.from({ length: count }, (_, i) => valueKind(u16(b, at + 2 * i)));
}
