import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { type CopyJson, type ListJson, treeOf } from '../support/cli.ts';
import { windowsPc } from '../support/win/pc.ts';

/** All other commands of the program for Windows, on the backups of 6 and 8 July 2023. */

test('what looks into backups, and what writes files of them', async () => {
  const pc = await windowsPc();
  await pc.json(['push', '--source', 'backup', '--all']);
  const there = (...names: string[]): string => join(pc.folder, ...names);

  expect(await pc.json(['tables', '--date', '2023-07-06'])).toMatchObject({
    databases: [{ name: 'ETaxInvoice', state: 'clean' }],
  });
  const found = await pc.run(['find', 'Gerbang Semesta', '345000', '--date', '2023-07-08']);
  expect(found.code, found.stderr).toBe(0);
  expect(found.stdout).toContain('> NAMA_LAWAN      Gerbang Semesta\n');
  expect((await pc.run(['find', 'Gerbang Semesta', '--date', '2023-07-06'])).code).toBe(
    exitCodes['not-in-backup'],
  );
  const shown = await pc.run(['show', 'PROFIL', '--csv']);
  expect(shown.stdout.split('\n')[0]).toContain('NPWP,NAMA,');
  expect(await pc.json(['diff', '2023-07-06', '2023-07-08'])).toMatchObject({
    added: 3,
    removed: 0,
    changed: 0,
  });

  expect(
    (await pc.run(['export-tables', '--to', pc.named(there('tabel')), '--xlsx', 'tabel.xlsx'])).code,
  ).toBe(0);
  expect(await readdir(there('tabel'))).toEqual(['ETaxInvoice', 'schema.json']);
  // As all Excel workbooks it is a zip.
  expect((await readFile(there('tabel.xlsx'))).toString('latin1', 0, 2)).toBe('PK');
  await pc.json(['export', '--date', '2023-07-08', '--to', pc.named(there('polos'))]);
  expect(
    Object.keys(await treeOf(there('polos'))).filter((path) => path.endsWith('seg0/c10.dat')),
  ).toHaveLength(1);
});

test('what keeps stores in order', async () => {
  const pc = await windowsPc();
  await pc.json(['push', '--source', 'backup', '--all']);
  const other = pc.named(pc.on('c', 'salinan'));
  expect(await pc.json<CopyJson>(['copy', '--to', other, '--all', '--read-back'])).toMatchObject({
    backups: [{ outcome: 'copied' }, { outcome: 'copied' }],
    readBack: [{ ok: true }, { ok: true }],
  });
  expect((await pc.json<ListJson>(['list', '--store', other])).backups).toHaveLength(2);
  const doctor = await pc.run(['doctor']);
  expect(doctor.code, doctor.stdout + doctor.stderr).toBe(0);
  // Two years old, so somebody must act.
  expect((await pc.run(['status'])).code).toBe(exitCodes.attention);
  const pruned = await pc.run(['prune', '--keep-last', '1']);
  expect(pruned.code, pruned.stderr).toBe(0);
  expect((await pc.json<ListJson>(['list'])).backups).toHaveLength(2);
  const keyFile = join(pc.folder, 'kunci.txt');
  const keys = await pc.run([
    'keys',
    'new',
    '--out',
    pc.named(keyFile),
    '--sheet',
    pc.named(join(pc.folder, 'lembar.html')),
  ]);
  expect(keys.code, keys.stderr).toBe(0);
  expect(await readFile(keyFile, 'utf8')).toContain('AGE-SECRET-KEY-1');
});

test('login backups that every store holds and has proved are removed from the PC, but for the newest', async () => {
  const pc = await windowsPc();
  const before = (await readdir(join(pc.app, 'backup'))).sort();
  await pc.json(['push', '--source', 'backup', '--all']);
  const prune = (...more: string[]) => pc.json(['prune-local', '--keep', '1', ...more]);
  // Nobody has read the archives back yet.
  expect(await prune('--yes')).toMatchObject({ outcome: 'pruned', deleted: [] });
  expect((await readdir(join(pc.app, 'backup'))).sort()).toEqual(before);

  await pc.json(['verify', '--read-data']);
  expect(await prune()).toMatchObject({ outcome: 'planned', deleted: [] });
  expect((await readdir(join(pc.app, 'backup'))).sort()).toEqual(before);
  expect(await prune('--yes')).toMatchObject({ outcome: 'pruned', deleted: [expect.anything()] });
  const after = (await readdir(join(pc.app, 'backup'))).sort();
  expect(after).toEqual(before.slice(1));
  expect((await pc.json<ListJson>(['list'])).backups).toHaveLength(2);
});
