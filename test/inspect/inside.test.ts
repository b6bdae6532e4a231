import { cp, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, makeWorld, type PushJson, treeOf, type World } from '../support/cli.ts';
import { startDerby } from '../support/derby.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';
import { folderForAll } from './inspect-folder.ts';

interface FindJson {
  backup: { id: string; date: string } | null;
  local: string | null;
  found: {
    database: string;
    schema: string;
    table: string;
    matched: string[];
    row: Record<string, unknown>;
  }[];
  more: boolean;
}
interface TablesJson {
  databases: {
    name: string;
    state: string;
    tables: {
      schema: string;
      name: string;
      rows: number;
      columns: { name: string; type: string }[];
      primaryKey: string[];
    }[];
  }[];
}
interface FirstJson {
  first: { id: string; date: string } | null;
  before: { id: string; date: string } | null;
  last: { id: string; date: string } | null;
  backups: number;
  lookedInto: number;
  certain: boolean;
}
interface DiffJson {
  added: number;
  removed: number;
  changed: number;
  tables: {
    table: string;
    rowsBefore: number;
    rowsAfter: number;
    added: number;
    removed: number;
    changed: number;
    rows?: unknown[];
  }[];
}

describe('with the backups of 6 and 8 July stored', () => {
  let world: World;
  let pushed: PushJson;

  beforeEach(async () => {
    world = await makeWorld({ live: null });
    pushed = await world.json(['push', '--all']);
  });

  test('the seed case: found on 8 July, not there on 6 July', async () => {
    const find = (day: string): string[] => ['find', 'Gerbang Semesta', '345000', '--date', day];
    const late = await world.run(find('2023-07-08'));
    expect(late.code).toBe(0);
    expect(late.stdout).toContain('> NAMA_LAWAN      Gerbang Semesta\n> DPP             345.000,00\n');
    expect(late.stdout).toContain('TANGGAL_FAKTUR  8 Jul 2023');
    expect(late.stdout).toMatch(
      /1 row with "Gerbang Semesta" and "345000" in the backup of 2023-07-08 09:30/,
    );
    const early = await world.run(find('2023-07-06'));
    expect([early.code, early.stdout]).toEqual([5, '']);
    expect(early.stderr).toContain('in no row of the backup of 2023-07-06 09:15');

    const document = await world.json<FindJson>(find('2023-07-08'));
    expect(document).toMatchObject({
      backup: { date: '2023-07-08', id: pushed.backups[1]?.id },
      local: null,
      more: false,
      found: [
        {
          database: 'ETaxInvoice',
          schema: 'ETAX',
          table: 'FAKTUR_KELUARAN',
          matched: ['NAMA_LAWAN', 'DPP'],
          row: {
            ID: 41,
            TANGGAL_FAKTUR: '2023-07-08',
            DPP: '345000.00',
            NAMA_LAWAN: 'Gerbang Semesta',
            PPNBM: null,
          },
        },
      ],
    });
    const none = await world.run([...find('2023-07-06'), '--json']);
    expect(none.code).toBe(5);
    expect(JSON.parse(none.stdout)).toMatchObject({ found: [], more: false, warnings: [] });
    expect(errorOf(none).code).toBe('not-in-backup');
  });

  test('words, numbers and dates in every way to write them', async () => {
    const cases: [string[], number][] = [
      [['gerbang', 'SEMESTA', '345.000'], 1],
      [['"Gerbang Semesta" Rp345.000'], 1],
      [['Gerbang Semesta', 'Rp', '345.000,00'], 1],
      [['8', 'Juli', '2023', 'gerbang'], 2],
      [['8 Juli 2023', '345,000.00'], 1],
      [['08/07/2023', '37.950'], 1],
      [['2023-07-08', '--table', 'faktur_keluaran'], 1],
      [['Gerbang Semesta', '--table', 'ETAX.LAWAN_TRANSAKSI'], 1],
      // As printed, and as Coretax shows it; the table has its 13 digits.
      [['030.002-23.00000041', 'Gerbang Semesta'], 1],
      [['03009022300000041', 'Gerbang Semesta'], 1],
      [['002.230.000-0041'], 1],
      [['0022300000041'], 1],
    ];
    for (const [words, rows] of cases) {
      const { found } = await world.json<FindJson>(['find', ...words]);
      expect(found.length, words.join(' ')).toBe(rows);
    }
    expect((await world.run(['find', 'Gerbang Semesta', '345001'])).code).toBe(5);
    expect((await world.run(['find', 'Gerbang Semesta', '--table', 'PROFIL'])).code).toBe(5);
  });

  test('a limit ends the search', async () => {
    expect(await world.json<FindJson>(['find', '2023', '--limit', '3'])).toMatchObject({
      more: true,
      found: [{}, {}, {}],
    });
    const { stdout } = await world.run(['find', '2023', '--limit', '1']);
    expect(stdout).toContain('The first row with "2023"');
  });

  test('find --first names the backup and the one before it', async () => {
    expect(await world.json<FirstJson>(['find', '--first', 'Gerbang Semesta'])).toMatchObject({
      first: { date: '2023-07-08' },
      before: { date: '2023-07-06' },
      last: null,
      backups: 2,
      lookedInto: 2,
      certain: true,
    });
    expect(await world.json<FirstJson>(['find', '--first', '0022300000001'])).toMatchObject({
      first: { date: '2023-07-06' },
      before: null,
    });
    const { code, stdout } = await world.run(['find', '--first', 'Gerbang Semesta']);
    expect([code, stdout.split('\n')[0]?.replace(/\d{4}-\d\d-\d\d \d\d:\d\d \(/, 'TIME (')]).toEqual([
      0,
      `"Gerbang Semesta" first appears in the backup of 2023-07-08 09:30, uploaded TIME (${pushed.backups[1]?.id}).`,
    ]);
    expect((await world.run(['find', '--first', 'tidak ada'])).code).toBe(5);
    expect((await world.run(['find', '--first', 'x', '--date', '2023-07-08'])).code).toBe(2);
  });

  test('all of it in Indonesian', async () => {
    const told = async (...args: string[]) => {
      const { stdout, stderr } = await world.run([...args, '--lang', 'id']);
      return (stdout + stderr).replace(/, \p{L}+ \d{4}-\d\d-\d\d \d\d:\d\d \(/gu, ' (');
    };
    const [early, late] = pushed.backups.map(({ id }) => id) as [string, string];
    const place = `cadangan 2023-07-08 09:30 (${late})`;
    expect(await told('tables')).toContain(`Dalam ${place}:\n\nDatabase ETaxInvoice:\nTABEL `);
    expect(await told('show', 'PROFIL')).toContain(`Baris 1 sampai 1 dari ETAX.PROFIL di ${place}.\n`);
    expect(await told('find', 'Gerbang Semesta', '345000')).toContain(
      `1 baris dengan "Gerbang Semesta" dan "345000" di ${place}.\n`,
    );
    expect(await told('find', 'tidak ada')).toMatch(
      /Error not-in-backup: "tidak ada": tidak ada dalam baris mana pun di cadangan .*\nSolusi: /,
    );
    expect(await told('find', '--first', 'Gerbang Semesta')).toBe(
      `"Gerbang Semesta" pertama kali muncul di ${place}.\nCadangan sebelumnya, 2023-07-06 09:15 (${early}), tidak memuatnya.\n`,
    );
    expect(await told('show', 'FAKTUR_KELUARN')).toContain('tidak ada tabel FAKTUR_KELUARN\n');
    expect(await told('diff', late, late)).toContain('Baris semua 5 tabel sama.\n');
  });

  test('tables shows databases, columns, types and rows', async () => {
    const { databases } = await world.json<TablesJson>(['tables', '--date', '2023-07-06']);
    expect(databases).toMatchObject([{ name: 'ETaxInvoice', state: 'clean' }]);
    const rows = Object.fromEntries(databases[0]?.tables.map(({ name, rows: count }) => [name, count]) ?? []);
    expect(rows).toEqual({
      FAKTUR_DETAIL: 119,
      FAKTUR_KELUARAN: 40,
      LAWAN_TRANSAKSI: 12,
      PROFIL: 1,
      REFERENSI: 9,
    });
    expect(databases[0]?.tables.find(({ name }) => name === 'FAKTUR_DETAIL')).toMatchObject({
      schema: 'ETAX',
      primaryKey: ['FAKTUR_ID', 'BARIS'],
    });
    expect(databases[0]?.tables.find(({ name }) => name === 'FAKTUR_KELUARAN')?.columns).toContainEqual({
      name: 'DPP',
      type: 'DECIMAL(18,2)',
      nullable: false,
    });
    // Counted from the rows, not from the manifest.
    const local = await world.json<TablesJson>([
      'tables',
      '--local',
      join(world.app, 'backup', '2023-07-06 09.15.zip'),
    ]);
    expect(local.databases).toEqual(databases);
    const { stdout } = await world.run(['tables', '--id', pushed.backups[0]?.id ?? '', '--verbose']);
    expect(stdout).toContain('ETAX.FAKTUR_KELUARAN  40    ID BIGINT, KODE_TRANSAKSI CHAR(2)');
  });

  test('diff of 6 and 8 July by days and by ids', async () => {
    const [early, late] = pushed.backups.map(({ id }) => id) as [string, string];
    const days = await world.json<DiffJson>(['diff', '2023-07-06', '2023-07-08', '--rows']);
    expect(days).toMatchObject({ added: 3, removed: 0, changed: 0 });
    expect(days.tables).toContainEqual(
      expect.objectContaining({
        table: 'FAKTUR_KELUARAN',
        key: ['ID'],
        rowsBefore: 40,
        rowsAfter: 41,
        added: 1,
        rows: [
          {
            change: 'added',
            before: null,
            after: expect.objectContaining({ NAMA_LAWAN: 'Gerbang Semesta', DPP: '345000.00' }),
            differing: [],
          },
        ],
      }),
    );
    const back = await world.json<DiffJson>(['diff', late, early]);
    expect(back).toMatchObject({ added: 0, removed: 3, changed: 0 });
    expect(back.tables[0]).not.toHaveProperty('rows');
    const { stdout } = await world.run(['diff', early, late, '--rows']);
    expect(stdout).toMatch(/ETAX\.FAKTUR_KELUARAN +40 +41 +1 +0 +0\n/);
    expect(stdout).toMatch(/\+ ETAX\.FAKTUR_KELUARAN: ID 41\n(.*\n)*? {4}NAMA_LAWAN +Gerbang Semesta\n/);
    const same = await world.run(['diff', late, late]);
    expect(same.stdout).toContain('The rows of all 5 tables are the same.');
  });

  test('diff with the live db and with a path', async () => {
    await unzip(seeds['seed-8-july'].path, world.app);
    expect(await world.json<DiffJson>(['diff', '2023-07-06', 'live'])).toMatchObject({
      added: 3,
      removed: 0,
      changed: 0,
    });
    expect(await world.json<DiffJson>(['diff', '2023-07-08', '--local', world.app])).toMatchObject({
      added: 0,
      removed: 0,
    });
    const zip = join(world.app, 'backup', '2023-07-06 09.15.zip');
    expect(await world.json<DiffJson>(['diff', zip, join(world.app, 'db')])).toMatchObject({ added: 3 });
    for (const words of [[], ['2023-07-08'], ['2023-07-06', '2023-07-08', 'live'], ['gestern', 'live']])
      expect((await world.run(['diff', ...words])).code, words.join(' ')).toBe(2);
  });

  test('every kind of local path, which stays as it was', async () => {
    await unzip(seeds['seed-8-july'].path, world.app);
    const folder = join(world.app, 'backup', 'db 8 juli');
    await mkdir(folder);
    await cp(join(world.app, 'db'), join(folder, 'db'), { recursive: true });
    const before = await treeOf(world.app, true);
    const paths = [
      world.app,
      join(world.app, 'db'),
      join(world.app, 'db', 'ETaxInvoice'),
      join(world.app, 'backup', 'ETaxInvoice_20230708_093000.zip'),
      folder,
    ];
    for (const path of paths) {
      const document = await world.json<FindJson>(['find', 'Gerbang Semesta', '345000', '--local', path]);
      expect(document, path).toMatchObject({
        local: path,
        backup: null,
        found: [{ table: 'FAKTUR_KELUARAN' }],
      });
    }
    expect(await treeOf(world.app, true)).toEqual(before);
    // Nothing unpacked stays behind.
    expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]);
    for (const [path, code] of [
      [join(world.folder, 'gone'), 2],
      [join(world.app, 'lib'), 3],
      [join(world.app, 'mem_config.bat'), 2],
    ] as const)
      expect((await world.run(['tables', '--local', path])).code, path).toBe(code);
    expect((await world.run(['tables', '--local', world.app, '--date', '2023-07-08'])).code).toBe(2);
  });

  test('what is named wrong is told, with the nearest right name', async () => {
    const table = await world.run(['show', 'FAKTUR_KELUARN', '--json']);
    expect([table.code, errorOf(table).hint]).toEqual([2, expect.stringContaining('FAKTUR_KELUARAN')]);
    const column = await world.run(['show', 'PROFIL', '--columns', 'NPPW', '--json']);
    expect([column.code, errorOf(column).hint]).toEqual([2, expect.stringContaining('Did you mean NPWP?')]);
    for (const args of [
      ['show'],
      ['show', 'PROFIL', 'REFERENSI'],
      ['show', 'PROFIL', '--where', 'NPWP'],
      ['show', 'PROFIL', '--where', 'AKTIF=ya'],
      ['show', 'PROFIL', '--limit', 'x'],
      ['show', 'PROFIL', '--csv', '--jsonl'],
      ['show', 'PROFIL', '--csv', '--json'],
      ['find'],
      ['find', 'x', '--database', 'LAIN'],
      ['find', 'Gerbang Semesta', '--limit', '0'],
      ['export-tables'],
      ['diff', '2023-07-06', '2023-07-08', '--table', 'GIBTESNICHT'],
    ])
      expect((await world.run(args)).code, args.join(' ')).toBe(2);
    expect((await world.run(['tables', '--date', '2023-07-07'])).code).toBe(4);
  });

  test('pull --expect restores only what holds it, and says what it restored', async () => {
    const to = join(world.folder, 'to');
    const early = ['pull', '--date', '2023-07-06', '--to', to, '--expect', 'Gerbang Semesta'];
    const refused = await world.run([...early, '--json']);
    expect([refused.code, errorOf(refused).code]).toEqual([5, 'not-in-backup']);
    expect(errorOf(refused).hint).toContain(`--expect '"Gerbang Semesta" 345000'`);
    expect(await treeOf(to)).toEqual({});
    // All words of one are in one row; two may be in two rows.
    const plan = ['pull', '--date', '2023-07-08', '--to', to, '--dry-run'];
    const inOne = await world.run([...plan, '--expect', '"Gerbang Semesta" 345001']);
    expect(inOne.code).toBe(5);
    expect((await world.run([...early, '--dry-run'])).code).toBe(5);
    const late = [
      'pull',
      '--date',
      '2023-07-08',
      '--to',
      to,
      '--expect',
      '"Gerbang Semesta" 345.000',
      '--expect',
      '8 Juli 2023',
    ];
    expect((await world.run([...late, '--dry-run'])).code).toBe(0);
    const { code, stdout } = await world.run(late);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ETAX\.FAKTUR_KELUARAN +41 rows +newest 8 July 2023\n/);
    const restored = await treeOf(to);
    const again = await world.run([...early, '--yes']);
    expect(again.code).toBe(5);
    // The db that was there is untouched, and nothing lies beside it.
    expect(await treeOf(to)).toEqual(restored);
    const document = await world.json<{ tables: unknown[] }>(['pull', '--to', join(world.folder, 'two')]);
    expect(document.tables).toContainEqual({
      database: 'ETaxInvoice',
      table: 'ETAX.FAKTUR_KELUARAN',
      rows: 41,
      newest: '2023-07-08',
    });
  });

  test('an encrypted backup is looked into with its key only', async () => {
    const key = join(world.folder, 'key.txt');
    const keys = await world.json<{ recipient: string }>(['keys', 'new', '--out', key]);
    const encrypted = await makeWorld({ live: null });
    await encrypted.json(['push', '--all'], { env: { EFAKTUR_RECIPIENTS: keys.recipient } });
    const find = ['find', 'Gerbang Semesta', '345000', '--date', '2023-07-08'];
    expect((await encrypted.run(find)).code).toBe(12);
    const env = { EFAKTUR_IDENTITY_FILE: key };
    expect((await encrypted.json<FindJson>(find, { env })).found).toHaveLength(1);
    expect(await encrypted.json<DiffJson>(['diff', '2023-07-06', '2023-07-08'], { env })).toMatchObject({
      added: 3,
    });
  });
});

