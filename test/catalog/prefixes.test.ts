import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { archiveKey, manifestKey, originKey, proofKey, readmeKey } from '../../src/catalog/names.ts';
import { listPrefixes, mayBeOfPrefix, mayHoldPrefixes, splitKey } from '../../src/catalog/prefixes.ts';
import { addressBelow } from '../../src/store/below.ts';
import { openFolderStore } from '../../src/store/folder.ts';
import { tempFolder } from '../base/temp-folder.ts';

const at = new Date('2023-07-08T02:30:00Z');
const [id, tag] = ['20230708T023000Z-3f9a1c2e77d0', '3f9a1c2e77d0'];
const keys = [
  archiveKey('2023-07-08', id, 'full', true),
  manifestKey('2023-07-08', id),
  originKey(at, 'pc'),
  proofKey({ tag, level: 'data', result: 'clean', at }),
  readmeKey,
];

test('a key is split where its history begins, whatever stands before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }),
      fc.constantFrom(...keys),
      (names, key) => {
        const prefix = names.map((name) => `${name}/`).join('');
        expect(splitKey(prefix + key)).toEqual([prefix, key]);
      },
    ),
  );
  for (const foreign of ['', 'a', 'foto/a.jpg', '2023-07-08', 'x/2023-13-08/a', 'doctor/x', 'a/origins/x'])
    expect(splitKey(foreign), foreign).toBeNull();
});

test('of a folder only what may hold a history is looked into', () => {
  for (const folder of [
    'a/',
    'klien/pt a/',
    'klien/pt a/2023-07-08/',
    'klien/origin/',
    'a/b/c/d/2023-07-08/',
  ])
    expect(mayHoldPrefixes(folder), folder).toBe(true);
  for (const folder of [
    '.git/',
    '$RECYCLE.BIN/',
    'System Volume Information/',
    'a/.b/',
    '2023-07-08/a/',
    'a/origin/b/',
    'a/b/c/d/e/f/',
  ])
    expect(mayHoldPrefixes(folder), folder).toBe(false);
});

test('what lies beside histories is not read, and stands in no line', async () => {
  const root = await tempFolder();
  const put = async (path: string): Promise<void> => {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), 'x');
  };
  for (const prefix of ['pt a', 'grup/pt b']) for (const key of keys) await put(`${prefix}/${key}`);
  for (const foreign of [
    'foto/2023/a.jpg',
    'grup/daftar.xlsx',
    'pt c/README.txt',
    'pt d/2023-07-08/notes.txt',
  ])
    await put(foreign);
  const store = openFolderStore({ root, url: root, isOwnFolder: mayHoldPrefixes, isOwnFile: mayBeOfPrefix });
  const { prefixes } = await listPrefixes(store, new AbortController().signal);
  expect(
    prefixes.map(({ prefix, origins, listing, storedBytes }) => [
      prefix,
      origins.length,
      listing.backups.length,
      storedBytes,
    ]),
  ).toEqual([
    ['grup/pt b/', 1, 1, keys.length],
    ['pt a/', 1, 1, keys.length],
  ]);
});

test.each([
  ['s3://b?endpoint=http://x', 'pt a/', 's3://b/pt a'],
  ['s3://b/klien/', 'x/y/', 's3://b/klien/x/y'],
  ['s3://b/klien?region=x', '', 's3://b/klien'],
  ['D:\\Backup\\', 'x/y/', 'D:\\Backup\\x\\y'],
  ['\\\\nas\\b', 'x/', '\\\\nas\\b\\x'],
  ['/mnt/nas/', 'x/', '/mnt/nas/x'],
  ['file:///mnt/nas', 'x/', 'file:///mnt/nas/x'],
])('below %s, %s lies at %s', (url, prefix, address) => {
  expect(addressBelow(url, prefix)).toBe(address);
});
