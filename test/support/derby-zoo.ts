import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Derby, placeKept, startDerby } from './derby.ts';
import { containerOf } from './derby-fixtures.ts';
import type { DerbyVersion } from './derby-tools.ts';

/**
 * Sound databases with everything that makes a row or an index entry look unlike the plain case. Each is made by the Derby
 * at hand and cleanly shut.
 */
export interface ZooOptions {
  /** Text in the order of a language, as `collation=TERRITORY_BASED` makes it. */
  readonly collation?: boolean;
}

const words = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const long = (id: number, length: number): string => `${id} `.repeat(length).slice(0, length);

/** A table with an index on every type that can have one, up and down, with nulls, and rows that come and go. */
async function typedKeys(derby: Derby, path: string): Promise<void> {
  await derby.exec(
    path,
    `CREATE TABLE KUNCI (ID INTEGER NOT NULL PRIMARY KEY, S SMALLINT, B BIGINT, D DOUBLE, R REAL, DC DECIMAL(18,2),
      DD DECIMAL(31,7), C CHAR(12), V VARCHAR(300), VB VARCHAR(100) FOR BIT DATA, CB CHAR(4) FOR BIT DATA, T DATE, W TIME,
      TS TIMESTAMP, U VARCHAR(40) UNIQUE)`,
    ...['S', 'B', 'D', 'R', 'DC', 'DD', 'C', 'V', 'VB', 'CB', 'T', 'W', 'TS'].flatMap((column) => [
      `CREATE INDEX NAIK_${column} ON KUNCI (${column})`,
      `CREATE INDEX TURUN_${column} ON KUNCI (${column} DESC, ID)`,
    ]),
    'CREATE UNIQUE INDEX GANDA ON KUNCI (V, DC DESC, TS, ID)',
  );
  const row = (id: number): string => {
    const day = `20${String(10 + (id % 15))}-${String(1 + (id % 12)).padStart(2, '0')}-${String(1 + (id % 28)).padStart(2, '0')}`;
    const time = `${String(id % 24).padStart(2, '0')}:${String(id % 60).padStart(2, '0')}:07`;
    const text = id % 5 === 0 ? `Müller ${id} – 日本` : `Nama ${id}`;
    const hex = (id * 7919).toString(16).padStart(8, '0');
    const values = [
      id % 300,
      `${id}${id}12345`,
      `${id % 2 ? '-' : ''}${id}.5E${id % 30}`,
      `${id}.25`,
      `${id % 3 ? '' : '-'}${id * 1000}.37`,
      `${id}.1234567`,
      `'${text.slice(0, 9)}'`,
      `'${text}'`,
      `X'${hex.repeat(1 + (id % 20))}'`,
      `X'${hex}'`,
      `'${day}'`,
      `'${time}'`,
      `'${day} ${time}.${id % 7}'`,
      id % 4 === 0 ? 'NULL' : `'unik ${id}'`,
    ];
    return `(${id}, ${values.map((value, i) => ((id + i) % 9 === 0 ? 'NULL' : value)).join(', ')})`;
  };
  for (let from = 1; from < 600; from += 100)
    await derby.exec(
      path,
      `INSERT INTO KUNCI VALUES ${words(from, from + 100)
        .map(row)
        .join(', ')}`,
    );
  await derby.exec(
    path,
    "UPDATE KUNCI SET V = V || ' diubah', DC = DC + 1, T = '2020-02-29' WHERE MOD(ID, 7) = 0",
    'UPDATE KUNCI SET VB = NULL, U = NULL WHERE MOD(ID, 11) = 0',
    'DELETE FROM KUNCI WHERE MOD(ID, 13) = 0',
  );
}

