/*
 * Copies one container while Derby writes to it, page by page. Derby writes whole pages, but a read may meet one half
 * written; every page's checksum tells, and such a page is read again.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { asTargetError } from '../base/atomic-file.ts';
import { systemCode } from '../base/errors.ts';
import { openToRead, whileHeld } from '../base/held-files.ts';
import {
  allocPageFormat,
  type ContainerHeader,
  containerHeaderBytes,
  firstPageChecksumOk,
  isZeroPage,
  pageChecksumOk,
  parseAllocPage,
  parseContainerHeader,
} from './container.ts';
import { u16 } from './page.ts';
import { copyUnwritable } from './texts.ts';

export interface ContainerCopyOptions {
  /** Data pages then have no checksum that can be checked: each is read until two reads agree. */
  readonly isEncrypted: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ContainerCopy {
  readonly sizeBytes: number;
  /** How often a page was read again. */
  readonly pagesReread: number;
  /** Pages that stayed wrong however often they were read: copied as they are. */
  readonly unsoundPages: readonly number[];
}

/** A multiple of every page size. */
const maxChunkBytes = 1 << 20;
const largestPageBytes = 1 << 15;
const pageWaitsMs = [1, 2, 5, 10, 20, 50, 100];
/** Between two reads that are compared: longer than a write takes. */
const secondReadMs = 10;
const fileWaitsMs = [5, 20, 50, 100, 200];
/** With so many wrong pages the disk's state is no passing one, and waiting for each would take hours. */
const patientPages = 10;
/** The page header and the container header of a page 0 that was never written but at its creation. */
const embryoBytes = 189;

/**
 * Copies the container file `source` (`c*.dat`, or the stub `d*.dat` of a dropped one) into the new file `target`, with
 * its modification time. Reads again what a writer was just changing, for some hundred milliseconds at most; what is
 * wrong for good is copied as it is. Null when the file is not, or no longer, there. A full disk is `target-not-writable`.
 */
export async function copyContainer(
  source: string,
  target: string,
  options: ContainerCopyOptions,
): Promise<ContainerCopy | null> {
  let pagesReread = 0;
  for (let round = 0; ; round++) {
    const read = await copyOnce(source, target, options);
    if (!read) return null;
    pagesReread += read.pagesReread;
    const waitMs = fileWaitsMs[round];
    // The file is being made, or was cut while it was read.
    if (read.isWhole || waitMs === undefined) return { ...read, pagesReread };
    await sleep(waitMs, undefined, { signal: options.signal });
  }
}

