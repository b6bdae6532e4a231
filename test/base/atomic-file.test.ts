import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { asTargetError, syncDirectory, whileBusy, writeFileAtomic } from '../../src/base/atomic-file.ts';
import { isEfakturError, systemCode } from '../../src/base/errors.ts';
import { verbatim } from '../../src/base/text.ts';
import { tempFolder } from './temp-folder.ts';

test('a file is made and replaced as a whole, and nothing else is left', async () => {
  const folder = await tempFolder();
  const path = join(folder, 'record.json');
  await writeFileAtomic(path, 'one');
  expect(await readFile(path, 'utf8')).toBe('one');
  await writeFileAtomic(path, Buffer.from('two, longer'));
  expect(await readFile(path, 'utf8')).toBe('two, longer');
  expect(await readdir(folder)).toEqual(['record.json']);
});

test('the mode is kept to the owner where asked', async () => {
  const path = join(await tempFolder(), 'secret');
  await writeFileAtomic(path, 'x', 0o600);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a write that fails leaves the old file and no other', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'file'), 'x');
  // A file stands where the folder should be; a folder where the file should be.
  await expect(writeFileAtomic(join(folder, 'file', 'record'), 'y')).rejects.toSatisfy(
    (error) => systemCode(error) === 'ENOTDIR',
  );
  await expect(writeFileAtomic(join(folder, 'no-folder', 'record'), 'y')).rejects.toSatisfy(
    (error) => systemCode(error) === 'ENOENT',
  );
  await expect(writeFileAtomic(folder, 'y')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['file']);
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
});

test('many writers at once leave one of the contents, whole', async () => {
  const path = join(await tempFolder(), 'record');
  const contents = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(10_000 + i));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  expect(contents).toContain(await readFile(path, 'utf8'));
});

test('a process killed while it writes again and again leaves an old or a new content, whole', async () => {
  const path = join(await tempFolder(), 'record');
  await writeFileAtomic(path, content(0));
  let newest = 0;
  for (let round = 0; round < 6; round++) {
    const writer = spawn(
      process.execPath,
      [join(import.meta.dirname, 'write-for-ever.ts'), path, String(newest + 1)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(writer.stdout, 'data');
    await sleep(round * 5);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const found = await readFile(path, 'utf8');
    const number = Number(found.split(' ')[0]);
    expect(found).toBe(content(number));
    expect(number).toBeGreaterThan(newest);
    newest = number;
  }
}, 30_000);

const content = (number: number): string => `${number} `.repeat(5000);

test('a busy file is tried again until it is free, and anything else fails at once', async () => {
  const busy = (code: string): Error => Object.assign(new Error(code), { code });
  let calls = 0;
  const freeAtThird = async (): Promise<number> => {
    if (++calls < 3) throw busy('EBUSY');
    return calls;
  };
  expect(await whileBusy(freeAtThird)).toBe(3);
  calls = 0;
  await expect(
    whileBusy(async () => {
      calls++;
      throw busy('ENOENT');
    }),
  ).rejects.toThrow('ENOENT');
  expect(calls).toBe(1);
  calls = 0;
  await expect(
    whileBusy(
      async () => {
        calls++;
        throw busy('EPERM');
      },
      { timeoutMs: 120 },
    ),
  ).rejects.toThrow('EPERM');
  expect(calls).toBeGreaterThan(1);
  const abort = new AbortController();
  const waiting = whileBusy(async () => Promise.reject(busy('EACCES')), {
    timeoutMs: 60_000,
    signal: abort.signal,
  });
  abort.abort();
  await expect(waiting).rejects.toThrow();
});

test('a folder can be asked to reach the disk, and one that is not there is an error', async () => {
  const folder = await tempFolder();
  await syncDirectory(folder);
  await expect(syncDirectory(join(folder, 'absent'))).rejects.toSatisfy((e) => systemCode(e) === 'ENOENT');
});

test('full, refused and absent disks are the target not being writable; nothing else is', () => {
  const error = (code: string): Error => Object.assign(new Error(code), { code });
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT']) {
    const found = asTargetError(error(code), verbatim('/srv/db'));
    expect(isEfakturError(found, 'target-not-writable'), code).toBe(true);
    expect(String(found)).toContain('/srv/db');
  }
  for (const other of [error('EIO'), new RangeError('a bug'), 'text', null]) {
    expect(asTargetError(other, verbatim('/srv/db'))).toBe(other);
  }
});
