import { readFileSync } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { copyContainer } from '../../src/derby/container-copy.ts';
import { hotCopy } from '../../src/derby/hot-copy.ts';
import { parseLogControl, parseLogName, scanLogFile } from '../../src/derby/log.ts';
import { containerEvents, madeContainersSince } from '../../src/derby/new-containers.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type Derby, placeDatabase, placeKilled, startDerby, startWriter } from '../support/derby.ts';
import { copiesUnderWrites, expectSound, hotCopies } from './hot-copies.ts';
import { judgeFolder } from './judge-folder.ts';

/** Opens copies; the other one has databases open while they are copied. Who is killed has a JVM of its own. */
let derby: Derby;
let live: Derby;
beforeAll(async () => {
  [derby, live] = await Promise.all([startDerby(), startDerby()]);
});
afterAll(() => Promise.all([derby?.close(), live?.close()]));

const place = async (folder: string, options: Parameters<typeof placeDatabase>[1] = {}): Promise<string> =>
  placeDatabase(join(folder, 'db', 'ETaxInvoice'), options);

const newestLog = async (database: string): Promise<{ path: string; number: number }> => {
  const numbers = (await readdir(join(database, 'log'))).map((name) => parseLogName(name) ?? 0);
  const number = Math.max(...numbers);
  return { path: join(database, 'log', `log${number}.dat`), number };
};

const endOf = (bytes: Buffer, number: number): number => {
  const scan = scanLogFile(number, null);
  scan.write(bytes);
  return scan.end().endsAt;
};

describe('while Derby writes', () => {
  // Without rest, with more checkpoints, other Derbys and larger databases in the longer run.
  test('with a checkpoint every 2 s: every copy succeeds and is sound', async () => {
    const copies = await copiesUnderWrites(await tempFolder(), { checkpointEveryMs: 2000, pauseMs: 5 }, 2);
    expect(copies).toHaveLength(2);
    for (const { path, unsoundPages } of copies) {
      expect(unsoundPages).toEqual([]);
      await expectSound(path, derby);
    }
  }, 180_000);

  test.each([1, 700_000])('and is killed after %i bytes of the copy: it is sound', async (killAtBytes) => {
    const folder = await tempFolder();
    const database = await place(folder);
    const writer = await startWriter(database, { checkpointEveryMs: 0 });
    onTestFinished(() => writer.kill());
    await writer.waitForCommits(30);
    let copied = 0;
    let killed: Promise<void> | null = null;
    const advance = (bytes: number): void => {
      copied += bytes;
      if (copied >= killAtBytes) killed ??= writer.kill();
    };
    const copy = join(folder, 'copy', 'ETaxInvoice');
    await hotCopy(database, copy, { progress: { advance } });
    expect(killed).not.toBeNull();
    await killed;
    await expectSound(copy, derby);
  });

  test('with a checkpoint in every copy: it says so and leaves nothing', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    const writer = await startWriter(database, { checkpointEveryMs: 1 });
    onTestFinished(() => writer.kill());
    await writer.waitForCommits(3);
    // Holds each attempt up in the middle of its tables until the next checkpoint is done.
    const control = join(database, 'log', 'log.ctrl');
    let attempts = 0;
    let isHeldUp = false;
    const advance = (bytes: number): void => {
      if (bytes < 0) isHeldUp = false;
      if (bytes <= 0 || isHeldUp) return;
      isHeldUp = true;
      attempts++;
      const before = readFileSync(control);
      const giveUpAt = performance.now() + 40_000;
      while (readFileSync(control).equals(before) && performance.now() < giveUpAt)
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    };
    const copy = join(folder, 'copy');
    const work = hotCopy(database, copy, { maxAttempts: 3, progress: { advance } });
    expect(await codeOf(work)).toBe('source-changed');
    await expect(work).rejects.toThrow(/3 attempts; in the last one a checkpoint came/);
    expect(attempts).toBe(3);
    expect(await readdir(copy)).toEqual([]);
  }, 180_000);
});

