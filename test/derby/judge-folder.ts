import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { byUtf8 } from '../../src/base/file-set.ts';
import { createJudge, type SetVerdict } from '../../src/derby/judge.ts';

/** The files below a `db` folder, relative to it, in the order in which a first read feeds them. */
export function filesBelow(dbFolder: string): string[] {
  return readdirSync(dbFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dbFolder.length + 1))
    .sort(byUtf8);
}

/** Judges a `db` folder (the parent of the databases) as a first read would. */
export function judgeFolder(
  dbFolder: string,
  { chunkBytes = 1 << 16 }: { chunkBytes?: number } = {},
): SetVerdict {
  const judge = createJudge();
  const chunk = Buffer.alloc(chunkBytes);
  for (const path of filesBelow(dbFolder)) {
    const fd = openSync(join(dbFolder, path), 'r');
    try {
      const taker = judge.file(path, fstatSync(fd).size);
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
        taker.write(chunk.subarray(0, read));
      }
      taker.end();
    } finally {
      closeSync(fd);
    }
  }
  return judge.finish();
}

/** A `db` folder in memory, by path, for tests that judge it many times with small changes. */
export function loadFolder(dbFolder: string): Map<string, Buffer> {
  return new Map(filesBelow(dbFolder).map((path) => [path, readFileSync(join(dbFolder, path))]));
}

/** Judges files in memory in the map's order. `chunkOf` says how many bytes the next chunk has. */
export function judgeFiles(
  files: ReadonlyMap<string, Buffer>,
  { chunkOf = () => 1 << 16 }: { chunkOf?: () => number } = {},
): SetVerdict {
  const judge = createJudge();
  for (const [path, bytes] of files) {
    const taker = judge.file(path, bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const size = chunkOf();
      // In memory that is used again.
      const lent = Buffer.from(bytes.subarray(at, at + size));
      taker.write(lent);
      lent.fill(0xdb);
      at += size;
    }
    taker.end();
  }
  return judge.finish();
}
