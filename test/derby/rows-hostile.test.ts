import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/derby/database.ts';
import { goldens, placeGolden } from '../support/golden.ts';
import { folderFiles, memoryFiles } from './folder-files.ts';
import { loadFolder } from './judge-folder.ts';
import { pageSizeOf, readAll, readerSurvives } from './mutations.ts';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let files: Map<string, Buffer>;

async function place(name: string): Promise<string> {
  const sample = (await goldens()).find((one) => one.name === name && one.version === '10.12.1.1');
  return join(
    await placeGolden(sample ?? expect.fail(`no golden ${name}`), join(folder, name)),
    'ETaxInvoice',
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rows-hostile-'));
  files = loadFolder(await place('long-columns'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('random changes give rows or a clear error', () => readerSurvives(files, 300));

test('a damaged page is an error, or is passed over and counted', async () => {
  const all = await readAll(files);
  const path = [...files.keys()]
    .filter(
      (one) =>
        /^seg0\/c[4-9a-f][0-9a-f]{2}\.dat$|^seg0\/c[0-9a-f]{4}\.dat$/.test(one) && one.endsWith('0.dat'),
    )
    .sort((a, b) => (files.get(b)?.length ?? 0) - (files.get(a)?.length ?? 0))[0];
  const bytes = Buffer.from(files.get(path ?? '') ?? Buffer.alloc(0));
  for (let at = pageSizeOf(bytes) + 100; at < bytes.length; at += pageSizeOf(bytes))
    bytes[at] = (bytes[at] ?? 0) ^ 1;
  const changed = new Map(files).set(path ?? '', bytes);
  await expect(readAll(changed)).rejects.toMatchObject({ code: 'damaged' });
  const salvage = { pages: 0, rows: 0 };
  expect(await readAll(changed, salvage)).toBeLessThan(all);
  expect(salvage.pages + salvage.rows).toBeGreaterThan(0);
});

test('a killed database shows its rows as of the last checkpoint', async () => {
  const killed = await openDatabase(folderFiles(await place('killed')), 'mati');
  expect(await killed.logState()).toMatchObject({ state: 'needs-recovery' });
  expect(killed.tables.length).toBeGreaterThan(3);
});

test('a database without its system tables is damaged', async () => {
  const changed = new Map(files);
  changed.delete('seg0/c60.dat');
  await expect(openDatabase(memoryFiles(changed), 'x')).rejects.toMatchObject({ code: 'damaged' });
  await expect(openDatabase(memoryFiles(new Map()), 'x')).rejects.toMatchObject({ code: 'damaged' });
});

test('an unknown column is a mistake of the caller', async () => {
  const database = await openDatabase(memoryFiles(files), 'x');
  const [table] = database.tables;
  const rows = database.rows(table ?? expect.fail('no table'), { columns: ['TIDAK ADA'] });
  await expect(rows.next()).rejects.toMatchObject({ code: 'usage' });
});
