import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, keysOf, makeWorld, type World } from '../support/cli.ts';
import { placeDatabase, startDerby } from '../support/derby.ts';
import { makeEncrypted } from '../support/derby-fixtures.ts';
import { type Golden, goldens, placeGolden } from '../support/golden.ts';
import { folderForAll, inspectFolder } from './inspect-folder.ts';

interface TablesJson {
  databases: {
    name: string;
    state: string;
    tables: { schema: string; name: string; rows: number | null }[];
  }[];
  warnings: { code: string; message: string }[];
}

async function golden(name: string): Promise<{ golden: Golden; db: string }> {
  const found = (await goldens()).find((one) => one.name === name && one.version === '10.12.1.1');
  if (!found) throw new Error(`there is no golden ${name}`);
  const db = join(await tempFolder(), 'db');
  await mkdir(db);
  return { golden: found, db: await placeGolden(found, db) };
}

/** The page of a table's file, damaged by one flipped byte; resolves with how many rows it held for the reader. */
async function flip(path: string, offset: number): Promise<void> {
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  await handle.write(Buffer.from([(byte[0] ?? 0) ^ 0x40]), 0, 1, offset);
  await handle.close();
}

const rowsIn = (document: TablesJson, table: string): number | null | undefined =>
  document.databases[0]?.tables.find(({ name }) => name === table)?.rows;

describe('a database that was not closed', () => {
  test('shows its rows as of the last checkpoint, and says so', async () => {
    const world = await makeWorld(null);
    const { db } = await golden('killed-after-checkpoints');
    const document = await world.json<TablesJson>(['tables', '--local', db]);
    expect(document.databases[0]?.state).toBe('needs-recovery');
    expect(document.warnings).toMatchObject([
      { code: 'needs-recovery', message: expect.stringContaining('as of the last checkpoint') },
    ]);
    expect(rowsIn(document, 'FAKTUR_KELUARAN')).toBeGreaterThan(0);
    const { code, stderr } = await world.run(['show', 'PROFIL', '--csv', '--local', db]);
    expect(code).toBe(0);
    expect(stderr).toContain('rows are shown as of the last checkpoint');
  });

  test('a log that is not whole is told too', async () => {
    const world = await makeWorld(null);
    const { db } = await golden('log-ctrls-missing');
    const document = await world.json<TablesJson>(['tables', '--local', db]);
    expect(document).toMatchObject({
      databases: [{ state: 'broken' }],
      warnings: expect.arrayContaining([expect.objectContaining({ code: 'log-broken' })]),
    });
  });
});

