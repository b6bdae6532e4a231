import { readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemCode } from '../../src/base/errors.ts';
import { makeFolder } from '../../src/base/new-folder.ts';
import { tempFolder } from './temp-folder.ts';

const failure = (path: string): Promise<string | null> =>
  makeFolder(path).then(
    () => null,
    (error) => systemCode(error),
  );

test('the folders above it are made, and the first one made is told', async () => {
  const root = await tempFolder();
  expect(await makeFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
  expect(await makeFolder(join(root, 'a', 'b', 'd'))).toBe(join(root, 'a', 'b', 'd'));
  expect(await makeFolder(join(root, 'a', 'b'))).toBeNull();
  expect(await makeFolder('/')).toBeNull();
  expect((await readdir(root, { recursive: true })).sort()).toEqual(['a', 'a/b', 'a/b/c', 'a/b/d']);
});

test('all that is made has the mode asked for', async () => {
  const root = await tempFolder();
  await makeFolder(join(root, 'a', 'b'), 0o700);
  for (const folder of ['a', 'a/b'])
    expect((await stat(join(root, folder))).mode & 0o777, folder).toBe(0o700);
});

test('many at once all find it there', async () => {
  const root = await tempFolder();
  const path = join(root, 'a', 'b', 'c');
  const firsts = await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  expect(firsts).toContain(join(root, 'a'));
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('what is in the way is told', async () => {
  const root = await tempFolder();
  const file = join(root, 'file');
  await writeFile(file, '');
  await symlink(join(root, 'gone'), join(root, 'link'));
  expect(await failure(file)).toBe('EEXIST');
  expect(await failure(join(file, 'below', 'it'))).toBe('ENOTDIR');
  expect(await failure(join(root, 'link', 'below'))).toBe('EEXIST');
  expect(await failure(join(root, 'a', 'x'.repeat(300)))).toBe('ENAMETOOLONG');
  await symlink(root, join(root, 'to-root'));
  expect(await makeFolder(join(root, 'to-root'))).toBeNull();
});
