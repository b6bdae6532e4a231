/*
 * One pass over a container's bytes: every page's checksum, the file's length against its extents, and a count and
 * fingerprint of the places of its rows (a table) or of the rows its leaves name (an index). A page that lies whole in
 * a chunk is read where it is; the memory used is one page.
 */
import {
  allocPageFormat,
  type ContainerHeader,
  containerHeaderBytes,
  firstPageChecksumOk,
  isIndexContainer,
  isZeroPage,
  pageChecksumOk,
  parseAllocPage,
  parseContainerHeader,
} from './container.ts';
import {
  checksumBytes,
  compressedInt,
  compressedIntSize,
  compressedLong,
  compressedLongSize,
  dataPageFormat,
  recordSpaceAt,
  slotBytes,
  u16,
} from './page.ts';

/** A set of row places, whatever their order: how many, and two sums of 32-bit hashes of page and record id. */
export interface RowPlaces {
  count: number;
  low: number;
  high: number;
}

export type PageFault = 'checksum' | 'zero' | 'format' | 'structure' | 'alloc';

export interface ContainerFacts {
  readonly bytes: number;
  /** Null when the file does not begin as a container does. */
  readonly header: ContainerHeader | null;
  /** Pages in use by the container's extents, and together with those that are only reserved. */
  readonly usedPages: number;
  readonly demandPages: number;
  readonly pages: number;
  /** Bytes after the last whole page. */
  readonly restBytes: number;
  /** The first faults, page 0 included; `faultCount` counts all. */
  readonly faults: readonly { readonly page: number; readonly fault: PageFault }[];
  readonly faultCount: number;
  readonly firstPageFault: PageFault | null;
  /** Faulty pages that no extent claims: Derby writes such a page before it reads it. */
  readonly slackFaultCount: number;
  readonly places: RowPlaces;
}

export interface ContainerScan {
  write(chunk: Buffer): void;
  end(): ContainerFacts;
}

const keptFaults = 20;
const leafFormat = 133;

export interface ScanOptions {
  readonly containerId: number;
  /** Fingerprints too, not only the count of a table's rows. */
  readonly fingerprints: boolean;
}

export function scanContainer({ containerId, fingerprints }: ScanOptions): ContainerScan {
  const isIndex = isIndexContainer(containerId);
  const places: RowPlaces = { count: 0, low: 0, high: 0 };
  const faults: { page: number; fault: PageFault }[] = [];
  let faultCount = 0;
  let slackFaultCount = 0;
  let firstPageFault: PageFault | null = null;
  let header: ContainerHeader | null = null;
  let notContainer = false;
  let pageSize = 0;
  let carry = Buffer.alloc(0);
  let carried = 0;
  let pages = 0;
  let bytes = 0;
  let usedPages = 0;
  let demandPages = 0;
  let nextAllocPage = -1;

  const fault = (page: number, kind: PageFault): void => {
    faultCount++;
    if (page === 0) firstPageFault = kind;
    if (faults.length < keptFaults) faults.push({ page, fault: kind });
  };

  const allocPage = (page: Buffer, number: number): void => {
    const extent = parseAllocPage(page, number);
    if (!extent) {
      fault(number, 'alloc');
      return;
    }
    nextAllocPage = extent.nextAllocPage;
    usedPages = Math.max(usedPages, extent.usedPages, nextAllocPage + 1);
    demandPages = Math.max(demandPages, extent.demandPages, nextAllocPage + 1);
  };

  const onPage = (chunk: Buffer, at: number): void => {
    const number = pages++;
    if (header?.committedDrop) return;
    if (number === 0) {
      const page = chunk.subarray(at, at + pageSize);
      if (!firstPageChecksumOk(page)) fault(0, 'checksum');
      allocPage(page, 0);
      return;
    }
    if (!pageChecksumOk(chunk, at, pageSize)) {
      if (number >= demandPages) slackFaultCount++;
      else fault(number, isZeroPage(chunk, at, pageSize) ? 'zero' : 'checksum');
      return;
    }
    const format = u16(chunk, at);
    if (format === dataPageFormat) {
      // Status 1: in use. Overflow pages hold no row of their own.
      if (chunk[at + 5] !== 1 || chunk[at + 4] !== 0) return;
      const ok = isIndex
        ? !fingerprints || addLeafPlaces(places, chunk, at, pageSize)
        : addRowPlaces(places, chunk, at, pageSize, number, fingerprints);
      if (!ok) fault(number, 'structure');
    } else if (number === nextAllocPage && format === allocPageFormat) {
      allocPage(chunk.subarray(at, at + pageSize), number);
    } else if (number < demandPages) {
      fault(number, 'format');
    }
  };

  const learnPageSize = (start: Buffer): void => {
    header = parseContainerHeader(start);
    if (header) {
      pageSize = header.pageSize;
    } else {
      notContainer = true;
    }
  };

  const carryOn = (chunk: Buffer, at: number, upTo: number): number => {
    if (carry.length < upTo) {
      const longer = Buffer.allocUnsafe(upTo);
      carry.copy(longer, 0, 0, carried);
      carry = longer;
    }
    const take = Math.min(upTo - carried, chunk.length - at);
    chunk.copy(carry, carried, at, at + take);
    carried += take;
    return at + take;
  };

  return {
    write(chunk) {
      bytes += chunk.length;
      if (notContainer) return;
      let at = 0;
      if (pageSize === 0) {
        if (carried === 0 && chunk.length >= containerHeaderBytes) {
          learnPageSize(chunk);
        } else {
          at = carryOn(chunk, 0, containerHeaderBytes);
          if (carried < containerHeaderBytes) return;
          learnPageSize(carry);
        }
        if (notContainer) return;
      }
      if (carried > 0) {
        at = carryOn(chunk, at, pageSize);
        if (carried < pageSize) return;
        carried = 0;
        onPage(carry, 0);
      }
      for (; chunk.length - at >= pageSize; at += pageSize) onPage(chunk, at);
      if (at < chunk.length) carryOn(chunk, at, pageSize);
    },
    end() {
      return {
        bytes,
        header,
        usedPages,
        demandPages,
        pages,
        restBytes: pageSize === 0 ? bytes : bytes - pages * pageSize,
        faults,
        faultCount,
        firstPageFault,
        slackFaultCount,
        places,
      };
    },
  };
}