/** Long keys, rows that outgrew their page or were never as short as one, values in pieces. */
async function longRows(derby: Derby, path: string): Promise<void> {
  await derby.exec(
    path,
    'CREATE TABLE PANJANG (ID INTEGER NOT NULL PRIMARY KEY, A VARCHAR(1500), B VARCHAR(1500), C VARCHAR(300))',
    'CREATE INDEX PANJANG_A ON PANJANG (A)',
    'CREATE INDEX PANJANG_BA ON PANJANG (B DESC, C)',
    // Its values will be longer than its pages.
    'CREATE TABLE POTONG (ID INTEGER NOT NULL PRIMARY KEY, B VARCHAR(300))',
    'ALTER TABLE POTONG ALTER COLUMN B SET DATA TYPE VARCHAR(12000)',
    'CREATE TABLE LEBAR (ID INTEGER NOT NULL PRIMARY KEY, NAMA VARCHAR(100))',
    'ALTER TABLE LEBAR ADD COLUMN ISI CLOB(2M)',
    'ALTER TABLE LEBAR ADD COLUMN GAMBAR BLOB(2M)',
    'ALTER TABLE LEBAR ADD COLUMN KODE VARCHAR(200)',
    'CREATE INDEX LEBAR_NAMA ON LEBAR (NAMA)',
    'CREATE INDEX LEBAR_KODE ON LEBAR (KODE DESC)',
  );
  for (const id of words(1, 60)) {
    await derby.exec(
      path,
      `INSERT INTO PANJANG VALUES (${id}, '${long(id, 20 * id)}', '${long(id + 7, 25 * id)}', 'c${id}')`,
      `INSERT INTO LEBAR VALUES (${id}, 'nama ${id}', ${id % 3 ? `CAST('${long(id, 200 * id)}' AS CLOB)` : 'NULL'},
        ${id % 4 ? `CAST(X'${'0fa7'.repeat(60 * id)}' AS BLOB)` : 'NULL'}, ${id % 5 ? `'kode ${id}'` : 'NULL'})`,
    );
  }
  await derby.exec(
    path,
    ...words(1, 30).flatMap((id) => [
      `INSERT INTO POTONG VALUES (${id}, '${long(id, 3000 + 295 * id)}')`,
      `UPDATE PANJANG SET B = '${long(id, 30 * id)}', A = '${long(id, 1490)}' WHERE ID = ${2 * id}`,
    ]),
    'CREATE INDEX POTONG_B ON POTONG (B DESC)',
    "UPDATE LEBAR SET ISI = CAST('pendek' AS CLOB) WHERE MOD(ID, 6) = 0",
    `UPDATE LEBAR SET KODE = '${long(9, 190)}', NAMA = '${long(5, 95)}' WHERE MOD(ID, 7) = 0`,
    'DELETE FROM LEBAR WHERE MOD(ID, 8) = 0',
    'DELETE FROM PANJANG WHERE MOD(ID, 9) = 0',
  );
}

/**
 * Puts into `folder` a database in which keys got blanks at their end, or lost them, `before/ZOO`: to Derby they are the
 * same keys as before, and the indexes stay as they are. `later/ZOO` is the same after a change of keys. Kept as well,
 * with whether Derby finds the first one sound, and the files of the indexes whose keys changed.
 */
export async function placeBlanks(
  folder: string,
  version: DerbyVersion,
): Promise<{ isSound: boolean; indexFiles: string[] }> {
  await placeKept(folder, ['blanks', await ownText(), version], async (made) => {
    const derby = await startDerby({ version });
    try {
      const [before, later] = [join(made, 'before', 'ZOO'), join(made, 'later', 'ZOO')];
      await mkdir(join(made, 'before'), { recursive: true });
      await blanksAtTheEnd(derby, before);
      const isSound = (await derby.checkCopy(before)).ok;
      await cp(before, later, { recursive: true });
      await derby.exec(later, "UPDATE SPASI SET P = 'x' || P, V = V || '.' WHERE ID = '5'");
      const indexFiles: string[] = [];
      for (const index of ['SPASI_P', 'SPASI_V'])
        indexFiles.push((await containerOf(derby, later, index)).file);
      await writeFile(join(made, 'facts.json'), JSON.stringify({ isSound, indexFiles }));
    } finally {
      await derby.close();
    }
  });
  return JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8'));
}

async function blanksAtTheEnd(derby: Derby, path: string): Promise<void> {
  await derby.open(path, { once: 'create=true' });
  await derby.exec(
    path,
    'CREATE TABLE SPASI (ID VARCHAR(20) NOT NULL PRIMARY KEY, V VARCHAR(300), B VARCHAR(30) FOR BIT DATA, P VARCHAR(300), W VARCHAR(2500))',
    'ALTER TABLE SPASI ALTER COLUMN P SET DATA TYPE VARCHAR(12000)',
    'CREATE INDEX SPASI_V ON SPASI (V DESC, ID)',
    'CREATE INDEX SPASI_B ON SPASI (B)',
    'CREATE INDEX SPASI_P ON SPASI (P)',
    'CREATE INDEX SPASI_W ON SPASI (W)',
  );
  for (const id of words(1, 25))
    await derby.exec(
      path,
      `INSERT INTO SPASI VALUES ('${id}', 'nama ${id}', X'${String(10 + id)}', '${long(id, 55 * id)}.', '${long(id, 45 * id)}. ')`,
    );
  await derby.exec(
    path,
    `UPDATE SPASI SET V = V || '  ', B = B || X'2020', P = P || '${' '.repeat(4500)}' WHERE MOD(LENGTH(P), 2) = 0`,
    "UPDATE SPASI SET ID = ID || ' ', W = RTRIM(W) WHERE MOD(LENGTH(P), 3) = 0",
    "UPDATE SPASI SET V = '' WHERE ID = '7'",
    "UPDATE SPASI SET V = ' ' WHERE ID = '7'",
    "DELETE FROM SPASI WHERE ID = '8'",
    "INSERT INTO SPASI VALUES ('8  ', 'nama 8', X'20', 'p', 'w')",
  );
  await derby.shutdown(path);
}

