import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createJudge } from '../../src/derby/judge.ts';
import { scanLogFile } from '../../src/derby/log.ts';
import { missingProperty, parseServiceProperties } from '../../src/derby/service-properties.ts';
import { type Derby, placeDatabase, placeKept, startDerby } from '../support/derby.ts';
import { judgeFiles, judgeFolder, loadFolder } from './judge-folder.ts';
import { sealPage } from './mutations.ts';

/** States that Derby itself leaves behind or accepts, each asked of Derby. */

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let clean: string;
let files: Map<string, Buffer>;
let derby: Derby;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-states-'));
  clean = await placeDatabase(join(folder, 'clean/ETaxInvoice'), { invoices: 60 });
  files = loadFolder(join(folder, 'clean'));
  derby = await startDerby();
}, 120_000);
afterAll(async () => {
  await derby.close();
  await rm(folder, { recursive: true, force: true });
});

/** A copy of the clean database below a `db` folder of its own; resolves with the database folder. */
async function copyOfClean(name: string): Promise<string> {
  const path = join(folder, name, 'ETaxInvoice');
  await cp(clean, path, { recursive: true });
  return path;
}

const judged = (path: string) => judgeFolder(join(path, '..'));
const clues = (path: string): string =>
  JSON.stringify(judged(path).databases.flatMap(({ problems }) => problems));

describe('a file that no table or index uses', () => {
  /** Page 0 as CREATE TABLE leaves it for a moment: the container header alone. */
  function embryo(): Buffer {
    const page = Buffer.alloc(4096);
    files.get('ETaxInvoice/seg0/c60.dat')?.copy(page, 109, 109, 189);
    page[108] = 80;
    return page;
  }
  const flippedCopy = (): Buffer => {
    const bytes = Buffer.from(files.get('ETaxInvoice/seg0/c60.dat') ?? Buffer.alloc(0));
    bytes[4096 + 100] = (bytes[4096 + 100] ?? 0) ^ 1;
    return bytes;
  };

  test.each([
    ['half made by a killed CREATE TABLE', embryo],
    ['all zeros', () => Buffer.alloc(8192)],
    ['empty', () => Buffer.alloc(0)],
    ['a part of a page', () => Buffer.alloc(300, 7)],
    ['with a damaged page', flippedCopy],
  ])('harms nobody: %s', (_, bytes) => {
    const { verdict, databases } = judgeFiles(new Map([...files, ['ETaxInvoice/seg0/cfff0.dat', bytes()]]));
    expect(databases[0]?.problems).toMatchObject([{ file: 'ETaxInvoice/seg0/cfff0.dat', severity: 'note' }]);
    expect(verdict).toBe('clean');
  });

  test('is nothing to Derby', async () => {
    const path = await copyOfClean('leftover');
    await writeFile(join(path, 'seg0/cfff0.dat'), embryo());
    expect((await derby.check(path)).ok).toBe(true);
    await derby.shutdown(path);
    expect(judged(path).verdict, clues(path)).toBe('clean');
  });

  test('nor before recovery, when the list of tables may be on disk in part', () => {
    const killed = new Map(files);
    const [path = ''] = [...files.keys()]
      .filter((name) => /log\d+\.dat$/.test(name))
      .sort()
      .slice(-1);
    const log = Buffer.from(files.get(path) ?? Buffer.alloc(0));
    log.writeInt32BE(0, lastRecordAt(log, Number(/(\d+)\.dat$/.exec(path)?.[1])));
    killed.set(path, log);
    const list = Buffer.from(files.get('ETaxInvoice/seg0/c60.dat') ?? Buffer.alloc(0));
    const lastSlotAt = 2 * 4096 - 8 - 6 * list.readUInt16BE(4096 + 14);
    const at = 4096 + list.readUInt16BE(lastSlotAt);
    list[at] = (list[at] ?? 0) | 1;
    sealPage(list, 1);
    killed.set('ETaxInvoice/seg0/c60.dat', list).set('ETaxInvoice/seg0/cfff0.dat', embryo());
    expect(judgeFiles(killed).verdict).toBe('needs-recovery');
    // At rest the same is damage.
    expect(judgeFiles(new Map(killed).set(path, files.get(path) ?? log)).verdict).toBe('damaged');
  });

  test('is not the file of the settings', () => {
    const bytes = Buffer.alloc(8192);
    expect(judgeFiles(new Map([...files, ['ETaxInvoice/seg0/c10.dat', bytes]])).verdict).toBe('damaged');
  });
});

