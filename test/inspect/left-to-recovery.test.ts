import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readXlsx } from 'hucre/xlsx';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld } from '../support/cli.ts';
import { placeKept, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

/** Derby, ended after a change of a whole table and before the next checkpoint: the catalog on disk still names what is gone. */

interface TablesJson {
  databases: { state: string; tables: { name: string; rows: number | null; afterRecovery?: true }[] }[];
  warnings: { code: string; message: string }[];
}

const checkpoint = 'CALL SYSCS_UTIL.SYSCS_CHECKPOINT_DATABASE()';
const cases: [string, string, string[], DerbyVersion][] = [
  ['DROP TABLE', 'FAKTUR_DETAIL', ['DROP TABLE ETAX.FAKTUR_DETAIL'], '10.12.1.1'],
  ['TRUNCATE TABLE', 'REFERENSI', ['TRUNCATE TABLE ETAX.REFERENSI'], '10.12.1.1'],
  [
    'SYSCS_COMPRESS_TABLE',
    'REFERENSI',
    ["CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('ETAX', 'REFERENSI', 1)"],
    '10.14.2.0',
  ],
  [
    'a table made, written down and dropped',
    'BARU',
    ['CREATE TABLE ETAX.BARU (I INT)', 'INSERT INTO ETAX.BARU VALUES 1', checkpoint, 'DROP TABLE ETAX.BARU'],
    '10.12.1.1',
  ],
];

describe.each(cases)('killed after %s', (_, name, statements, version) => {
  test('everything else is read, and the table is a note', { timeout: 120_000 }, async () => {
    const { db, truth } = await prepare(name, statements, version);
    const world = await makeWorld(null);
    const local = ['--local', db];
    const noted = [
      expect.objectContaining({ code: 'rows-after-recovery', message: expect.stringContaining(name) }),
    ];
    const notesOf = (document: { warnings: { code: string }[] }) =>
      document.warnings.filter(({ code }) => code === 'rows-after-recovery');

    const tables = await world.json<TablesJson>(['tables', ...local]);
    const [database] = tables.databases;
    expect(database?.state).toBe('needs-recovery');
    expect(notesOf(tables)).toEqual(noted);
    const shown = new Map(database?.tables.map((one) => [one.name, one]));
    expect(shown.get(name)).toMatchObject({ rows: null, afterRecovery: true });
    for (const [other, rows] of truth)
      if (other !== name) expect([other, shown.get(other)?.rows]).toEqual([other, rows]);
    expect((await world.run(['tables', ...local])).stdout).not.toContain('DAMAGED');

    const found = await world.json<{ found: unknown[]; warnings: { code: string }[] }>([
      'find',
      'Gerbang Semesta',
      '345000',
      ...local,
    ]);
    expect(found.found).toHaveLength(1);
    expect(notesOf(found)).toHaveLength(name === 'FAKTUR_DETAIL' ? 1 : notesOf(found).length);
    const none = await world.run(['find', 'tidak ada di mana pun', ...local, '--json']);
    expect([none.code, errorOf(none).code]).toEqual([5, 'not-in-backup']);

    const show = await world.json<{ rows: unknown[]; warnings: { code: string }[] }>([
      'show',
      name,
      ...local,
    ]);
    expect([show.rows, notesOf(show)]).toEqual([[], noted]);
    expect((await world.json<{ rows: unknown[] }>(['show', 'FAKTUR_KELUARAN', ...local])).rows).toHaveLength(
      41,
    );

    const diff = await world.json<{
      added: number;
      removed: number;
      changed: number;
      warnings: { code: string }[];
    }>(['diff', seeds['seed-8-july'].path, db, '--rows']);
    expect([diff.added, diff.removed, diff.changed, notesOf(diff)]).toEqual([0, 0, 0, noted]);

    const to = join(world.folder, 'tabel');
    const exported = await world.json<{ tables: { name: string }[]; warnings: { code: string }[] }>([
      'export-tables',
      ...local,
      '--to',
      to,
      '--xlsx',
    ]);
    expect(exported.tables.map((one) => one.name).sort()).toEqual(
      [...shown.keys()].filter((one) => one !== name).sort(),
    );
    expect(notesOf(exported)).toEqual(noted);
    expect((await readdir(join(to, 'ETaxInvoice'))).join()).not.toContain(name);
    const { sheets } = await readXlsx(await readFile(join(to, 'tables.xlsx')));
    expect(sheets.map((sheet) => sheet.name)).not.toContain(name);

    // Pushed and brought back, it is told in the same words.
    const app = join(world.folder, 'e-Faktur');
    await cp(db, join(app, 'db'), { recursive: true });
    expect((await world.json(['push', '--source', 'live', '--app', app])).outcome).toBe('created');
    const pulled = await world.json<{ tables: { table: string }[]; warnings: { code: string }[] }>([
      'pull',
      '--to',
      join(world.folder, 'kembali'),
      '--expect',
      '"Gerbang Semesta" 345000',
    ]);
    expect(pulled.tables.map(({ table }) => table)).not.toContain(`ETAX.${name}`);
    expect(notesOf(pulled)).toEqual(noted);
    expect(notesOf(await world.json<TablesJson>(['tables']))).toEqual(noted);
  });
});

test('a file that is gone without having been dropped is damage', { timeout: 120_000 }, async () => {
  const { db } = await prepare('REFERENSI', ['TRUNCATE TABLE ETAX.REFERENSI'], '10.12.1.1');
  const seg0 = join(db, 'ETaxInvoice', 'seg0');
  const stubs = (await readdir(seg0)).filter((file) => file.startsWith('d'));
  expect(stubs.length).toBeGreaterThan(0);
  for (const stub of stubs) await rm(join(seg0, stub));
  const world = await makeWorld(null);
  const outcome = await world.run(['tables', '--local', db]);
  expect(outcome.code).toBe(3);
  expect(outcome.stdout).toMatch(/REFERENSI +DAMAGED/);
});

/** A database killed after these statements, and what a Derby that recovers a copy of it counts. */
async function prepare(
  name: string,
  statements: readonly string[],
  version: DerbyVersion,
): Promise<{ db: string; truth: Map<string, number | null> }> {
  const place = join(await tempFolder(), 'killed');
  await placeKept(place, ['left to recovery', name, statements, version], async (made) => {
    await unzip(seeds['seed-8-july'].path, made);
    const database = join(made, 'db', 'ETaxInvoice');
    const killed = await startDerby({ version });
    for (const statement of statements) await killed.exec(database, statement);
    await killed.kill();
    const derby = await startDerby({ version });
    try {
      const { ok, tables } = await derby.checkCopy(database);
      expect(ok, name).toBe(true);
      const own = tables.filter(({ system }) => !system);
      await writeFile(join(made, 'truth.json'), JSON.stringify(own.map(({ table, rows }) => [table, rows])));
    } finally {
      await derby.close();
    }
  });
  const truth = JSON.parse(await readFile(join(place, 'truth.json'), 'utf8'));
  return { db: join(place, 'db'), truth: new Map(truth) };
}
