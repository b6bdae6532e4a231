/*
 * One pass over a container's bytes: every page's checksum, the file's length against its extents, and what its rows (a
 * table) or entries (an index) add up to. A page that lies whole in a chunk is read where it is; beside one page the
 * memory used is a few numbers for each page of an index, and for each part of a row that goes on elsewhere.
 */

import { inPlace, type LentBuffer } from '../base/lent-buffer.ts';
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
import type { ContentFacts, ContentScan } from './content.ts';
import { dataPageFormat, u16 } from './page.ts';
import { scanRowPages } from './row-scan.ts';
import { scanTree } from './tree-scan.ts';

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
  readonly content: ContentFacts | null;
}

export interface ContainerScan {
  readonly write: (chunk: LentBuffer) => void;
  end(): ContainerFacts;
}

export function scanContainer(containerId: number): ContainerScan {
  const faults = collectFaults();
  const extents = followExtents();
  let content: ContentScan | null = null;
  let header: ContainerHeader | null = null;
  let pageSize = 0;
  let pages = 0;

  const learnPageSize = (start: Buffer): number => {
    header = parseContainerHeader(start);
    if (!header) return 0;
    pageSize = header.pageSize;
    content = isIndexContainer(containerId) ? scanTree(pageSize) : scanRowPages(pageSize);
    return pageSize;
  };

  const onPage = (chunk: Buffer, at: number): void => {
    const number = pages++;
    if (header?.committedDrop) return;
    if (number === 0) {
      const page = chunk.subarray(at, at + pageSize);
      if (!firstPageChecksumOk(page)) faults.add(0, 'checksum');
      if (!extents.take(page, 0)) faults.add(0, 'alloc');
      return;
    }
    if (!pageChecksumOk(chunk, at, pageSize)) {
      if (number >= extents.demandPages) faults.addSlack();
      else faults.add(number, isZeroPage(chunk, at, pageSize) ? 'zero' : 'checksum');
      return;
    }
    const format = u16(chunk, at);
    if (format === dataPageFormat) {
      // Status 1: in use.
      if (chunk[at + 5] === 1 && content?.page(chunk, at, number) === false) faults.add(number, 'structure');
    } else if (number === extents.nextAllocPage && format === allocPageFormat) {
      if (!extents.take(chunk.subarray(at, at + pageSize), number)) faults.add(number, 'alloc');
    } else if (number < extents.demandPages) {
      faults.add(number, 'format');
    }
  };

  const cutter = cutPages(learnPageSize, onPage);
  return {
    write: cutter.write,
    end() {
      const bytes = cutter.bytes();
      const { usedPages, demandPages } = extents;
      const restBytes = pageSize === 0 ? bytes : bytes - pages * pageSize;
      return {
        ...{ bytes, header, usedPages, demandPages, pages, restBytes },
        ...faults.facts(),
        content: content?.end() ?? null,
      };
    },
  };
}

const keptFaults = 20;

/** Counts the pages that are not what they should be, and keeps the first ones. */
function collectFaults() {
  const faults: { page: number; fault: PageFault }[] = [];
  let faultCount = 0;
  let slackFaultCount = 0;
  let firstPageFault: PageFault | null = null;
  return {
    add(page: number, fault: PageFault): void {
      faultCount++;
      if (page === 0) firstPageFault = fault;
      if (faults.length < keptFaults) faults.push({ page, fault });
    },
    addSlack(): void {
      slackFaultCount++;
    },
    facts: () => ({ faults, faultCount, firstPageFault, slackFaultCount }),
  };
}

interface Extents {
  usedPages: number;
  demandPages: number;
  /** Where the next list of pages lies; -1 before the first. */
  nextAllocPage: number;
  /** Takes a list of pages; false when it contradicts itself. */
  take(page: Buffer, number: number): boolean;
}

/** Which pages a container claims, from one list of pages to the next. */
function followExtents(): Extents {
  const extents: Extents = {
    usedPages: 0,
    demandPages: 0,
    nextAllocPage: -1,
    take(page, number) {
      const extent = parseAllocPage(page, number);
      if (!extent) return false;
      const { nextAllocPage } = extent;
      extents.nextAllocPage = nextAllocPage;
      extents.usedPages = Math.max(extents.usedPages, extent.usedPages, nextAllocPage + 1);
      extents.demandPages = Math.max(extents.demandPages, extent.demandPages, nextAllocPage + 1);
      return true;
    },
  };
  return extents;
}

/**
 * Cuts chunks of any sizes into pages. One that lies whole in a chunk is told where it is, one of several chunks is put
 * together. `learnPageSize` sees the file's first bytes; after 0 nothing more is told.
 */
function cutPages(
  learnPageSize: (start: Buffer) => number,
  onPage: (chunk: Buffer, at: number) => void,
): { readonly write: (chunk: LentBuffer) => void; bytes(): number } {
  let pageSize: number | null = null;
  let bytes = 0;
  let carry = Buffer.alloc(0);
  let carried = 0;

  const carryOn = (chunk: LentBuffer, at: number, upTo: number): number => {
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
      let at = 0;
      if (pageSize === null) {
        if (carried === 0 && chunk.length >= containerHeaderBytes) {
          pageSize = learnPageSize(inPlace(chunk));
        } else {
          at = carryOn(chunk, 0, containerHeaderBytes);
          if (carried < containerHeaderBytes) return;
          pageSize = learnPageSize(carry);
        }
      }
      if (pageSize === 0) return;
      if (carried > 0) {
        at = carryOn(chunk, at, pageSize);
        if (carried < pageSize) return;
        carried = 0;
        onPage(carry, 0);
      }
      for (; chunk.length - at >= pageSize; at += pageSize) onPage(inPlace(chunk), at);
      if (at < chunk.length) carryOn(chunk, at, pageSize);
    },
    bytes: () => bytes,
  };
}
