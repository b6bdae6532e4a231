import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type PartlyRead, packArchive } from '../archive/archive.ts';
import type { FileList } from '../archive/file-list.ts';
import type { FileSet } from '../base/file-set.ts';
import { type NewAgeFile, sealFile } from '../crypto/age-payload.ts';

/** What is to be packed. */
export interface SpoolTask {
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

/** Small pieces are written together. */
const gatherBytes = 1 << 20;

/** Packs an archive into an empty file; `onWritten` hears how many bytes of it can be read. */
export async function writeSpool(
  handle: FileHandle,
  { list, set, partly, seal }: SpoolTask,
  onWritten: (writtenBytes: number) => void,
  signal: AbortSignal,
): Promise<PackedArchive> {
  const hash = createHash('sha256');
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let writtenBytes = 0;
  const flush = async (): Promise<void> => {
    await writeAll(handle, gathered);
    writtenBytes += gatheredBytes;
    [gathered, gatheredBytes] = [[], 0];
    onWritten(writtenBytes);
  };
  const archive = packArchive(list, set, partly);
  for await (const chunk of seal ? sealFile(archive, seal) : archive) {
    signal.throwIfAborted();
    hash.update(chunk);
    gathered.push(chunk);
    gatheredBytes += chunk.length;
    if (gatheredBytes >= gatherBytes) await flush();
  }
  if (gatheredBytes > 0) await flush();
  return { sizeBytes: writtenBytes, sha256: hash.digest('hex') };
}

/** `writev` may write less than asked. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await handle.writev([...buffers]);
  const wanted = buffers.reduce((sum, b) => sum + b.length, 0);
  if (bytesWritten < wanted) await handle.writeFile(Buffer.concat(buffers).subarray(bytesWritten));
}