describe("Derby's own backup, which leaves out pages that are only reserved", () => {
  let backup: string;
  let restored: string;
  beforeAll(async () => {
    const row = (id: number): string =>
      `INSERT INTO ETAX.RIWAYAT VALUES (${id}, '${`Langkah ke-${id}. `.repeat(22)}')`;
    const statements = [
      // Only a table of some length has reserved pages.
      'CREATE TABLE ETAX.RIWAYAT (ID INTEGER, ISI VARCHAR(400))',
      ...Array.from({ length: 130 }, (_, i) => row(i + 1)),
    ];
    const place = join(folder, 'backups');
    await placeKept(place, ["Derby's own backup", statements], async (made) => {
      const source = await placeDatabase(join(made, 'source/ETaxInvoice'), { invoices: 60 });
      for (const statement of statements) await derby.exec(source, statement);
      await derby.exec(source, `CALL SYSCS_UTIL.SYSCS_BACKUP_DATABASE('${join(made, 'backup')}')`);
      await derby.shutdown(source);
      await mkdir(join(made, 'restored'));
      const restored = join(made, 'restored/ETaxInvoice');
      await derby.open(restored, { once: `createFrom=${join(made, 'backup/ETaxInvoice')}` });
      await derby.shutdown(restored);
    });
    const source = join(place, 'source/ETaxInvoice');
    backup = join(place, 'backup/ETaxInvoice');
    restored = join(place, 'restored/ETaxInvoice');
    expect(loadFolder(join(source, '..')).has('ETaxInvoice/BACKUP.HISTORY')).toBe(true);
    expect(judged(source).verdict).toBe('clean');
  });

  const note = { file: 'ETaxInvoice/BACKUP.HISTORY', kind: 'file-length', severity: 'note' };

  test('is as good as the state it was made of', () => {
    const { verdict, databases } = judged(backup);
    expect(databases[0]?.problems).toMatchObject([note]);
    expect(verdict).toBe('clean');
    expect(databases[0]?.tables).toContainEqual({ name: 'ETAX.RIWAYAT', rows: 130 });
  });

  test('restored by Derby is clean, in any order of files', () => {
    expect(judged(restored).databases[0]?.problems).toMatchObject([note]);
    expect(judged(restored).verdict).toBe('clean');
    const reversed = new Map([...loadFolder(join(restored, '..'))].reverse());
    expect(judgeFiles(reversed)).toEqual(judged(restored));
  });

  test('is told by judges that each saw some of the files', () => {
    const judges = [createJudge(), createJudge()] as const;
    for (const [path, bytes] of loadFolder(join(restored, '..'))) {
      const taker = judges[path.endsWith('HISTORY') ? 1 : 0].file(path, bytes.length);
      taker.write(bytes);
      taker.end();
    }
    judges[0].absorb(structuredClone(judges[1].findings()));
    expect(judges[0].finish()).toEqual(judged(restored));
  });

  test('misses no page that is used', () => {
    const whole = loadFolder(join(restored, '..'));
    for (const [path, bytes] of whole) {
      if (!/seg0.c[0-9a-f]+\.dat$/.test(path)) continue;
      const cut = bytes.subarray(0, bytes.length - bytes.readInt32BE(117));
      const { verdict, databases } = judgeFiles(new Map([...whole, [path, cut]]));
      expect(verdict, path).toBe('damaged');
      expect(databases[0]?.problems).toContainEqual(
        expect.objectContaining({ file: path, kind: 'file-length', severity: 'damaged' }),
      );
    }
  });

  test('without its history is clean all the same: nothing that was written is missing', () => {
    const files = loadFolder(join(restored, '..'));
    files.delete('ETaxInvoice/BACKUP.HISTORY');
    const { verdict, databases } = judgeFiles(files);
    expect(databases[0]?.problems).toMatchObject([{ ...note, file: 'ETaxInvoice/seg0' }]);
    expect(verdict).toBe('clean');
  });
});

