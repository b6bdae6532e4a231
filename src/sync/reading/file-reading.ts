import { createHash } from 'node:crypto';
import { blockHasher } from '../../archive/block-index.ts';
import { inPlace, type LentBuffer } from '../../base/lent-buffer.ts';
import type { FileJudge } from '../../derby/judge.ts';

/** What one pass over a file's bytes showed. */
export interface FileReading {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Of its 4 KiB blocks, where they were asked for and the file has the size announced. */
  readonly digests: Buffer | null;
}

/** Takes a file's bytes in any chunks. */
export interface FileTaker {
  /** False once there are more bytes than announced: the rest need not be read. */
  readonly write: (chunk: LentBuffer) => boolean;
  takenBytes(): number;
  end(): FileReading;
}

export function takeFile(sizeBytes: number, wantsDigests: boolean, judge: FileJudge | null): FileTaker {
  const hash = createHash('sha256');
  const blocks = wantsDigests ? blockHasher(sizeBytes) : null;
  let taken = 0;
  return {
    write(chunk) {
      taken += chunk.length;
      hash.update(inPlace(chunk));
      judge?.write(chunk);
      if (taken <= sizeBytes) blocks?.write(chunk);
      return taken <= sizeBytes;
    },
    takenBytes: () => taken,
    end() {
      judge?.end();
      return {
        sizeBytes: taken,
        sha256: hash.digest('hex'),
        digests: taken === sizeBytes ? (blocks?.end() ?? null) : null,
      };
    },
  };
}
