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
  /** The beginning was damaged, and the page size was found from the other pages. */
  readonly isGuessed: boolean;
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

/**
 * Opens a container; null when the file is missing or does not begin as one. With `guess` a damaged beginning is passed
 * over, where the good pages after it tell how long a page is.
 */
export async function openPages(
  files: DatabaseFiles,
  file: string,
  { guess = false }: { readonly guess?: boolean } = {},
): Promise<PageReader | null> {
  const sizeBytes = files.sizeBytes(file);
  if (sizeBytes === null || sizeBytes < containerHeaderBytes) return null;
  const header = parseContainerHeader(await files.read(file, 0, containerHeaderBytes));
  if (header?.committedDrop || (!header && !guess)) return null;
  const pageSize = header?.pageSize ?? (await likelyPageSize(files, file, sizeBytes));
  if (pageSize === null) return null;
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
    isGuessed: !header,
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

const legalPageSizes = [4096, 32768, 8192, 16384];

/** The page size with which some page of the file has a right checksum; null when none has. */
async function likelyPageSize(files: DatabaseFiles, file: string, sizeBytes: number): Promise<number | null> {
  for (let from = 0; from < sizeBytes; from += runBytes) {
    const bytes = await files.read(file, from, Math.min(runBytes, sizeBytes - from));
    for (const pageSize of legalPageSizes) {
      for (let at = 0; at + pageSize <= bytes.length; at += pageSize)
        if (pageChecksumOk(bytes, at, pageSize)) return pageSize;
    }
  }
  return null;
}