/** Columns that were added, changed and dropped, tables compressed in place and anew, many rows deleted. */
async function alteredTables(derby: Derby, path: string): Promise<void> {
  await derby.exec(
    path,
    'CREATE TABLE UBAH (ID INTEGER NOT NULL PRIMARY KEY, LAMA VARCHAR(50), NAMA VARCHAR(50), NILAI DECIMAL(10,2))',
    'CREATE INDEX UBAH_NAMA ON UBAH (NAMA)',
    'CREATE TABLE PADAT (ID INTEGER NOT NULL PRIMARY KEY, INDUK INTEGER REFERENCES UBAH (ID), NAMA VARCHAR(200))',
    'CREATE INDEX PADAT_NAMA ON PADAT (NAMA DESC)',
    'CREATE TABLE KOSONG (ID INTEGER, NAMA VARCHAR(20))',
    'CREATE INDEX KOSONG_NAMA ON KOSONG (NAMA)',
    'CREATE VIEW LIHAT AS SELECT ID, NAMA FROM UBAH',
    'CREATE VIEW TETAP AS SELECT ID, NAMA FROM PADAT',
    'CREATE SYNONYM NAMA_LAIN FOR PADAT',
    'CREATE TRIGGER CATAT AFTER INSERT ON KOSONG UPDATE PADAT SET NAMA = NAMA WHERE ID < 0',
    "CREATE FUNCTION MUTLAK (N DOUBLE) RETURNS DOUBLE PARAMETER STYLE JAVA NO SQL LANGUAGE JAVA EXTERNAL NAME 'java.lang.Math.abs'",
  );
  for (let from = 1; from < 400; from += 100) {
    const ids = words(from, from + 100);
    await derby.exec(
      path,
      `INSERT INTO UBAH VALUES ${ids.map((id) => `(${id}, 'lama ${id}', 'nama ${id}', ${id}.5)`).join(', ')}`,
      `INSERT INTO PADAT VALUES ${ids.map((id) => `(${id}, ${id % 3 ? id : 'NULL'}, '${long(id, id % 199)}')`).join(', ')}`,
    );
  }
  await derby.exec(
    path,
    'DROP VIEW LIHAT',
    'ALTER TABLE UBAH DROP COLUMN LAMA',
    'ALTER TABLE UBAH ADD COLUMN BARU VARCHAR(30)',
    "ALTER TABLE UBAH ADD COLUMN ISIAN VARCHAR(30) NOT NULL DEFAULT 'bawaan'",
    'CREATE INDEX UBAH_BARU ON UBAH (BARU, ISIAN DESC)',
    'RENAME COLUMN UBAH.NAMA TO SEBUTAN',
    "UPDATE UBAH SET BARU = 'baru' WHERE MOD(ID, 3) = 0",
    'DELETE FROM PADAT WHERE ID > 120',
  );
  await derby.exec(path, "CALL SYSCS_UTIL.SYSCS_INPLACE_COMPRESS_TABLE('APP', 'PADAT', 1, 1, 1)");
  await derby.exec(path, "CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('APP', 'UBAH', 0)");
  await derby.exec(path, "INSERT INTO PADAT VALUES (1000, 5, 'sesudah')", 'DELETE FROM PADAT WHERE ID < 60');
}

/** Puts the database at `path`; each kind of it is made once and kept in the cache folder. */
export async function placeZoo(path: string, version: DerbyVersion, options: ZooOptions = {}): Promise<void> {
  await placeKept(path, ['zoo', await ownText(), version, options], async (made) => {
    const derby = await startDerby({ version });
    try {
      const territory = options.collation ? ';territory=id_ID;collation=TERRITORY_BASED' : '';
      await derby.open(made, { once: `create=true${territory}` });
      await typedKeys(derby, made);
      await longRows(derby, made);
      await alteredTables(derby, made);
      await derby.shutdown(made);
    } finally {
      await derby.close();
    }
  });
}

/** What the databases are made by. */
const ownText = (): Promise<string> => readFile(import.meta.filename, 'utf8');