describe('a damaged database', () => {
  let world: World;
  let db: string;
  let file: string;
  const setUp = async (): Promise<void> => {
    world = await makeWorld(null);
    db = join(world.folder, 'db');
    await placeDatabase(join(db, 'ETaxInvoice'), { invoices: 60 });
    const inspection = await inspectFolder(db);
    const table = inspection.databases[0]?.database.tables.find(({ name }) => name === 'FAKTUR_DETAIL');
    file = join(db, 'ETaxInvoice', table?.file ?? '');
  };

  test('is an error that says so, and with --salvage shows the good pages with a count of the bad', async () => {
    await setUp();
    const all = (await world.run(['show', 'FAKTUR_DETAIL', '--jsonl', '--local', db])).stdout
      .trim()
      .split('\n');
    await flip(file, 4096 * 2 + 1000);
    for (const args of [
      ['show', 'FAKTUR_DETAIL'],
      ['find', 'tidak ada'],
      ['export-tables', '--to', join(world.folder, 'x')],
    ]) {
      const outcome = await world.run([...args, '--local', db, '--json']);
      expect(outcome.code, args.join(' ')).toBe(3);
      expect(errorOf(outcome).message).toContain('page 2 is damaged');
    }
    const tables = await world.run(['tables', '--local', db, '--json']);
    expect(tables.code).toBe(3);
    expect(rowsIn(JSON.parse(tables.stdout), 'FAKTUR_DETAIL')).toBeNull();
    expect(rowsIn(JSON.parse(tables.stdout), 'FAKTUR_KELUARAN')).toBe(60);
    const indonesian = await world.run(['tables', '--local', db, '--lang', 'id']);
    expect(indonesian.stdout).toMatch(/^ETAX\.FAKTUR_DETAIL +RUSAK /m);
    expect(indonesian.stderr).toMatch(/Catatan: ETaxInvoice: .*halaman 2 rusak\n/);

    const salvaged = await world.run(['show', 'FAKTUR_DETAIL', '--jsonl', '--local', db, '--salvage']);
    expect(salvaged.code).toBe(0);
    expect(salvaged.stderr).toContain('1 damaged page and 0 damaged rows were passed over');
    const left = salvaged.stdout.trim().split('\n');
    expect(left.length).toBeLessThan(all.length);
    expect(left.length).toBeGreaterThan(all.length / 2);
    for (const line of left) expect(all).toContain(line);
    const counted = await world.json<TablesJson>(['tables', '--local', db, '--salvage']);
    expect(rowsIn(counted, 'FAKTUR_DETAIL')).toBe(left.length);
  });

  test('a table whose file is gone costs that table only', async () => {
    await setUp();
    await rm(file);
    const found = await world.run(['find', '2023', '--local', db, '--salvage', '--limit', '1000']);
    expect(found.code).toBe(0);
    expect(found.stderr).toContain('FAKTUR_DETAIL cannot be read');
    expect((await world.run(['find', '2023', '--local', db])).code).toBe(3);
  });

  test('a table whose file has a damaged beginning is read all the same', async () => {
    await setUp();
    const all = (await world.run(['show', 'FAKTUR_DETAIL', '--csv', '--local', db])).stdout;
    await flip(file, 120);
    expect((await world.run(['show', 'FAKTUR_DETAIL', '--local', db])).code).toBe(3);
    const { code, stdout, stderr } = await world.run([
      'show',
      'FAKTUR_DETAIL',
      '--csv',
      '--local',
      db,
      '--salvage',
    ]);
    expect([code, stdout]).toEqual([0, all]);
    expect(stderr).toContain('1 damaged page and');
  });

  test('a list of tables that is damaged gives what is left of it', async () => {
    await setUp();
    await flip(join(db, 'ETaxInvoice', 'seg0', 'c90.dat'), 4096 * 3 + 500);
    expect((await world.run(['tables', '--local', db])).code).toBe(3);
    const document = await world.json<TablesJson>(['tables', '--local', db, '--salvage']);
    expect(document.warnings).toContainEqual(expect.objectContaining({ code: 'salvaged' }));
  });

  test('in a stored archive, the frames around a damaged one are read', async () => {
    world = await makeWorld({ live: null, backups: [] });
    const source = join(world.folder, 'db');
    await placeDatabase(join(source, 'ETaxInvoice'), { sizeMb: 10 });
    await world.json(['push', '--source', source]);
    const rows = (await world.json<TablesJson>(['tables'])).databases[0]?.tables ?? [];
    const archive = (await keysOf(world.store)).find((key) => key.endsWith('.tar.zst')) ?? '';
    const path = join(world.store, archive);
    const { size } = await stat(path);
    await flip(path, Math.floor(size * 0.65));
    const whole = await world.run(['export-tables', '--to', join(world.folder, 'tabel')]);
    expect(whole.code).toBe(13);
    const salvaged = await world.json<{ rows: number; warnings: { code: string }[] }>([
      'export-tables',
      '--to',
      join(world.folder, 'tabel'),
      '--salvage',
    ]);
    const all = rows.reduce((sum, table) => sum + (table.rows ?? 0), 0);
    expect(salvaged.rows).toBeLessThan(all);
    expect(salvaged.rows).toBeGreaterThan(all / 2);
    expect(salvaged.warnings).toContainEqual(expect.objectContaining({ code: 'salvaged' }));
  });
});

