import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import type { Row } from '../../src/derby/rows.ts';
import { describeType } from '../../src/derby/values.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import type { DerbyVersion } from '../support/derby-tools.ts';
import { asDerbyTells } from './compare-rows.ts';
import { folderFiles } from './folder-files.ts';
import { judgeFolder } from './judge-folder.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.14.2.0'];

async function rowsOf(path: string, table: string, maxValueBytes?: number): Promise<Row[]> {
  const database = await openDatabase(folderFiles(path), 'JENIS');
  const wanted = database.tables.find(({ name }) => name === table) ?? expect.fail(`no table ${table}`);
  const rows: Row[] = [];
  for await (const batch of database.rows(wanted, { maxValueBytes })) rows.push(...batch);
  return rows;
}

describe.each(versions)('types that are seldom seen, by Derby %s', { timeout: 120_000 }, (version) => {
  let derby: Derby;
  beforeAll(async () => {
    derby = await startDerby({ version });
  });
  afterAll(() => derby?.close());

  test('a type of the user called as one of the built-in ones is not that', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'JENIS');
    await derby.open(path, { once: 'create=true' });
    await derby.exec(
      path,
      ...['DATE', 'VARCHAR', 'INTEGER'].flatMap((name) => [
        `CREATE TYPE "${name}" EXTERNAL NAME 'java.math.BigInteger' LANGUAGE JAVA`,
        `CREATE FUNCTION BUAT_${name} (N BIGINT) RETURNS "${name}" PARAMETER STYLE JAVA NO SQL LANGUAGE JAVA EXTERNAL NAME 'java.math.BigInteger.valueOf'`,
      ]),
      'CREATE TABLE BARANG (ID INTEGER NOT NULL PRIMARY KEY, A "DATE", B "VARCHAR", C "INTEGER", D DATE, NAMA VARCHAR(20))',
      "INSERT INTO BARANG VALUES (1, BUAT_DATE(7), BUAT_VARCHAR(7), BUAT_INTEGER(7), '2023-07-08', 'satu'), (2, NULL, NULL, NULL, NULL, NULL)",
    );
    await derby.shutdown(path);
    const [first, second] = await rowsOf(path, 'BARANG');
    expect(first?.map((value) => (Buffer.isBuffer(value) ? 'bytes' : value))).toEqual([
      1,
      'bytes',
      'bytes',
      'bytes',
      '2023-07-08',
      'satu',
    ]);
    expect(first?.[1]).toEqual(first?.[2]);
    expect(second).toEqual([2, null, null, null, null, null]);
    const database = await openDatabase(folderFiles(path), 'JENIS');
    const types = database.tables
      .find(({ name }) => name === 'BARANG')
      ?.columns.map(({ type }) => describeType(type));
    expect(types).toEqual(['INTEGER', '"APP".DATE', '"APP".VARCHAR', '"APP".INTEGER', 'DATE', 'VARCHAR(20)']);
    expect(judgeFolder(folder).verdict).toBe('clean');
  });
});

test('XML of any length is its text', { timeout: 120_000 }, async () => {
  // Derby 10.10 finds no XPath in the Java of today.
  const derby = await startDerby({ version: '10.14.2.0' });
  const folder = await tempFolder();
  const path = join(folder, 'JENIS');
  await derby.open(path, { once: 'create=true' });
  await derby.exec(
    path,
    'CREATE TABLE TEKS (ID INTEGER, ISI CLOB(8M))',
    'CREATE TABLE DOKUMEN (ID INTEGER NOT NULL PRIMARY KEY, ISI XML)',
    `INSERT INTO TEKS VALUES (1, 'é'), (2, CAST('${'baris é 日 '.repeat(600)}' AS CLOB)), (3, CAST('${'panjang '.repeat(4000)}' AS CLOB))`,
    ...Array.from({ length: 7 }, () => 'UPDATE TEKS SET ISI = ISI || ISI WHERE ID = 3'),
    "INSERT INTO DOKUMEN SELECT ID, XMLPARSE(DOCUMENT '<a>' || ISI || '</a>' PRESERVE WHITESPACE) FROM TEKS",
    'INSERT INTO DOKUMEN VALUES (4, NULL)',
  );
  const wanted = (await derby.query(path, 'SELECT ID, XMLSERIALIZE(ISI AS CLOB) FROM DOKUMEN')).rows;
  expect(String(wanted[2]?.[1]).length).toBeGreaterThan(2 << 20);
  await derby.shutdown(path);
  for (const limit of [undefined, 100]) {
    const rows = await rowsOf(path, 'DOKUMEN', limit);
    const told = await Promise.all(rows.map((row) => Promise.all(row.map(asDerbyTells))));
    expect(told.map(([id, text]) => [id, String(text).slice(0, 20), String(text).length])).toEqual(
      wanted.map(([id, text]) => [id, String(text).slice(0, 20), String(text).length]),
    );
    expect(JSON.stringify(told) === JSON.stringify(wanted)).toBe(true);
  }
  expect(judgeFolder(folder).verdict).toBe('clean');
  await derby.close();
});
