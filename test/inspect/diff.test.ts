import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RowChange } from '../../src/inspect/compare-rows.ts';
import { compareStates, type TableComparison } from '../../src/inspect/diff.ts';
import { makeWorld, type World } from '../support/cli.ts';
import { type Derby, type QueryResult, startDerby } from '../support/derby.ts';
import { verbContext } from '../support/verb-context.ts';
import { folderForAll, inspectFolder } from './inspect-folder.ts';

let before: string;
let after: string;
let rowsBefore: Record<string, QueryResult>;
let rowsAfter: Record<string, QueryResult>;

const tables = ['KUNCI', 'POLOS', 'SAMA', 'KOLOM', 'PANJANG'];

async function allRows(derby: Derby, path: string): Promise<Record<string, QueryResult>> {
  const all: Record<string, QueryResult> = {};
  for (const table of tables) all[table] = await derby.query(path, `SELECT * FROM UJI.${table}`);
  return all;
}

beforeAll(async () => {
  const folder = await folderForAll();
  [before, after] = [join(folder, 'before', 'db'), join(folder, 'after', 'db')];
  const path = join(before, 'Uji');
  await mkdir(before, { recursive: true });
  const derby = await startDerby();
  try {
    await derby.create(path, { invoices: 2 });
    await derby.exec(
      path,
      'CREATE SCHEMA UJI',
      'CREATE TABLE UJI.KUNCI (A INT NOT NULL, B VARCHAR(5) NOT NULL, ISI VARCHAR(50), N DECIMAL(10,2), PRIMARY KEY (B, A))',
      'CREATE TABLE UJI.POLOS (A INT, ISI VARCHAR(50))',
      'CREATE TABLE UJI.SAMA (A INT PRIMARY KEY, ISI VARCHAR(50))',
      'CREATE TABLE UJI.KOLOM (A INT PRIMARY KEY, LAMA INT, ISI VARCHAR(50))',
      'CREATE TABLE UJI.PANJANG (A INT PRIMARY KEY, ISI CLOB)',
      'CREATE TABLE UJI.HILANG (A INT)',
      'INSERT INTO UJI.HILANG VALUES 1, 2, 3',
      ...Array.from(
        { length: 300 },
        (_, i) => `INSERT INTO UJI.KUNCI VALUES (${i}, '${i % 7}', 'isi ${i}', ${i}.25)`,
      ),
      ...Array.from(
        { length: 100 },
        (_, i) => `INSERT INTO UJI.POLOS VALUES (${i % 10}, ${i % 3 ? `'x${i % 10}'` : 'NULL'})`,
      ),
      ...Array.from({ length: 50 }, (_, i) => `INSERT INTO UJI.SAMA VALUES (${i}, 'tetap')`),
      "INSERT INTO UJI.KOLOM VALUES (1, 1, 'a'), (2, 2, 'b')",
      `INSERT INTO UJI.PANJANG VALUES (1, '${'a'.repeat(20_000)}'), (2, '${'b'.repeat(20_000)}')`,
      ...Array.from({ length: 6 }, () => 'UPDATE UJI.PANJANG SET ISI = ISI || ISI'),
    );
    rowsBefore = await allRows(derby, path);
    await derby.shutdown(path);
    await cp(before, after, { recursive: true });
    const later = join(after, 'Uji');
    await derby.exec(
      later,
      "UPDATE UJI.KUNCI SET ISI = 'baru' WHERE MOD(A, 10) = 3",
      'UPDATE UJI.KUNCI SET N = NULL WHERE A = 4',
      'DELETE FROM UJI.KUNCI WHERE MOD(A, 11) = 5',
      ...Array.from({ length: 20 }, (_, i) => `INSERT INTO UJI.KUNCI VALUES (${i}, 'neu', 'tambah', 0)`),
      'DELETE FROM UJI.POLOS WHERE A = 3',
      "INSERT INTO UJI.POLOS VALUES (5, 'x5'), (5, 'x5'), (77, NULL)",
      'ALTER TABLE UJI.KOLOM DROP COLUMN LAMA',
      "ALTER TABLE UJI.KOLOM ADD COLUMN BARU VARCHAR(9) DEFAULT 'hai'",
      "UPDATE UJI.KOLOM SET ISI = 'z' WHERE A = 2",
      "UPDATE UJI.PANJANG SET ISI = ISI || '!' WHERE A = 2",
      'DROP TABLE UJI.HILANG',
      'CREATE TABLE UJI.TIMBUL (A INT)',
      'INSERT INTO UJI.TIMBUL VALUES 1',
    );
    rowsAfter = await allRows(derby, later);
  } finally {
    await derby.close();
  }
}, 60_000);

const signal = new AbortController().signal;

