import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Derby, DerbyError, holdOpen, placeDatabase, startDerby, startWriter } from './derby.ts';
import { makeEfakturFolder, seeds } from './efaktur-folder.ts';
import { goldens, placeGolden } from './golden.ts';

let derby: Derby;
let folder: string;
beforeAll(async () => {
  derby = await startDerby();
}, 120_000);
afterAll(() => derby.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'derby-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const invoices = async (path: string): Promise<unknown> =>
  (await derby.query(path, 'SELECT COUNT(*) FROM ETAX.FAKTUR_KELUARAN')).rows[0]?.[0];

describe('the Derby helper', { timeout: 60_000 }, () => {
  test('makes the same rows for the same seed, cleanly shut', async () => {
    const [one, two, other] = [join(folder, 'one'), join(folder, 'two'), join(folder, 'other')];
    await derby.create(one, { seed: 5, invoices: 20 });
    await derby.create(two, { seed: 5, invoices: 20 });
    await derby.create(other, { seed: 6, invoices: 20 });
    expect(existsSync(join(one, 'db.lck'))).toBe(false);
    const sql = 'SELECT * FROM ETAX.FAKTUR_KELUARAN ORDER BY ID';
    const rows = await derby.query(one, sql);
    expect(rows.rows).toHaveLength(20);
    expect(await derby.query(two, sql)).toEqual(rows);
    expect(await derby.query(other, sql)).not.toEqual(rows);
  });

  test('checks a copy without touching the folder, and reports damage as a result', async () => {
    const path = await placeDatabase(join(folder, 'db', 'ETaxInvoice'));
    const before = await stat(join(path, 'log', 'log.ctrl'));
    const result = await derby.checkCopy(path);
    expect(result).toMatchObject({ boots: true, ok: true, states: [] });
    expect(result.tables).toContainEqual(
      expect.objectContaining({ table: 'FAKTUR_KELUARAN', system: false, rows: 60 }),
    );
    expect((await stat(join(path, 'log', 'log.ctrl'))).mtimeMs).toBe(before.mtimeMs);

    await rm(join(path, 'seg0'), { recursive: true });
    const gone = await derby.checkCopy(path);
    expect(gone).toMatchObject({ boots: false, ok: false });
    expect(gone.states).not.toEqual([]);
  });

  test('reports what Derby refuses as an error with its SQLState', async () => {
    const path = await placeDatabase(join(folder, 'db'));
    const error = await derby.exec(path, 'SELECT * FROM NO_SUCH_TABLE').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DerbyError);
    expect(error).toMatchObject({ states: expect.arrayContaining(['42X05']) });
  });

  test('a writer killed leaves its locks and committed rows', async () => {
    const path = await placeDatabase(join(folder, 'db'));
    const writer = await startWriter(path, { checkpointEveryMs: 50 });
    const commits = await writer.waitForCommits(20);
    await writer.kill();
    expect(existsSync(join(path, 'db.lck'))).toBe(true);
    const result = await derby.check(path);
    expect(result).toMatchObject({ boots: true, ok: true });
    expect(Number(await invoices(path))).toBeGreaterThan(60);
    expect(commits).toBeGreaterThanOrEqual(20);
  });

  test('a held database refuses a second JVM; its rows survive a kill', async () => {
    const path = await placeDatabase(join(folder, 'db'));
    const held = await holdOpen(path);
    expect(await derby.check(path)).toMatchObject({
      boots: false,
      states: expect.arrayContaining(['XSDB6']),
    });
    await held.kill();
    expect(await derby.check(path)).toMatchObject({ boots: true, ok: true });
    // Three invoices more, one removed.
    expect(await invoices(path)).toBe(62);
  });
});

describe('the stored samples', { timeout: 60_000 }, () => {
  test('hold the invoice of 8 July only in the backup of 8 July', async () => {
    const sql = "SELECT TANGGAL_FAKTUR, DPP FROM ETAX.FAKTUR_KELUARAN WHERE NAMA_LAWAN = 'Gerbang Semesta'";
    for (const [live, rows] of [
      ['seed-6-july', []],
      ['seed-8-july', [['2023-07-08', '345000.00']]],
    ] as const) {
      const app = await makeEfakturFolder(join(folder, live), { live });
      const path = join(app, 'db', 'ETaxInvoice');
      expect((await stat(join(path, 'log', 'log.ctrl'))).mtimeMs).toBe(seeds[live].time.getTime());
      expect(await derby.checkCopy(path)).toMatchObject({ ok: true });
      expect((await derby.query(path, sql)).rows).toEqual(rows);
      await derby.shutdown(path);
    }
  });

  test('are still what Derby said of them', async () => {
    const mine = (await goldens()).filter((golden) => golden.version === derby.version);
    expect(mine.length).toBeGreaterThan(20);
    for (const golden of mine.filter(({ name }) =>
      ['killed', 'torn-copy', 'page-flipped', 'several'].includes(name),
    )) {
      const path = await placeGolden(golden, join(folder, golden.name));
      expect((await readdir(path)).sort()).toEqual(Object.keys(golden.derby).sort());
      for (const [database, said] of Object.entries(golden.derby)) {
        const { tables, ...verdict } = await derby.checkCopy(join(path, database));
        expect({ ...verdict, tables: tables.filter((table) => !table.system || !table.ok) }).toEqual(said);
      }
    }
  });
});
