import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteUnusable, readUnusable, type UnusableFile } from '../../src/state/unusable.ts';
import { tempFolder } from '../base/temp-folder.ts';

async function fileIn(folder: string, name: string): Promise<UnusableFile> {
  const path = join(folder, name);
  await writeFile(path, 'x');
  return { path, sizeBytes: 1, mtimeMs: 1000, why: `${name} is cut`, foundAt: '2024-03-01T10:00:00+07:00' };
}

test('files are added, a later look replaces an earlier one, and those that are gone are forgotten', async () => {
  const folder = await tempFolder();
  const stateDir = join(folder, 'not', 'there', 'yet');
  expect(await readUnusable(stateDir)).toEqual([]);
  const [a, b] = [await fileIn(folder, 'a.zip'), await fileIn(folder, 'b.zip')];
  const gone = { ...a, path: join(folder, 'gone.zip') };
  await noteUnusable(stateDir, [a, gone]);
  expect(await readUnusable(stateDir)).toEqual([a, gone]);
  await noteUnusable(stateDir, [b]);
  expect(await readUnusable(stateDir)).toEqual([a, b]);
  const grown = { ...a, sizeBytes: 2 };
  await noteUnusable(stateDir, [grown]);
  expect(await readUnusable(stateDir)).toEqual([b, grown]);
});

test.each([
  '',
  '[]',
  'null',
  '{"format":2,"files":[]}',
  '{"format":1,"files":7}',
  '{"format":1,"files":[null,7,{"path":"x"}]}',
])('a list that is none is empty: %s', async (text) => {
  const stateDir = await tempFolder();
  await mkdir(stateDir, { recursive: true });
  await writeFile(join(stateDir, 'unusable.json'), text);
  expect(await readUnusable(stateDir)).toEqual([]);
});
