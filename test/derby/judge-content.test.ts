import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkWithEngine } from '../../src/derby/engine.ts';
import { type Derby, startDerby } from '../support/derby.ts';
import { containerOf } from '../support/derby-fixtures.ts';
import { derbyJar, derbyVersions, javaTool } from '../support/derby-tools.ts';
import { placeBlanks, placeZoo } from '../support/derby-zoo.ts';
import { judgeFiles, judgeFolder, loadFolder } from './judge-folder.ts';
import { pageSizeOf, readAll, sealPage } from './mutations.ts';

/** What only shows when the pages' contents are held against each other; each is asked of Derby as well. */

vi.setConfig({ testTimeout: 120_000 });

const version = '10.12.1.1';
let folder: string;
let zoo: string;
let files: Map<string, Buffer>;
let derby: Derby;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-content-'));
  zoo = join(folder, 'zoo/ZOO');
  await placeZoo(zoo, version);
  files = loadFolder(join(folder, 'zoo'));
  derby = await startDerby({ version });
}, 240_000);
afterAll(async () => {
  await derby?.close();
  await rm(folder, { recursive: true, force: true });
});

type Files = ReadonlyMap<string, Buffer>;
const judged = (changed: Files) => judgeFiles(changed);
const clues = (changed: Files): string =>
  JSON.stringify(judged(changed).databases.flatMap((d) => d.problems));
const bytesOf = (path: string, from: Files = files): Buffer => Buffer.from(from.get(path) ?? Buffer.alloc(0));
const withFile = (path: string, bytes: Buffer, from: Files = files): Files => new Map(from).set(path, bytes);

/** Writes a `db` folder; resolves with the database's. */
async function place(changed: Files, name: string): Promise<string> {
  await cp(zoo, join(folder, name, 'ZOO'), { recursive: true });
  for (const [path, bytes] of changed) await writeFile(join(folder, name, path), bytes);
  return join(folder, name, 'ZOO');
}

/** The zoo after some work, as files. */
async function worked(name: string, ...sql: string[]): Promise<Files> {
  const path = join(folder, name, 'ZOO');
  await cp(zoo, path, { recursive: true });
  await derby.exec(path, ...sql);
  await derby.shutdown(path);
  return loadFolder(dirname(path));
}

const containerPath = async (name: string): Promise<string> =>
  `ZOO/${(await containerOf(derby, zoo, name)).file}`;