describe('a damaged long value', () => {
  let world: World;
  let db: string;
  const others = Array.from({ length: 1200 }, (_, i) => i + 3);

  beforeAll(async () => {
    db = join(await folderForAll(), 'db');
    await mkdir(db);
    const path = join(db, 'Uji');
    const derby = await startDerby();
    try {
      await derby.create(path, { invoices: 2 });
      await derby.exec(
        path,
        'CREATE TABLE ETAX.LAMPIRAN (ID INT PRIMARY KEY, ISI CLOB)',
        "INSERT INTO ETAX.LAMPIRAN VALUES (1, 'pendek'), (2, '-')",
        // More rows than are handed on at once, so that the long one is read before the damaged page is met.
        `INSERT INTO ETAX.LAMPIRAN (ID) VALUES ${others.map((id) => `(${id})`).join()}`,
        `UPDATE ETAX.LAMPIRAN SET ISI = '${'panjang '.repeat(4000)}' WHERE ID = 2`,
        ...Array.from({ length: 6 }, () => 'UPDATE ETAX.LAMPIRAN SET ISI = ISI || ISI WHERE ID = 2'),
      );
    } finally {
      await derby.close();
    }
    const files = (await readdir(join(path, 'seg0'))).map((name) => join(path, 'seg0', name));
    const sizes = await Promise.all(files.map(async (file) => ({ file, size: (await stat(file)).size })));
    const [largest] = sizes.sort((x, y) => y.size - x.size);
    // In the last of its pieces: a whole megabyte before it can be read.
    await flip(largest?.file ?? '', (largest?.size ?? 0) - 100_000);
  }, 60_000);

  beforeEach(async () => {
    world = await makeWorld(null);
  });

  test('costs its row only with --salvage, and is counted', async () => {
    const show = (...args: string[]) => world.run(['show', 'LAMPIRAN', '--local', db, '--salvage', ...args]);
    const csv = await show('--csv');
    const lines = ['ID,ISI', '1,pendek', ...others.map((id) => `${id},`)];
    expect(csv.code).toBe(0);
    expect(csv.stdout.split('\r\n').slice(0, -1)).toEqual(lines);
    expect(csv.stderr).toContain('1 damaged page and 1 damaged row were passed over');
    const rows = (await show('--jsonl')).stdout.trimEnd().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { ID: number }).ID)).toEqual([1, ...others]);
    expect((await show('--csv', '--columns', 'ID')).stdout).toContain('\r\n1\r\n2\r\n3\r\n');
    expect((await show('--xlsx', join(world.folder, 'x.xlsx'))).code).toBe(0);
    expect((await world.run(['find', 'tidak ada', '--local', db, '--salvage'])).code).toBe(5);
    const exported = await world.json<{ tables: { name: string; rows: number }[] }>([
      'export-tables',
      '--to',
      join(world.folder, 'tabel'),
      '--local',
      db,
      '--salvage',
    ]);
    expect(exported.tables).toContainEqual(expect.objectContaining({ name: 'LAMPIRAN', rows: 1201 }));
  });

  test('without it, is an unusable source on a local path', async () => {
    for (const args of [
      ['show', 'LAMPIRAN', '--csv'],
      ['find', 'tidak ada'],
      ['export-tables', '--to', join(world.folder, 'tabel')],
    ]) {
      const { code, stderr } = await world.run([...args, '--local', db]);
      expect(code, args[0]).toBe(3);
      expect(stderr).toContain('a value of column ISI breaks off');
    }
  });
});

test('an encrypted database says so; the others beside it are shown', async () => {
  const world = await makeWorld(null);
  const db = join(world.folder, 'db');
  await mkdir(db);
  await makeEncrypted(join(db, 'Rahasia'), '10.12.1.1');
  const alone = await world.run(['tables', '--local', db, '--json']);
  expect(alone.code).toBe(3);
  expect(errorOf(alone).message).toContain('Rahasia is encrypted with a boot password');
  await placeDatabase(join(db, 'ETaxInvoice'), { invoices: 60 });
  const both = await world.run(['tables', '--local', db, '--json']);
  expect(both.code).toBe(3);
  expect((JSON.parse(both.stdout) as TablesJson).databases.map(({ name }) => name)).toEqual(['ETaxInvoice']);
  const chosen = await world.run(['tables', '--local', db, '--database', 'etaxinvoice']);
  expect(chosen.code).toBe(0);
});

test('several databases: a table that two have must be told apart', async () => {
  const world = await makeWorld(null);
  const { db } = await golden('several');
  const names = (await world.json<TablesJson>(['tables', '--local', db])).databases.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(1);
  expect((await world.run(['show', 'PROFIL', '--local', db])).code).toBe(2);
  expect((await world.run(['show', 'PROFIL', '--local', db, '--database', names[1] ?? ''])).code).toBe(0);
});

test('pull --force-damaged shows what of it can be read', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  const { db } = await golden('page-flipped');
  await world.json(['push', '--source', db, '--force-damaged']);
  const document = await world.json<{ tables: { table: string }[] }>([
    'pull',
    '--to',
    join(world.folder, 'to'),
    '--force-damaged',
  ]);
  expect(document.tables.length).toBeGreaterThan(3);
});