test('Derby idles over rows that no checkpoint has written: they are all in the copy', async () => {
  const folder = await tempFolder();
  const database = await place(folder);
  const count = 'SELECT COUNT(*), SUM(DPP) FROM ETAX.FAKTUR_KELUARAN';
  const before = await derby.query(await copyClosed(database, join(folder, 'before')), count);
  await live.workday(database, { date: '2024-02-01', invoices: 3, seed: 77 });
  const [copy] = await hotCopies(database, folder, 1);
  const path = copy?.path ?? '';
  expect(copy).toMatchObject({ attempts: 1, pagesReread: 0, unsoundPages: [] });
  expect(judgeFolder(join(path, '..')).verdict).toBe('needs-recovery');
  expect((await readdir(path)).filter((name) => name.endsWith('.lck'))).toEqual([]);
  await expectSound(path, derby);
  const inCopy = await derby.query(path, count);
  await derby.shutdown(path);
  await live.shutdown(database);
  const inLive = await derby.query(database, count);
  await derby.shutdown(database);
  expect(inCopy.rows).toEqual(inLive.rows);
  expect(Number(inLive.rows[0]?.[0])).toBeGreaterThan(Number(before.rows[0]?.[0]));
});

const copyClosed = async (database: string, to: string): Promise<string> => {
  await cp(database, to, { recursive: true });
  return to;
};

