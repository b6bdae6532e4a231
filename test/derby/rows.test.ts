import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { expectSameRows } from './compare-rows.ts';
import { folderFiles } from './folder-files.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const versions: DerbyVersion[] = ['10.10.2.0', '10.12.1.1', '10.14.2.0'];

describe.each(versions)('rows of Derby %s equal its own', (version) => {
  let derby: Derby;
  let folder: string;
  beforeAll(async () => {
    derby = await startDerby({ version });
    folder = await mkdtemp(join(tmpdir(), 'rows-'));
  });
  afterAll(async () => {
    await derby?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each([1, 2])('tables of random shape, seed %i', async (seed) => {
    const path = join(folder, `random${seed}`);
    await derby.createRandom(path, { seed: seed * 31 + version.length, tables: 4 });
    const database = await openDatabase(folderFiles(path), 'ACAK');
    expect(database.tables).toHaveLength(4);
    expect(await database.logState()).toMatchObject({ state: 'clean' });
    expect(database.tables.every(({ primaryKey }) => primaryKey.join() === 'NOMOR')).toBe(true);
    // The second reading takes every long value piece by piece.
    await expectSameRows(database, derby, path);
    await expectSameRows(await openDatabase(folderFiles(path), 'ACAK'), derby, path, 100);
  });

  test('columns added with defaults, rows that moved, values at the edges', async () => {
    const path = join(folder, 'edges');
    await derby.create(path, { invoices: 5 });
    const wide = Array.from({ length: 60 }, (_, i) => `C${i} VARCHAR(2000)`).join(', ');
    await derby.exec(
      path,
      'CREATE SCHEMA T',
      `CREATE TABLE T.EDGES (ID INT NOT NULL, S SMALLINT, I INT, B BIGINT, R REAL, D DOUBLE, N DECIMAL(31,31), M NUMERIC(31,0),
        T CHAR(3), V VARCHAR(32672), X CHAR(4) FOR BIT DATA, Y LONG VARCHAR FOR BIT DATA, DT DATE, TM TIME, TS TIMESTAMP, BL BLOB, CL CLOB,
        PRIMARY KEY (ID, T))`.replace('T CHAR(3)', 'T CHAR(3) NOT NULL'),
      `INSERT INTO T.EDGES VALUES
        (1, -32768, -2147483648, -9223372036854775808, 1.17549435E-38, 2.2250738585072014E-308, -0.9999999999999999999999999999999,
          -9999999999999999999999999999999, '', '', X'00', X'', '0001-01-01', '00:00:00', '0001-01-01 00:00:00', CAST(X'' AS BLOB), ''),
        (2, 32767, 2147483647, 9223372036854775807, 3.4028235E38, 1.7976931348623157E308, 0.0000000000000000000000000000001,
          9999999999999999999999999999999, 'abc', 'é€日', X'ffffffff', X'01', '9999-12-31', '23:59:59', '9999-12-31 23:59:59.999999999',
          CAST(X'01' AS BLOB), 'x'),
        (3, 0, 0, 0, 0.1, -0.5, 0, 0, 'a', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
      `CREATE TABLE T.GROWS (ID INT PRIMARY KEY, ${wide})`,
      ...Array.from({ length: 40 }, (_, i) => `INSERT INTO T.GROWS (ID, C0) VALUES (${i}, 'pendek')`),
      // Rows grow out of their pages, again and again, and some shrink back.
      `UPDATE T.GROWS SET C1 = RTRIM(CAST('${'panjang '.repeat(150)}' AS VARCHAR(2000))) WHERE MOD(ID, 2) = 0`,
      `UPDATE T.GROWS SET C40 = CAST('${'z'.repeat(1900)}' AS VARCHAR(2000)), C59 = 'akhir' WHERE MOD(ID, 3) = 0`,
      `UPDATE T.GROWS SET C2 = C40, C3 = C40, C4 = C40, C5 = C40 WHERE MOD(ID, 9) = 0`,
      'DELETE FROM T.GROWS WHERE MOD(ID, 5) = 0',
      `UPDATE T.GROWS SET C1 = 'kecil lagi' WHERE MOD(ID, 4) = 0`,
      "ALTER TABLE T.GROWS ADD COLUMN BARU VARCHAR(20) DEFAULT 'hai' NOT NULL",
      'ALTER TABLE T.GROWS ADD COLUMN KOSONG INT',
      'INSERT INTO T.GROWS (ID, KOSONG) VALUES (1000, 7)',
      'ALTER TABLE T.EDGES DROP COLUMN M',
      'CREATE TABLE T.EMPTY (A INT)',
      'CREATE VIEW T.LOOK AS SELECT ID FROM T.GROWS',
      "CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('T', 'EDGES', 0)",
    );
    await derby.shutdown(path);
    const database = await openDatabase(folderFiles(path), 'edges');
    expect(await expectSameRows(database, derby, path)).toBeGreaterThan(40);
    await expectSameRows(await openDatabase(folderFiles(path), 'edges'), derby, path, 50);
    const edges = database.tables.find(({ name }) => name === 'EDGES');
    expect(edges?.primaryKey).toEqual(['ID', 'T']);
    const some = [];
    for await (const batch of database.rows(edges ?? expect.fail('no table EDGES'), { columns: ['T', 'ID'] }))
      some.push(...batch);
    expect(some.sort()).toEqual([
      ['   ', 1],
      ['a  ', 3],
      ['abc', 2],
    ]);
  });
});
