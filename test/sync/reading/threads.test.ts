import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestsOf } from '../../../src/archive/block-index.ts';
import type { FileList } from '../../../src/archive/file-list.ts';
import { decodeFrames } from '../../../src/archive/zstd-frames.ts';
import { EfakturError } from '../../../src/base/errors.ts';
import { verbatim } from '../../../src/base/text.ts';
import { createEncryptor, type Decryptor, type Encryptor } from '../../../src/crypto/age.ts';
import { readDbFolder } from '../../../src/efaktur/live-db.ts';
import { readBody } from '../../../src/store/body.ts';
import { openFolderStore } from '../../../src/store/folder.ts';
import { bytesBody } from '../../../src/store/small-object.ts';
import type { Body } from '../../../src/store/store.ts';
import { type Spool, spoolArchive } from '../../../src/sync/push/spool.ts';
import { extractInto } from '../../../src/sync/restore/extract.ts';
import type { LocatedArchive } from '../../../src/sync/stored/archives.ts';
import { noise } from '../../archive/sample-set.ts';
import { decryptorFor, newKey } from '../../crypto/age-files.ts';
import { goldens, placeGolden } from '../../support/golden.ts';

/** What is packed can be followed, and unpacking does the same on a thread of its own as without one. */

const progress = { begin: () => {}, advance: (_: number) => {} };
const never = new AbortController().signal;

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'efaktur-threads-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clean database with one file of some megabytes that do not compress. */
async function makeDb(folder: string): Promise<string> {
  const db = join(folder, 'db');
  const sample = (await goldens()).find(({ name, version }) => name === 'clean' && version === '10.12.1.1');
  if (!sample) throw new Error('there is no clean sample');
  await placeGolden(sample, db);
  const [database = ''] = await readdir(db);
  await writeFile(join(db, database, 'seg0', 'extra.bin'), noise(12 << 20));
  return db;
}

async function listOf(db: string): Promise<FileList> {
  const { files, emptyFolders } = await readDbFolder(db);
  const hashed = files.map(async ({ path, sizeBytes, mtimeMs }) => ({
    path,
    sizeBytes,
    mtimeMs,
    sha256: createHash('sha256')
      .update(await readFile(join(db, path)))
      .digest('hex'),
  }));
  return { files: await Promise.all(hashed), emptyFolders, facts: { id: '20230708T023000Z-3f9a1c2e77d0' } };
}

async function spoolOf(
  folder: string,
  db: string,
  list: FileList,
  encryptor: Encryptor | null = null,
  onThread = false,
): Promise<Spool & { readonly path: string }> {
  const path = join(folder, 'a.spool');
  const options = { encryptor, signal: never, progress, onThread };
  return { path, ...(await spoolArchive(path, list, await readDbFolder(db), options)) };
}

const bytesOf = (body: Body): Promise<Buffer> => readBody('a folder', 'a.spool', body);