test('a closed database comes out byte for byte, with its times, without lock and temp files', async () => {
  const folder = await tempFolder();
  const database = await place(folder);
  await mkdir(join(database, 'jar'));
  await writeFile(join(database, 'jar', 'APP.x.jar.G1'), 'jar');
  await writeFile(join(database, 'db.lck'), 'stale');
  await writeFile(join(database, 'tmp', 'sort.tmp'), 'left over');
  const then = new Date('2023-07-08T02:30:00Z');
  await utimes(join(database, 'seg0', 'c10.dat'), then, then);
  const [copy] = await hotCopies(database, folder, 1);
  const path = copy?.path ?? '';
  const list = async (at: string): Promise<string[]> =>
    (await readdir(at, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(at.length + 1))
      .sort();
  const expected = (await list(database)).filter((name) => name !== 'db.lck' && !name.startsWith('tmp'));
  expect(await list(path)).toEqual(expected);
  expect(expected).toContain('jar/APP.x.jar.G1');
  expect(await readdir(join(path, 'tmp'))).toEqual([]);
  let sizeBytes = 0;
  for (const name of expected) {
    const bytes = await readFile(join(path, name));
    sizeBytes += bytes.length;
    expect(bytes.equals(await readFile(join(database, name))), name).toBe(true);
  }
  expect(copy?.sizeBytes).toBe(sizeBytes);
  expect((await stat(join(path, 'seg0', 'c10.dat'))).mtimeMs).toBe(then.getTime());
  expect(judgeFolder(join(path, '..')).verdict).toBe('clean');
});

describe('pages', () => {
  /** Writes one page half by half between two states, each with its checksum, until the test ends. */
  const keepTearing = async (file: string, page: number, isTheChecksumTrue: boolean): Promise<Buffer[]> => {
    const handle = await open(file, 'r+');
    const head = Buffer.alloc(256);
    await handle.read(head, 0, 256, 0);
    const size = head.readInt32BE(117);
    const state = (fill: number): Buffer => {
      const bytes = Buffer.alloc(size, fill);
      if (isTheChecksumTrue) {
        bytes.writeUInt32BE(0, size - 8);
        bytes.writeUInt32BE(crc32(bytes.subarray(0, size - 8)), size - 4);
      }
      return bytes;
    };
    const states = [state(1), state(2)];
    let goOn = true;
    const writing = (async () => {
      for (let i = 0; goOn; i++) {
        const bytes = states[i % 2] ?? Buffer.alloc(0);
        await handle.write(bytes, 0, size / 2, page * size);
        await sleep(3);
        await handle.write(bytes, size / 2, size / 2, page * size + size / 2);
        // Between two writes Derby leaves a page alone for longer than a read takes.
        await sleep(25);
      }
      await handle.close();
    })();
    onTestFinished(async () => {
      goOn = false;
      await writing;
    });
    return states;
  };

  test.each([
    ['by its checksum', false],
    ['by two reads that agree, when encrypted', true],
  ])('a page that is being written is read again until it is whole: told %s', async (_, isEncrypted) => {
    const folder = await tempFolder();
    const database = await place(folder);
    const file = join(database, 'seg0', 'c20.dat');
    const states = await keepTearing(file, 1, !isEncrypted);
    const pageBytes = states[0]?.length ?? 0;
    let pagesReread = 0;
    for (let round = 0; round < 400 && pagesReread < 4; round++) {
      const copy = await copyContainer(file, join(folder, 'copy.dat'), { isEncrypted });
      const page = (await readFile(join(folder, 'copy.dat'))).subarray(pageBytes, 2 * pageBytes);
      expect(states.some((state) => state.equals(page))).toBe(true);
      expect(copy?.unsoundPages).toEqual([]);
      pagesReread += copy?.pagesReread ?? 0;
    }
    expect(pagesReread).toBeGreaterThan(0);
  });

  test('one that is damaged for good is copied as it is, and named', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    const file = join(database, 'seg0', 'c60.dat');
    const bytes = await readFile(file);
    bytes[4096 + 777] = (bytes[4096 + 777] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const [copy] = await hotCopies(database, folder, 1);
    expect(copy?.unsoundPages).toEqual([{ file: 'seg0/c60.dat', page: 1 }]);
    expect((await readFile(join(copy?.path ?? '', 'seg0', 'c60.dat'))).equals(bytes)).toBe(true);
  });

  test('half a page at the end of a growing file is left out; a file cut short stays so', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    const growing = join(database, 'seg0', 'c60.dat');
    const whole = await readFile(growing);
    await writeFile(growing, Buffer.concat([whole, Buffer.alloc(1000, 7)]));
    const cut = join(database, 'seg0', 'c90.dat');
    await truncate(cut, (await stat(cut)).size - 5000);
    const [copy] = await hotCopies(database, folder, 1);
    const path = copy?.path ?? '';
    expect((await readFile(join(path, 'seg0', 'c60.dat'))).equals(whole)).toBe(true);
    expect((await readFile(join(path, 'seg0', 'c90.dat'))).equals(await readFile(cut))).toBe(true);
    const { databases } = judgeFolder(join(path, '..'));
    const cutShort = databases[0]?.problems.filter(({ kind }) => kind === 'file-length');
    expect(cutShort?.map(({ file }) => file)).toEqual(['ETaxInvoice/seg0/c90.dat']);
  });
});