/** What Derby itself says, that reads every value as well. */
const engineSays = async (changed: Files, name: string) =>
  checkWithEngine({
    databaseFolder: await place(changed, name),
    engine: {
      java: javaTool('java'),
      derbyJar: await derbyJar(version),
      // A JVM that soon ends.
      env: { JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' },
    },
  });

describe('sound databases are clean', () => {
  test.each([...derbyVersions.map((made) => [made, false] as const), ['10.14.2.0', true] as const])(
    'of Derby %s, collation %s',
    async (made, collation) => {
      const path = join(folder, `${made}-${collation}`, 'ZOO');
      await placeZoo(path, made, { collation });
      const { verdict, databases } = judgeFolder(dirname(path));
      expect(databases[0]?.problems).toEqual([]);
      expect(verdict).toBe('clean');
      expect(databases[0]?.checked).toEqual([
        'structure',
        'log',
        'catalog',
        'pages',
        'rows',
        'indexes',
        'values',
      ]);
    },
  );
});

/** Derby finds an index and its table in accord then, and leaves the index as it is. */
describe('keys that differ in blanks at their end alone are the same', () => {
  test.each(derbyVersions)('to Derby %s', async (made) => {
    const place = join(folder, `blanks-${made}`);
    const { isSound, indexFiles } = await placeBlanks(place, made);
    const { verdict, databases } = judgeFolder(join(place, 'before'));
    expect(databases[0]?.problems).toEqual([]);
    expect(verdict).toBe('clean');
    expect(databases[0]?.checked).toContain('values');
    expect(isSound).toBe(true);

    const before = loadFolder(join(place, 'before'));
    const later = loadFolder(join(place, 'later'));
    expect(judged(later).verdict, clues(later)).toBe('clean');
    expect(indexFiles).toHaveLength(2);
    for (const name of indexFiles) {
      const file = `ZOO/${name}`;
      const mixed = withFile(file, bytesOf(file, before), later);
      expect(judged(mixed).databases[0]?.problems).toMatchObject([{ file, kind: 'index' }]);
    }
  });
});

test.each(['PRIMARY', 'TERTIARY'])(
  "texts that are equal in a language's order (%s) are the same key",
  async (strength) => {
    const path = join(folder, `collated-${strength}`, 'ZOO');
    await derby.open(path, { once: `create=true;territory=id_ID;collation=TERRITORY_BASED:${strength}` });
    const [before, after] = strength === 'PRIMARY' ? ['budi', 'BUDI'] : ['budi', 'budi\u0007'];
    await derby.exec(
      path,
      'CREATE TABLE T (ID INTEGER NOT NULL PRIMARY KEY, V VARCHAR(40), N INTEGER)',
      'CREATE INDEX T_V ON T (V)',
      'CREATE INDEX T_N ON T (N)',
      `INSERT INTO T VALUES (1, '${before}', 5), (2, 'citra', 6)`,
      `UPDATE T SET V = '${after}' WHERE ID = 1`,
    );
    expect((await derby.query(path, "VALUES SYSCS_UTIL.SYSCS_CHECK_TABLE('APP', 'T')")).rows).toEqual([[1]]);
    await derby.shutdown(path);
    const { verdict, databases } = judgeFolder(dirname(path));
    expect(databases[0]?.problems).toEqual([]);
    expect(verdict).toBe('clean');

    const old = loadFolder(dirname(path));
    const name = 'CAST(CONGLOMERATENAME AS VARCHAR(128))';
    const numbers = await derby.query(
      path,
      `SELECT CONGLOMERATENUMBER FROM SYS.SYSCONGLOMERATES WHERE ${name} = 'T_N'`,
    );
    const file = `ZOO/seg0/c${Number(numbers.rows[0]?.[0]).toString(16)}.dat`;
    await derby.exec(path, 'UPDATE T SET N = 7 WHERE ID = 1');
    await derby.shutdown(path);
    const mixed = withFile(file, bytesOf(file, old), loadFolder(dirname(path)));
    expect(judged(mixed).databases[0]?.problems).toMatchObject([{ file, kind: 'index' }]);
  },
);

describe('an index that keeps a value its row no longer has', () => {
  const changes: readonly (readonly [column: string, value: string])[] = [
    ['S', '7'],
    ['B', '7'],
    ['D', '7.25E0'],
    ['R', '7.25'],
    ['DC', '7.25'],
    ['DD', '-7.25'],
    ['C', "'lain'"],
    ['V', "'lain sekali'"],
    ['VB', "X'0102'"],
    ['CB', "X'01020304'"],
    ['T', "'2001-01-01'"],
    ['W', "'01:02:03'"],
    ['TS', "'2001-01-01 01:02:03'"],
  ];
  let later: Files;
  beforeAll(async () => {
    const set = changes.map(([column, value]) => `${column} = ${value}`).join(', ');
    later = await worked('later', `UPDATE KUNCI SET ${set} WHERE ID = 5`);
    expect(judged(later).verdict, clues(later)).toBe('clean');
  });

  test.each(changes)('of column %s', async (column) => {
    for (const index of [`NAIK_${column}`, `TURUN_${column}`]) {
      const path = await containerPath(index);
      const mixed = withFile(path, bytesOf(path), later);
      const { verdict, databases } = judged(mixed);
      expect(verdict).toBe('damaged');
      expect(databases[0]?.problems).toMatchObject([{ file: path, kind: 'index', severity: 'damaged' }]);
      const message = databases[0]?.problems[0]?.message;
      expect(message?.en).toContain(`of column ${column}.`);
      expect(message?.id).toContain(`memuat nilai kolom ${column} yang berbeda.`);
    }
  });

  test('is damage to Derby as well', async () => {
    const path = await containerPath('NAIK_V');
    const verdict = await engineSays(withFile(path, bytesOf(path), later), 'old-index');
    expect(verdict.outcome).toBe('damaged');
    expect(verdict.tables.find(({ ok }) => !ok)?.message?.en).toContain('X0X61');
  });

  test('a null for a value, and a value for a null', async () => {
    const path = await containerPath('NAIK_V');
    const nulled = await worked('nulled', 'UPDATE KUNCI SET V = NULL WHERE ID = 5');
    expect(judged(nulled).verdict).toBe('clean');
    expect(judged(withFile(path, bytesOf(path), nulled)).verdict).toBe('damaged');
    expect(judged(withFile(path, bytesOf(path, nulled))).verdict).toBe('damaged');
  });

  test('values exchanged between two rows', async () => {
    const swapped = await worked(
      'swapped-values',
      'UPDATE KUNCI SET V = CASE ID WHEN 5 THEN (SELECT V FROM KUNCI WHERE ID = 6) ELSE (SELECT V FROM KUNCI WHERE ID = 5) END WHERE ID IN (5, 6)',
    );
    const path = await containerPath('NAIK_V');
    expect(judged(withFile(path, bytesOf(path), swapped)).verdict).toBe('damaged');
  });

  test('a key that lies in pieces in its table', async () => {
    const path = await containerPath('POTONG_B');
    const heap = bytesOf(await containerPath('POTONG'));
    // Long values have pages of their own: what is tested here needs some.
    expect(overflowPages(heap).length).toBeGreaterThan(10);
    const longer = await worked('longer', `UPDATE POTONG SET B = '${'x'.repeat(7000)}' WHERE ID = 20`);
    expect(judged(longer).verdict, clues(longer)).toBe('clean');
    const mixed = withFile(path, bytesOf(path), longer);
    expect(judged(mixed).databases[0]?.problems).toMatchObject([{ file: path, kind: 'index' }]);
  });
});

const isPage = (bytes: Buffer, page: number): boolean =>
  bytes.readUInt16BE(page * pageSizeOf(bytes)) === 117 && bytes[page * pageSizeOf(bytes) + 5] === 1;
const pagesOf = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / pageSizeOf(bytes) - 1 }, (_, i) => i + 1).filter((page) =>
    isPage(bytes, page),
  );
