import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { syncFile } from './atomic-file.ts';

/** A zip while it is written; entries stand in the order they were added. */
export interface ZipWriter {
  addFolder(path: string, time: Date): void;
  addText(path: string, text: string, time: Date): void;
  /**
   * `sizeBytes` null: not known before. Resolves when the bytes are on their way; throws what the chunks throw, or what
   * the disk says.
   */
  addFile(
    path: string,
    time: Date,
    sizeBytes: number | null,
    chunks: AsyncIterable<Buffer | string>,
  ): Promise<void>;
  /** Resolves when the zip is whole and on disk. */
  finish(): Promise<void>;
  /** Lets go of the file, whole or not. */
  close(): Promise<void>;
}

/** Begins a zip in a new file. Entries and zips of 4 GB and more are zip64. System errors come out as they are. */
export async function createZip(path: string): Promise<ZipWriter> {
  const handle = await open(path, 'wx');
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const target = handle.createWriteStream({ autoClose: false });
  const failed = new Promise<never>((_, reject) => void zip.once('error', reject));
  const written = pipeline(output, target);
  // Whoever adds or finishes meets the error; before that nobody waits for it.
  for (const promise of [failed, written]) promise.catch(() => {});
  return {
    addFolder: (name, mtime) => zip.addEmptyDirectory(name, { mtime }),
    addText: (name, text, mtime) => zip.addBuffer(Buffer.from(text), name, { mtime }),
    async addFile(name, mtime, sizeBytes, chunks) {
      const source = Readable.from(chunks, { objectMode: false });
      const taken = new Promise<void>(
        (resolve, reject) => void source.once('end', resolve).once('error', reject),
      );
      zip.addReadStream(source, name, { mtime, ...(sizeBytes === null ? {} : { size: sizeBytes }) });
      try {
        await Promise.race([taken, failed, written.then(() => taken)]);
      } catch (error) {
        taken.catch(() => {});
        source.destroy();
        throw error;
      }
    },
    async finish() {
      zip.end();
      await Promise.race([written, failed]);
      await syncFile(handle);
    },
    async close() {
      output.destroy();
      target.destroy();
      await written.catch(() => {});
      await handle.close();
    },
  };
}
