import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseCsv } from 'hucre/csv';
import { readXlsx } from 'hucre/xlsx';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorOf, makeWorld, program, type World } from '../support/cli.ts';
import { type QueryResult, startDerby } from '../support/derby.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { folderForAll } from './inspect-folder.ts';

/** A table with every type, as Derby made it and as Derby tells it. */
let db: string;
let truth: QueryResult;
const longSchema = 'S'.repeat(128);
const long = 'panjang "sekali", ya\r\n'.repeat(60_000);

beforeAll(async () => {
  const folder = await folderForAll();
  db = join(folder, 'db');
  const path = join(db, 'Semua');
  await mkdir(db);
  const derby = await startDerby();
  try {
    await derby.create(path, { invoices: 3 });
    await derby.exec(
      path,
      `CREATE TABLE ETAX.SEMUA (ID INT PRIMARY KEY, S SMALLINT, B BIGINT, NPWP BIGINT, NOMOR DECIMAL(15,0), R REAL, D DOUBLE,
        N DECIMAL(18,2), M DECIMAL(31,5), T CHAR(5), V VARCHAR(100), X VARCHAR(10) FOR BIT DATA, DT DATE, TM TIME, TS TIMESTAMP,
        OK BOOLEAN, CL CLOB)`,
      `INSERT INTO ETAX.SEMUA VALUES (1, 7, 9223372036854775807, 12345678901000, 41, 0.1, 0.1, 345000.00, 12345678901234567890.12345,
        'ab', 'koma, "kutip"', X'00ff', '2023-07-08', '09:30:15', '2023-07-08 09:30:15.25', true, 'pendek')`,
      `INSERT INTO ETAX.SEMUA VALUES (2, -7, -1, 0, -41, -2.5, 1E300, -0.05, 0, '', '', X'', '1899-12-31', '00:00:00',
        '0001-01-01 00:00:00', false, '')`,
      'INSERT INTO ETAX.SEMUA (ID) VALUES (3)',
      `INSERT INTO ETAX.SEMUA (ID, V) VALUES (4, '=1+1'), (5, 'baris\n dua\u0001 _x0041_ 日本 \u{1f600}')`,
      `INSERT INTO ETAX.SEMUA (ID, CL) VALUES (6, '${long.slice(0, 22_000)}')`,
      ...Array.from({ length: 6 }, () => 'UPDATE ETAX.SEMUA SET CL = CL || CL WHERE ID = 6'),
      'CREATE TABLE ETAX.KEMBAR (A INT, "a" INT, "Bb" INT, "bB" INT, "c,d" INT, "e=f" INT, "q""x" INT)',
      'INSERT INTO ETAX.KEMBAR VALUES (1, 2, 3, 4, 5, 6, 7)',
      'CREATE TABLE ETAX."Kembar" (I INT)',
      'CREATE TABLE ETAX.HISTORY (T CHAR(5), V VARCHAR(20), R REAL)',
      "INSERT INTO ETAX.HISTORY VALUES ('ab', 'ujung  ', 1.0E20), (NULL, NULL, 16777216), ('', '', -3.4E38), ('NULL', 'NULL', 1.5E9)",
      'INSERT INTO ETAX."Kembar" VALUES 42',
      `CREATE SCHEMA ${longSchema}`,
      `CREATE TABLE ${longSchema}.${'T'.repeat(128)} (A INT)`,
      `CREATE TABLE ${longSchema}.${'T'.repeat(127)}U (B INT)`,
      `CREATE TABLE ETAX."${'日本'.repeat(64)}" (C INT)`,
    );
    truth = await derby.query(path, 'SELECT * FROM ETAX.SEMUA ORDER BY ID');
  } finally {
    await derby.close();
  }
}, 60_000);

const longValue = (): string => String(truth.rows[5]?.[16] ?? '');