const overflowPages = (bytes: Buffer): number[] =>
  pagesOf(bytes).filter((page) => bytes[page * pageSizeOf(bytes) + 4] !== 0);
const pageAt = (bytes: Buffer, page: number): Buffer =>
  bytes.subarray(page * pageSizeOf(bytes), (page + 1) * pageSizeOf(bytes));

test('an old page that rows go on in is found, wherever Derby could not read on', async () => {
  const path = await containerPath('LEBAR');
  const text = 'panjang sekali '.repeat(900);
  const later = await worked(
    'rewritten',
    `UPDATE LEBAR SET ISI = CAST('${text}' AS CLOB), KODE = 'baru' WHERE MOD(ID, 2) = 1`,
    'DELETE FROM LEBAR WHERE MOD(ID, 10) = 4',
    `INSERT INTO LEBAR SELECT ID + 1000, 'lagi', CAST('${text}' AS CLOB), CAST(NULL AS BLOB(2M)), CAST(NULL AS VARCHAR(200)) FROM LEBAR WHERE MOD(ID, 2) = 0`,
  );
  expect(judged(later).verdict, clues(later)).toBe('clean');
  const [before, now] = [bytesOf(path), bytesOf(path, later)];
  const broken: Files[] = [];
  for (const page of overflowPages(before)) {
    if (pageAt(before, page).equals(pageAt(now, page))) continue;
    const bytes = Buffer.from(now);
    pageAt(before, page).copy(bytes, page * pageSizeOf(bytes));
    const mixed = withFile(path, bytes, later);
    const { verdict } = judged(mixed);
    if (verdict === 'damaged') broken.push(mixed);
    // What is not called damaged can be read to its end.
    else await readAll(new Map([...mixed].map(([name, own]) => [name.slice(4), own])));
  }
  expect(broken.length).toBeGreaterThan(1);
  // SYSCS_CHECK_TABLE does not look at them; Derby's own SELECT agrees.
  const verdict = await engineSays(broken[0] ?? files, 'old-overflow');
  expect(verdict.outcome).toBe('damaged');
  expect(verdict.tables.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['APP.LEBAR']);
});

const sealed = (bytes: Buffer, page: number): Buffer => {
  sealPage(bytes, page);
  return bytes;
};
const changed = (bytes: Buffer, at: number, byte: number): Buffer => {
  bytes[at] = byte;
  return bytes;
};

