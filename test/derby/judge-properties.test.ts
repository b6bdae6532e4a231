import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createJudge } from '../../src/derby/judge.ts';
import { placeDatabase } from '../support/derby.ts';
import { judgeFiles, loadFolder } from './judge-folder.ts';
import { pageSizeOf, sealPage } from './mutations.ts';

/** Each judges megabytes some hundred times. */
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let files: Map<string, Buffer>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-properties-'));
  await placeDatabase(join(folder, 'ETaxInvoice'), { invoices: 60 });
  files = loadFolder(folder);
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
function liveRecords(bytes: Buffer | undefined, path: string): { path: string; page: number; at: number }[] {
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

/** File name (without ending) of the biggest table's container. */
function heapOfInvoices(): string {
  const heaps = pathsLike(/\/seg0\/c[0-9a-f]*0\.dat$/).filter(
    (path) => Number.parseInt(path.slice(18), 16) > 0x300,
  );
  const biggest = heaps.sort((a, b) => (files.get(b)?.length ?? 0) - (files.get(a)?.length ?? 0))[0] ?? '';
  return biggest.replace('.dat', '');
}

const pathsLike = (pattern: RegExp): string[] => [...files.keys()].filter((path) => pattern.test(path));
const verdictOf = (changed: ReadonlyMap<string, Buffer>) => judgeFiles(changed).verdict;

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
      fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 50 }), (sizes) => {
        let turn = 0;
        const chunkOf = () => sizes[turn++ % sizes.length] ?? 1;
        // Thousands of one-byte chunks for every file would only be slow.
        fc.pre(Math.max(...sizes) > 500);
        expect(judgeFiles(files, { chunkOf })).toEqual(whole);
      }),
      { numRuns: 25 },
    );
    expect(judgeFiles(files, { chunkOf: () => 7 })).toEqual(whole);
  });

  test('is judged the same in any order of files', () => {
    const whole = judgeFiles(files);
    fc.assert(
      fc.property(fc.shuffledSubarray([...files], { minLength: files.size }), (shuffled) => {
        expect(judgeFiles(new Map(shuffled))).toEqual(whole);
      }),
      { numRuns: 15 },
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
          const problems = databases[0]?.problems ?? [];
          // The page size itself may be what was hit; then the whole file is named.
          expect(problems.map(({ file }) => file)).toContain(path);
          // A page beyond every extent is written anew before Derby reads it.
          if (!problems.every(({ severity }) => severity === 'note')) expect(verdict).toBe('damaged');
        },
      ),
      { numRuns: 250 },
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
      { numRuns: 60 },
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
          // Pages that are only reserved hold nothing, and Derby makes them anew.
          if (verdict === 'clean')
            expect(databases[0]?.problems).toMatchObject([{ kind: 'file-length', severity: 'note' }]);
          else expect(verdict).toBe('damaged');
        },
      ),
      { numRuns: 120 },
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
    // Another state of the same database: the same tables, other rows.
    fc.assert(
      fc.property(fc.constantFrom(...pathsLike(/\/seg0\/c[0-9a-f]+1\.dat$/)), (path) => {
        const others = pathsLike(/\/seg0\/c[0-9a-f]+1\.dat$/).filter((other) => other !== path);
        for (const other of others.slice(0, 3)) {
          const bytes = files.get(other) ?? Buffer.alloc(0);
          const { verdict, databases } = judgeFiles(withFile(path, bytes));
          // The first page of each says whose it is.
          expect(databases[0]?.problems[0]?.file).toBe(path);
          expect(verdict).toBe('damaged');
          expect(databases[0]?.problems[0]?.kind).toBe('page');
        }
      }),
      { numRuns: 30 },
    );
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
    expect(databases[0]?.problems).toMatchObject([{ kind: 'file-length', file: 'ETaxInvoice/seg0/c20.dat' }]);
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
        if (kinds.length === 0) {
          // Tables without an index, branches of an index: rows or the way to them change, nothing contradicts it.
          expect(verdict).toBe('clean');
        } else {
          expect(verdict).toBe('damaged');
        }
        if (path.endsWith(`${heapOfInvoices()}.dat`)) expect(kinds).toContain('index');
      }),
      { numRuns: 150 },
    );
  });
});

describe('whatever the bytes', () => {
  test('it ends with a verdict: random changes of many bytes', () => {
    const paths = [...files.keys()];
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 200 }),
        (path, changes) => {
          const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
          for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
          expect(['clean', 'needs-recovery', 'damaged', 'encrypted']).toContain(
            verdictOf(withFile(path, bytes)),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  test('it ends with a verdict: changed pages with a right checksum', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsLike(/\/seg0\/c[0-9a-f]+\.dat$/)),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 60 }),
        (path, pick, changes) => {
          const bytes = Buffer.from(files.get(path) ?? Buffer.alloc(0));
          const page = pick % (bytes.length / pageSizeOf(bytes));
          const pageSize = pageSizeOf(bytes);
          for (const [at, value] of changes) bytes[page * pageSize + (at % pageSize)] = value;
          if (page > 0) sealPage(bytes, page);
          expect(['clean', 'damaged']).toContain(verdictOf(withFile(path, bytes)));
        },
      ),
      { numRuns: 250 },
    );
  });

  test('it ends with a verdict: files of noise', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files.keys()), fc.uint8Array({ maxLength: 20_000 }), (path, noise) => {
        expect(verdictOf(withFile(path, Buffer.from(noise)))).toBeTypeOf('string');
      }),
      { numRuns: 100 },
    );
  });

  test('no database is no clean set', () => {
    expect(judgeFiles(new Map()).verdict).toBe('damaged');
    expect(judgeFiles(new Map([['readme.txt', Buffer.from('x')]])).databases).toEqual([]);
  });
});