describe('every type', () => {
  let world: World;
  let show: (...args: string[]) => string[];
  beforeEach(async () => {
    world = await makeWorld(null);
    show = (...args) => ['show', 'SEMUA', '--local', db, ...args];
  });

  test('as CSV: exact, null told from an empty text, quotes and line ends kept', async () => {
    const { code, stdout } = await world.run(show('--csv'));
    expect(code).toBe(0);
    const lines = stdout.split('\r\n');
    expect(lines[0]).toBe('ID,S,B,NPWP,NOMOR,R,D,N,M,T,V,X,DT,TM,TS,OK,CL');
    expect(lines[1]).toBe(
      '1,7,9223372036854775807,12345678901000,41,0.1,0.1,345000.00,12345678901234567890.12345,ab   ,"koma, ""kutip""",00ff,2023-07-08,09:30:15,2023-07-08T09:30:15.25,true,pendek',
    );
    expect(lines[2]).toBe(
      '2,-7,-1,0,-41,-2.5,1e+300,-0.05,0.00000,     ,"","",1899-12-31,00:00:00,0001-01-01T00:00:00,false,""',
    );
    expect(lines[3]).toBe('3,,,,,,,,,,,,,,,,');
    expect(lines[4]).toBe('4,,,,,,,,,,=1+1,,,,,,');
    expect(stdout.endsWith('\r\n')).toBe(true);
    const rows = parseCsv(stdout, { typeInference: false });
    expect(rows).toHaveLength(7);
    expect(rows[5]?.[10]).toBe(truth.rows[4]?.[10]);
    expect(longValue().length).toBeGreaterThan(1 << 20);
    const sha = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');
    expect(sha(rows[6]?.[16])).toBe(sha(longValue()));
  });

  test('as CSV of one column: no empty line, which readers would pass over', async () => {
    const one = (column: string) =>
      world.run(['show', 'HISTORY', '--csv', '--columns', column, '--local', db]);
    expect((await one('V')).stdout).toBe('V\r\nujung  \r\nNULL\r\n""\r\n"NULL"\r\n');
    expect((await one('V,T')).stdout).toContain('\r\n,\r\n"",     \r\nNULL,NULL \r\n');
    expect((await one('R')).stdout).toBe(
      'R\r\n100000000000000000000\r\n16777216\r\n-3.4e+38\r\n1500000000\r\n',
    );
  });

  test('a workbook keeps blanks at the end of a text, and no sheet is called History', async () => {
    const file = join(world.folder, 'history.xlsx');
    await world.json(['show', 'HISTORY', '--xlsx', file, '--local', db]);
    const { sheets } = await readXlsx(await readFile(file));
    expect(sheets.map(({ name }) => name)).toEqual(['HISTORY_']);
    expect(sheets[0]?.rows[1]?.slice(0, 2)).toEqual(['ab', 'ujung  ']);
  });

  test('as JSON Lines', async () => {
    const { stdout } = await world.run(show('--jsonl'));
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows[0]).toEqual({
      ID: 1,
      S: 7,
      B: '9223372036854775807',
      NPWP: 12345678901000,
      NOMOR: '41',
      R: 0.1,
      D: 0.1,
      N: '345000.00',
      M: '12345678901234567890.12345',
      T: 'ab   ',
      V: 'koma, "kutip"',
      X: '00ff',
      DT: '2023-07-08',
      TM: '09:30:15',
      TS: '2023-07-08T09:30:15.25',
      OK: true,
      CL: 'pendek',
    });
    expect(Object.values(rows[2] ?? {}).filter((value) => value !== null)).toEqual([3]);
    expect(rows[5]?.CL === longValue()).toBe(true);
  });

  test('as a workbook: real types, long numbers and NPWP as text', async () => {
    const file = join(world.folder, 'semua.xlsx');
    await writeFile(file, 'what was there before');
    expect((await world.run(show('--xlsx', file))).code).toBe(2);
    expect(await readFile(file, 'utf8')).toBe('what was there before');
    const document = await world.json<{ rows: number; file: string; warnings: { code: string }[] }>(
      show('--xlsx', file, '--yes'),
    );
    expect(document).toMatchObject({ rows: 6, file, warnings: [{ code: 'value-cut' }] });
    expect((await readdir(world.folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
    const { sheets } = await readXlsx(await readFile(file));
    expect(sheets.map(({ name }) => name)).toEqual(['SEMUA']);
    const rows = sheets[0]?.rows ?? [];
    expect(rows[0]).toEqual(truth.columns.map(({ name }) => name));
    expect(rows[1]).toEqual([
      1,
      7,
      '9223372036854775807',
      '12345678901000',
      '41',
      0.1,
      0.1,
      345000,
      '12345678901234567890.12345',
      'ab',
      'koma, "kutip"',
      '00ff',
      new Date('2023-07-08T00:00:00Z'),
      expect.anything(),
      new Date('2023-07-08T09:30:15.250Z'),
      true,
      'pendek',
    ]);
    // Before Excel's calendar begins, dates are text.
    expect([rows[2]?.[12], rows[2]?.[14], rows[2]?.[7]]).toEqual([
      '1899-12-31',
      '0001-01-01T00:00:00',
      -0.05,
    ]);
    expect(rows[3]?.slice(1).filter((cell) => cell !== null && cell !== undefined && cell !== '')).toEqual(
      [],
    );
    expect(rows[4]?.[10]).toBe('=1+1');
    expect(rows[5]?.[10]).toBe(truth.rows[4]?.[10]);
    expect(String(rows[6]?.[16])).toHaveLength(32_767);
  });

  test('lines go to a file as well, whole, and over another one only with --yes', async () => {
    const csv = (await world.run(show('--csv'))).stdout;
    const jsonl = (await world.run(show('--jsonl'))).stdout;
    expect(csv.length).toBeGreaterThan(32_767);
    for (const args of [['--csv', '-'], ['--csv=-'], ['--csv=']])
      expect((await world.run(show(...args))).stdout === csv, args.join(' ')).toBe(true);
    // The table may stand behind the flag.
    expect((await world.run(['show', '--csv', 'SEMUA', '--local', db])).stdout === csv).toBe(true);
    const cases: [string[], string, string][] = [
      [['--csv=semua.txt'], 'semua.txt', csv],
      [['--csv', 'semua.csv'], 'semua.csv', csv],
      [['--jsonl', 'SEMUA.JSONL'], 'SEMUA.JSONL', jsonl],
      [['--jsonl=baris'], 'baris', jsonl],
    ];
    for (const [args, name, content] of cases) {
      const file = join(world.folder, name);
      const first = await world.run(show(...args));
      expect([first.code, first.stdout]).toEqual([0, `Wrote 6 rows of ETAX.SEMUA to ${file}.\n`]);
      expect((await readFile(file, 'utf8')) === content, name).toBe(true);
      await writeFile(file, 'other');
      const again = await world.run(show(...args, '--json'));
      expect([again.code, errorOf(again).hint]).toEqual([2, expect.stringContaining('--yes')]);
      expect(await readFile(file, 'utf8')).toBe('other');
      expect(await world.json(show(...args, '--yes'))).toMatchObject({ file, rows: 6 });
      expect((await readFile(file, 'utf8')) === content, name).toBe(true);
    }
    expect((await readdir(world.folder)).filter((name) => name.includes('.tmp'))).toEqual([]);
    for (const args of [
      ['--csv', '--json'],
      ['--csv=a.csv', '--jsonl=b.jsonl'],
      ['--xlsx', '-'],
      [`--csv=${world.folder}`, '--yes'],
    ])
      expect((await world.run(show(...args))).code, args.join(' ')).toBe(2);
    expect((await world.run(show(`--csv=${join(world.folder, 'absent', 'x.csv')}`))).code).toBe(6);
  });

  test('as a document and for people', async () => {
    const document = await world.json<{ rows: Record<string, unknown>[]; columns: unknown[] }>(
      show('--columns', 'id,N,TS,CL', '--limit', '1'),
    );
    expect(document).toMatchObject({
      local: db,
      database: 'Semua',
      schema: 'ETAX',
      table: 'SEMUA',
      offset: 0,
      more: true,
      rows: [{ ID: 1, N: '345000.00', TS: '2023-07-08T09:30:15.25', CL: 'pendek' }],
    });
    expect(document.columns).toContainEqual({ name: 'N', type: 'DECIMAL(18,2)' });
    const { stdout } = await world.run(show('--columns', 'ID,N,NPWP,R,DT,TS,V'));
    expect(stdout).toMatch(/1 +345\.000,00 +12345678901000 +0,1 +8 Jul 2023 +8 Jul 2023 09:30:15\.25 +koma/);
    expect(stdout).toMatch(/^ +5 .*baris +dua +_x0041_ 日本/m);
  });

  test('conditions, pages and columns together', async () => {
    const ids = async (...args: string[]): Promise<unknown[]> =>
      (await world.json<{ rows: { ID: number }[] }>(show('--columns', 'ID', ...args))).rows.map(
        ({ ID }) => ID,
      );
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await ids('--offset', '2', '--limit', '2')).toEqual([3, 4]);
    expect(await ids('--offset', '6')).toEqual([]);
    expect(await ids('--limit', '0')).toEqual([]);
    expect(await ids('--where', 'n=345.000')).toEqual([1]);
    expect(await ids('--where', 'DT=8 Juli 2023', '--where', 'OK=true')).toEqual([1]);
    expect(await ids('--where', 'DT=8 Juli 2023', '--where', 'OK=false')).toEqual([]);
    expect(await ids('--where', 'S=')).toEqual([3, 4, 5, 6]);
    expect(await ids('--where', 'V=', '--offset', '1')).toEqual([3, 6]);
    expect(await ids('--where', 'NPWP=12.345.678.901.000')).toEqual([1]);
    expect(await ids('--where', 'X=00FF')).toEqual([1]);
    expect(await ids('--where', 'T=AB')).toEqual([1]);
  });

  test('export-tables writes all of them with their schema, or nothing', async () => {
    const to = join(world.folder, 'arsip', 'tabel');
    const document = await world.json<{
      tables: { name: string; file: string; rows: number }[];
      rows: number;
    }>(['export-tables', '--local', db, '--to', to]);
    const semua = document.tables.find(({ name }) => name === 'SEMUA');
    expect(semua).toMatchObject({ file: 'Semua/ETAX.SEMUA.csv', rows: 6 });
    const { stdout } = await world.run(show('--csv'));
    expect((await readFile(join(to, semua?.file ?? ''), 'utf8')) === stdout).toBe(true);
    const schema = JSON.parse(await readFile(join(to, 'schema.json'), 'utf8'));
    expect(schema.databases[0].tables.map((t: { file: string }) => t.file)).toEqual(
      document.tables.map(({ file }) => file),
    );
    const withBook = join(world.folder, 'dengan-excel');
    const book = join(withBook, 'tables.xlsx');
    expect(await world.json(['export-tables', '--local', db, '--to', withBook, '--xlsx'])).toMatchObject({
      workbook: book,
      tables: document.tables,
    });
    expect((await readdir(withBook)).sort()).toEqual(['Semua', 'schema.json', 'tables.xlsx']);
    const alone = join(world.folder, 'semua-tabel.xlsx');
    const written = await world.json<{ tables: { name: string; sheet: string | null; rows: number }[] }>([
      'export-tables',
      '--local',
      db,
      '--xlsx',
      alone,
    ]);
    expect((await world.run(['export-tables', '--local', db, '--xlsx', alone])).code).toBe(2);
    const indonesian = join(world.folder, 'tabel.xlsx');
    await world.run(['export-tables', '--local', db, '--xlsx', indonesian, '--lang', 'id']);
    const [list, ...tables] = (await readXlsx(await readFile(indonesian))).sheets;
    expect([list?.name, list?.rows[0]]).toEqual(['Tabel', ['Database', 'Tabel', 'Baris', 'Lembar kerja']]);
    expect(tables).toEqual((await readXlsx(await readFile(alone))).sheets.slice(1));
    for (const file of [book, alone]) {
      const { sheets } = await readXlsx(await readFile(file));
      const full = written.tables.filter(({ rows }) => rows > 0);
      expect(sheets.map(({ name }) => name)).toEqual(['Tables', ...full.map(({ sheet }) => sheet)]);
      expect(sheets[0]?.rows.slice(1).map((row) => row[2])).toEqual(document.tables.map(({ rows }) => rows));
      const one = sheets.find(({ name }) => name === 'SEMUA');
      expect(one?.rows.map((row) => row[0])).toEqual(['ID', 1, 2, 3, 4, 5, 6]);
    }
    for (const { file } of document.tables) expect(basename(file).length).toBeLessThan(130);
    const headOf = async (name: string): Promise<string | undefined> => {
      const found = document.tables.find((table) => table.name === name);
      return (await readFile(join(to, found?.file ?? ''), 'utf8')).split('\r\n')[0];
    };
    expect(await headOf('T'.repeat(128))).toBe('A');
    expect(await headOf(`${'T'.repeat(127)}U`)).toBe('B');
    expect(await headOf('日本'.repeat(64))).toBe('C');
    expect(await readdir(join(world.folder, 'arsip'))).toEqual(['tabel']);
    expect((await world.run(['export-tables', '--local', db, '--to', to])).code).toBe(2);
    expect(
      (await world.run(['export-tables', '--local', db, '--to', join(to, 'schema.json', 'x')])).code,
    ).toBe(6);
  });
});

test('names that differ in large and small letters only, or have a comma or = in them', async () => {
  const world = await makeWorld(null);
  const show = (...args: string[]) => world.run(['show', ...args, '--csv', '--local', db]);
  const csv = async (...args: string[]): Promise<string> => (await show(...args)).stdout;
  expect(await csv('Kembar')).toBe('I\r\n42\r\n');
  expect(await csv('ETAX.KEMBAR', '--columns', 'A')).toBe('A\r\n1\r\n');
  expect((await show('kembar')).code).toBe(2);
  expect(await csv('KEMBAR', '--columns', 'a, "c,d",E=F,Bb,"q""x",q"x')).toBe(
    'a,"c,d",e=f,Bb,"q""x"\r\n2,5,6,3,7\r\n',
  );
  const unclear = await world.run(['show', 'KEMBAR', '--columns', 'bb', '--local', db, '--json']);
  expect([unclear.code, errorOf(unclear).message]).toEqual([2, expect.stringContaining('Bb, bB')]);
  expect((await show('KEMBAR', '--columns', 'A,,Bb')).code).toBe(2);
  expect(
    (await csv('KEMBAR', '--where', 'e=f=6', '--where', 'a=2', '--where', 'c,d=5')).length,
  ).toBeGreaterThan(40);
  expect((await csv('KEMBAR', '--where', 'a=1')).split('\r\n')).toHaveLength(2);
  expect((await show('KEMBAR', '--where', 'x=f=6')).code).toBe(2);
});

describe('the built program', () => {
  test('streams CSV, and a reader that goes away is no error', async () => {
    const world = await makeWorld(null);
    const args = ['show', 'FAKTUR_DETAIL', '--csv', '--local', seeds['seed-8-july'].path];
    const { code, stdout } = await world.runBuilt(args);
    expect([code, stdout.split('\r\n').length]).toEqual([0, 122]);
    const again = spawn(process.execPath, [program, 'show', 'SEMUA', '--csv', '--local', db], {
      env: { ...world.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    again.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    again.stdout.once('data', () => again.stdout.destroy());
    const ended = await new Promise<number | null>((resolve) => again.on('close', resolve));
    expect([ended, stderr]).toEqual([0, '']);
    const found = await world.runBuilt([
      'find',
      'Gerbang Semesta',
      '345000',
      '--local',
      seeds['seed-8-july'].path,
    ]);
    expect(found.code).toBe(0);
    const none = await world.runBuilt([
      'find',
      'Gerbang Semesta',
      '345000',
      '--local',
      seeds['seed-6-july'].path,
    ]);
    expect(none.code).toBe(5);
    const xlsx = join(world.folder, 'detail.xlsx');
    expect((await world.runBuilt(['show', 'FAKTUR_DETAIL', '--xlsx', xlsx, '--local', db])).code).toBe(0);
  });
});