describe.each([false, true])('packing, on a thread: %s', (onThread) => {
  test('gives the archive to whoever follows it, and its hash', async () => {
    const folder = await scratch();
    const db = await makeDb(folder);
    const spool = await spoolOf(folder, db, await listOf(db), null, onThread);
    const growing = spool.body();
    expect(growing.isGrowing).toBe(true);
    const followed = await Promise.all([bytesOf(growing), bytesOf(spool.body())]);
    const { sizeBytes, sha256 } = await spool.whole;
    expect(spool.body()).toMatchObject({ sizeBytes, isGrowing: false });
    for (const bytes of [...followed, await readFile(spool.path), await bytesOf(spool.body())]) {
      expect(bytes.length).toBe(sizeBytes);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
    expect(growing.sizeBytes).toBeGreaterThanOrEqual(sizeBytes);
  });

  test('a file that changed fails the packing and who follows it, and leaves no file', async () => {
    const folder = await scratch();
    const db = await makeDb(folder);
    const list = await listOf(db);
    const last = list.files.at(-1)?.path ?? '';
    await appendFile(join(db, last), 'x');
    const set = { ...(await readDbFolder(db)) };
    const files = set.files.map((f) => (f.path === last ? { ...f, sizeBytes: f.sizeBytes - 1 } : f));
    const path = join(folder, 'changed.spool');
    const options = { encryptor: null, signal: never, progress, onThread };
    const spool = await spoolArchive(path, list, { ...set, files }, options);
    const ends = await Promise.allSettled([spool.whole, bytesOf(spool.body())]);
    for (const end of ends) {
      expect(end.status === 'rejected' && end.reason).toMatchObject({ code: 'source-changed' });
    }
    expect(await readdir(folder)).toEqual(['db']);
  });

  test('an abort ends it with its reason', async () => {
    const folder = await scratch();
    const db = await makeDb(folder);
    const abort = new AbortController();
    const options = { encryptor: null, signal: abort.signal, progress, onThread };
    const list = await listOf(db);
    const spool = await spoolArchive(join(folder, 'a.spool'), list, await readDbFolder(db), options);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(spool.whole).rejects.toBe(reason);
  });

  test('of a file that is read in part its changed blocks go in, each as it was', async () => {
    const folder = await scratch();
    const db = await makeDb(folder);
    const whole = await listOf(db);
    const set = await readDbFolder(db);
    const changed = whole.files.find(({ path }) => path.endsWith('extra.bin'))?.path ?? '';
    const bytes = await readFile(join(db, changed));
    const list: FileList = {
      ...whole,
      files: whole.files.map((f) => ({ ...f, from: f.path === changed ? [[3, 2]] : 'base' })),
    };
    const partly = new Map<string, Buffer>(whole.files.map((f) => [f.path, Buffer.alloc(0)]));
    partly.set(changed, digestsOf(bytes));
    const path = join(folder, 'part.spool');
    const options = { encryptor: null, signal: never, progress, partly, onThread };
    await (await spoolArchive(path, list, set, options)).whole;
    const parts: Buffer[] = [];
    for await (const part of decodeFrames(createReadStream(path))) parts.push(part);
    const unpacked = Buffer.concat(parts);
    expect(unpacked.includes(bytes.subarray(3 * 4096, 5 * 4096))).toBe(true);
    expect(unpacked.length).toBeLessThan(64 << 10);

    await rm(path);
    bytes.writeUInt8(bytes.readUInt8(4 * 4096) ^ 1, 4 * 4096);
    await writeFile(join(db, changed), bytes);
    const spool = await spoolArchive(path, list, set, options);
    await expect(spool.whole).rejects.toMatchObject({ code: 'source-changed' });
    expect(await readdir(folder)).toEqual(['db']);
  });
});

/** A folder store that holds the database as one archive. */
async function stored(folder: string, encryptor: Encryptor | null) {
  const db = await makeDb(folder);
  const spool = await spoolOf(folder, db, await listOf(db), encryptor);
  const packed = await spool.whole;
  const root = join(folder, 'store');
  await mkdir(root);
  const store = openFolderStore({ root, url: root });
  const key = `2023-07-08/20230708T023000Z-3f9a1c2e77d0.tar.zst${encryptor ? '.age' : ''}`;
  const bytes = await readFile(spool.path);
  await store.put(key, bytesBody(bytes));
  const archive: LocatedArchive = { key, ...packed, versionId: null, contentHash: null };
  const extract = async (
    onThread: boolean,
    decryptor: Decryptor | null,
    signal = never,
    advance = progress.advance,
  ) => {
    const target = join(folder, `out-${onThread}`);
    await mkdir(target);
    const options = { decryptor, signal, progress: { ...progress, advance } };
    return extractInto(target, store, [archive], options, onThread);
  };
  return { db, store, key, bytes, extract, target: (onThread: boolean) => join(folder, `out-${onThread}`) };
}

async function sameFolders(a: string, b: string): Promise<void> {
  const { files } = await readDbFolder(a);
  expect(
    (await readDbFolder(b)).files.map(({ path, sizeBytes, mtimeMs }) => ({ path, sizeBytes, mtimeMs })),
  ).toEqual(files.map(({ path, sizeBytes, mtimeMs }) => ({ path, sizeBytes, mtimeMs })));
  for (const { path } of files)
    expect((await readFile(join(b, path))).equals(await readFile(join(a, path))), path).toBe(true);
}

describe.each([false, true])('unpacking, read back on a thread: %s', (onThread) => {
  test.each(['clear', 'encrypted'])('gives the files back and their verdict, %s', async (how) => {
    const key = await newKey();
    const encryptor = how === 'clear' ? null : await createEncryptor([key.recipient]);
    const { db, extract, target } = await stored(await scratch(), encryptor);
    const { judged, files } = await extract(onThread, encryptor && (await decryptorFor(key)));
    expect(judged.verdict).toBe('clean');
    expect(files).toBe((await readDbFolder(db)).files.length);
    await sameFolders(db, target(onThread));
  });

  test('with the wrong key, or none, it is the key that is wrong', async () => {
    const encryptor = await createEncryptor([(await newKey()).recipient]);
    const { extract, target } = await stored(await scratch(), encryptor);
    await expect(extract(onThread, null)).rejects.toMatchObject({ code: 'wrong-key' });
    await rm(target(onThread), { recursive: true });
    await expect(extract(onThread, await decryptorFor(await newKey()))).rejects.toMatchObject({
      code: 'wrong-key',
    });
  });

  test.each([
    ['a byte changed early', (bytes: Buffer) => bytes.fill(1, 2000, 2001)],
    [
      'a byte changed in its middle',
      (bytes: Buffer) => bytes.fill(1, bytes.length >> 1, (bytes.length >> 1) + 3),
    ],
    ['cut', (bytes: Buffer) => bytes.subarray(0, 5_000_000)],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(10)])],
    ['gone', () => null],
  ] as const)('an archive that is damaged: %s', async (_, damage) => {
    const { store, key, bytes, extract } = await stored(await scratch(), null);
    const broken = damage(Buffer.from(bytes));
    if (broken) await store.put(key, bytesBody(broken));
    else await store.delete(key);
    const error = await extract(onThread, null).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'damaged' });
    expect(String(error)).toContain(key);
  });

  test('an abort ends it', async () => {
    const { extract, bytes } = await stored(await scratch(), null);
    const abort = new AbortController();
    const reason = new EfakturError('interrupted', verbatim('stopped'), verbatim('Run it again.'));
    // With the first bytes that came from the store.
    let fetched = 0;
    const advance = (more: number): void => {
      fetched += more;
      abort.abort(reason);
    };
    await expect(extract(onThread, null, abort.signal, advance)).rejects.toBe(reason);
    expect(fetched).toBeGreaterThan(0);
    expect(fetched).toBeLessThan(bytes.length);
  });
});
