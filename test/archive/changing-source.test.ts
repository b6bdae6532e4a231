import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { packArchive } from '../../src/archive/archive.ts';
import { digestsOf } from '../../src/archive/block-index.ts';
import type { FileList } from '../../src/archive/file-list.ts';
import { EfakturError } from '../../src/base/errors.ts';
import type { FileSet, SourceFile } from '../../src/base/file-set.ts';
import { verbatim } from '../../src/base/text.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { collect, listOf, noise, sample, smallDatabases, unpack } from './sample-set.ts';

const samples = [...smallDatabases, sample('ETaxInvoice/seg0/c30.dat', noise(200_000))];
const list = listOf(samples);
const changing = 'ETaxInvoice/seg0/c30.dat';

/** The samples on disk; `set` looks at them anew. */
async function onDisk(): Promise<{ file: string; set(): Promise<FileSet> }> {
  const folder = await tempFolder();
  for (const { path, bytes, mtimeMs } of samples) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    await utimes(join(folder, path), mtimeMs / 1000, mtimeMs / 1000);
  }
  const look = async (path: string): Promise<SourceFile> => {
    const info = await stat(join(folder, path));
    return {
      path,
      sizeBytes: info.size,
      mtimeMs: info.mtimeMs,
      open: async () => createReadStream(join(folder, path)),
    };
  };
  return {
    file: join(folder, changing),
    set: async () => ({ files: await Promise.all(list.files.map((f) => look(f.path))), emptyFolders: [] }),
  };
}

const packed = (set: FileSet) => codeOf(collect(packArchive(list, set)));

const changes: Record<string, (file: string) => Promise<void>> = {
  grows: (file) => appendFile(file, 'x'),
  shrinks: (file) => truncate(file, 199_999),
  'is emptied': (file) => truncate(file, 0),
  'keeps its size but not its bytes': (file) => writeFile(file, noise(200_000, 99)),
  vanishes: (file) => rm(file),
};

test('a set that stays as listed is packed', async () => {
  const { set } = await onDisk();
  expect(await packed(await set())).toBeNull();
});

test.each(Object.entries(changes))(
  'a file that %s before it is read again is a changed source',
  async (_, change) => {
    const { file, set } = await onDisk();
    const found = await set();
    await change(file);
    expect(await packed(found)).toBe('source-changed');
  },
);

test('a file that was touched but holds the same bytes is no change', async () => {
  const { file, set } = await onDisk();
  await utimes(file, 5, 5);
  const archive = await collect(packArchive(list, await set()));
  // The list's time goes in: it belongs to the read that the hashes are of.
  expect((await unpack([archive])).list).toEqual(list);
});

test('a file that changes while it is being packed is a changed source', async () => {
  const { file, set } = await onDisk();
  const found = await set();
  const files = found.files.map((source) => ({
    ...source,
    open: async () => {
      const stream = await source.open();
      if (source.path === changing) await appendFile(file, 'written meanwhile');
      return stream;
    },
  }));
  expect(await packed({ ...found, files })).toBe('source-changed');
});

test('a file beside the list, or missing from the set, is a changed source', async () => {
  const { set } = await onDisk();
  const found = await set();
  const extra: SourceFile = { ...(found.files[0] as SourceFile), path: 'ETaxInvoice/log/log2.dat' };
  expect(await packed({ ...found, files: [...found.files, extra] })).toBe('source-changed');
  expect(await packed({ ...found, files: found.files.slice(1) })).toBe('source-changed');
});

test('a source that cannot be read is named as the source, not as the place written to', async () => {
  const { set } = await onDisk();
  const found = await set();
  const failing = (error: Error): FileSet => ({
    ...found,
    files: found.files.map((f) => ({
      ...f,
      open: async () =>
        new Readable({
          read: (): never => {
            throw error;
          },
        }),
    })),
  });
  const system = (code: string): Error => Object.assign(new Error('i/o'), { code });
  expect(await packed(failing(system('EIO')))).toBe('source-unusable');
  expect(await packed(failing(system('EACCES')))).toBe('source-unusable');
  expect(
    await packed(failing(new EfakturError('source-unusable', verbatim('wrong CRC'), verbatim('')))),
  ).toBe('source-unusable');
  await expect(packed(failing(new RangeError('a bug')))).rejects.toThrow(RangeError);
});

test('an abandoned packing lets go of the file it reads', async () => {
  const { set } = await onDisk();
  const found = await set();
  const opened: Readable[] = [];
  const big = sample('ETaxInvoice/seg0/c30.dat', noise(3 << 20));
  const endless: SourceFile = {
    path: big.path,
    sizeBytes: 1 << 30,
    mtimeMs: 0,
    open: async () => {
      const stream = Readable.from(Array.from({ length: 1000 }, () => big.bytes));
      opened.push(stream);
      return stream;
    },
  };
  const others = found.files.filter((f) => f.path !== big.path);
  const longList = {
    ...list,
    files: list.files.map((f) => (f.path === big.path ? { ...f, sizeBytes: 1 << 30 } : f)),
  };
  for await (const _ of packArchive(longList, { ...found, files: [...others, endless] })) break;
  expect(opened.map((stream) => stream.destroyed)).toEqual([true]);
});

describe('a file of which only some blocks are packed', () => {
  const bytes = noise(200_000);
  const runs = [
    [0, 2],
    [7, 1],
    [40, 9],
  ] as const;
  const differential: FileList = {
    ...list,
    files: list.files.map((f) => (f.path === changing ? { ...f, from: runs } : f)),
  };
  const partly = new Map([[changing, digestsOf(bytes)]]);

  const packPartly = async (change: (file: string) => Promise<void> = async () => {}) => {
    const { file, set } = await onDisk();
    const found = await set();
    await change(file);
    const plain = {
      ...found,
      files: found.files.map((f) => (f.path === changing ? { ...f, diskPath: file } : f)),
    };
    return collect(packArchive(differential, plain, partly));
  };

  test('gives the same archive as one that is read whole', async () => {
    const { set } = await onDisk();
    const whole = await collect(packArchive(differential, await set()));
    expect((await packPartly()).equals(whole)).toBe(true);
  });

  const changeAt = (position: number) => async (file: string) => {
    const changed = Buffer.from(bytes);
    changed[position] = (changed[position] ?? 0) ^ 1;
    await writeFile(file, changed);
  };

  test.each([
    ['a byte of its first block', changeAt(0)],
    ['a byte of its last run', changeAt(199_999)],
    ['its length', (file: string) => truncate(file, 199_999)],
    ['that it is there', (file: string) => rm(file)],
  ])('is a changed source when %s changed', async (_, change) => {
    expect(await codeOf(packPartly(change))).toBe('source-changed');
  });

  test('is not looked at elsewhere: that is left to the caller', async () => {
    expect(await codeOf(packPartly(changeAt(3 * 4096)))).toBeNull();
  });
});

test('a mistake of the program is not taken for an unreadable source', async () => {
  const { set } = await onDisk();
  const { files, emptyFolders } = await set();
  const mistake = Object.assign(new TypeError('made for the test'), { code: 'ERR_INVALID_STATE' });
  const failing = files.map((file) =>
    file.path === changing ? { ...file, open: () => Promise.reject(mistake) } : file,
  );
  await expect(collect(packArchive(list, { files: failing, emptyFolders }))).rejects.toBe(mistake);
});