describe('the list of tables and columns counts', () => {
  const catalog = ['c20', 'c60', 'c90', 'cc0'].map((name) => `ZOO/seg0/${name}.dat`);
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    ['page 1 is zeroed', (bytes) => bytes.fill(0, pageSizeOf(bytes), 2 * pageSizeOf(bytes))],
    ['a bit of page 1 is flipped', (bytes) => changed(bytes, 5000, (bytes[5000] ?? 0) ^ 1)],
    ['it is cut after page 0', (bytes) => bytes.subarray(0, pageSizeOf(bytes))],
    ['page 1 says that it is free', (bytes) => sealed(changed(bytes, pageSizeOf(bytes) + 5, 2), 1)],
    ['page 1 has no rows', (bytes) => sealed(changed(bytes, pageSizeOf(bytes) + 15, 1), 1)],
    ['page 1 is empty', (bytes) => sealed(changed(bytes, pageSizeOf(bytes) + 15, 0), 1)],
  ];
  test.each(catalog.flatMap((path) => damages.map(([what, spoil]) => [path, what, spoil] as const)))(
    '%s: %s',
    async (path, _, spoil) => {
      const spoiled = withFile(path, spoil(bytesOf(path)));
      expect(judged(spoiled).verdict, clues(spoiled)).toBe('damaged');
    },
  );

  test('and when it is lost, a damaged table is not taken for a file of nobody', async () => {
    const path = await containerPath('KUNCI');
    const spoiled = withFile(path, bytesOf(path).fill(1, 5000, 5010));
    const lost = withFile(
      'ZOO/seg0/c60.dat',
      sealed(changed(bytesOf('ZOO/seg0/c60.dat'), 4096 + 15, 1), 1),
      spoiled,
    );
    const problems = judged(lost).databases[0]?.problems ?? [];
    expect(problems).toContainEqual(expect.objectContaining({ file: path, severity: 'damaged' }));
  });
});

describe('pages and files in the wrong place, with good checksums', () => {
  const indexes = ['NAIK_V', 'TURUN_TS', 'GANDA', 'PANJANG_A', 'PADAT_NAMA', 'UBAH_NAMA'];

  test.each(indexes)('two pages of index %s exchanged, or one copied over the other', async (name) => {
    const path = await containerPath(name);
    const bytes = bytesOf(path);
    const pages = pagesOf(bytes);
    expect(pages.length).toBeGreaterThan(2);
    for (const [one, other] of [
      [pages.at(-1), pages.at(-2)],
      [1, 2],
    ] as const) {
      if (one === undefined || other === undefined) continue;
      const copied = Buffer.from(bytes);
      pageAt(bytes, one).copy(copied, other * pageSizeOf(bytes));
      expect(judged(withFile(path, copied)).verdict, `${name} ${one} over ${other}`).toBe('damaged');
      const swapped = Buffer.from(copied);
      pageAt(bytes, other).copy(swapped, one * pageSizeOf(bytes));
      expect(judged(withFile(path, swapped)).verdict, `${name} ${one} and ${other}`).toBe('damaged');
    }
  });

  test('a page of a table copied over another', async () => {
    for (const name of ['KUNCI', 'PADAT', 'UBAH', 'LEBAR']) {
      const path = await containerPath(name);
      const bytes = bytesOf(path);
      const [one, other] = pagesOf(bytes).slice(1);
      if (one === undefined || other === undefined) continue;
      pageAt(bytes, one).copy(bytes, other * pageSizeOf(bytes));
      expect(judged(withFile(path, bytes)).verdict, name).toBe('damaged');
    }
  });

  test('an old branch of an index that grew', async () => {
    const path = await containerPath('PADAT_NAMA');
    const rows = Array.from(
      { length: 900 },
      (_, i) => `(${5000 + i}, NULL, '${`banyak ${i} `.repeat(15).slice(0, 190)}')`,
    );
    const grown = await worked('grown', `INSERT INTO PADAT VALUES ${rows.join(', ')}`);
    expect(judged(grown).verdict, clues(grown)).toBe('clean');
    const bytes = bytesOf(path, grown);
    pageAt(bytesOf(path), 1).copy(bytes, pageSizeOf(bytes));
    expect(judged(withFile(path, bytes, grown)).verdict).toBe('damaged');
  });

  test.each([
    ['KOSONG', 'PADAT'],
    ['PADAT', 'KOSONG'],
    ['NAIK_S', 'NAIK_B'],
    ['NAIK_V', 'TURUN_V'],
    ['KUNCI', 'NAIK_V'],
  ])('the file of %s is that of %s', async (one, other) => {
    const [path, from] = [await containerPath(one), await containerPath(other)];
    const { verdict, databases } = judged(withFile(path, bytesOf(from)));
    expect(verdict).toBe('damaged');
    expect(databases[0]?.problems).toContainEqual(
      expect.objectContaining({ file: path, severity: 'damaged' }),
    );
  });
});