describe('tables that come and go', () => {
  const readEvents = async (database: string) => {
    const { path, number } = await newestLog(database);
    const bytes = await readFile(path);
    const position = endOf(bytes, number);
    return { events: containerEvents(bytes, number, position), end: { file: number, position } };
  };

  test('a new table whose first page Derby has not yet written, and one dropped: the copy is sound', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    onTestFinished(() => live.shutdown(database));
    await live.exec(database, 'DROP TABLE ETAX.REFERENSI', 'CREATE TABLE ETAX.BARU (ID INTEGER, ISI CLOB)');
    await live.exec(database, "INSERT INTO ETAX.BARU VALUES (1, CAST('satu' AS CLOB)), (2, NULL)");
    const [copy] = await hotCopies(database, folder, 1);
    const path = copy?.path ?? '';
    expect(copy).toMatchObject({ attempts: 1, unsoundPages: [] });
    expect((await readdir(join(path, 'seg0'))).some((name) => name.startsWith('d'))).toBe(true);
    await expectSound(path, derby);
    expect((await derby.query(path, 'SELECT ID FROM ETAX.BARU ORDER BY ID')).rows).toEqual([[1], [2]]);
    await derby.shutdown(path);
  });

  test('an index made during the copy, which the log does not hold: begun again', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    onTestFinished(() => live.shutdown(database));
    await live.query(database, 'SELECT COUNT(*) FROM ETAX.PROFIL');
    const { end: start } = await readEvents(database);
    const files = new Set(await readdir(join(database, 'seg0')));
    // The index is there and filled, its transaction goes on for a while: the cross join takes a second or more.
    const building = live.exec(
      database,
      'CREATE INDEX ETAX.IX_SEMENTARA ON ETAX.FAKTUR_DETAIL (NAMA_BARANG, DPP)',
      `UPDATE ETAX.PROFIL SET NPWP = NPWP WHERE 0 = (SELECT COUNT(*) FROM SYS.SYSCOLUMNS A, SYS.SYSCOLUMNS B, SYS.SYSTABLES C
        WHERE MOD(A.COLUMNNUMBER + B.COLUMNNUMBER + LENGTH(C.TABLENAME), 1000) = 999)`,
    );
    const isNew = (name: string): boolean => !files.has(name);
    while (!(await readdir(join(database, 'seg0'))).some(isNew)) await sleep(10);
    const { events, end } = await readEvents(database);
    expect(madeContainersSince(events, start), 'over too soon for this test').toBe(false);
    // Holds the copy up after the first table's file until the transaction is committed.
    let isHeldUp = false;
    const advance = (): void => {
      if (isHeldUp) return;
      isHeldUp = true;
      const giveUpAt = performance.now() + 40_000;
      const { path, number } = logNow;
      for (let bytes = readFileSync(path); performance.now() < giveUpAt; bytes = readFileSync(path)) {
        if (madeContainersSince(containerEvents(bytes, number, endOf(bytes, number)), end)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      }
    };
    const logNow = await newestLog(database);
    const work = hotCopy(database, join(folder, 'slow'), { maxAttempts: 1, progress: { advance } });
    await expect(work).rejects.toMatchObject({ code: 'source-changed' });
    await expect(work).rejects.toThrow('made anew');
    await building;
    const again = await hotCopy(database, join(folder, 'again', 'ETaxInvoice'));
    expect(again.attempts).toBe(1);
    await expectSound(join(folder, 'again', 'ETaxInvoice'), derby);
  });

  test('the log tells which transactions made containers, and when they ended', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    onTestFinished(() => live.shutdown(database));
    await live.query(database, 'SELECT COUNT(*) FROM ETAX.PROFIL');
    const { end: start } = await readEvents(database);
    await live.exec(database, "UPDATE ETAX.PROFIL SET NPWP = '1'");
    const worked = await readEvents(database);
    expect(worked.end.position).toBeGreaterThan(start.position);
    expect(madeContainersSince(worked.events, start)).toBe(false);
    const failed = live.exec(
      database,
      'CREATE TABLE ETAX.T1 (A INTEGER)',
      'INSERT INTO ETAX.TIDAK_ADA VALUES 1',
    );
    await expect(failed).rejects.toThrow();
    const undone = await readEvents(database);
    expect(undone.events.some(({ kind }) => kind === 'made')).toBe(true);
    expect(madeContainersSince(undone.events, start)).toBe(false);
    await live.exec(database, 'CREATE INDEX ETAX.I1 ON ETAX.FAKTUR_DETAIL (NAMA_BARANG, DPP)');
    const made = await readEvents(database);
    expect(madeContainersSince(made.events, undone.end)).toBe(true);
    expect(madeContainersSince(made.events, start)).toBe(true);
    expect(madeContainersSince(made.events, made.end)).toBe(false);
  });
});