/** Adds one row place. The two lanes are independent, so that the sums behave as one of 64 bits. */
function addPlace(places: RowPlaces, page: number, id: number): void {
  let a = Math.imul(page ^ 0x9e3779b9, 0x85ebca6b);
  a ^= a >>> 15;
  a = Math.imul(a + id, 0xc2b2ae35);
  a ^= a >>> 13;
  let b = Math.imul(id ^ 0x7feb352d, 0x846ca68b);
  b ^= b >>> 16;
  b = Math.imul(b + page, 0x9e485565);
  b ^= b >>> 14;
  places.count++;
  places.low = (places.low + Math.imul(a, 0x27d4eb2f)) | 0;
  places.high = (places.high + Math.imul(b, 0x165667b1)) | 0;
}

/** Adds the live rows of a table's page; false when a record lies outside the page. */
function addRowPlaces(
  places: RowPlaces,
  b: Buffer,
  pageAt: number,
  pageSize: number,
  number: number,
  fingerprints: boolean,
): boolean {
  const slots = u16(b, pageAt + 14);
  let slotAt = pageAt + pageSize - checksumBytes - slotBytes;
  const slotsEnd = slotAt - (slots - 1) * slotBytes;
  if (slotsEnd < pageAt + recordSpaceAt) return false;
  // The first record of page 1 describes the table itself.
  let slot = 0;
  if (number === 1) {
    slot = 1;
    slotAt -= slotBytes;
  }
  for (; slot < slots; slot++, slotAt -= slotBytes) {
    const at = pageAt + u16(b, slotAt);
    if (at < pageAt + recordSpaceAt || at + 5 > slotsEnd) return false;
    if ((b[at] as number) & 1) continue;
    if (fingerprints) addPlace(places, number, compressedInt(b, at + 1));
    else places.count++;
  }
  return true;
}

/** Adds the rows that a leaf's live entries name; false when an entry lies outside the page. Branches add nothing. */
function addLeafPlaces(places: RowPlaces, b: Buffer, pageAt: number, pageSize: number): boolean {
  const slots = u16(b, pageAt + 14);
  let slotAt = pageAt + pageSize - checksumBytes - slotBytes;
  const slotsEnd = slotAt - (slots - 1) * slotBytes;
  if (slotsEnd < pageAt + recordSpaceAt) return false;
  if (slots === 0) return true;
  // Slot 0 is the page's own description; its first field is the kind of page: status, length 2, format id.
  let at = pageAt + u16(b, slotAt) + 1;
  at += compressedIntSize(b[at] as number);
  at += compressedIntSize(b[at] as number);
  if (at + 4 > slotsEnd) return false;
  if (u16(b, at + 2) !== leafFormat) return true;
  // Entries that lay over each other could make one page cost the work of thousands.
  let room = pageSize;
  for (let slot = 1; slot < slots; slot++) {
    slotAt -= slotBytes;
    at = pageAt + u16(b, slotAt);
    if (at < pageAt + recordSpaceAt || at + 5 > slotsEnd) return false;
    const status = b[at] as number;
    if (status & 1) continue;
    if (status !== 0) return false;
    at++;
    at += compressedIntSize(b[at] as number);
    let fields = compressedInt(b, at);
    at += compressedIntSize(b[at] as number);
    // Each turn moves on by a byte at least and ends at the slot table.
    for (; fields > 1; fields--) {
      if (at >= slotsEnd || --room < 0) return false;
      if ((b[at++] as number) & 1) continue;
      const length = compressedInt(b, at);
      at += compressedIntSize(b[at] as number) + length;
    }
    // The last field is the row's place: status, length, page, record id.
    if (fields !== 1 || at + 5 > slotsEnd) return false;
    at += 2;
    const page = compressedLong(b, at);
    at += compressedLongSize(b[at] as number);
    if (at + compressedIntSize(b[at] as number) > slotsEnd) return false;
    addPlace(places, page, compressedInt(b, at));
  }
  return true;
}