describe('rows that come and go over many backups', () => {
  let states: string[];
  let world: World;
  beforeAll(async () => {
    // One database, as it was on ten days: the customer is there on days 3, 4, 7, 8 and 9.
    const folder = await folderForAll();
    const path = join(folder, 'live', 'ETaxInvoice');
    states = [];
    const derby = await startDerby();
    try {
      await mkdir(join(folder, 'live'));
      await derby.create(path, { invoices: 5, seed: 3 });
      for (let day = 0; day < 10; day++) {
        if (day === 3 || day === 7)
          await derby.exec(
            path,
            `INSERT INTO ETAX.LAWAN_TRANSAKSI (ID, NAMA) VALUES (${900 + day}, 'Hilang Timbul')`,
          );
        if (day === 5)
          await derby.exec(path, "DELETE FROM ETAX.LAWAN_TRANSAKSI WHERE NAMA = 'Hilang Timbul'");
        if (day === 6)
          await derby.exec(path, "INSERT INTO ETAX.REFERENSI VALUES ('UJI', 'X', 'Sekali Saja')");
        if (day === 8) await derby.exec(path, "DELETE FROM ETAX.REFERENSI WHERE JENIS = 'UJI'");
        await derby.shutdown(path);
        // From then on there is a second taxpayer.
        if (day === 5) await cp(path, join(folder, 'live', 'Kedua'), { recursive: true });
        const state = join(folder, `day${day}`);
        await cp(join(folder, 'live'), join(state, 'db'), { recursive: true });
        states.push(state);
      }
    } finally {
      await derby.close();
    }
    // One for all these tests: the last one alone adds a backup.
    world = await makeWorld({ live: null, backups: [] }, await folderForAll());
    for (const [day, state] of states.entries()) {
      const named = join(world.app, 'backup', `2023-07-${String(day + 10)} 09.00`);
      await cp(state, named, { recursive: true });
      await utimes(named, new Date(), new Date(`2023-07-${day + 10}T09:00:00+07:00`));
    }
    await world.json(['push', '--all']);
  });
  const first = (...words: string[]): Promise<FirstJson> =>
    world.json<FirstJson>(['find', '--first', ...words]);

  test('find --first looks before the boundary, and from the newest back', async () => {
    // By halves alone the answer would be the 17th: it was deleted on the 15th.
    expect(await first('Hilang Timbul')).toMatchObject({
      first: { date: '2023-07-13' },
      before: { date: '2023-07-12' },
      last: null,
    });
    expect(await first('Sekali Saja')).toMatchObject({
      first: { date: '2023-07-16' },
      before: { date: '2023-07-15' },
      last: { date: '2023-07-17' },
      backups: 10,
    });
    const none = await world.run(['find', '--first', 'Tidak Pernah']);
    expect(none.code).toBe(5);
  });

  test('a database or table that old backups lack is looked for, one that none has is a usage error', async () => {
    expect(await first('Penyerahan', '--table', 'REFERENSI', '--database', 'kedua')).toMatchObject({
      first: { date: '2023-07-15' },
      before: { date: '2023-07-14' },
    });
    const none = await world.run(['find', '--first', 'Tidak Pernah', '--database', 'KEDUA']);
    expect(none.code).toBe(5);
    const table = await world.run(['find', '--first', 'x', '--table', 'REFRENSI', '--json']);
    expect([table.code, errorOf(table).hint]).toEqual([2, expect.stringContaining('REFERENSI')]);
    const database = await world.run(['find', '--first', 'x', '--database', 'KETIGA', '--json']);
    expect([database.code, errorOf(database).hint]).toEqual([2, 'There is ETaxInvoice, Kedua.']);
    const both = await world.run(['find', '--first', 'x', '--database', 'Kedua', '--table', 'X', '--json']);
    expect([both.code, errorOf(both).message]).toEqual([2, 'there is no table X']);
  });

  test('a database that cannot be read is not one without the text', async () => {
    const broken = join(world.app, 'backup', '2023-07-25 09.00');
    await cp(states.at(-1) ?? '', broken, { recursive: true });
    await writeFile(join(broken, 'db', 'Kedua', 'seg0', 'c60.dat'), Buffer.alloc(8192));
    const pushed = await world.json(['push', '--source', broken, '--force-damaged']);
    const none = await world.run(['find', '--first', 'Tidak Pernah']);
    expect(none.code).toBe(5);
    expect(none.stderr).toContain(`${pushed.backups[0]?.id} was passed over`);
  });
});
