import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createJudge } from '../../src/derby/judge.ts';
import type { Problem } from '../../src/derby/problems.ts';
import type { Verdict } from '../../src/derby/verdict.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';
import { pageSizeOf, readAll, sealPage } from './mutations.ts';

/**
 * Properties of the judge over one real database. `runsOf` says how many of so many runs of each are made: each judges
 * megabytes.
 */
export function judgeProperties(runsOf: (runs: number) => number): void {
  let folder: string;
  let files: Map<string, Buffer>;
  /** The same database after a day's work. */
  let newer: Map<string, Buffer>;
  /** Whose file each is, as Derby's own catalog says. */
  let owners: Map<string, { table: string; isIndex: boolean; hasIndex: boolean }>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'judge-properties-'));
    const database = join(folder, 'ETaxInvoice');
    await placeDatabase(database, { invoices: 60 });
    files = loadFolder(folder);
    const derby = await startDerby();
    try {
      await derby.workday(database, { date: '2024-02-01', invoices: 3, seed: 77 });
      const { rows } = await derby.query(
        database,
        `SELECT C.CONGLOMERATENUMBER, T.TABLENAME, C.ISINDEX, (SELECT COUNT(*) FROM SYS.SYSCONGLOMERATES I
        WHERE I.TABLEID = T.TABLEID AND I.ISINDEX) FROM SYS.SYSCONGLOMERATES C JOIN SYS.SYSTABLES T USING (TABLEID)`,
      );
      const own = rows.map(([number, table, isIndex, indexes]) => {
        const path = `ETaxInvoice/seg0/c${Number(number).toString(16)}.dat`;
        return [
          path,
          { table: `${table}`, isIndex: isIndex === true, hasIndex: Number(indexes) > 0 },
        ] as const;
      });
      owners = new Map(own);
      await derby.shutdown(database);
    } finally {
      await derby.close();
    }
    newer = loadFolder(folder);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const withFile = (path: string, bytes: Buffer | null): Map<string, Buffer> => {
    const changed = new Map(files);
    if (bytes) changed.set(path, bytes);
    else changed.delete(path);
    return changed;
  };

  const flipped = (bytes: Buffer, at: number, mask: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ mask;
    return copy;
  };

  /** Where the status bytes of all live records of a container's pages are. */
  function liveRecords(
    bytes: Buffer | undefined,
    path: string,
  ): { path: string; page: number; at: number }[] {
    if (!bytes) return [];
    const pageSize = pageSizeOf(bytes);
    const found: { path: string; page: number; at: number }[] = [];
    for (let page = 1; page < bytes.length / pageSize; page++) {
      const start = page * pageSize;
      if (bytes.readUInt16BE(start) !== 117 || bytes[start + 4] !== 0 || bytes[start + 5] !== 1) continue;
      const slots = bytes.readUInt16BE(start + 14);
      for (let slot = 1; slot < slots; slot++) {
        const at = start + bytes.readUInt16BE(start + pageSize - 8 - 6 * (slot + 1));
        if (((bytes[at] ?? 0) & 1) === 0) found.push({ path, page, at });
      }
    }
    return found;
  }

  const pathsLike = (pattern: RegExp): string[] => [...files.keys()].filter((path) => pattern.test(path));

  describe('a clean database', () => {
    test('is clean, with its version, schema and rows', () => {
      const { verdict, databases } = judgeFiles(files);
      expect(databases).toHaveLength(1);
      expect(databases[0]).toMatchObject({
        database: 'ETaxInvoice',
        verdict: 'clean',
        problems: [],
        derbyVersion: '10.12',
      });
      expect(databases[0]?.derbyBuild).toBe(1704137);
      expect(databases[0]?.schemaFingerprint).toMatch(/^[0-9a-f]{64}$/);
      expect(databases[0]?.tables).toContainEqual({ name: 'ETAX.FAKTUR_KELUARAN', rows: 60 });
      expect(databases[0]?.checked).toEqual([
        'structure',
        'log',
        'catalog',
        'pages',
        'rows',
        'indexes',
        'values',
      ]);
      expect(verdict).toBe('clean');
    });

    test('is judged the same in chunks of any sizes', () => {
      const whole = judgeFiles(files);
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 50 }),
          (sizes) => {
            let turn = 0;
            const chunkOf = () => sizes[turn++ % sizes.length] ?? 1;
            // Thousands of one-byte chunks for every file would only be slow.
            fc.pre(Math.max(...sizes) > 500);
            expect(judgeFiles(files, { chunkOf })).toEqual(whole);
          },
        ),
        { numRuns: runsOf(25) },
      );
      expect(judgeFiles(files, { chunkOf: () => 7 })).toEqual(whole);
    });

    test('is judged the same in any order of files', () => {
      const whole = judgeFiles(files);
      fc.assert(
        fc.property(fc.shuffledSubarray([...files], { minLength: files.size }), (shuffled) => {
          expect(judgeFiles(new Map(shuffled))).toEqual(whole);
        }),
        { numRuns: runsOf(15) },
      );
    });
  });

  describe('damage', () => {
    test('of any byte of any page is found', () => {
      const containers = pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/);
      fc.assert(
        fc.property(
          fc.constantFrom(...containers),
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          fc.integer({ min: 1, max: 255 }),
          (path, where, mask) => {
            const bytes = files.get(path) ?? Buffer.alloc(0);
            const at = Math.floor(where * bytes.length);
            const { verdict, databases } = judgeFiles(withFile(path, flipped(bytes, at, mask)));
            // The page size itself may be what was hit; then the whole file is named.
            expect(databases[0]?.problems.map(({ file }) => file)).toContain(path);
            // No page of these files is beyond every extent, where Derby would write it anew before it reads it.
            expect(verdict).toBe('damaged');
          },
        ),
        { numRuns: runsOf(250) },
      );
    });

    test('of one control file is found, and harms nothing, as Derby uses the other', () => {
      fc.assert(
        fc.property(
          fc.constantFrom('ETaxInvoice/log/log.ctrl', 'ETaxInvoice/log/logmirror.ctrl'),
          fc.integer({ min: 0, max: 47 }),
          fc.integer({ min: 1, max: 255 }),
          (path, at, mask) => {
            const bytes = files.get(path) ?? Buffer.alloc(0);
            const { verdict, databases } = judgeFiles(withFile(path, flipped(bytes, at, mask)));
            expect(databases[0]?.problems).toMatchObject([
              { file: path, kind: 'log-control', severity: 'note' },
            ]);
            expect(verdict).toBe('clean');
          },
        ),
        { numRuns: runsOf(60) },
      );
    });

    test('that cuts a file anywhere is found', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/)),
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          (path, where) => {
            const bytes = files.get(path) ?? Buffer.alloc(0);
            const cut = bytes.subarray(0, Math.floor(where * bytes.length));
            const { verdict, databases } = judgeFiles(withFile(path, cut));
            // No page of these files is only reserved: those hold nothing, and Derby makes them anew.
            expect(verdict).toBe('damaged');
            expect(databases[0]?.problems.map(({ file }) => file)).toContain(path);
          },
        ),
        { numRuns: runsOf(120) },
      );
    });

    test('is a missing file of any kind', () => {
      for (const path of pathsLike(
        /\/(seg0\/c[0-9a-f]+\.dat|log\/log\d+\.dat|log\/log\.ctrl|service\.properties)$/,
      )) {
        const { verdict, databases } = judgeFiles(withFile(path, null));
        expect(verdict, path).toBe('damaged');
        expect(databases[0]?.problems.map(({ file }) => file)).toContain(path);
      }
    });

    test('is an old copy of a table or index among newer ones', () => {
      expect(judgeFiles(newer)).toMatchObject({ verdict: 'clean' });
      const changed = pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/).filter(
        (path) => !newer.get(path)?.equals(files.get(path) ?? Buffer.alloc(0)),
      );
      // Work on invoices changes their two tables and the indexes of these.
      const tables = changed.filter((path) => owners.get(path)?.isIndex === false);
      expect(tables.map((path) => owners.get(path)?.table).sort()).toEqual([
        'FAKTUR_DETAIL',
        'FAKTUR_KELUARAN',
      ]);
      expect(changed.length).toBeGreaterThan(tables.length + 5);
      for (const path of changed) {
        const { verdict, databases } = judgeFiles(
          new Map(newer).set(path, files.get(path) ?? Buffer.alloc(0)),
        );
        expect(verdict, path).toBe('damaged');
        const { table, isIndex } = owners.get(path) ?? { table: '', isIndex: false };
        const problems = databases[0]?.problems ?? [];
        expect(new Set(problems.map(({ kind }) => kind)), path).toEqual(new Set(['index']));
        for (const { message } of problems) expect(message.en).toContain(`.${table} and its index`);
        // An old index contradicts its table, an old table all of its indexes.
        const indexes = changed.filter((one) => owners.get(one)?.table === table && one !== path);
        expect(problems.map(({ file }) => file).sort()).toEqual(
          isIndex ? [path] : indexes.filter((one) => owners.get(one)?.isIndex).sort(),
        );
      }
    });

    test('is the file of another table or index', () => {
      const user = [...owners].filter(([path]) => Number.parseInt(path.slice(18), 16) > 0x300);
      const pathsOf = (indexes: boolean): string[] =>
        user.filter(([, { isIndex }]) => isIndex === indexes).map(([path]) => path);
      for (const paths of [pathsOf(true), pathsOf(false)]) {
        expect(paths.length).toBeGreaterThan(3);
        for (const [i, path] of paths.entries()) {
          const other = files.get(paths[(i + 1) % paths.length] ?? '') ?? Buffer.alloc(0);
          const { verdict, databases } = judgeFiles(withFile(path, other));
          expect(verdict, path).toBe('damaged');
          // The first page of each says whose it is.
          expect(databases[0]?.problems.map(({ file, kind }) => ({ file, kind }))).toContainEqual({
            file: path,
            kind: 'page',
          });
        }
      }
    });

    test('is a file with more or fewer bytes than announced', () => {
      const judge = createJudge();
      for (const [path, bytes] of files) {
        const taker = judge.file(path, path.endsWith('c20.dat') ? bytes.length + 4096 : bytes.length);
        taker.write(bytes);
        taker.end();
      }
      const { verdict, databases } = judge.finish();
      expect(verdict).toBe('damaged');
      expect(databases[0]?.problems).toMatchObject([
        { kind: 'file-length', file: 'ETaxInvoice/seg0/c20.dat' },
      ]);
    });

    test('is a row or an index entry that is gone, though every checksum is right', () => {
      const places = pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/).flatMap((path) =>
        liveRecords(files.get(path), path),
      );
      fc.assert(
        fc.property(fc.constantFrom(...places), ({ path, page, at }) => {
          const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
          // Bit 0 of a record's status says that it is deleted.
          bytes[at] = (bytes[at] ?? 0) | 1;
          sealPage(bytes, page);
          const { verdict, databases } = judgeFiles(withFile(path, bytes));
          const kinds = databases[0]?.problems.map(({ kind }) => kind) ?? [];
          if (owners.get(path)?.hasIndex) {
            expect(verdict).toBe('damaged');
            // Of a tree of two levels the root's entries lead to its pages.
            const isBranch = path.endsWith('1.dat') && page === 1 && bytes.length > 2 * pageSizeOf(bytes);
            if (isBranch) expect(kinds).toContain('page');
            else expect(kinds.some((kind) => kind === 'index' || kind === 'catalog')).toBe(true);
          } else {
            // One row fewer: nothing else says how many there were.
            expect(verdict).toBe('clean');
          }
        }),
        { numRuns: runsOf(150) },
      );
    });
  });

  describe('whatever the bytes', () => {
    /** Bytes that are not those that Derby wrote: what the file is for decides what they do. */
    const expectToldOf = (
      path: string,
      bytes: Buffer,
      verdict: Verdict,
      problems: readonly Problem[],
    ): void => {
      const isSame = bytes.equals(files.get(path) ?? Buffer.alloc(0));
      const name = path.slice('ETaxInvoice/'.length);
      if (isSame || /README/.test(name)) {
        expect([path, verdict, problems]).toEqual([path, 'clean', []]);
      } else if (/^seg0\/c/.test(name)) {
        expect([path, verdict]).toEqual([path, 'damaged']);
        expect(problems.map(({ file }) => file)).toContain(path);
      } else if (/^log\/.*ctrl$/.test(name)) {
        expect([path, verdict]).toEqual([path, 'clean']);
        expect(problems).toMatchObject([{ file: path, kind: 'log-control', severity: 'note' }]);
      } else {
        // Settings may read as others, and what lies behind the log's end is not used.
        expect(name).toMatch(/^(service\.properties|log\/log\d+\.dat)$/);
        expect(['clean', 'needs-recovery', 'damaged', 'encrypted']).toContain(verdict);
        if (verdict === 'needs-recovery' || verdict === 'damaged') expect(problems).not.toEqual([]);
      }
    };

    test('it ends with a verdict: random changes of many bytes', () => {
      const paths = [...files.keys()];
      fc.assert(
        fc.property(
          fc.constantFrom(...paths),
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 200 }),
          (path, changes) => {
            const before = files.get(path) ?? Buffer.alloc(0);
            const bytes = Buffer.from(before);
            for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
            const { verdict, databases } = judgeFiles(withFile(path, bytes));
            expectToldOf(path, bytes, verdict, databases[0]?.problems ?? []);
          },
        ),
        { numRuns: runsOf(150) },
      );
    });

    test('it ends with a verdict: changed pages with a right checksum', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/)),
          fc.nat(),
          fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 60 }),
          async (path, pick, changes) => {
            const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
            const page = pick % (bytes.length / pageSizeOf(bytes));
            const pageSize = pageSizeOf(bytes);
            for (const [at, value] of changes) bytes[page * pageSize + (at % pageSize)] = value;
            if (page > 0) sealPage(bytes, page);
            const changed = withFile(path, bytes);
            const { verdict, databases } = judgeFiles(changed);
            if (verdict === 'damaged') {
              expect(databases[0]?.problems).toContainEqual(expect.objectContaining({ severity: 'damaged' }));
              return;
            }
            expect(verdict).toBe('clean');
            // What is called clean, the reader of tables can read to its end.
            const own = [...changed].map(
              ([name, content]) => [name.slice('ETaxInvoice/'.length), content] as const,
            );
            expect(await readAll(new Map(own))).toBeGreaterThan(0);
          },
        ),
        { numRuns: runsOf(250) },
      );
    });

    test('it ends with a verdict: files of noise', () => {
      fc.assert(
        fc.property(fc.constantFrom(...files.keys()), fc.uint8Array({ maxLength: 20_000 }), (path, noise) => {
          const { verdict, databases } = judgeFiles(withFile(path, Buffer.from(noise)));
          expectToldOf(path, Buffer.from(noise), verdict, databases[0]?.problems ?? []);
        }),
        { numRuns: runsOf(100) },
      );
    });

    test('no database is no clean set', () => {
      expect(judgeFiles(new Map()).verdict).toBe('damaged');
      expect(judgeFiles(new Map([['readme.txt', Buffer.from('x')]])).databases).toEqual([]);
    });
  });
}
