import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFileList, parseFileList } from '../../src/archive/file-list.ts';
import { byUtf8, type SourceFile } from '../../src/base/file-set.ts';
import { databaseSet } from '../../src/efaktur/database-files.ts';

const file = (path: string, mtimeMs = 1000): SourceFile => ({
  path,
  sizeBytes: 1,
  mtimeMs,
  open: async () => Readable.from([Buffer.from('x')]),
});
const filesOf = (database: string): string[] => [
  `${database}/service.properties`,
  `${database}/log/log.ctrl`,
  `${database}/log/log1.dat`,
  `${database}/seg0/c10.dat`,
];
const setOf = (paths: readonly string[], folders: readonly string[] = []) =>
  databaseSet(
    paths.map((path) => file(path)),
    folders,
  );
const kept = (paths: readonly string[], folders?: readonly string[]): string[] =>
  setOf(paths, folders).files.map((f) => f.path);

test('every file of every database is kept, sorted by bytes, with an empty tmp', () => {
  const extras = [
    'README_DO_NOT_TOUCH_FILES.txt',
    'BACKUP.HISTORY',
    'jar/a.jar',
    'seg0/d20.dat',
    'seg0/README.txt',
  ];
  const paths = [...filesOf('PT Maju'), ...filesOf('ETaxInvoice'), ...extras.map((e) => `ETaxInvoice/${e}`)];
  const set = setOf(paths, ['ETaxInvoice', 'ETaxInvoice/tmp', 'PT Maju']);
  expect(set.files.map((f) => f.path)).toEqual([...paths].sort(byUtf8));
  expect(set).toMatchObject({
    databases: ['ETaxInvoice', 'PT Maju'],
    emptyFolders: ['ETaxInvoice/tmp', 'PT Maju/tmp'],
    leftOut: [],
    problems: [],
  });
});

test('lock files and what lies in tmp are dropped without a word', () => {
  const dropped = ['db.lck', 'dbex.lck', 'tmp/T1.tmp', 'tmp/a/b.dat', 'DB.LCK', 'TMP/T2.tmp'];
  const set = setOf([...filesOf('E'), ...dropped.map((path) => `E/${path}`)], ['E/tmp', 'E/tmp/a']);
  expect(set.files.map((f) => f.path)).toEqual(filesOf('E').sort(byUtf8));
  expect(set).toMatchObject({ leftOut: [], problems: [], emptyFolders: ['E/tmp'] });
});

test('names like theirs elsewhere are kept', () => {
  const paths = ['E/seg0/db.lck', 'E/jar/dbex.lck', 'E/seg0/tmp', 'E/log/tmp/x', 'E/tmpx/y', 'E/db.lck.bak'];
  expect(kept([...filesOf('E'), ...paths])).toEqual([...filesOf('E'), ...paths].sort(byUtf8));
});

test('foreign children of db are left out and named', () => {
  const set = setOf(
    [...filesOf('ETaxInvoice'), 'derby.log', 'old/readme.txt', 'Thumbs.db', 'csv/seg.csv'],
    ['old', 'empty', 'csv'],
  );
  expect(set.files.map((f) => f.path)).toEqual(filesOf('ETaxInvoice').sort(byUtf8));
  expect(set.leftOut).toEqual(['Thumbs.db', 'csv', 'derby.log', 'empty', 'old']);
  expect(set.problems).toEqual([]);
});

test.each<[string, string[], string[]]>([
  ['seg0 without service.properties', ['PT X/seg0/c10.dat'], []],
  ['log without service.properties', ['PT X/log/log.ctrl'], []],
  ['an empty seg0 without service.properties', [], ['PT X', 'PT X/seg0']],
  ['no seg0', ['PT X/service.properties', 'PT X/log/log.ctrl'], []],
  ['an empty seg0', ['PT X/service.properties', 'PT X/log/log.ctrl'], ['PT X/seg0']],
  ['no log.ctrl', ['PT X/service.properties', 'PT X/seg0/c10.dat', 'PT X/log/log1.dat'], []],
])('%s is a damaged database, not a foreign folder', (_, paths, folders) => {
  const set = setOf([...filesOf('ETaxInvoice'), ...paths], folders);
  expect(set.databases).toEqual(['ETaxInvoice', 'PT X']);
  expect(set.leftOut).toEqual([]);
  expect(set.problems).toHaveLength(1);
  expect(set.problems[0]?.en).toContain('PT X');
});

