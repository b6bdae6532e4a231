import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { blockHasher } from '../../../src/archive/block-index.ts';
import { readDbFolder } from '../../../src/efaktur/live-db.ts';
import { openReaders, type Readers } from '../../../src/sync/reading/readers.ts';
import { goldens, placeGolden } from '../../support/golden.ts';

/** The readers give the same on threads as without: only the time differs. */

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'efaktur-readers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function readersWith(threads: number, signal = new AbortController().signal): Readers {
  const readers = openReaders({ totalBytes: 0, judges: true, signal }, threads);
  onTestFinished(() => readers.close());
  return readers;
}

async function readAll(db: string, threads: number) {
  const readers = readersWith(threads);
  const { files } = await readDbFolder(db);
  const readings = await Promise.all(
    files.map(async (file) => ({ path: file.path, ...(await readers.read(file, { digests: true })) })),
  );
  return { readings, judged: await readers.judged() };
}

/** One for each way in which findings of several threads are put together. */
const told = new Set([
  ...['clean', 'several', 'dropped', 'long-columns', 'encrypted', 'killed', 'torn-copy'],
  ...['page-flipped', 'cut-rows', 'container-missing', 'log-middle-missing'],
]);
const samples = (await goldens()).filter(({ version, name }) => version === '10.12.1.1' && told.has(name));

test.each(samples.map((sample) => [sample.name, sample] as const))('%s', async (_, sample) => {
  const db = join(await scratch(), 'db');
  await placeGolden(sample, db);
  const [here, threaded] = [await readAll(db, 0), await readAll(db, 3)];
  expect(threaded).toEqual(here);
  for (const { path, sizeBytes, sha256, digests } of threaded.readings) {
    const bytes = await readFile(join(db, path));
    expect(sizeBytes).toBe(bytes.length);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    const blocks = blockHasher(bytes.length);
    blocks.write(bytes);
    expect(digests?.equals(blocks.end())).toBe(true);
  }
});

async function cleanDb(): Promise<string> {
  const db = join(await scratch(), 'db');
  const [sample] = samples.filter(({ name }) => name === 'clean');
  if (!sample) throw new Error('there is no clean sample');
  await placeGolden(sample, db);
  return db;
}

test.each([0, 2])('with %i threads a file that went away or shrank is told', async (threads) => {
  const db = await cleanDb();
  const { files } = await readDbFolder(db);
  const [gone, short] = files.filter(({ path }) => path.includes('/seg0/'));
  if (!gone || !short) throw new Error('the sample has no tables');
  await rm(join(db, gone.path));
  await truncate(join(db, short.path), 100);
  const readers = readersWith(threads);
  await expect(readers.read(gone, { digests: false })).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readers.read(short, { digests: true })).toMatchObject({ sizeBytes: 100, digests: null });
});

test.each([0, 2])('with %i threads an abort ends every read with its reason', async (threads) => {
  const { files } = await readDbFolder(await cleanDb());
  const abort = new AbortController();
  const readers = readersWith(threads, abort.signal);
  const reads = files.map((file) => readers.read(file, { digests: true }));
  const reason = new Error('enough');
  abort.abort(reason);
  const ends = await Promise.allSettled(reads);
  // Aborted before any of them was handed out.
  for (const end of ends) expect(end).toEqual({ status: 'rejected', reason });
  expect(ends.length).toBeGreaterThan(10);
  await expect(readers.read(files[0] as (typeof files)[0], { digests: false })).rejects.toBe(reason);
});

test.each([0, 1, 2])('with %i threads files are read behind their writers', async (threads) => {
  const db = await cleanDb();
  const { files } = await readDbFolder(db);
  const whole = await readAll(db, 0);
  const readers = readersWith(threads);
  const copy = join(await scratch(), 'copy');
  const readings = await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(join(db, file.path));
      const diskPath = `${copy}-${file.path.replaceAll('/', '-')}`;
      const followed = readers.follow({ ...file, diskPath });
      for (let at = 0; at < bytes.length; at += 10_000) {
        await appendFile(diskPath, bytes.subarray(at, at + 10_000));
        followed.grown(Math.min(at + 10_000, bytes.length));
      }
      return { path: file.path, ...(await followed.end()) };
    }),
  );
  expect(readings).toEqual(whole.readings.map((reading) => ({ ...reading, digests: null })));
  expect(await readers.judged()).toEqual(whole.judged);
});

test('what is wrong with a followed file is met at its end', async () => {
  const folder = await scratch();
  const file = {
    path: 'E/seg0/c10.dat',
    sizeBytes: 8192,
    mtimeMs: 0,
    open: () => Promise.reject(new Error()),
  };
  const readers = readersWith(1);
  const absent = readers.follow({ ...file, diskPath: join(folder, 'absent') });
  absent.grown(4096);
  await expect(absent.end()).rejects.toMatchObject({ code: 'ENOENT' });
  const diskPath = join(folder, 'long');
  await writeFile(diskPath, Buffer.alloc(3 << 20));
  const long = readers.follow({ ...file, diskPath });
  long.grown(1 << 20);
  long.grown(2 << 20);
  expect((await long.end()).sizeBytes).toBeGreaterThan(file.sizeBytes);
});

test.each([1, 2])('of %i threads one that dies is an error, not a wait without end', async (threads) => {
  const { files } = await readDbFolder(await cleanDb());
  const workers: Worker[] = [];
  const onWorker = (worker: Worker): void => void workers.push(worker);
  process.on('worker', onWorker);
  onTestFinished(() => void process.off('worker', onWorker));
  const readers = readersWith(threads);
  await vi.waitFor(() => expect(workers).toHaveLength(threads));
  const reads = files.map((file) => readers.read(file, { digests: true }));
  const [dying] = workers;
  // Before the event loop turns once, so before any of them is handed out.
  const dead = dying?.terminate();
  const ends = await Promise.allSettled(reads);
  await dead;
  const reasons = ends.filter((end) => end.status === 'rejected').map((end) => String(end.reason));
  expect(new Set(reasons)).toEqual(new Set(['Error: reader-thread ended']));
  // The only one had done nothing yet.
  if (threads === 1) expect(reasons).toHaveLength(files.length);
  const [first] = files;
  if (!first) throw new Error('the sample has no files');
  await expect(readers.read(first, { digests: false })).rejects.toThrow('reader-thread ended');
  await expect(readers.judged()).rejects.toThrow('reader-thread ended');
});

test('what is still being read when the readers are closed is an error', async () => {
  const { files } = await readDbFolder(await cleanDb());
  const readers = readersWith(2);
  const reads = Promise.allSettled(files.map((file) => readers.read(file, { digests: true })));
  await readers.close();
  const reasons = (await reads).map((end) => (end.status === 'rejected' ? String(end.reason) : 'read'));
  expect(new Set(reasons)).toEqual(new Set(['Error: the readers were closed']));
  await expect(readers.judged()).rejects.toThrow('closed');
});
