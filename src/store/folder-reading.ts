import { constants } from 'node:fs';
import { type FileReadResult, open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { EfakturError, systemCode } from '../base/errors.ts';
import { bytesAtOnce } from '../base/file-set.ts';
import { absentCodes, closeLate, type FolderDisk, isFolder } from './folder-disk.ts';
import type { GetOptions } from './store.ts';
import { interrupted } from './store-errors.ts';
import { cannotBeRead } from './texts.ts';

const readBytes = 256 << 10;

/** A pipe that came in the place of a file is opened at once, too; without this the call would wait for its other end. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The bytes of a file, or null when there is none. */
export async function readFromFolder(
  disk: FolderDisk,
  key: string,
  { signal, range }: GetOptions,
): Promise<Readable | null> {
  disk.traffic.requests++;
  const what = cannotBeRead(key);
  const path = disk.pathOf(key);
  let sizeBytes = 0;
  const handle = await disk.within(what, signal, async () => {
    try {
      // Opening a pipe waits for somebody who writes to it.
      const found = await disk.reading(() => stat(path), signal);
      if (!found.isFile()) return null;
      sizeBytes = found.size;
      return await disk.reading(() => open(path, readFlags), signal, closeLate);
    } catch (error) {
      // On Windows a folder cannot even be opened.
      if (error instanceof EfakturError) throw error;
      if (!absentCodes.has(systemCode(error) ?? '') && !(await disk.asked(isFolder(path), signal)))
        throw error;
      await disk.requireParent(signal);
      return null;
    }
  });
  if (!handle) return null;
  let position = range?.first ?? 0;
  let isReading = false;
  const end = range ? range.last + 1 : Number.POSITIVE_INFINITY;
  const body = new Readable({
    highWaterMark: readBytes,
    read() {
      const wanted = Math.min(bytesAtOnce(sizeBytes - position, readBytes), end - position);
      if (wanted <= 0) {
        this.push(null);
        return;
      }
      const read = (): Promise<FileReadResult<Buffer>> => {
        isReading = true;
        return handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position).finally(() => {
          isReading = false;
        });
      };
      disk.reading(read, signal).then(
        ({ bytesRead, buffer }) => {
          position += bytesRead;
          disk.traffic.receivedBytes += bytesRead;
          this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
        },
        (error) => this.destroy(disk.translate(error, what)),
      );
    },
    destroy(error, done) {
      signal?.removeEventListener('abort', cut);
      if (isReading) {
        // Closing waits for the call that is under way, which may never end.
        closeLate(handle);
        done(error);
        return;
      }
      handle.close().then(
        () => done(error),
        (closing) => done(error ?? disk.translate(closing, what)),
      );
    },
  });
  const cut = (): void => void body.destroy(signal && interrupted(disk.url, signal));
  signal?.addEventListener('abort', cut, { once: true });
  if (signal?.aborted) cut();
  return body;
}
