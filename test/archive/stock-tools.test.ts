import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileListName, parseFileList } from '../../src/archive/file-list.ts';
import { frameBytes } from '../../src/archive/zstd-frame.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { listOf, noise, pack, type Sample, sample, smallDatabases, smallFolders } from './sample-set.ts';
import { stock } from './stock-tool.ts';

const set: readonly Sample[] = [
  ...smallDatabases,
  sample('ETaxInvoice/seg0/c30.dat', noise(2 * frameBytes + 77), Date.parse('2019-01-02T03:04:05.678Z')),
  sample('ETaxInvoice/seg0/c40.dat', Buffer.alloc(3 * frameBytes), 0),
  sample(
    `PT Übung — 税/${'nama panjang '.repeat(7)}x/${'log '.repeat(12)}1.dat`,
    'a',
    Date.parse('2040-06-01Z'),
  ),
  sample(`PT Maju/seg0/${'b'.repeat(200)}.dat`, 'b'),
  sample(`PT Maju/${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(120)}/c10.dat`, 'c'),
  sample('tua/seg0/c10.dat', 'before 1970', -86_400_000),
];

test('zstd and tar alone give the same bytes and times', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'X.tar.zst'), await pack(set, smallFolders));
  await mkdir(join(folder, 'out'));
  await stock('zstd', ['--version'], folder);
  await stock('tar', ['--version'], folder);
  await stock('sh', ['-c', 'zstd -d < X.tar.zst | tar x -C out'], folder);
  for (const { path, bytes, mtimeMs } of set) {
    const target = join(folder, 'out/db', path);
    expect((await readFile(target)).equals(bytes), path).toBe(true);
    // A tar header holds whole seconds.
    expect((await stat(target)).mtimeMs, path).toBe(Math.floor(mtimeMs / 1000) * 1000);
  }
  for (const path of smallFolders) expect(await readdir(join(folder, 'out/db', path))).toEqual([]);
  const found = await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true });
  expect(found.filter((entry) => entry.isFile())).toHaveLength(set.length + 1);
  expect(parseFileList(await readFile(join(folder, 'out', fileListName)))).toEqual(listOf(set, smallFolders));
});

test('zstd finds the archive whole, and its frames as promised', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'X.tar.zst'), await pack(set, smallFolders));
  await stock('zstd', ['-t', 'X.tar.zst'], folder);
  const listing = await stock('zstd', ['-lv', 'X.tar.zst'], folder);
  // 5 MiB of big files and the small ones: six frames, and the table as a skippable one.
  expect(/Zstandard Frames: (\d+)/.exec(listing)?.[1]).toBe('6');
  expect(/Skippable Frames: (\d+)/.exec(listing)?.[1]).toBe('1');
  expect(listing).toMatch(/Check: XXH64/);
  const tarBytes = Number(/Decompressed Size:.*\((\d+) B\)/.exec(listing)?.[1]);
  expect(tarBytes).toBeGreaterThan(5 * frameBytes);
  expect(tarBytes % 512).toBe(0);
  await expect(stock('zstd', ['-t', 'no-such-file'], folder)).rejects.toThrow();
});
