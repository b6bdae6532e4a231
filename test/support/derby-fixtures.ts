import { copyFile, cp, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Derby, type DerbyOptions, startDerby, startWriter } from './derby.ts';
import type { DerbyVersion } from './derby-tools.ts';

/**
 * Makers of databases in every state a backup may find them in. Each makes one database folder at `path` (its parent
 * must exist) with a JVM of its own; small logs keep the stored samples small.
 */
export type FixtureMaker = (path: string, version: DerbyVersion) => Promise<void>;

/** The least Derby allows: logs are preallocated to this size. */
const smallLogs = 100_000;
export const bootPassword = 'kata sandi contoh';

async function withDerby(version: DerbyVersion, work: (derby: Derby) => Promise<unknown>): Promise<void> {
  const derby = await startDerby({ version, logSwitchBytes: smallLogs });
  try {
    await work(derby);
  } finally {
    await derby.close();
  }
}

/** Changes a database by SQL, one transaction a statement, and shuts it down. */
const afterwards = async (derby: Derby, path: string, sql: readonly string[]): Promise<void> => {
  for (const one of sql) await derby.exec(path, one);
  await derby.shutdown(path);
};

/** Cleanly shut down. Its ETAX.RIWAYAT is long enough for Derby to preallocate pages ahead of its rows. */
export const makeClean: FixtureMaker = (path, version) =>
  withDerby(version, async (derby) => {
    await derby.create(path, { seed: 11 });
    const row = (id: number): string =>
      `INSERT INTO ETAX.RIWAYAT VALUES (${id}, '${`Langkah ke-${id}. `.repeat(22)}')`;
    await afterwards(derby, path, [
      'CREATE TABLE ETAX.RIWAYAT (ID INTEGER NOT NULL PRIMARY KEY, ISI VARCHAR(400))',
      ...Array.from({ length: 130 }, (_, i) => row(i + 1)),
    ]);
  });

/** Shut down cleanly, then opened and closed again without a change. */
export const makeReopened: FixtureMaker = (path, version) =>
  withDerby(version, async (derby) => {
    await derby.create(path, { seed: 11 });
    await derby.open(path);
    await derby.shutdown(path);
  });

/** Killed in the middle of writing, no checkpoint since it was opened: Derby recovers it at the next boot. */
export const makeKilled: FixtureMaker = (path, version) => makeKilledAfter(path, version, 0);

/** As `makeKilled`, with checkpoints, so that pages on disk and log are of different ages. */
export const makeKilledAfterCheckpoints: FixtureMaker = (path, version) => makeKilledAfter(path, version, 60);

async function makeKilledAfter(
  path: string,
  version: DerbyVersion,
  checkpointEveryMs: number,
): Promise<void> {
  await makeClean(path, version);
  const writer = await startWriter(path, writerOptions(version, checkpointEveryMs));
  await writer.waitForCommits(30);
  await writer.kill();
}

const writerOptions = (
  version: DerbyVersion,
  checkpointEveryMs: number,
): DerbyOptions & { checkpointEveryMs: number; pauseMs: number } => ({
  version,
  logSwitchBytes: smallLogs,
  checkpointEveryMs,
  pauseMs: 25,
});

/**
 * Copied file by file while a program writes and takes checkpoints: every page is good in itself, together they are of
 * no one instant. Tries until Derby finds fault with the copy.
 */
export const makeTornCopy: FixtureMaker = async (path, version) => {
  for (let attempt = 1; attempt <= 10; attempt++) {
    const live = `${path}.live${attempt}`;
    await makeClean(live, version);
    const writer = await startWriter(live, { ...writerOptions(version, 80), seed: attempt });
    await writer.waitForCommits(5);
    const draft = `${path}.draft${attempt}`;
    await copySlowly(live, draft, 15);
    await writer.kill();
    let isTorn = false;
    await withDerby(version, async (derby) => {
      const result = await derby.checkCopy(draft);
      isTorn = result.boots && !result.ok;
    });
    if (isTorn) {
      await cp(draft, path, { recursive: true });
      return;
    }
  }
  throw new Error(`Ten slow copies under writes by Derby ${version} were all sound`);
};

/** Copies a folder file by file in the order of names, with a rest after each; files that vanish are left out. */
export async function copySlowly(from: string, to: string, restMs: number): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of (await readdir(from)).sort()) {
    const source = join(from, name);
    const info = await stat(source).catch(() => null);
    if (info === null) continue;
    if (info.isDirectory()) {
      await copySlowly(source, join(to, name), restMs);
      continue;
    }
    // The log file of a moment ago may be gone after a checkpoint.
    await copyFile(source, join(to, name)).catch(() => undefined);
    await sleep(restMs);
  }
}

/** A table and an index dropped, then killed: their files are stubs, `d*.dat`, until the next checkpoint. */
export const makeDropped: FixtureMaker = async (path, version) => {
  const derby = await startDerby({ version, logSwitchBytes: smallLogs });
  try {
    await derby.create(path, { seed: 12 });
    await derby.exec(path, 'DROP TABLE ETAX.REFERENSI');
    await derby.exec(path, 'DROP INDEX ETAX.IX_FK_NAMA');
  } finally {
    await derby.kill();
  }
};

