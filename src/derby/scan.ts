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

const keptFaults = 20;

export function scanContainer(containerId: number): ContainerScan {
  let content: ContentScan | null = null;
  const faults: { page: number; fault: PageFault }[] = [];
  let faultCount = 0;
  let slackFaultCount = 0;
  let firstPageFault: PageFault | null = null;
  let header: ContainerHeader | null = null;
  let pageSize = 0;
  let pages = 0;
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
      // Status 1: in use.
      if (chunk[at + 5] === 1 && content?.page(chunk, at, number) === false) fault(number, 'structure');
    } else if (number === nextAllocPage && format === allocPageFormat) {
      allocPage(chunk.subarray(at, at + pageSize), number);
    } else if (number < demandPages) {
      fault(number, 'format');
    }
  };

  const learnPageSize = (start: Buffer): number => {
    header = parseContainerHeader(start);
    if (!header) return 0;
    pageSize = header.pageSize;
    content = isIndexContainer(containerId) ? scanTree(pageSize) : scanRowPages(pageSize);
    return pageSize;
  };

  const cutter = cutPages(learnPageSize, onPage);
  return {
    write: cutter.write,
    end() {
      const bytes = cutter.bytes();
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
        content: content?.end() ?? null,
      };
    },
  };
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
