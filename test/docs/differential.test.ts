import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeEfakturFolder, seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

/** The script of FORMAT.md, run on what the built program stored. */
const run = promisify(execFile);
const program = join(import.meta.dirname, '../../dist/efaktur-cloud.js');
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'efaktur-differential-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function contents(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(folder, path), (await readFile(path)).toString('base64'));
  }
  return files;
}

test('stock tools and the script of FORMAT.md restore a differential', async () => {
  const format = await readFile(join(import.meta.dirname, '../../docs/FORMAT.md'), 'utf8');
  const script = /```python\n([\s\S]*?)```/.exec(format)?.[1] ?? '';
  expect(script.trim().split('\n').length).toBeLessThanOrEqual(30);
  await writeFile(join(work, 'restore-differential.py'), script);

  const app = await makeEfakturFolder(join(work, 'app'));
  const store = join(work, 'store');
  const env = {
    PATH: process.env.PATH,
    HOME: work,
    EFAKTUR_STORE: store,
    EFAKTUR_STATE_DIR: join(work, 'state'),
    EFAKTUR_TIMEZONE: 'Asia/Jakarta',
  };
  await run(process.execPath, [program, 'push', '--app', app, '--source', 'backup', '--all'], { env });
  const day = join(store, '2023-07-08');
  const names = await readdir(day);
  const manifest = JSON.parse(
    await readFile(join(day, names.find((n) => n.endsWith('.json')) ?? ''), 'utf8'),
  );
  expect(manifest.kind).toBe('differential');
  const [base, diff] = manifest.needs.map((need: { key: string }) => join(store, need.key));
  expect(base).toMatch(/2023-07-06\/.*(?<!diff)\.tar\.zst$/);

  for (const [folder, archive] of [
    ['base', base],
    ['diff', diff],
  ]) {
    await mkdir(join(work, folder));
    await run('sh', ['-c', 'zstd -dcq "$1" | tar x -C "$2"', 'sh', archive, join(work, folder)]);
  }
  await run('python3', ['restore-differential.py', 'base', 'diff'], { cwd: work });

  await unzip(seeds['seed-8-july'].path, join(work, 'expected'));
  const expected = await contents(join(work, 'expected', 'db'));
  for (const path of expected.keys()) if (/\/(tmp\/.*|db\.lck|dbex\.lck)$/.test(path)) expected.delete(path);
  expect(await contents(join(work, 'db'))).toEqual(expected);
});
