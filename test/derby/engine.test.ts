import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checkTablesClass, checkTablesSourceSha256 } from '../../src/derby/engine/check-tables-class.ts';
import { checkWithEngine, type EngineVerdict } from '../../src/derby/engine.ts';
import { type Engine, findEngine } from '../../src/derby/engine-search.ts';
import { javaEnvironment } from '../../src/derby/java-run.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type Derby, placeDatabase, placeKept, placeKilled, startDerby } from '../support/derby.ts';
import { containerOf } from '../support/derby-fixtures.ts';
import { type DerbyVersion, derbyJar, javaTool, run } from '../support/derby-tools.ts';

const versions: DerbyVersion[] = ['10.10.2.0', '10.12.1.1', '10.14.2.0'];

const engineOf = async (version: DerbyVersion): Promise<Engine> => ({
  java: javaTool('java'),
  derbyJar: await derbyJar(version),
  // A JVM that soon ends.
  env: { ...javaEnvironment(process.env), JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' },
});

let derby: Derby;
beforeAll(async () => {
  derby = await startDerby();
});
afterAll(() => derby?.close());

const check = async (databaseFolder: string, version: DerbyVersion = '10.12.1.1'): Promise<EngineVerdict> =>
  checkWithEngine({ databaseFolder, engine: await engineOf(version) });

const wrongTables = (verdict: EngineVerdict): string[] =>
  verdict.tables.filter((table) => !table.ok).map((table) => table.name);

/** As a backup holds it: no lock files. */
const copyOf = async (database: string, to: string): Promise<string> => {
  await cp(database, to, { recursive: true, filter: (path) => !path.endsWith('.lck') });
  return to;
};

test('the class in the program was compiled from the source beside it', async () => {
  const path = join(import.meta.dirname, '../../src/derby/engine/CheckTables.java');
  const source = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
  const hint = 'CheckTables.java has changed: run node scripts/make-engine.ts';
  expect(createHash('sha256').update(source).digest('hex'), hint).toBe(checkTablesSourceSha256);
  // Class file version 51 is Java 7.
  expect(checkTablesClass.readUInt32BE(0)).toBe(0xcafebabe);
  expect(checkTablesClass.readUInt16BE(6)).toBe(51);
});

test.each(versions)('a sound database of Derby %s, in a folder of any name', async (version) => {
  const folder = await tempFolder();
  const placed = await placeDatabase(join(folder, 'db'), { version });
  const database = join(folder, 'dâta; base');
  await rename(placed, database);
  const temp = join(folder, 'temp');
  await mkdir(temp);
  vi.stubEnv('TMPDIR', temp);
  vi.stubEnv('TEMP', temp);
  const verdict = await check(database, version).finally(() => vi.unstubAllEnvs());
  expect(verdict).toMatchObject({ outcome: 'sound', boots: true, message: null, derbyVersion: version });
  expect(verdict.tables.find((table) => table.name === 'ETAX.FAKTUR_KELUARAN')).toEqual({
    name: 'ETAX.FAKTUR_KELUARAN',
    ok: true,
    rows: 60,
    message: null,
  });
  expect(verdict.tables.some((table) => table.name === 'SYS.SYSTABLES')).toBe(true);
  expect(await readdir(database)).not.toContain('db.lck');
  expect(await readdir(temp)).toEqual([]);
});

describe('a locale that knows no such names', () => {
  test.each([{}, { LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'id_ID.UTF-8' }])(
    '%o does not matter',
    async (locale) => {
      const { java, derbyJar: jar } = await engineOf('10.12.1.1');
      const { LANG: _, LC_ALL: __, LC_CTYPE: ___, ...env } = process.env;
      const database = join(await tempFolder(), 'PT Bahagia Œuvre ñ');
      await rename(await placeDatabase(join(await tempFolder(), 'db')), database);
      const engine = { java, derbyJar: jar, env: javaEnvironment({ ...env, ...locale }) };
      expect(await checkWithEngine({ databaseFolder: database, engine })).toMatchObject({ outcome: 'sound' });
    },
  );

  test('is no damage where Java does not see what is there', async () => {
    const { java, derbyJar: jar, env } = await engineOf('10.12.1.1');
    const database = join(await tempFolder(), 'dâta');
    await rename(await placeDatabase(join(await tempFolder(), 'db')), database);
    const engine = { java, derbyJar: jar, env: { ...env, LC_ALL: 'C' } };
    expect(await codeOf(checkWithEngine({ databaseFolder: database, engine }))).toBe('source-unusable');
    await rm(join(database, 'service.properties'));
    expect(await checkWithEngine({ databaseFolder: database, engine })).toMatchObject({ outcome: 'damaged' });
  });
});

test('an index of another moment than its table', async () => {
  const folder = await tempFolder();
  const database = await placeDatabase(join(folder, 'ETaxInvoice'));
  const { rows } = await derby.query(
    database,
    `SELECT C.CONGLOMERATENUMBER FROM SYS.SYSCONGLOMERATES C JOIN SYS.SYSTABLES T ON C.TABLEID = T.TABLEID
     WHERE T.TABLENAME = 'FAKTUR_KELUARAN' AND C.ISINDEX FETCH FIRST ROW ONLY`,
  );
  await derby.shutdown(database);
  const index = join(database, 'seg0', `c${Number(rows[0]?.[0]).toString(16)}.dat`);
  const old = await readFile(index);
  await derby.addInvoice(database, { date: '2024-03-01', customer: 'Terlambat', dpp: '1000.00' });
  await derby.shutdown(database);
  await writeFile(index, old);
  const verdict = await check(database);
  expect(verdict).toMatchObject({ outcome: 'damaged', boots: true });
  expect(wrongTables(verdict)).toEqual(['ETAX.FAKTUR_KELUARAN']);
  expect(verdict.tables.find((table) => !table.ok)?.message?.en).toContain('X0Y55');
});

test('a database whose program was killed is repaired from its log', async () => {
  const folder = await tempFolder();
  const database = join(folder, 'ETaxInvoice');
  await placeKilled(database);
  const verdict = await check(await copyOf(database, join(folder, 'copy')));
  expect(verdict.outcome).toBe('sound');
  const invoices = verdict.tables.find((table) => table.name === 'ETAX.FAKTUR_KELUARAN')?.rows ?? 0;
  expect(invoices).toBeGreaterThan(60);
});

test('a damaged page: of a table it is named, of the catalog nothing opens', async () => {
  const folder = await tempFolder();
  const sound = await placeDatabase(join(folder, 'sound'));
  const { file } = await containerOf(derby, sound, 'FAKTUR_KELUARAN');
  const spoil = async (name: string, path: string, page: number): Promise<EngineVerdict> => {
    const copy = await copyOf(sound, join(folder, name));
    const file = join(copy, path);
    const bytes = await readFile(file);
    const pageSize = bytes.readInt32BE(117);
    bytes.fill(0x55, page * pageSize + 100, page * pageSize + 200);
    await writeFile(file, bytes);
    return check(copy);
  };
  const table = await spoil('table', file, 1);
  expect(table).toMatchObject({ outcome: 'damaged', boots: true });
  expect(wrongTables(table)).toContain('ETAX.FAKTUR_KELUARAN');
  // Derby shut down at once over it; the tables after it were still checked.
  expect(table.tables.find((t) => t.name === 'ETAX.REFERENSI')?.ok).toBe(true);

  const catalog = await spoil('catalog', 'seg0/c20.dat', 1);
  expect(catalog.outcome).toBe('damaged');
  expect(catalog.message).toBeTruthy();
  expect(catalog.boots && catalog.tables.length > 0).toBe(false);
});

test('what says nothing about the data: encrypted, and newer than the engine', async () => {
  const folder = await tempFolder();
  const secret = { invoices: 3, bootPassword: 'contoh-sandi', version: '10.14.2.0' } as const;
  const encrypted = await check(await placeDatabase(join(folder, 'rahasia'), secret), '10.14.2.0');
  expect(encrypted).toMatchObject({ outcome: 'encrypted', boots: false, tables: [] });
  expect(encrypted.message?.en).toContain('XBM06');

  const newer = await placeDatabase(join(folder, 'baru'), { version: '10.14.2.0' });
  const refused = await check(newer, '10.10.2.0');
  expect(refused).toMatchObject({ outcome: 'newer-database', boots: false, derbyVersion: '10.10' });
});

test("the database's own users and rights keep nothing from being checked", async () => {
  const folder = await tempFolder();
  const database = join(folder, 'ETaxInvoice');
  const set = (name: string, value: string): string =>
    `CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('${name}', '${value}')`;
  const statements = [
    'CREATE TABLE "Daftar ""A""" (ID INTEGER PRIMARY KEY, NAMA VARCHAR(20))',
    `INSERT INTO "Daftar ""A""" VALUES (1, 'Budi'), (2, 'Sari')`,
    set('derby.user.siti', 'x'),
    set('derby.connection.requireAuthentication', 'true'),
    set('derby.database.sqlAuthorization', 'true'),
    set('derby.database.fullAccessUsers', 'siti'),
    set('derby.database.defaultConnectionMode', 'noAccess'),
  ];
  await placeKept(database, ['users', statements], async (path) => {
    const guarded = await startDerby();
    try {
      await guarded.open(path, { attributes: 'user=siti;password=x', once: 'create=true' });
      await guarded.exec(path, ...statements);
    } finally {
      await guarded.kill();
    }
  });
  const verdict = await check(await copyOf(database, join(folder, 'copy')));
  expect(verdict).toMatchObject({ outcome: 'sound', boots: true });
  expect(verdict.tables.find((table) => table.name === 'SITI.Daftar "A"')?.rows).toBe(2);
});

test('tables that a prepared transaction still locks are no damage', async () => {
  const folder = await tempFolder();
  const database = join(folder, 'ETaxInvoice');
  const source = `import javax.sql.XAConnection;
     import javax.transaction.xa.XAResource;
     import javax.transaction.xa.Xid;
     public class Prepare implements Xid {
       public int getFormatId() { return 7; }
       public byte[] getGlobalTransactionId() { return new byte[] {1}; }
       public byte[] getBranchQualifier() { return new byte[] {2}; }
       public static void main(String[] args) throws Exception {
         org.apache.derby.jdbc.EmbeddedXADataSource source = new org.apache.derby.jdbc.EmbeddedXADataSource();
         source.setDatabaseName(args[0]);
         XAConnection connection = source.getXAConnection();
         XAResource resource = connection.getXAResource();
         Prepare id = new Prepare();
         resource.start(id, XAResource.TMNOFLAGS);
         connection.getConnection().createStatement().executeUpdate("UPDATE ETAX.REFERENSI SET KETERANGAN = 'x'");
         resource.end(id, XAResource.TMSUCCESS);
         resource.prepare(id);
         Runtime.getRuntime().halt(0);
       }
     }`;
  await placeKept(database, ['prepared', source], async (path) => {
    await placeDatabase(path);
    const jar = await derbyJar('10.12.1.1');
    await writeFile(join(folder, 'Prepare.java'), source);
    await run(javaTool('javac'), ['-cp', jar, '-d', folder, join(folder, 'Prepare.java')]);
    const log = `-Dderby.stream.error.file=${join(folder, 'derby.log')}`;
    await run(javaTool('java'), ['-cp', [folder, jar].join(delimiter), log, 'Prepare', path]);
  });
  const verdict = await check(await copyOf(database, join(folder, 'copy')));
  expect(verdict).toMatchObject({ outcome: 'in-doubt', boots: true });
  expect(wrongTables(verdict)).toEqual(['ETAX.REFERENSI']);
  expect(verdict.tables.find(({ ok }) => !ok)?.message?.en).toContain('40XL1');
});

/** A program in the place of Java. */
async function fakeJava(home: string, script: string): Promise<string> {
  const java = join(home, 'bin', 'java');
  await mkdir(dirname(java), { recursive: true });
  await writeFile(java, `#!/bin/sh\n${script}\n`);
  await chmod(java, 0o755);
  return java;
}

describe('a Java that does not do its work', () => {
  test('ends when its time is up, or when told to', async () => {
    const folder = await tempFolder();
    const database = await placeDatabase(join(folder, 'ETaxInvoice'));
    const engine = {
      java: await fakeJava(folder, 'exec sleep 30'),
      derbyJar: await derbyJar('10.12.1.1'),
      env: {},
    };
    const late = checkWithEngine({ databaseFolder: database, engine, timeoutMs: 200 });
    expect(await codeOf(late)).toBe('source-unusable');
    const stop = new AbortController();
    const reason = new Error('stopped by the test');
    setTimeout(() => stop.abort(reason), 200);
    const stopped = checkWithEngine({ databaseFolder: database, engine, signal: stop.signal });
    await expect(stopped).rejects.toBe(reason);
  });

  test('cannot start Derby: usage, with what it said', async () => {
    const folder = await tempFolder();
    const engine = await engineOf('10.12.1.1');
    const jar = join(folder, 'derby.jar');
    await writeFile(jar, 'not a jar');
    const noDerby = checkWithEngine({ databaseFolder: folder, engine: { ...engine, derbyJar: jar } });
    await expect(noDerby).rejects.toMatchObject({ code: 'usage' });
    const noJava = checkWithEngine({
      databaseFolder: folder,
      engine: { ...engine, java: join(folder, 'java') },
    });
    await expect(noJava).rejects.toMatchObject({ code: 'usage' });
    const dies = await fakeJava(folder, "printf 'engine\\t10.12\\n'; echo 'out of memory' >&2; exit 3");
    const died = checkWithEngine({ databaseFolder: folder, engine: { ...engine, java: dies } });
    await expect(died).rejects.toMatchObject({ code: 'source-unusable' });
    await expect(died).rejects.toThrow('out of memory');
  });

  test('ends though somebody else keeps its pipes open, with all that it had said', async () => {
    const folder = await tempFolder();
    const left = join(folder, 'left');
    const java = await fakeJava(
      folder,
      `sleep 60 & echo $! > '${left}'; printf 'engine\\t10.12\\nboot\\tXSLAN\\t\\nend\\n'`,
    );
    const engine = { java, derbyJar: await derbyJar('10.12.1.1'), env: { PATH: process.env.PATH ?? '' } };
    const begunAt = performance.now();
    const verdict = await checkWithEngine({ databaseFolder: folder, engine }).finally(async () =>
      process.kill(Number(await readFile(left, 'utf8'))),
    );
    expect(verdict.outcome).toBe('newer-database');
    expect(performance.now() - begunAt).toBeLessThan(20_000);
  });
});

test('Java gets no key of a bucket, and of a page that Derby shows no byte is said', async () => {
  const folder = await tempFolder();
  const database = await placeDatabase(join(folder, 'ETaxInvoice'));
  const jar = await derbyJar('10.12.1.1');
  const env = {
    PATH: process.env.PATH,
    LC_ALL: 'C',
    AWS_SECRET_ACCESS_KEY: 'hush',
    AWS_SESSION_TOKEN: 'hush',
    EFAKTUR_IDENTITY_COMMAND: 'hush',
    HTTPS_PROXY: 'http://user:hush@proxy',
    Anything: 'hush',
  };
  const noted = join(folder, 'environment');
  const dump =
    'Invalid checksum on Page(0,Container(0, 1073)), page dump follows: Hex dump:\\u000a00000000: 0076';
  const java = await fakeJava(
    join(folder, 'home'),
    `env > '${noted}'; printf 'engine\\t10.12\\nboot\\tXSDG2\\t${dump.replaceAll('\\', '\\\\')}\\nend\\n'`,
  );
  const engine = await findEngine({ ...nothing, env, javaHome: join(folder, 'home'), derbyJar: jar });
  expect(engine.java).toBe(java);
  const verdict = await checkWithEngine({ databaseFolder: database, engine });
  const seen = await readFile(noted, 'utf8');
  expect(seen).not.toContain('hush');
  expect(seen).toContain('LC_ALL=C');
  expect(verdict.outcome).toBe('damaged');
  expect(verdict.message?.en).toContain('Invalid checksum on Page(0,Container(0, 1073))');
  expect(JSON.stringify(verdict)).not.toMatch(/dump|00000000|0076/i);
});

const nothing = { env: {}, javaHome: null, path: '', derbyHome: null, appFolder: null, derbyJar: null };

describe('finding the engine', () => {
  test('JAVA_HOME, then PATH, then the app; one that does not run is passed over', async () => {
    const folder = await tempFolder();
    const jar = await derbyJar('10.12.1.1');
    const broken = await fakeJava(join(folder, 'broken'), 'echo "wrong ELF class" >&2; exit 1');
    const works = await fakeJava(join(folder, 'works'), 'exit 0');
    const own = await fakeJava(join(folder, 'app', 'java'), 'exit 0');
    const [brokenHome, worksHome] = [join(folder, 'broken'), join(folder, 'works')];
    const find = async (search: Partial<typeof nothing> | { [key: string]: string }): Promise<string> =>
      (await findEngine({ ...nothing, derbyJar: jar, ...search })).java;
    expect(await find({ javaHome: worksHome, path: join(brokenHome, 'bin') })).toBe(works);
    const path = [join(folder, 'no such folder'), join(brokenHome, 'bin'), join(worksHome, 'bin')].join(
      delimiter,
    );
    expect(await find({ javaHome: brokenHome, path })).toBe(works);
    expect(await find({ path: dirname(broken), appFolder: join(folder, 'app') })).toBe(own);
    const none = find({ javaHome: brokenHome });
    await expect(none).rejects.toMatchObject({ code: 'usage' });
    await expect(none).rejects.toThrow('wrong ELF class');
  });

  test('derby.jar: the one named, then the app folder whatever its name, then DERBY_HOME', async () => {
    const folder = await tempFolder();
    const jar = await derbyJar('10.12.1.1');
    const app = join(folder, 'app');
    const home = join(folder, 'derby-home');
    await mkdir(join(app, 'lib'), { recursive: true });
    await mkdir(join(home, 'lib'), { recursive: true });
    await writeFile(join(app, 'lib', 'derby.jar'), 'not the real library\n');
    const java = await fakeJava(join(folder, 'jdk'), 'exit 0');
    const find = async (search: { [key: string]: string }): Promise<string> =>
      (await findEngine({ ...nothing, javaHome: dirname(dirname(java)), ...search })).derbyJar;

    expect(await find({ derbyJar: jar, appFolder: app })).toBe(jar);
    expect(await codeOf(find({ derbyJar: join(app, 'lib', 'derby.jar'), derbyHome: home }))).toBe('usage');
    expect(await codeOf(find({ appFolder: app, derbyHome: home }))).toBe('usage');
    expect(await codeOf(find({}))).toBe('usage');
    await copyFile(jar, join(home, 'lib', 'derby.jar'));
    expect(await find({ appFolder: app, derbyHome: home })).toBe(join(home, 'lib', 'derby.jar'));
    await copyFile(jar, join(app, 'lib', 'etax-libs.jar'));
    expect(basename(await find({ appFolder: app, derbyHome: home }))).toBe('etax-libs.jar');
    await copyFile(jar, join(app, 'lib', 'derby-10.12.1.1.jar'));
    expect(basename(await find({ appFolder: app }))).toBe('derby-10.12.1.1.jar');
  });
});