describe('service.properties', () => {
  const name = 'service.properties';
  const text = (): string => files.get(`ETaxInvoice/${name}`)?.toString('latin1') ?? '';

  test('without any one of its lines is judged as Derby takes it', async () => {
    const path = await copyOfClean('lines');
    const lines = text().trimEnd().split(/\r?\n/);
    expect(lines.length).toBeGreaterThan(20);
    // Which these are Derby is asked in the longer run, line by line; here of one of each kind.
    const isNeeded = (line: string): boolean =>
      line.includes('=') && !/^(derby\.serviceLocale|SyscolumnsIndex2Identifier)=/.test(line);
    const asked = /^(#---|derby\.\w+(\.\w+)?=|SystablesIdentifier|Sys(columns|schemas)Index2)/;
    let answers = 0;
    for (const gone of lines) {
      await writeFile(join(path, name), `${lines.filter((line) => line !== gone).join('\n')}\n`, 'latin1');
      expect([gone, judged(path).verdict]).toEqual([gone, isNeeded(gone) ? 'damaged' : 'clean']);
      if (!asked.test(gone)) continue;
      answers++;
      expect([gone, (await derby.checkCopy(path)).ok]).toEqual([gone, !isNeeded(gone)]);
    }
    expect(answers).toBe(7);
  });

  test.each<[string, (text: string) => string]>([
    ['a broken escape', (text) => `${text}catatan=a\\u12zz\n`],
    ['a broken escape in a name', (text) => `${text}\\u00=a\n`],
    ['a whole escape', (text) => `${text}catatan=\\u0041\\\\u1\\tb\n`],
    ['a broken escape in a comment', (text) => `#\\u12\n${text}`],
    ['a continued line', (text) => text.replace('SystablesIdentifier=', 'SystablesIdentifier=\\\n   ')],
    [
      'blanks and another separator',
      (text) => text.replace('SystablesIdentifier=', '  SystablesIdentifier : '),
    ],
    ['a log elsewhere, beside one inside', (text) => `${text}logDevice=/tidak/ada/di-sini\n`],
    ['an empty place of the log', (text) => `${text}logDevice=\n`],
    ['encryption that is none', (text) => `${text}dataEncryption=true\n`],
    ['encryption in large letters that is none', (text) => `${text}dataEncryption=TRUE\n`],
    ['no encryption', (text) => `${text}dataEncryption=false\n`],
    ['a blank after a word', (text) => `${text}dataEncryption=true \n`],
  ])('with %s is judged as Derby takes it', async (what, change) => {
    const path = await copyOfClean(`properties ${what.slice(0, 24)} ${what.length}`);
    await writeFile(join(path, name), change(text()), 'latin1');
    const { verdict } = judged(path);
    const { ok } = await derby.checkCopy(path);
    expect([what, verdict]).toEqual([what, ok ? 'clean' : 'damaged']);
  });

  test.each<[string, (path: string) => Promise<void>]>([
    ['only the old ones', (path) => rename(join(path, name), join(path, `${name}old`))],
    [
      'new ones cut',
      async (path) => {
        await rename(join(path, name), join(path, `${name}old`));
        await writeFile(join(path, name), text().slice(0, 300), 'latin1');
      },
    ],
    ['both', (path) => writeFile(join(path, `${name}old`), 'tidak=ada\n')],
  ])('that Derby was writing anew, %s: it goes on', async (what, change) => {
    const path = await copyOfClean(`anew ${what}`);
    await change(path);
    const { verdict, databases } = judged(path);
    const notes = what === 'both' ? [] : [{ kind: 'service-properties', severity: 'note' }];
    expect(databases[0]?.problems).toMatchObject(notes);
    expect(verdict).toBe('clean');
    expect((await derby.check(path)).ok).toBe(true);
    await derby.shutdown(path);
    expect(judged(path).databases[0]?.problems).toEqual([]);
  });

  test('cut anywhere lacks something', () => {
    for (let length = 0; length < text().indexOf('SysschemasIdentifier=192') + 23; length++)
      expect(
        missingProperty(parseServiceProperties(Buffer.from(text().slice(0, length))) ?? new Map()),
      ).not.toBeNull();
  });
});

describe('a next log file that nothing was written to', () => {
  const lastLog = (): string =>
    [...files.keys()]
      .filter((path) => /log\d+\.dat$/.test(path))
      .sort()
      .at(-1) ?? '';
  const number = (): number => Number(/(\d+)\.dat$/.exec(lastLog())?.[1]);
  const nextLog = (): string => `ETaxInvoice/log/log${number() + 1}.dat`;
  /** The header of the next log file, that names the end of the last one, and what is preallocated after it. */
  function beginning(preallocatedBytes: number, previous = endOf(files, lastLog())): Buffer {
    const bytes = Buffer.alloc(24 + preallocatedBytes);
    files.get(lastLog())?.copy(bytes, 0, 0, 24);
    bytes.writeUInt32BE(number() + 1, 12);
    bytes.writeUInt32BE(number(), 16);
    bytes.writeUInt32BE(previous, 20);
    return bytes;
  }
  const withNext = (bytes: Buffer): Map<string, Buffer> => new Map([...files, [nextLog(), bytes]]);

  test.each([0, 3, 4096])(
    'leaves the database clean, as Derby takes it: %i bytes after its header',
    async (rest) => {
      const path = await copyOfClean(`next-log-${rest}`);
      await writeFile(join(path, '..', nextLog()), beginning(rest));
      expect(judged(path), clues(path)).toEqual(judgeFiles(files));
      expect((await derby.check(path)).ok).toBe(true);
      await derby.shutdown(path);
      expect(judged(path).verdict, clues(path)).toBe('clean');
    },
  );

  test('says nothing for a database that was not closed', () => {
    const killed = new Map(files);
    const log = Buffer.from(files.get(lastLog()) ?? Buffer.alloc(0));
    // Without the last record of the shutdown it was not closed.
    const at = lastRecordAt(log, number());
    log.writeInt32BE(0, at);
    killed.set(lastLog(), log);
    expect(judgeFiles(killed).verdict).toBe('needs-recovery');
    killed.set(nextLog(), beginning(0));
    expect(judgeFiles(killed).verdict).toBe('needs-recovery');
  });

  test.each([
    ['empty', () => Buffer.alloc(0)],
    ['all zeros', () => Buffer.alloc(4096)],
    ['of another number', () => beginning(0).fill(9, 15, 16)],
  ])('is damage when it is %s: Derby gives up', async (what, bytes) => {
    const path = await copyOfClean(`next-log-${what}`);
    await writeFile(join(path, '..', nextLog()), bytes());
    expect(judged(path).verdict).toBe('damaged');
    expect((await derby.checkCopy(path)).boots).toBe(false);
  });

  test('is not part of the log when it is of another time, as Derby takes it', async () => {
    const path = await copyOfClean('next-log-other');
    await writeFile(join(path, '..', nextLog()), beginning(0, 24));
    const { verdict, databases } = judged(path);
    expect(databases[0]?.problems).toMatchObject([{ file: nextLog(), kind: 'log', severity: 'note' }]);
    expect(verdict).toBe('clean');
    await expectDerbyGoesOn(path);
  });

  test('left over with others from a newer state, with or without a gap, is a note', async () => {
    const [older, newer] = [await copyOfClean('older'), join(folder, 'newer/ETaxInvoice')];
    await placeKept(newer, 'busy with small logs', async (made) => {
      await placeDatabase(made, { invoices: 60 });
      const busy = await startDerby({ logSwitchBytes: 100_000 });
      await busy.workday(made, { date: '2024-03-01', invoices: 300 }).finally(() => busy.close());
    });
    const logs = [...loadFolder(join(newer, '..'))].filter(
      ([path]) => Number(/log(\d+)\.dat$/.exec(path)?.[1] ?? 0) > number(),
    );
    expect(logs.length).toBeGreaterThan(0);
    for (const [path, bytes] of logs) await writeFile(join(older, '..', path), bytes);
    const farPath = `ETaxInvoice/log/log${number() + 40}.dat`;
    await writeFile(join(older, '..', farPath), logs[0]?.[1] ?? '');
    const { verdict, databases } = judged(older);
    expect(databases[0]?.problems.every(({ severity }) => severity === 'note')).toBe(true);
    expect(databases[0]?.problems).toHaveLength(logs.length + 1);
    expect(verdict).toBe('clean');
    await expectDerbyGoesOn(older);
  });

  test('behind an unclean end is refused: with a gap records are lost', () => {
    const killed = new Map(files);
    const log = Buffer.from(files.get(lastLog()) ?? Buffer.alloc(0));
    log.writeInt32BE(0, lastRecordAt(log, number()));
    killed.set(lastLog(), log);
    killed.set(`ETaxInvoice/log/log${number() + 2}.dat`, beginning(0).fill(number() + 2, 15, 16));
    expect(judgeFiles(killed).verdict).toBe('damaged');
  });

  test('is not what a torn beginning of a record is', () => {
    const torn = beginning(40);
    torn.writeInt32BE(20, 24);
    expect(judgeFiles(withNext(torn)).verdict).toBe('needs-recovery');
  });
});

/** Derby opens it, writes to it and closes it, and all is well. */
async function expectDerbyGoesOn(path: string): Promise<void> {
  expect((await derby.check(path)).ok).toBe(true);
  await derby.addInvoice(path, { date: '2024-02-02', customer: 'Sesudah Sisa', dpp: '1000.00' });
  await derby.shutdown(path);
  expect(judged(path).verdict, clues(path)).toBe('clean');
}

/** Where a log's records end. */
function endOf(all: ReadonlyMap<string, Buffer>, path: string): number {
  const scan = scanLogFile(Number(/(\d+)\.dat$/.exec(path)?.[1]), null);
  scan.write(all.get(path) ?? Buffer.alloc(0));
  return scan.end().endsAt;
}

/** Where the last record of a log begins. */
function lastRecordAt(log: Buffer, number: number): number {
  const scan = scanLogFile(number, null);
  scan.write(log);
  return scan.end().lastRecords.at(-1)?.position ?? 0;
}

test('a table that recovery makes anew is not counted before it', async () => {
  const path = join(folder, 'compressed/ETaxInvoice');
  const compress = "CALL SYSCS_UTIL.SYSCS_COMPRESS_TABLE('ETAX', 'FAKTUR_KELUARAN', 0)";
  await placeKept(path, ['killed after', compress], async (made) => {
    await placeDatabase(made, { invoices: 60 });
    const other = await startDerby();
    await other.exec(made, compress).finally(() => other.kill());
  });
  const { verdict, databases } = judged(path);
  expect(verdict).toBe('needs-recovery');
  const names = databases[0]?.tables.map(({ name }) => name);
  expect(names).toContain('ETAX.FAKTUR_DETAIL');
  expect(names).not.toContain('ETAX.FAKTUR_KELUARAN');
  expect((await derby.check(path)).ok).toBe(true);
  await derby.shutdown(path);
  expect(judged(path).databases[0]?.tables).toEqual(judgeFiles(files).databases[0]?.tables);
});

test('a file that does not hold the rows of its table counts none', () => {
  const all = judgeFiles(files).databases[0]?.tables ?? [];
  const heaps = [...files.keys()].filter((path) => /seg0.c[0-9a-f]{2}0\.dat$/.test(path));
  const dropped = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeInt32BE(2, 113);
    copy.writeUInt32BE(crc32(copy.subarray(109, 181)), 185);
    return copy;
  };
  let userTables = 0;
  for (const path of heaps) {
    for (const bytes of [dropped(files.get(path) ?? Buffer.alloc(0)), Buffer.alloc(8192)]) {
      const tables = judgeFiles(new Map([...files, [path, bytes]])).databases[0]?.tables ?? [];
      if (tables.length < all.length) userTables++;
      expect(tables.every(({ name, rows }) => all.some((t) => t.name === name && t.rows === rows))).toBe(
        true,
      );
    }
  }
  expect(userTables).toBe(2 * all.length);
});
