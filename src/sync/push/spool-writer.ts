import { createHash } from 'node:crypto';
import { type PartlyRead, packArchive } from '../../archive/archive.ts';
import type { FileList } from '../../archive/file-list.ts';
import { asTargetError } from '../../base/atomic-file.ts';
import type { FileSet } from '../../base/file-set.ts';
import { type NewAgeFile, sealFile } from '../../crypto/age-payload.ts';
import { spoolNotWritten } from './store-texts.ts';

/** What is to be packed. */
export interface SpoolTask {
  /** Of the spool, for messages. */
  readonly path: string;
  readonly list: FileList;
  readonly set: FileSet;
  readonly partly: PartlyRead;
  /** Null to pack in clear. */
  readonly seal: NewAgeFile | null;
}

export interface PackedArchive {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Writes these bytes, all of them, at the end of the spool. */
export type AppendToSpool = (buffers: Buffer[], sizeBytes: number) => Promise<void>;

/** Small pieces are written together. */
const gatherBytes = 1 << 20;

/** What an error while packing means for the spool. */
export const asSpoolError = (error: unknown, path: string): unknown =>
  asTargetError(error, spoolNotWritten(path));

/**
 * Packs an archive into an empty spool; `onWritten` hears how many bytes of it can be read. `source-changed` when a file
 * is not what the list says, `target-not-writable` when the disk is full.
 */
export async function writeSpool(
  { path, list, set, partly, seal }: SpoolTask,
  append: AppendToSpool,
  onWritten: (writtenBytes: number) => void,
  signal: AbortSignal,
): Promise<PackedArchive> {
  const hash = createHash('sha256');
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let writtenBytes = 0;
  const flush = async (): Promise<void> => {
    await append(gathered, gatheredBytes);
    writtenBytes += gatheredBytes;
    [gathered, gatheredBytes] = [[], 0];
    onWritten(writtenBytes);
  };
  try {
    const archive = packArchive(list, set, partly);
    for await (const chunk of seal ? sealFile(archive, seal) : archive) {
      signal.throwIfAborted();
      hash.update(chunk);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      if (gatheredBytes >= gatherBytes) await flush();
    }
    if (gatheredBytes > 0) await flush();
  } catch (error) {
    throw asSpoolError(error, path);
  }
  return { sizeBytes: writtenBytes, sha256: hash.digest('hex') };
}
