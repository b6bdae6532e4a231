import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeBlockIndex, parseBlockIndex } from '../../src/archive/block-index.ts';
import { encodeFileList, type FileList, parseFileList } from '../../src/archive/file-list.ts';
import { encodeFrames } from '../../src/archive/zstd-frames.ts';
import { isSafePath } from '../../src/base/safe-path.ts';
import { parseCopied } from '../../src/catalog/copied.ts';
import { listBackups } from '../../src/catalog/listing.ts';
import { encodeManifest, type Manifest, parseManifest, parseOrigin } from '../../src/catalog/manifest.ts';
import { openZip } from '../../src/efaktur/zip-source.ts';
import type { StoreRecord } from '../../src/state/record.ts';
import { readRecord, writeRecord } from '../../src/state/record-file.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { databaseEntries, zipBytes } from '../efaktur/zip-bytes.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { fuzz, refused } from '../support/fuzz.ts';

/**
 * What others may have written is read to its end or refused with the code that is promised, within moments, whatever its
 * bytes. Each test has a fixed number of inputs, drawn from seeds, so that a run can be had again.
 */

/** None of these inputs has anything in it that takes time. */
const longestMs = 5000;

async function eachSeed(
  count: number,
  step: (seed: number) => Promise<boolean>,
): Promise<{ refused: number }> {
  let refusals = 0;
  let slowest = 0;
  for (let seed = 1; seed <= count; seed++) {
    const begun = performance.now();
    if (await step(seed)) refusals++;
    slowest = Math.max(slowest, performance.now() - begun);
  }
  expect(slowest).toBeLessThan(longestMs);
  // Neither is all refused, which would prove little, nor nothing.
  expect(refusals).toBeGreaterThan(count / 10);
  return { refused: refusals };
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const id = '20230708T023000Z-3f9a1c2e77d0';
const key = `2023-07-08/${id}.json`;
const archive = `2023-07-08/${id}.tar.zst`;
const facts = {
  contentHash: hash('a'),
  dataHash: hash('b'),
  files: 2,
  totalBytes: 9,
  databases: ['ETaxInvoice'],
  verdict: 'clean',
  judged: [{ name: 'ETaxInvoice', verdict: 'clean', tables: [{ name: 'APP.T', rows: 3 }] }],
} as const;
const manifest: Manifest = {
  id,
  capturedAt: new Date('2023-07-08T02:30:00Z'),
  capturedBasis: 'name',
  kind: 'full',
  source: 'login-backup',
  origin: 'origin/20230706T022000Z-pc.json',
  program: 'efaktur-cloud 0.1.0',
  archive,
  needs: [{ key: archive, sizeBytes: 4711, sha256: hash('c') }],
  restore: 'zstd -d',
  private: facts,
};

test('manifests, origins and notes of copies', async () => {
  const text = encodeManifest(manifest).toString();
  await eachSeed(20_000, (seed) => {
    const mutated = fuzz(seed).json(text);
    return refused(['damaged', 'newer-format'], seed, () => {
      const { needs, archive: named, capturedAt } = parseManifest(mutated, key);
      // What is believed can be used: keys stay inside of the store, times are times.
      for (const used of [named, ...needs.map((n) => n.key)]) {
        expect(used.split('/').every((part) => !['', '.', '..'].includes(part))).toBe(true);
        expect(used).not.toContain('\\');
      }
      expect(Number.isNaN(capturedAt.getTime())).toBe(false);
      for (const need of needs)
        expect(Number.isSafeInteger(need.sizeBytes) && need.sizeBytes >= 0).toBe(true);
    });
  });
  for (let seed = 1; seed <= 5000; seed++) {
    const origin = parseOrigin(fuzz(seed).json('{"format":1,"name":"pc","appFolder":"/srv/e-Faktur"}'));
    if (origin) expect(typeof origin.name).toBe('string');
    const copied = parseCopied(fuzz(seed).json(`{"format":1,"uploaded":{"${key}":"2023-07-08T02:31:00Z"}}`));
    if (copied !== null && copied !== 'newer')
      for (const at of copied.values()) expect(Number.isNaN(at.getTime())).toBe(false);
  }
});

test('file lists', async () => {
  const list: FileList = {
    files: ['ETaxInvoice/log/log.ctrl', 'ETaxInvoice/seg0/c10.dat', 'ETaxInvoice/service.properties'].map(
      (path) => ({
        path,
        sizeBytes: 20_000,
        mtimeMs: 1_688_783_400_000,
        sha256: hash(path),
      }),
    ),
    emptyFolders: ['ETaxInvoice/tmp'],
    facts: { id, kind: 'full', ...facts },
  };
  const text = encodeFileList(list).toString();
  await eachSeed(20_000, (seed) =>
    refused(['damaged', 'newer-format'], seed, () => {
      const { files, emptyFolders } = parseFileList(fuzz(seed).json(text));
      for (const path of [...files.map((f) => f.path), ...emptyFolders]) expect(isSafePath(path)).toBe(true);
      for (const { sizeBytes } of files) expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true);
    }),
  );
});

