import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseFiles } from '../../src/derby/pages.ts';
import { filesBelow } from './judge-folder.ts';

/** One database's folder as the reader wants it. */
export function folderFiles(databaseFolder: string): DatabaseFiles {
  const sizes = new Map(
    filesBelow(databaseFolder).map((path) => [path, statSync(join(databaseFolder, path)).size]),
  );
  return {
    paths: () => sizes.keys(),
    sizeBytes: (path) => sizes.get(path) ?? null,
    async read(path, offset, length) {
      const bytes = Buffer.alloc(length);
      const fd = openSync(join(databaseFolder, path), 'r');
      try {
        if (readSync(fd, bytes, 0, length, offset) !== length)
          throw new Error(`${path} is shorter than asked`);
      } finally {
        closeSync(fd);
      }
      return bytes;
    },
  };
}

/** One database of files in memory (paths relative to its folder). */
export function memoryFiles(files: ReadonlyMap<string, Buffer>): DatabaseFiles {
  return {
    paths: () => files.keys(),
    sizeBytes: (path) => files.get(path)?.length ?? null,
    read: async (path, offset, length) => {
      const bytes = files.get(path);
      if (!bytes || offset + length > bytes.length) throw new Error(`${path} is shorter than asked`);
      return bytes.subarray(offset, offset + length);
    },
  };
}