async function compare(maxKeys?: number): Promise<Map<string, TableComparison>> {
  const [a, b] = [await inspectFolder(before), await inspectFolder(after)];
  const all = compareStates(a, b, null, signal, maxKeys === undefined ? {} : { maxKeys });
  return new Map(all.map((table) => [table.name, table]));
}

async function changesOf(table: TableComparison | undefined): Promise<RowChange[]> {
  const changes: RowChange[] = [];
  for await (const change of table?.changes() ?? []) changes.push(change);
  return changes;
}

type Rows = readonly (readonly unknown[])[];
const sorted = (rows: Rows): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** A multiset difference, the slow and plain way. */
function without(rows: readonly string[], taken: readonly string[]): string[] {
  const left = [...rows];
  for (const row of taken) {
    const at = left.indexOf(row);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

// With 60 keys at once the tables are compared in many parts.
describe.each([undefined, 60])('with %s keys at once', (maxKeys) => {
  test('rows with a primary key are added, removed or changed', async () => {
    const table = (await compare(maxKeys)).get('KUNCI');
    const byKey = (rows: Rows): Map<string, string> =>
      new Map(rows.map((row) => [JSON.stringify(row.slice(0, 2)), JSON.stringify(row)]));
    const [old, now] = [byKey(rowsBefore.KUNCI?.rows ?? []), byKey(rowsAfter.KUNCI?.rows ?? [])];
    const expected = {
      added: [...now.keys()].filter((key) => !old.has(key)),
      removed: [...old.keys()].filter((key) => !now.has(key)),
      changed: [...old.keys()].filter((key) => now.has(key) && now.get(key) !== old.get(key)),
    };
    expect(expected.changed.length).toBeGreaterThan(20);
    expect(await table?.count()).toEqual({
      rowsBefore: 300,
      rowsAfter: now.size,
      added: expected.added.length,
      removed: expected.removed.length,
      changed: expected.changed.length,
    });
    expect(table?.key).toEqual(['B', 'A']);
    for (let turn = 0; turn < 2; turn++) {
      const changes = await changesOf(table);
      for (const kind of ['added', 'removed', 'changed'] as const) {
        const rows = changes.filter(({ change }) => change === kind);
        const keys = rows.map(({ before: a, after: b }) => JSON.stringify((b ?? a)?.slice(0, 2)));
        expect(keys.sort(), kind).toEqual([...expected[kind]].sort());
      }
      const pairs = changes.filter(({ change }) => change === 'changed');
      for (const { before: a, after: b, differing } of pairs) {
        expect(old.get(JSON.stringify(a?.slice(0, 2)))).toBe(JSON.stringify(a));
        expect(now.get(JSON.stringify(b?.slice(0, 2)))).toBe(JSON.stringify(b));
        expect(differing).toEqual(a?.[0] === 4 ? ['N'] : ['ISI']);
      }
    }
  });

  test('rows without a key are counted as wholes, each as often as it stands there', async () => {
    const table = (await compare(maxKeys)).get('POLOS');
    const [old, now] = [sorted(rowsBefore.POLOS?.rows ?? []), sorted(rowsAfter.POLOS?.rows ?? [])];
    const counts = await table?.count();
    expect(counts).toEqual({ rowsBefore: 100, rowsAfter: 93, added: 3, removed: 10, changed: 0 });
    const changes = await changesOf(table);
    expect(sorted(changes.flatMap(({ before: row }) => (row ? [row] : [])))).toEqual(without(old, now));
    expect(sorted(changes.flatMap(({ after: row }) => (row ? [row] : [])))).toEqual(without(now, old));
  });
});

test('columns and tables that came and went', async () => {
  const all = await compare();
  const columns = all.get('KOLOM');
  expect([columns?.columnsAdded, columns?.columnsRemoved]).toEqual([['BARU'], ['LAMA']]);
  expect(await columns?.count()).toMatchObject({ added: 0, removed: 0, changed: 1 });
  expect(await changesOf(columns)).toMatchObject([{ before: [2, 'b'], after: [2, 'z'], differing: ['ISI'] }]);
  expect(all.get('HILANG')).toMatchObject({ in: 'before' });
  expect(await all.get('HILANG')?.count()).toMatchObject({
    rowsBefore: 3,
    rowsAfter: 0,
    removed: 3,
    added: 0,
  });
  expect(await all.get('TIMBUL')?.count()).toMatchObject({
    rowsBefore: 0,
    rowsAfter: 1,
    removed: 0,
    added: 1,
  });
  expect(await changesOf(all.get('TIMBUL'))).toEqual([
    { change: 'added', before: null, after: [1], differing: [] },
  ]);
  expect(await all.get('SAMA')?.count()).toEqual({
    rowsBefore: 50,
    rowsAfter: 50,
    added: 0,
    removed: 0,
    changed: 0,
  });
});

test('long values are compared to their end', async () => {
  const table = (await compare()).get('PANJANG');
  expect(await table?.count()).toMatchObject({ added: 0, removed: 0, changed: 1 });
  expect(await changesOf(table)).toMatchObject([{ change: 'changed', differing: ['ISI'] }]);
});

test('as text, with a limit, and as a workbook', async () => {
  const world = await makeWorld(null);
  const file = join(world.folder, 'beda.xlsx');
  const { code, stdout } = await world.run(['diff', before, after, '--rows', '--limit', '2', '--xlsx', file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/UJI\.KUNCI +300 +293 +20 +27 +2\d\n/);
  expect(stdout).toMatch(/UJI\.HILANG +3 +0 +0 +3 +0 +table removed\n/);
  expect(stdout).toMatch(/UJI\.KOLOM +2 +2 +0 +0 +1 +columns added: BARU; columns removed: LAMA\n/);
  expect(stdout).toContain('~ UJI.KOLOM: A 2\n    ISI  b -> z\n');
  expect(stdout).toContain('and more in UJI.KUNCI');
  const { sheets } = await readXlsx(await readFile(file));
  const names = sheets.map(({ name }) => name);
  expect(names[0]).toBe('Summary');
  expect(names.slice(1).sort()).toEqual(['HILANG', 'KOLOM', 'KUNCI', 'PANJANG', 'POLOS', 'TIMBUL']);
  const summary = sheets[0]?.rows.find((row) => row[1] === 'UJI.KUNCI');
  const rows = sheets.find(({ name }) => name === 'KUNCI')?.rows ?? [];
  const kinds = (kind: string): number => rows.filter(([change]) => change === kind).length;
  expect(summary?.slice(4, 8)).toEqual([kinds('added'), kinds('removed'), kinds('changed: after'), 'KUNCI']);
  const noteOf = (table: string): unknown => sheets[0]?.rows.find((row) => row[1] === table)?.[8];
  expect(noteOf('UJI.HILANG')).toBe('table removed');
  expect(noteOf('UJI.KOLOM')).toBe('columns added: BARU; columns removed: LAMA');
  const small = await world.run(['diff', before, after, '--table', 'uji.sama']);
  expect(small.stdout).toContain('The rows of the one table are the same.');
});

test('in Indonesian: the words of the text and of the workbook, and none of what was stored', async () => {
  const world = await makeWorld(null);
  const [english, indonesian] = [join(world.folder, 'en.xlsx'), join(world.folder, 'id.xlsx')];
  await world.run(['diff', before, after, '--xlsx', english]);
  const args = ['diff', before, after, '--rows', '--limit', '2', '--xlsx', indonesian, '--lang', 'id'];
  const { code, stdout } = await world.run(args);
  expect(code).toBe(0);
  expect(stdout).toContain(`Dari ${before}\nke ${after}:\n`);
  expect(stdout).toMatch(/^TABEL +SEBELUM +SESUDAH +DITAMBAHKAN +DIHAPUS +DIUBAH\n/m);
  expect(stdout).toMatch(/UJI\.KOLOM +2 +2 +0 +0 +1 +kolom ditambahkan: BARU; kolom dihapus: LAMA\n/);
  expect(stdout).toContain('… dan masih ada lagi di UJI.KUNCI; lihat dengan --limit atau --xlsx.');
  const [en, id] = [
    (await readXlsx(await readFile(english))).sheets,
    (await readXlsx(await readFile(indonesian))).sheets,
  ];
  expect(id.map(({ name }) => name)).toEqual(['Ringkasan', ...en.slice(1).map(({ name }) => name)]);
  expect(id[0]?.rows[0]?.slice(1, 4)).toEqual(['Tabel', 'Baris sebelum', 'Baris sesudah']);
  expect(id[0]?.rows.find((row) => row[1] === 'UJI.HILANG')?.[8]).toBe('tabel dihapus');
  const rowsOf = (sheets: typeof en) => sheets.find(({ name }) => name === 'KUNCI')?.rows ?? [];
  expect(rowsOf(id)[0]?.at(0)).toBe('Perubahan');
  expect(
    new Set(
      rowsOf(id)
        .slice(1)
        .map(([change]) => change),
    ),
  ).toEqual(new Set(['dihapus', 'diubah: sebelum', 'diubah: sesudah', 'ditambahkan']));
  expect(
    rowsOf(id)
      .slice(1)
      .map((row) => row.slice(1)),
  ).toEqual(
    rowsOf(en)
      .slice(1)
      .map((row) => row.slice(1)),
  );
  const json = async (language: string) =>
    (await world.run(['diff', before, after, '--rows', '--json', '--lang', language])).stdout;
  expect(await json('id')).toBe(await json('en'));
});

describe('with a database for each of two taxpayers', () => {
  let states: [string, string];
  let world: World;
  beforeEach(async () => {
    world = await makeWorld(null);
    states = [join(world.folder, 'satu', 'db'), join(world.folder, 'dua', 'db')];
    for (const [i, from] of [before, after].entries())
      for (const name of ['Pertama', 'Kedua'])
        await cp(join(from, 'Uji'), join(states[i] ?? '', name), { recursive: true });
  });

  test('every table is told with its database, in the workbook too', async () => {
    const file = join(world.folder, 'beda.xlsx');
    const { stdout } = await world.run(['diff', ...states, '--rows', '--limit', '1', '--xlsx', file]);
    for (const name of ['Pertama', 'Kedua']) {
      expect(stdout).toMatch(new RegExp(`^${name}: UJI\\.HILANG +3 +0 +0 +3 +0 +table removed$`, 'm'));
      expect(stdout).toContain(`~ ${name}: UJI.KOLOM: A 2\n`);
      expect(stdout).toContain(`… and more in ${name}: UJI.KUNCI;`);
    }
    const { sheets } = await readXlsx(await readFile(file));
    const names = sheets.map(({ name }) => name);
    for (const name of ['Pertama', 'Kedua']) {
      expect(names).toContain(`${name} KUNCI`);
      const row = sheets[0]?.rows.find((one) => one[0] === name && one[1] === 'UJI.KUNCI');
      expect(row?.[7]).toBe(`${name} KUNCI`);
    }
    const one = await world.run(['diff', ...states, '--database', 'Kedua']);
    expect(one.stdout).toMatch(/^UJI\.HILANG /m);
  });

  test('one that cannot be read in one of the states is left out, with a note', async () => {
    const tablesOf = join(states[1], 'Kedua', 'seg0', 'c60.dat');
    const bytes = await readFile(tablesOf);
    await writeFile(tablesOf, bytes.fill(0xff, 4096));
    for (const order of [states, [...states].reverse()]) {
      const { code, stdout, stderr } = await world.run(['diff', ...order, '--json']);
      expect(code).toBe(3);
      const { tables: told, removed, warnings } = JSON.parse(stdout) as DiffJson;
      expect(new Set(told.map(({ database }) => database))).toEqual(new Set(['Pertama']));
      expect(removed).toBeLessThan(100);
      expect(warnings).toContainEqual(expect.objectContaining({ message: expect.stringContaining('Kedua') }));
      expect(stderr).toContain('Kedua');
    }
  });
});

interface DiffJson {
  tables: { database: string }[];
  removed: number;
  warnings: { message: string }[];
}

test('tables whose files are the same in both backups are not read', async () => {
  const world = await makeWorld({ live: null });
  await world.json(['push', '--all']);
  const { openBackupFiles } = await import('../../src/inspect/open-files.ts');
  const { openDatabases } = await import('../../src/inspect/open-databases.ts');
  const { openStore } = await import('../../src/store/open.ts');
  const store = await openStore(world.store, { env: {}, currentFolder: world.folder });
  const context = {
    stores: async () => [store],
    decryptor: async () => null,
    ...verbContext(world.stateDir),
    signal,
  };
  const open = async (day: string) => {
    const files = await openBackupFiles({ in: 'stores', wanted: { by: 'day', day } }, context, [], {
      salvage: false,
    });
    const read = new Set<string>();
    const watched = files.databases.map(({ name, files: own }) => ({
      name,
      files: {
        ...own,
        read: (path: string, offset: number, length: number) => {
          read.add(path);
          return own.read(path, offset, length);
        },
      },
    }));
    return {
      read,
      inspection: await openDatabases(
        { ...files, databases: watched },
        { database: null, salvage: false },
        [],
      ),
    };
  };
  const [early, late] = [await open('2023-07-06'), await open('2023-07-08')];
  const fileOf = (name: string): string =>
    late.inspection.databases[0]?.database.tables.find((table) => table.name === name)?.file ?? '';
  for (const table of compareStates(early.inspection, late.inspection, null, signal)) {
    const counts = await table.count();
    if (table.name === 'PROFIL')
      expect(counts).toEqual({ rowsBefore: 1, rowsAfter: 1, added: 0, removed: 0, changed: 0 });
  }
  expect(late.read).toContain(fileOf('FAKTUR_KELUARAN'));
  expect(late.read).not.toContain(fileOf('PROFIL'));
  expect(late.read).not.toContain(fileOf('REFERENSI'));
  store.close();
});
