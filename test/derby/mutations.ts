import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { isEfakturError } from '../../src/base/errors.ts';
import { openDatabase } from '../../src/derby/database.ts';
import type { SalvageCount } from '../../src/derby/rows.ts';
import { memoryFiles } from './folder-files.ts';

/** The page size a container's header names. */
export const pageSizeOf = (bytes: Buffer): number => bytes.readInt32BE(117);

/** Writes the checksum that fits the page's bytes. Not for page 0. */
export function sealPage(bytes: Buffer, page: number): void {
  const pageSize = pageSizeOf(bytes);
  const end = (page + 1) * pageSize - 8;
  bytes.writeInt32BE(0, end);
  bytes.writeUInt32BE(crc32(bytes.subarray(page * pageSize, end)), end + 4);
}

/** Reads everything there is; resolves with the number of rows. Long values are read piece by piece as well. */
export async function readAll(files: ReadonlyMap<string, Buffer>, salvage?: SalvageCount): Promise<number> {
  const database = await openDatabase(memoryFiles(files), 'ubah', { salvage });
  await database.logState();
  let rows = 0;
  for (const table of database.tables) {
    for await (const batch of database.rows(table, { salvage, maxValueBytes: 500 })) {
      rows += batch.length;
      for (const value of batch.flat()) {
        if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) continue;
        try {
          for await (const chunk of value.chunks()) expect(chunk.length).toBeGreaterThanOrEqual(0);
        } catch (error) {
          if (!isEfakturError(error, 'damaged')) throw error;
        }
      }
    }
  }
  return rows;
}

/** Changes bytes of a page and makes its checksum right again, so that the changes reach the reader. */
export function readerSurvives(files: ReadonlyMap<string, Buffer>, numRuns: number): Promise<void> {
  const paths = [...files.keys()].filter((path) =>
    /^(seg0\/c[0-9a-f]+0\.dat|log\/.*|service\.properties)$/.test(path),
  );
  return fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.nat(),
      fc.array(fc.tuple(fc.oneof(fc.nat(), fc.nat(120)), fc.nat(255)), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      async (path, pick, changes, isSalvage) => {
        const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
        if (path.startsWith('seg0/')) {
          const pageSize = pageSizeOf(bytes);
          const page = pick % (bytes.length / pageSize);
          for (const [at, value] of changes) bytes[page * pageSize + (at % pageSize)] = value;
          if (page > 0) sealPage(bytes, page);
        } else {
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
        }
        const changed = new Map(files).set(path, bytes);
        const begin = performance.now();
        try {
          await readAll(changed, isSalvage ? { pages: 0, rows: 0 } : undefined);
        } catch (error) {
          if (!isEfakturError(error, 'damaged', 'source-unusable')) throw error;
          expect(error.hint.en).not.toBe('');
        }
        expect(performance.now() - begin).toBeLessThan(5_000);
      },
    ),
    { numRuns },
  );
}