describe('the log', () => {
  /** An ETAX database as a killed Derby leaves it. */
  const killed = async (folder: string): Promise<string> => {
    const database = join(folder, 'db', 'ETaxInvoice');
    await placeKilled(database);
    return database;
  };

  test('what lies after its end is cleared, and a new file that holds nothing yet is left out', async () => {
    const folder = await tempFolder();
    const database = await killed(folder);
    const { path, number } = await newestLog(database);
    const log = await readFile(path);
    const end = endOf(log, number);
    expect(end).toBeLessThan(log.length - 10_000);
    // Newer records after a gap, as a reader sees them who is overtaken by the writer.
    const overtaken = Buffer.from(log);
    log.copy(overtaken, end + 5000, 24, Math.min(end, 4000));
    await writeFile(path, overtaken);
    const next = Buffer.alloc(1 << 20);
    next.writeInt32BE(128, 0);
    next.writeInt32BE(9, 4);
    next.writeUInt32BE(number + 1, 12);
    next.writeUInt32BE(number, 16);
    // The end of this file, which had more in it a moment later.
    next.writeUInt32BE(end + 300, 20);
    await writeFile(join(database, 'log', `log${number + 1}.dat`), next);
    const [copy] = await hotCopies(database, folder, 1);
    const at = copy?.path ?? '';
    expect(await newestLog(at)).toEqual({ path: join(at, 'log', `log${number}.dat`), number });
    expect((await readFile(join(at, 'log', `log${number}.dat`))).equals(log)).toBe(true);
    await expectSound(at, derby);
  });

  test('a gap between two files, or a checkpoint at every look: source-changed', async () => {
    const folder = await tempFolder();
    const database = await killed(folder);
    const { path, number } = await newestLog(database);
    const next = Buffer.from(await readFile(path));
    next.writeUInt32BE(number + 1, 12);
    next.writeUInt32BE(number, 16);
    next.writeUInt32BE(99, 20);
    next.writeUInt32BE(number + 1, 24 + 4);
    const nextPath = join(database, 'log', `log${number + 1}.dat`);
    await writeFile(nextPath, next);
    expect(await codeOf(hotCopy(database, join(folder, 'gap'), { maxAttempts: 2 }))).toBe('source-changed');
    await rm(nextPath);

    const control = join(database, 'log', 'log.ctrl');
    const bytes = await readFile(control);
    const advance = async (): Promise<void> => {
      bytes.writeUInt32BE(bytes.readUInt32BE(12) + 8, 12);
      bytes.writeUInt32BE(crc32(bytes.subarray(0, 40)), 44);
      await writeFile(control, bytes);
      await writeFile(join(database, 'log', 'logmirror.ctrl'), bytes);
    };
    let goOn = true;
    const writing = (async () => {
      for (; goOn; await sleep(2)) await advance();
    })();
    const work = hotCopy(database, join(folder, 'moving'), { maxAttempts: 3 });
    expect(await codeOf(work)).toBe('source-changed');
    goOn = false;
    await writing;
    expect(await readdir(join(folder, 'moving'))).toEqual([]);
    expect(parseLogControl(bytes)).not.toBeNull();
  });
});

describe('what cannot be done', () => {
  test('no database, a folder that is not empty, a stop', async () => {
    const folder = await tempFolder();
    const database = await place(folder);
    expect(await codeOf(hotCopy(join(folder, 'none'), join(folder, 'a')))).toBe('source-unusable');
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'mine.txt'), 'mine');
    expect(await codeOf(hotCopy(database, join(folder, 'full')))).toBe('target-not-writable');
    expect(await readdir(join(folder, 'full'))).toEqual(['mine.txt']);
    expect(await codeOf(hotCopy(database, join(folder, 'full', 'mine.txt', 'x')))).toBe(
      'target-not-writable',
    );
    const stop = new AbortController();
    const reason = new Error('stopped by the test');
    const progress = { advance: () => stop.abort(reason) };
    const work = hotCopy(database, join(folder, 'b'), { signal: stop.signal, progress });
    await expect(work).rejects.toBe(reason);
    expect(await readdir(join(folder, 'b'))).toEqual([]);
  });
});
