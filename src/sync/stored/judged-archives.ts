import type { FileList } from '../../archive/file-list.ts';
import { createJudge, type SetVerdict } from '../../derby/judge.ts';
import type { ObjectStore } from '../../store/store.ts';
import {
  type LocatedArchive,
  type ReadFilesOptions,
  readFiles,
  type StoreSourceOptions,
  storeSource,
} from './archives.ts';

/** As `readFiles`, each file compared with its hash, and judges the databases. */
export async function readBackup(
  store: ObjectStore,
  archives: readonly LocatedArchive[],
  { begin, take, ...options }: StoreSourceOptions & Omit<ReadFilesOptions, 'hashed'>,
): Promise<{ list: FileList; judged: SetVerdict }> {
  const judge = createJudge();
  const list = await readFiles(storeSource(store, options), archives, {
    ...(begin && { begin }),
    hashed: true,
    take: ({ file, chunks }) => take({ file, chunks: judged(chunks, judge.file(file.path, file.sizeBytes)) }),
  });
  return { list, judged: judge.finish() };
}

async function* judged(
  chunks: AsyncGenerator<Buffer>,
  taker: { write(chunk: Buffer): void; end(): void },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    taker.write(chunk);
    yield chunk;
  }
  taker.end();
}
