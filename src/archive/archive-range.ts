import { blockBytes } from './block-index.ts';
import { damagedArchive } from './damaged.ts';
import { type FileList, type ListedFile, maxFileListBytes, parseFileList } from './file-list.ts';
import { type ArchiveContent, layoutByList, refuseOtherKind } from './members.ts';
import { encodeMemberHeader, memberBytes, parseMemberHeader, type TarMember } from './tar-members.ts';
import {
  beginsNotWithList,
  endsNotWithTable,
  listTooLong,
  notInItsPlace,
  notOfFormat,
  shorterThanList,
  tableNotOfLength,
  tableUnreadable,
} from './texts.ts';
import type { FrameSize } from './zstd-frame.ts';
import { decodeFrame, parseSeekTable, seekTableLength } from './zstd-frames.ts';

/** Bytes of a known length that can be read anywhere, such as an archive in a store, decrypted. */
export interface ArchiveBytes {
  readonly totalBytes: number;
  /** Exactly these bytes. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** An archive opened at its seek table: any part of any file, without the rest. */
export interface ArchiveRange {
  readonly list: FileList;
  /**
   * Bytes of what the archive itself holds of a file: the whole file, or for a differential its blocks laid end to end.
   * Each frame's checksum is checked, the hash of the file is not.
   */
  readMember(file: ListedFile, offset: number, length: number): Promise<Buffer>;
}

/** Holds the seek table of an archive of some gigabytes. */
const tailBytes = 64 << 10;
const keptFrames = 24;

/** Whether a block is the last one of a member's header. A path too long for it stands in the blocks before. */
function isHeaderOf(block: Buffer, member: Omit<TarMember, 'mtimeMs'>): boolean {
  const header = parseMemberHeader(block);
  const isWhole = encodeMemberHeader({ ...member, mtimeMs: 0 }).length === block.length;
  return (
    header?.type === member.type &&
    header.sizeBytes === member.sizeBytes &&
    (!isWhole || header.path === member.path)
  );
}

/** Opens an archive for reading anywhere; `damaged` when its seek table or file list is not sound, or it is of other content. */
export async function openArchiveRange(
  source: ArchiveBytes,
  content: ArchiveContent = 'databases',
): Promise<ArchiveRange> {
  const readTar = await openFrames(source);
  const listMember = parseMemberHeader(await readTar(0, 512));
  const layout = layoutByList(listMember?.path, content);
  if (!layout || !listMember) throw damagedArchive(beginsNotWithList);
  if (listMember.sizeBytes > maxFileListBytes) throw damagedArchive(listTooLong);
  const list = parseFileList(await readTar(512, listMember.sizeBytes));
  refuseOtherKind(list, layout);

  // Where each member lies follows from the list, as the packer writes nothing else.
  const contentAt = new Map<string, number>();
  let at = memberBytes({ ...listMember });
  for (const { name, bytes } of layout.texts) {
    const text = { path: name, type: 'File', sizeBytes: bytes.length, mtimeMs: 0 } as const;
    const stored = await readTar(at, 512 + bytes.length);
    if (!isHeaderOf(stored.subarray(0, 512), text) || !stored.subarray(512).equals(bytes))
      throw damagedArchive(notOfFormat(name));
    at += memberBytes(text);
  }
  for (const path of layout.folders(list))
    at += memberBytes({ path, type: 'Directory', sizeBytes: 0, mtimeMs: 0 });
  for (const file of list.files) {
    const member = layout.memberOf(file);
    if (!member) continue;
    const whole = { ...member, mtimeMs: file.mtimeMs };
    contentAt.set(file.path, at + encodeMemberHeader(whole).length);
    at += memberBytes(whole);
  }
  const checked = new Set<string>();

  return {
    list,
    async readMember(file, offset, length) {
      const start = contentAt.get(file.path);
      const member = layout.memberOf(file);
      if (start === undefined || !member) throw new TypeError(`the archive holds no bytes of ${file.path}`);
      if (offset < 0 || offset + length > member.sizeBytes)
        throw new RangeError(`${file.path} has ${member.sizeBytes} bytes`);
      if (!checked.has(file.path)) {
        if (!isHeaderOf(await readTar(start - 512, 512), member)) {
          throw damagedArchive(notInItsPlace(file.path));
        }
        checked.add(file.path);
      }
      return readTar(start + offset, length);
    },
  };
}

/** One frame: where it begins in the archive and in the tar, and how long it is in each. */
interface Frame extends FrameSize {
  readonly compressedAt: number;
  readonly contentAt: number;
}

/** Reads the seek table and gives the tar's bytes by frames, the last used of which are kept. */
async function openFrames(
  source: ArchiveBytes,
): Promise<(offset: number, length: number) => Promise<Buffer>> {
  const all = await readFrameTable(source);
  const last = all.at(-1);
  const totalContent = last ? last.contentAt + last.contentBytes : 0;
  const read = frameCache(source, all);
  return async (offset, length) => {
    if (length === 0) return Buffer.alloc(0);
    if (offset + length > totalContent) throw damagedArchive(shorterThanList);
    const first = frameAt(all, offset);
    const parts = await Promise.all(read(first, frameAt(all, offset + length - 1)));
    const start = offset - (all[first]?.contentAt ?? 0);
    return (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).subarray(start, start + length);
  };
}

async function readFrameTable(source: ArchiveBytes): Promise<readonly Frame[]> {
  let tail = await source.read(
    Math.max(0, source.totalBytes - tailBytes),
    Math.min(tailBytes, source.totalBytes),
  );
  const tableBytes = seekTableLength(tail.subarray(-9));
  if (tableBytes === null || tableBytes > source.totalBytes) throw damagedArchive(endsNotWithTable);
  if (tableBytes > tail.length) tail = await source.read(source.totalBytes - tableBytes, tableBytes);
  const sizes = parseSeekTable(tail.subarray(tail.length - tableBytes));
  if (!sizes) throw damagedArchive(tableUnreadable);
  let [compressedAt, contentAt] = [0, 0];
  const frames = sizes.map((size): Frame => {
    const frame = { ...size, compressedAt, contentAt };
    compressedAt += size.compressedBytes;
    contentAt += size.contentBytes;
    return frame;
  });
  if (compressedAt + tableBytes !== source.totalBytes) throw damagedArchive(tableNotOfLength);
  return frames;
}

/** Which frame holds this byte of the tar. */
function frameAt(all: readonly Frame[], offset: number): number {
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((all[middle]?.contentAt ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Gives frames `first..last`: those not kept are fetched by ranges of some frames and decompressed side by side. */
function frameCache(
  source: ArchiveBytes,
  all: readonly Frame[],
): (first: number, last: number) => Promise<Buffer>[] {
  const kept = new Map<number, Promise<Buffer>>();
  const keep = (n: number, frame: Promise<Buffer>): Promise<Buffer> => {
    kept.delete(n);
    kept.set(n, frame);
    frame.catch(() => kept.delete(n));
    for (const oldest of kept.keys()) {
      if (kept.size <= keptFrames) break;
      kept.delete(oldest);
    }
    return frame;
  };

  /** Those of the frames from `first` on that one range brings. */
  function fetchRun(first: number, last: number): Promise<Buffer>[] {
    let end = first;
    while (end < last && end - first < 7 && !kept.has(end + 1)) end++;
    const run = all.slice(first, end + 1);
    const from = run[0]?.compressedAt ?? 0;
    const fetched = source.read(
      from,
      run.reduce((sum, { compressedBytes }) => sum + compressedBytes, 0),
    );
    return run.map(({ compressedAt, compressedBytes, contentBytes }, i) => {
      const at = compressedAt - from;
      const frame = fetched.then((bytes) =>
        decodeFrame(bytes.subarray(at, at + compressedBytes), contentBytes),
      );
      return keep(first + i, frame);
    });
  }

  return (first, last) => {
    const frames: Promise<Buffer>[] = [];
    while (first + frames.length <= last) {
      const n = first + frames.length;
      const known = kept.get(n);
      if (known) frames.push(keep(n, known));
      else frames.push(...fetchRun(n, last));
    }
    return frames;
  };
}

/** A file of a differential as bytes that can be read anywhere: its blocks over those of its base. */
export async function readOverlaid(
  file: ListedFile,
  offset: number,
  length: number,
  readBase: (offset: number, length: number) => Promise<Buffer>,
  readBlocks: (offset: number, length: number) => Promise<Buffer>,
): Promise<Buffer> {
  if (!Array.isArray(file.from)) throw new TypeError(`${file.path} has no runs of blocks`);
  const parts: Promise<Buffer>[] = [];
  const end = offset + length;
  let position = offset;
  let stored = 0;
  for (const [first, count] of file.from as readonly (readonly [number, number])[]) {
    const [from, to] = [first * blockBytes, Math.min((first + count) * blockBytes, file.sizeBytes)];
    if (from >= end) break;
    if (to > position) {
      if (from > position) parts.push(readBase(position, from - position));
      const start = Math.max(from, position);
      const stop = Math.min(to, end);
      parts.push(readBlocks(stored + start - from, stop - start));
      position = stop;
    }
    stored += to - from;
  }
  if (position < end) parts.push(readBase(position, end - position));
  return Buffer.concat(await Promise.all(parts));
}