test('block indexes', async () => {
  const digests = Buffer.alloc(16 * 5, 7);
  const index = await encodeBlockIndex([
    {
      path: 'ETaxInvoice/seg0/c10.dat',
      sizeBytes: 20_000,
      mtimeMs: 1_688_783_400_000,
      sha256: hash('x'),
      digests,
    },
  ]);
  const head =
    '{"format":1,"blockBytes":4096,"files":[{"path":"a/b","size":20000,"mtime":"2023-07-08T02:30:00Z","sha256":"x"}]}';
  const framed = async (content: Buffer): Promise<Buffer> => {
    const frames: Buffer[] = [];
    for await (const frame of encodeFrames(piecesOf(content))) frames.push(frame);
    return Buffer.concat(frames);
  };
  await eachSeed(4000, async (seed) => {
    const { bytes, json, number } = fuzz(seed);
    const mutated =
      number(2) === 0 ? bytes(index) : await framed(Buffer.concat([json(head), Buffer.from('\n'), digests]));
    return refused(['damaged'], seed, async () => {
      const files = await parseBlockIndex(piecesOf(mutated));
      for (const file of files.values())
        expect(file.digests.length).toBe(Math.ceil(file.sizeBytes / 4096) * 16);
    });
  });
});

test('local records: read, used and written again', async () => {
  const stateDir = await tempFolder();
  const store = '/mnt/nas';
  const record: StoreRecord = {
    store,
    origin: { key: 'origin/20230706T022000Z-pc.json', name: 'pc', appFolder: '/srv' },
    archives: [
      {
        tag: '3f9a1c2e77d0',
        key: archive,
        kind: 'full',
        sizeBytes: 4711,
        sha256: hash('c'),
        etag: null,
        keysId: null,
        uploadedAt: '2023-07-08T02:31:00.000Z',
        lockedUntil: null,
        facts,
      },
    ],
    programs: [],
    backups: [
      { id, tag: '3f9a1c2e77d0', day: '2023-07-08', local: { path: '/x.zip', sizeBytes: 1, mtimeMs: 2 } },
    ],
  };
  await writeRecord(stateDir, record);
  const name = `${hash(store).slice(0, 16)}.json`;
  const path = join(stateDir, 'stores', name);
  const text = await readFile(path, 'utf8');
  await eachSeed(2000, async (seed) => {
    await writeFile(path, fuzz(seed).json(text));
    let isWhole = false;
    const isNewer = await refused(['newer-format'], seed, async () => {
      const read = await readRecord(stateDir, store);
      for (const one of read.archives) expect(one).toEqual(record.archives[0]);
      for (const one of read.backups) expect(one).toEqual(record.backups[0]);
      isWhole = read.archives.length + read.backups.length === 2;
      await writeRecord(stateDir, read);
      expect(await readRecord(stateDir, store)).toEqual(read);
    });
    return isNewer || !isWhole;
  });
});

test('login backup zips, small ones and one of a real database', async () => {
  const folder = await tempFolder();
  const path = join(folder, '2023-07-08 09.30.zip');
  const small = zipBytes(databaseEntries('db/ETaxInvoice'));
  const real = await readFile(seeds['seed-8-july'].path);
  await eachSeed(3000, async (seed) => {
    await writeFile(path, fuzz(seed).bytes(seed % 20 === 0 ? real : small));
    return refused(['source-unusable'], seed, async () => {
      const { set, close } = await openZip(path, 'Asia/Jakarta');
      try {
        for (const file of set.files) {
          let length = 0;
          for await (const part of await file.open()) length += part.length;
          expect(length).toBe(file.sizeBytes);
          expect(isSafePath(file.path)).toBe(true);
        }
      } finally {
        close();
      }
    });
  });
});

test('names in a store: whatever lies there, a listing comes to its end', async () => {
  const root = join(await tempFolder(), 'store');
  const store = openFolderStore({ root, url: root });
  let backups = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const { bytes, number } = fuzz(seed);
    const name = bytes(Buffer.from(number(2) === 0 ? key : archive))
      .toString('latin1')
      .replace(/[^\x20-\x7e]|\\/g, '-')
      .split('/')
      .map((part) => part.slice(0, 200))
      .filter((part) => !/^\.*$/.test(part))
      .join('/');
    const file = join(root, name || 'x');
    // A name may be that of a folder already.
    if (
      await stat(file).then(
        () => true,
        () => false,
      )
    )
      continue;
    await mkdir(join(file, '..'), { recursive: true }).catch(() => {});
    await writeFile(file, 'x').catch(() => {});
    if (seed % 20 > 0) continue;
    const listing = await listBackups(store);
    backups = listing.backups.length;
    for (const backup of listing.backups) expect(Number.isNaN(backup.capturedAt.getTime())).toBe(false);
  }
  expect(backups).toBeGreaterThan(0);
});
