import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeWorld, type World } from '../support/cli.ts';
import { inBothLanguages } from '../support/languages.ts';

/** What commands print is compared in both languages, and holds no word of the other. */

type Said = readonly [line: string, code: number, en: RegExp, id: RegExp];

async function compare(world: World, said: readonly Said[]): Promise<void> {
  for (const [line, code, en, id] of said) {
    const told = await inBothLanguages(world, line.split(' '));
    expect(told.code, `${line}: ${told.en}`).toBe(code);
    expect(told.en, line).toMatch(en);
    expect(told.id, line).toMatch(id);
  }
}

test('over an empty store', async () => {
  await compare(await makeWorld(), [
    ['list', 0, /^No backups\.$/m, /^Tidak ada cadangan \(backup\)\.$/m],
    ['list --programs', 0, /^No program backups\./, /^Tidak ada cadangan program\./],
    ['status', 20, /newest backup: +none$/m, /cadangan terbaru: +tidak ada$/m],
    [
      'verify',
      4,
      /holds no backup, so there is nothing to check/,
      /tidak berisi cadangan, jadi tidak ada yang/,
    ],
    ['pull --to x', 4, /there is no backup in /, /tidak ada cadangan di /],
    ['find Gerbang', 4, /^Solution: Check /m, /^Solusi: Periksa /m],
    ['push --dry-run', 0, /would be read and stored: the state/, /akan dibaca dan disimpan: keadaan/],
    ['doctor', 0, /^ {2}ok +put +.*\nEverything/ms, /^ {2}baik +put +.*\nSemua/ms],
    ['doctor --print-policy x', 2, /there is no policy "x"/, /tidak ada kebijakan "x"/],
    ['prune', 0, /^There is nothing to delete\.$/m, /^Tidak ada yang perlu dihapus\.$/m],
    ['keys show', 0, /nobody \(in clear\)/, /tidak ada \(tanpa enkripsi\)/],
    ['keys', 2, /keys needs to know what to do/, /keys perlu tahu/],
  ]);
});

describe('over stored backups', async () => {
  const stored = async (): Promise<World> => {
    const world = await makeWorld();
    await world.json(['push', '--all']);
    await world.json(['push', '--whole-app']);
    return world;
  };

  test('lists, checks and plans', async () => {
    await compare(await stored(), [
      [
        'push',
        0,
        /^Nothing new since the last backup: the state/,
        /^Tidak ada yang baru sejak cadangan \(backup\)/,
      ],
      ['push --whole-app', 0, /^Nothing new: the program folder/, /^Tidak ada yang baru: folder program/],
      [
        'push --full -v',
        0,
        /^Stored the state .* created .* sent, \d+ requests/s,
        /^Disimpan: .* dibuat .* terkirim, \d+ permintaan/s,
      ],
      ['list --long', 0, /^DATE .* closed, sound +never /s, /^TANGGAL .* tertutup, utuh +belum pernah /s],
      ['list --programs', 0, /^DATE +READ +/, /^TANGGAL +DIBACA +/],
      [
        'status',
        20,
        /: \d\S+ \S+ \(just now\), .*closed, sound when it was pushed/,
        /\(baru saja\), .*tertutup, utuh saat disimpan/,
      ],
      [
        'verify --all --read-data -v',
        0,
        /^ok +read back .*; \d of them read in full, /s,
        /^baik +dibaca kembali .*di antaranya dibaca seluruhnya, /s,
      ],
      ['status', 0, /^All is well\.$/m, /^Semuanya baik\.$/m],
      [
        'prune --keep-last 1',
        0,
        /^DELETE .* no rule .*^Nothing was changed/ms,
        /^HAPUS .* tidak ada aturan yang menjangkaunya.*^Belum ada yang diubah/ms,
      ],
      ['prune-local --keep 1', 0, /^keep .* the newest$/m, /^simpan .* yang terbaru$/m],
      [
        'copy --to second --dry-run',
        0,
        /^planned .* would be copied from/s,
        /^direncanakan .* akan disalin dari/s,
      ],
      ['pull --to x --dry-run', 0, /^Would restore the backup of /, /^Akan memulihkan cadangan /],
      [
        'pull --whole-app --to x --dry-run',
        0,
        /^Would make a whole e-Faktur in /,
        /^Akan membuat e-Faktur lengkap di /,
      ],
      [
        'pull --date 2001-01-01 --to x',
        4,
        /there is no backup of 2001-01-01 in/,
        /tidak ada cadangan tanggal 2001-01-01 di/,
      ],
      ['export --to out', 0, /^Exported the backup of /, /^Berhasil mengekspor cadangan /],
    ]);
  });

  test('what is inside', async () => {
    const world = await stored();
    await compare(world, [
      ['tables', 0, /^TABLE +ROWS +COLUMNS$/m, /^TABEL +BARIS +KOLOM$/m],
      [
        'find Gerbang',
        0,
        /^2 rows with "Gerbang" in the backup of /m,
        /^2 baris dengan "Gerbang" di cadangan /m,
      ],
      ['find tidakada', 5, /"tidakada": in no row of/, /"tidakada": tidak ada dalam baris mana pun/],
      ['find --first Gerbang', 0, /first appears in the backup of/, /pertama kali muncul di cadangan/],
      ['show REFERENSI --limit 2', 0, /^Rows 1 to 2 of /m, /^Baris 1 sampai 2 dari /m],
      [
        'show REFERENSY',
        2,
        /there is no table REFERENSY\nSolution: Did you mean/,
        /tidak ada tabel REFERENSY\nSolusi: Maksud Anda/,
      ],
      [
        'diff 2023-07-06 2023-07-08',
        0,
        /^TABLE +BEFORE .*2 other tables are the same/ms,
        /^TABEL +SEBELUM .*2 tabel lainnya sama/ms,
      ],
      ['diff 2023-07-08', 2, /diff compares two states/, /diff membandingkan dua keadaan/],
      [
        'export-tables --xlsx a.xlsx --yes',
        0,
        /^Wrote 5 tables \(\d+ rows\)/,
        /^Menulis 5 tabel \(\d+ baris\)/,
      ],
    ]);
  });

  test('what has gone or was damaged', async () => {
    const world = await stored();
    const keys = (await readdir(world.store, { recursive: true }))
      .filter((key) => /^2.*\.tar\.zst$/.test(key))
      .sort();
    const [first = '', ...others] = keys.map((key) => join(world.store, key));
    const bytes = await readFile(first);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(first, bytes);
    await compare(world, [
      ['pull --date 2023-07-06 --to x', 13, /the archive is damaged/, /arsip ini rusak/],
      ['verify --all --read-data', 13, /^DAMAGED +read back /m, /^RUSAK +dibaca kembali /m],
    ]);
    for (const path of others) await rm(path);
    await compare(world, [['list', 0, /ARCHIVE MISSING/, /ARSIP HILANG/]]);
    await rm(world.store, { recursive: true });
    await compare(world, [
      ['push', 10, /^Cause: .*\nSolution: /m, /^Penyebab: .*\nSolusi: /m],
      ['status', 20, /Error newest-missing: .* does not list/, /Error newest-missing: .* tidak mencantumkan/],
    ]);
  });
});