/** CLOB, BLOB and long VARCHAR values over many pages, which Derby gives 32 KiB pages. */
export const makeLongColumns: FixtureMaker = (path, version) =>
  withDerby(version, async (derby) => {
    await derby.create(path, { seed: 13, invoices: 10 });
    const text = 'Surat keterangan panjang, baris demi baris. '.repeat(700);
    const doubled = Array.from(
      { length: 3 },
      () => 'UPDATE ETAX.LAMPIRAN SET NASKAH = NASKAH || NASKAH, ISI = ISI || ISI WHERE ID < 4',
    );
    await afterwards(derby, path, [
      'CREATE TABLE ETAX.LAMPIRAN (ID INTEGER NOT NULL PRIMARY KEY, JUDUL VARCHAR(8000), NASKAH CLOB(2M), ISI BLOB(2M))',
      'CREATE TABLE ETAX.HALAMAN_BESAR (ID INTEGER NOT NULL PRIMARY KEY, A LONG VARCHAR, B VARCHAR(100))',
      `INSERT INTO ETAX.LAMPIRAN VALUES ${[1, 2, 3, 4, 5]
        .map(
          (id) =>
            `(${id}, '${text.slice(0, id * 1500)}', CAST('${id}${text}' AS CLOB), CAST(X'${`0${id}ff00`.repeat(2500)}' AS BLOB))`,
        )
        .join(', ')}`,
      ...doubled,
      'INSERT INTO ETAX.LAMPIRAN VALUES (6, NULL, NULL, NULL)',
      `INSERT INTO ETAX.HALAMAN_BESAR VALUES (1, '${text}', 'satu'), (2, NULL, 'dua'), (3, '', NULL)`,
      'DELETE FROM ETAX.LAMPIRAN WHERE ID = 2',
    ]);
  });

export const makeEncrypted: FixtureMaker = (path, version) =>
  withDerby(version, (derby) => derby.create(path, { seed: 14, bootPassword }));

/** Rows that outgrew their page and moved, deleted rows, columns added after there were rows. */
export const makeMovedRows: FixtureMaker = (path, version) =>
  withDerby(version, async (derby) => {
    await derby.create(path, { seed: 15 });
    const note = 'Catatan yang jauh lebih panjang daripada yang semula. '.repeat(30);
    await afterwards(derby, path, [
      `UPDATE ETAX.FAKTUR_KELUARAN SET CATATAN = CAST('${note}' AS CLOB), REFERENSI = 'pindah' WHERE MOD(ID, 3) = 0`,
      `UPDATE ETAX.LAWAN_TRANSAKSI SET ALAMAT = '${note.slice(0, 490)}'`,
      'DELETE FROM ETAX.FAKTUR_DETAIL WHERE MOD(FAKTUR_ID, 7) = 0',
      'DELETE FROM ETAX.FAKTUR_KELUARAN WHERE MOD(ID, 7) = 0',
      'ALTER TABLE ETAX.LAWAN_TRANSAKSI ADD COLUMN NIK CHAR(16)',
      "ALTER TABLE ETAX.FAKTUR_KELUARAN ADD COLUMN KANAL VARCHAR(10) DEFAULT 'desktop'",
      "UPDATE ETAX.LAWAN_TRANSAKSI SET NIK = '3374000000000001' WHERE MOD(ID, 2) = 0",
      'CREATE INDEX ETAX.IX_LAWAN_NIK ON ETAX.LAWAN_TRANSAKSI (NIK)',
      "INSERT INTO ETAX.LAWAN_TRANSAKSI (ID, NAMA, NIK) VALUES (900, 'Toko Sesudah Kolom Baru', '3374000000000002')",
    ]);
  });

/** Tables of random shape: every column type, NULLs, long values, indexes. */
export const makeRandom: FixtureMaker = (path, version) =>
  withDerby(version, (derby) => derby.createRandom(path, { seed: 16, tables: 3 }));

/** The file of a table (its heap) or of one of its indexes, relative to the database, and its page size. */
export async function containerOf(
  derby: Derby,
  path: string,
  name: string,
): Promise<{
  file: string;
  pageBytes: number;
  sizeBytes: number;
  usedPages: number;
  preallocatedPages: number;
}> {
  const { rows } = await derby.query(
    path,
    `SELECT C.CONGLOMERATENUMBER FROM SYS.SYSCONGLOMERATES C JOIN SYS.SYSTABLES T ON C.TABLEID = T.TABLEID
     WHERE (T.TABLENAME = '${name}' AND NOT C.ISINDEX) OR (C.CONGLOMERATENAME = '${name}' AND C.ISINDEX)`,
  );
  await derby.shutdown(path);
  const file = `seg0/c${Number(rows[0]?.[0]).toString(16)}.dat`;
  const bytes = await readFile(join(path, file));
  return {
    file,
    pageBytes: bytes.readInt32BE(117),
    sizeBytes: bytes.length,
    usedPages: bytes.readInt32BE(213),
    preallocatedPages: bytes.readInt32BE(221),
  };
}
