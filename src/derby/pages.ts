/*
 * Random access to a container's pages over any medium that reads ranges, in bounded memory. Every page's checksum is
 * checked before anything in it is believed.
 */
import { containerHeaderBytes, pageChecksumOk, parseContainerHeader } from './container.ts';

/** The files of one database. Paths are relative to its folder, with `/`. */
export interface DatabaseFiles {
  paths(): Iterable<string>;
  /** Null when there is no such file. */
  sizeBytes(path: string): number | null;
  /** Exactly these bytes; the caller asks for none beyond the end. */
  read(path: string, offset: number, length: number): Promise<Buffer>;
}

/** The pages of one container. */
export interface PageReader {
  readonly file: string;
  readonly pageSize: number;
  readonly pageCount: number;
  /** A page that is in memory; undefined when it has to be read first. */
  cached(page: number): Buffer | null | undefined;
  /** The page, or null when there is no such page or its checksum is wrong. */
  page(page: number): Promise<Buffer | null>;
  /** Several pages from that one on, without keeping them. Pages with a wrong checksum are null. */
  run(firstPage: number): Promise<readonly (Buffer | null)[]>;
}

const runBytes = 1 << 19;
const blockBytes = 1 << 16;
/** Long values and moved rows lie near each other: 4 MiB of blocks spare most second reads. */
const keptBlocks = 64;

/** Opens a container; null when the file is missing or does not begin as one. */
export async function openPages(files: DatabaseFiles, file: string): Promise<PageReader | null> {
  const sizeBytes = files.sizeBytes(file);
  if (sizeBytes === null || sizeBytes < containerHeaderBytes) return null;
  const header = parseContainerHeader(await files.read(file, 0, containerHeaderBytes));
  if (!header || header.committedDrop) return null;
  const { pageSize } = header;
  const pageCount = Math.floor(sizeBytes / pageSize);
  const pagesPerBlock = blockBytes / pageSize;
  const blocks = new Map<number, Buffer>();

  const checked = (bytes: Buffer, at: number): Buffer | null =>
    pageChecksumOk(bytes, at, pageSize) ? bytes.subarray(at, at + pageSize) : null;

  const readPages = (first: number, count: number): Promise<Buffer> =>
    files.read(file, first * pageSize, Math.min(count, pageCount - first) * pageSize);

  const fromBlock = (block: Buffer, page: number): Buffer | null =>
    checked(block, (page % pagesPerBlock) * pageSize);

  // Page 0 holds no rows, so no pointer leads there.
  const exists = (page: number): boolean => Number.isInteger(page) && page >= 1 && page < pageCount;

  return {
    file,
    pageSize,
    pageCount,
    cached(page) {
      if (!exists(page)) return null;
      const block = blocks.get(Math.floor(page / pagesPerBlock));
      return block && fromBlock(block, page);
    },
    async page(page) {
      if (!exists(page)) return null;
      const number = Math.floor(page / pagesPerBlock);
      let block = blocks.get(number);
      if (block) {
        blocks.delete(number);
      } else {
        block = await readPages(number * pagesPerBlock, pagesPerBlock);
        const oldest = blocks.keys().next().value;
        if (blocks.size >= keptBlocks && oldest !== undefined) blocks.delete(oldest);
      }
      // Last in the map is last to go.
      blocks.set(number, block);
      return fromBlock(block, page);
    },
    async run(firstPage) {
      if (firstPage >= pageCount) return [];
      const bytes = await readPages(firstPage, runBytes / pageSize);
      const pages: (Buffer | null)[] = [];
      for (let at = 0; at < bytes.length; at += pageSize) pages.push(checked(bytes, at));
      return pages;
    },
  };
}
