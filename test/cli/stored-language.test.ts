import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld } from '../support/cli.ts';
import { noteSecret } from '../support/printed.ts';

/** What is said of stored backups, in the language of the run; what is kept is in both. */

test('list, pull and export speak Indonesian: headings, sizes, dates and steps', async () => {
  const world = await makeWorld();
  await world.json(['push', '--all']);
  const env = { EFAKTUR_LANG: 'id' };
  const said = async (...args: string[]): Promise<string> => (await world.run(args, { env })).stdout;
  const listed = await said('list', '--long');
  expect(listed).toMatch(/^TANGGAL +WAKTU PENGAMBILAN .*TERAKHIR DIVERIFIKASI +ID$/m);
  expect(listed).toMatch(/2023-07-06 09:15 .* penuh +\d+(,\d)? KB .*\(2,1 MB\) .*belum pernah/);
  expect(listed).not.toMatch(/\b(full|never|clean|login-backup)\b/);
  expect(await said('status')).toMatch(/cadangan terbaru: .*, dari \d; /);
  const to = join(world.folder, 'baru');
  expect(await said('pull', '--to', to, '--date', '2023-07-06')).toMatch(
    /^Berhasil memulihkan cadangan 2023-07-06 09:15.* 2,1 MB, semuanya sudah diperiksa\.\n.*Langkah berikutnya:\n {2}1\. /s,
  );
  const refused = await world.run(['pull', '--to', to], { env });
  expect(refused.stderr).toMatch(/Error usage: .* tidak kosong.*\nSolusi: Tambahkan --yes/);
  // JSON is English whatever the language.
  const wrong = await world.run(['pull', '--id', 'x', '--json'], { env });
  expect(JSON.parse(wrong.stderr).error.message).toBe('--id: "x" is not the id of a backup');
  const english = await world.run(['list', '--long', '--lang', 'en'], { env });
  expect(english.stdout).toMatch(/^DATE +CAPTURED .*LAST VERIFIED +ID$/m);
});

test('README.txt of an export and the recovery sheet are in both, Indonesian first, whatever --lang says', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  for (const lang of ['id', 'en']) {
    const to = join(world.folder, lang);
    const { path } = await world.json<{ path: string }>(['export', '--to', to, '--lang', lang]);
    const readme = await readFile(join(path, 'README.txt'), 'utf8');
    expect(readme.indexOf('CARA MEMULIHKAN')).toBeGreaterThan(0);
    expect(readme.indexOf('HOW TO RESTORE')).toBeGreaterThan(readme.indexOf('CARA MEMULIHKAN'));
    const name = `${lang}.txt`;
    const { code, stdout } = await world.run(['keys', 'new', '--sheet', name, '--lang', lang]);
    expect([code, stdout.slice(0, 15)]).toEqual([0, lang === 'id' ? 'Lembar pemuliha' : 'Recovery sheet:']);
    const sheet = await readFile(join(world.folder, name), 'utf8');
    await noteSecret(/^AGE-SECRET-KEY-1\w+$/m.exec(sheet)?.[0] ?? '-');
    expect(sheet).toMatch(/LEMBAR PEMULIHAN.*Cetak dua kali.*Print it twice.*Kunci rahasia.* \/ Secret key/s);
  }
});