test('no database at all is a problem', () => {
  expect(setOf([]).problems).toHaveLength(1);
  expect(setOf(['notes.txt'], ['x']).problems).toHaveLength(1);
  // A database's own files without its folder are none either.
  expect(setOf(['service.properties', 'seg0/c10.dat', 'log/log.ctrl']).problems).toHaveLength(1);
});

test('a database that no system could restore is a problem, such a file is named', () => {
  for (const name of ['a:b', 'nul', 'x.', 'a?b', 'COM1']) {
    expect(setOf(filesOf(name)).problems.length, name).toBeGreaterThan(0);
  }
  const set = setOf([...filesOf('E'), 'E/seg0/c10.dat:Zone.Identifier', 'E/seg0/aux', 'E/jar/a ']);
  expect(set.files.map((f) => f.path)).toEqual(filesOf('E').sort(byUtf8));
  expect(set.leftOut).toEqual(['E/jar/a ', 'E/seg0/aux', 'E/seg0/c10.dat:Zone.Identifier']);
  expect(set.problems).toEqual([]);
});

test("of names that differ in case Derby's own is kept, the other named", () => {
  const set = setOf([...filesOf('E'), 'E/seg0/C10.DAT', 'E/SEG0/c10.dat', 'E/LOG', 'E/tmp']);
  expect(set.files.map((f) => f.path)).toEqual(filesOf('E').sort(byUtf8));
  expect(set.leftOut).toEqual(['E/LOG', 'E/SEG0/c10.dat', 'E/seg0/C10.DAT', 'E/tmp']);
});

test('two databases of one name but for case are a problem', () => {
  const set = setOf([...filesOf('ETaxInvoice'), ...filesOf('etaxinvoice')]);
  expect(set.problems).toHaveLength(1);
  expect(set.problems[0]?.en).toContain('etaxinvoice');
});

test('a file met twice is kept once', () => {
  const set = setOf([...filesOf('E'), 'E/seg0/c10.dat']);
  expect(set.files.map((f) => f.path)).toEqual(filesOf('E').sort(byUtf8));
  expect(set.leftOut).toEqual(['E/seg0/c10.dat']);
});

test('the newest time is that of what is kept', () => {
  const files = [
    ...filesOf('E').map((path) => file(path, 5000)),
    file('E/db.lck', 9000),
    file('x.txt', 9000),
  ];
  expect(databaseSet(files, []).newestMtimeMs).toBe(5000);
  expect(databaseSet([], []).newestMtimeMs).toBe(0);
});

test('whatever lies in db, what is kept without a problem can be listed and restored, and nothing goes unnamed', () => {
  const part = fc.constantFrom(
    'E',
    'e',
    'PT',
    'seg0',
    'SEG0',
    'log',
    'tmp',
    'Tmp',
    'c10.dat',
    'log.ctrl',
    'db.lck',
    'nul',
    'a:b',
    'service.properties',
  );
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { maxLength: 25 }),
      fc.uniqueArray(path, { maxLength: 5 }),
      (paths, folders) => {
        const base = [...filesOf('E'), ...paths.filter((p) => !filesOf('E').includes(p))];
        const set = setOf(base, folders);
        for (const { path: found } of set.files) expect(base).toContain(found);
        const named = new Set([...set.leftOut, ...set.files.map((f) => f.path)]);
        for (const found of base) {
          const [top = '', second = ''] = found.split('/');
          if (/^(db\.lck|tmp)$/i.test(second)) continue;
          expect(named.has(found) || named.has(top), found).toBe(true);
        }
        if (set.problems.length > 0) return;
        const list = {
          files: set.files.map((f) => ({
            path: f.path,
            sizeBytes: 1,
            mtimeMs: 1000,
            sha256: 'a'.repeat(64),
          })),
          emptyFolders: set.emptyFolders,
          facts: {},
        };
        expect(parseFileList(encodeFileList(list))).toEqual(list);
      },
    ),
    { numRuns: 1000 },
  );
});