async function copyOnce(
  source: string,
  target: string,
  options: ContainerCopyOptions,
): Promise<(ContainerCopy & { isWhole: boolean }) | null> {
  let from: FileHandle;
  try {
    from = await openToRead(source, options.signal);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const to = await onTarget(target, () => open(target, 'w'));
    try {
      const { size, atime, mtime } = await from.stat();
      // A little more than the file, to see that it ends there.
      const wanted = (Math.floor(size / largestPageBytes) + 2) * largestPageBytes;
      const copied = await copyPages(from, to, target, Math.min(wanted, maxChunkBytes), options);
      await onTarget(target, () => to.utimes(atime, mtime));
      return copied;
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
}

/** Runs a step that writes to the copy. */
export async function onTarget<T>(target: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw asTargetError(error, copyUnwritable(target));
  }
}

async function copyPages(
  from: FileHandle,
  to: FileHandle,
  target: string,
  chunkBytes: number,
  { isEncrypted, signal }: ContainerCopyOptions,
): Promise<ContainerCopy & { isWhole: boolean }> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const again = isEncrypted ? Buffer.allocUnsafe(chunkBytes) : null;
  const unsoundPages: number[] = [];
  let pagesReread = 0;
  let header: ContainerHeader | null = null;
  let demandPages = 0;
  let nextAllocPage = 0;
  let restTries = 0;
  let position = 0;

  const isSound = (page: Buffer, number: number): boolean => {
    if (number === 0) return isFirstPageSound(page);
    return isEncrypted || pageChecksumOk(page, 0, page.length);
  };

  /** Reads the page until it is sound, or when its checksum cannot tell, until two reads agree. */
  const settle = async (page: Buffer, number: number, second: Buffer | null): Promise<void> => {
    const waits = unsoundPages.length < patientPages ? pageWaitsMs : [1];
    for (const waitMs of waits) {
      await sleep(waitMs, undefined, { signal });
      pagesReread++;
      const before = second && Buffer.from(page);
      const bytes = await readFully(from, page, number * page.length);
      // The file has become shorter: the round after this one sees it whole.
      if (bytes < page.length) break;
      if (isSound(page, number) && (number === 0 || !before || before.equals(page))) return;
    }
    unsoundPages.push(number);
  };

  for (;;) {
    signal?.throwIfAborted();
    const bytes = await readFully(from, chunk, position);
    if (bytes === 0) break;
    if (position === 0)
      header = parseContainerHeader(chunk.subarray(0, Math.min(bytes, containerHeaderBytes)));
    if (!header || header.committedDrop) {
      // Not yet a container, or no longer one: there are no pages to tell apart.
      await writeFully(to, target, chunk.subarray(0, bytes), position);
      position += bytes;
      continue;
    }
    const { pageSize } = header;
    const restBytes = bytes % pageSize;
    const wholeBytes = bytes - restBytes;
    if (again) {
      await sleep(secondReadMs, undefined, { signal });
      await readFully(from, again.subarray(0, wholeBytes), position);
    }
    for (let at = 0; at < wholeBytes; at += pageSize) {
      const page = chunk.subarray(at, at + pageSize);
      const number = (position + at) / pageSize;
      const second = again && number > 0 ? again.subarray(at, at + pageSize) : null;
      if (!isSound(page, number) || (second && !second.equals(page))) await settle(page, number, second);
      if (number !== nextAllocPage || (isEncrypted && number > 0)) continue;
      const extent = u16(page, 0) === allocPageFormat ? parseAllocPage(page, number) : null;
      if (!extent) continue;
      nextAllocPage = extent.nextAllocPage;
      demandPages = Math.max(demandPages, extent.demandPages, nextAllocPage + 1);
    }
    await writeFully(to, target, chunk.subarray(0, wholeBytes), position);
    position += wholeBytes;
    if (restBytes === 0) continue;
    // The end of the file lies inside a page: Derby is making the file longer.
    const waitMs = pageWaitsMs[restTries++];
    if (waitMs !== undefined) {
      await sleep(waitMs, undefined, { signal });
      continue;
    }
    // No extent claims it, so Derby writes that page before it reads it.
    if (position / pageSize >= demandPages) break;
    await writeFully(to, target, chunk.subarray(wholeBytes, bytes), position);
    position += restBytes;
    break;
  }
  const isWhole =
    header?.crcOk === true && (header.committedDrop || position / header.pageSize >= demandPages);
  return { sizeBytes: position, pagesReread, unsoundPages, isWhole };
}

/**
 * A new container's first page holds only the container header until Derby first writes the page itself, which may be
 * long after (RAFContainer.writeRAFHeader): no checksum, and all else zero.
 */
function isFirstPageSound(page: Buffer): boolean {
  if (!parseContainerHeader(page.subarray(0, containerHeaderBytes))?.crcOk) return false;
  return firstPageChecksumOk(page) || isZeroPage(page, embryoBytes, page.length - embryoBytes);
}

/** Fills the buffer from `position` on; fewer bytes only at the file's end. */
export async function readFully(from: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await whileHeld(() =>
      from.read(buffer, done, buffer.length - done, position + done),
    );
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

async function writeFully(to: FileHandle, target: string, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await onTarget(target, () =>
      to.write(bytes, done, bytes.length - done, position + done),
    );
    done += bytesWritten;
  }
}
