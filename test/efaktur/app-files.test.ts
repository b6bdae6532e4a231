import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isOwnFolder, parseOriginKey } from '../../src/catalog/names.ts';
import { type AppFilesOptions, maxForeignBytes, readAppFiles } from '../../src/efaktur/app-files.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { peFile } from '../support/pe-file.ts';

const options: AppFilesOptions = {
  withCertificates: false,
  own: [],
  samePath: (a, b) => a === b,
  isOriginName: (name) => parseOriginKey(`origin/${name}`) !== null,
  isStoreFolder: (name) => isOwnFolder(`${name}/`),
};

/** Files by path; a number is a length, without bytes on the disk. */
async function put(folder: string, files: Readonly<Record<string, string | Buffer | number>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), typeof content === 'number' ? '' : content);
    if (typeof content === 'number') await truncate(join(folder, path), content);
  }
}

async function appWith(files: Readonly<Record<string, string | Buffer | number>>): Promise<string> {
  const folder = await tempFolder();
  await put(folder, { 'ETaxInvoiceMain.exe': peFile('4.0.0.0'), ...files });
  return folder;
}

async function kept(folder: string, changed: Partial<AppFilesOptions> = {}) {
  const { set, leftOut } = await readAppFiles(folder, { ...options, ...changed });
  return {
    files: set.files.map(({ path }) => path).filter((path) => path !== 'ETaxInvoiceMain.exe'),
    emptyFolders: set.emptyFolders,
    leftOut: Object.fromEntries(leftOut.map(({ path, why }) => [path, why])),
  };
}

test('a folder in use keeps its program and its empty folders', async () => {
  const folder = await makeEfakturFolder(await tempFolder());
  await mkdir(join(folder, 'kosong/di dalam'), { recursive: true });
  const { files, emptyFolders, leftOut } = await kept(folder);
  expect(files).toEqual([
    'ETaxInvoice',
    'ETaxInvoice.config',
    'ETaxInvoice.exe',
    'ETaxInvoiceMain',
    'ETaxInvoiceMain.config',
    'ETaxInvoiceUpd',
    'ETaxInvoiceUpd.config',
    'ETaxInvoiceUpd.exe',
    'lib/derby.jar',
    'mem_config.bat',
  ]);
  expect(emptyFolders).toEqual(['java/bin', 'kosong/di dalam']);
  expect(leftOut).toEqual({ backup: 'login-backups', db: 'database', log: 'log' });
});

test('letter case is that of Windows', async () => {
  const folder = await appWith({
    'DB/ETaxInvoice/service.properties': '',
    'Backup/2023-07-08.zip': '',
    'LOG/etax.log': '',
    'Temp/x': '',
    'lama.TMP': '',
    'Kantor.ENV': 'EFAKTUR_STORE=x',
    'Sertifikat/PT.P12': 'x',
  });
  expect(await kept(folder)).toEqual({
    files: [],
    emptyFolders: ['Sertifikat'],
    leftOut: {
      Backup: 'login-backups',
      DB: 'database',
      'Kantor.ENV': 'settings',
      LOG: 'log',
      'Sertifikat/PT.P12': 'private-key',
      Temp: 'temporary',
      'lama.TMP': 'temporary',
    },
  });
});

test('every database is left out, wherever and under whatever name', async () => {
  const folder = await appWith({
    'db.before-restore-20230708T023000Z/ETaxInvoice/seg0/c10.dat': '',
    'db.restored-20230708T023000Z-77/a': '',
    'db.listed-20230708T023000Z-77': '{}',
    'db lama 2019/x.txt': '',
    'dbku/x.txt': '',
    'e-Faktur.restoring-20230708T023000Z-77/app/x.jar': '',
    'arsip/2019/ETaxInvoice/service.properties': '',
    'arsip/2019/catatan.txt': '',
    'tanpa/SEG0/c10.dat': '',
    'tua/service.propertiesold': '',
    'java/db/bin/ij': 'of a JDK',
    'java/demo/toursdb/service.properties': '',
    'dbase.dll': '',
    'database.ini': '',
  });
  const { files, leftOut } = await kept(folder);
  expect(files).toEqual(['arsip/2019/catatan.txt', 'database.ini', 'dbase.dll', 'java/db/bin/ij']);
  expect(leftOut).toEqual({
    'arsip/2019/ETaxInvoice': 'database',
    'db lama 2019': 'database',
    'db.before-restore-20230708T023000Z': 'database',
    'db.listed-20230708T023000Z-77': 'temporary',
    'db.restored-20230708T023000Z-77': 'database',
    dbku: 'database',
    'e-Faktur.restoring-20230708T023000Z-77': 'temporary',
    'java/demo/toursdb': 'database',
    tanpa: 'database',
    tua: 'database',
  });
});

test('a file where a db would be is left out, as a restored folder has its databases there', async () => {
  const folder = await appWith({ Db: 'x', 'db.txt': 'x', 'lib/db': 'x' });
  expect(await kept(folder)).toMatchObject({ files: ['db.txt', 'lib/db'], leftOut: { Db: 'database' } });
});

test('what is ours is left out: stores, state, settings and keys', async () => {
  const folder = await appWith({
    'cadangan/origin/20230708T023000Z-pc.json': '{}',
    'cadangan/2023-07-08/x.json': '{}',
    'toko baru/x': '',
    'state/stores/x.json': '',
    '.env': '',
    '.env.local': '',
    'pkp1.env': '',
    'setelan.txt': '',
    'kunci.txt': '# public key: age1\nAGE-SECRET-KEY-1QQQ\n',
    'asal/origin/readme.txt': 'no origin of ours',
  });
  const own = ['toko baru', 'state', 'setelan.txt', 'absent'].map((name) => join(folder, name));
  const { files, leftOut } = await kept(folder, { own, withCertificates: true });
  expect(files).toEqual(['asal/origin/readme.txt']);
  expect(leftOut).toEqual({
    '.env': 'settings',
    '.env.local': 'settings',
    cadangan: 'own',
    'kunci.txt': 'own',
    'pkp1.env': 'settings',
    'setelan.txt': 'own',
    state: 'own',
    'toko baru': 'own',
  });
});

test('of a folder that is a store itself the store is left out', async () => {
  const folder = await appWith({
    'origin/20230708T023000Z-pc.json': '{}',
    '2023-07-08/x.json': '{}',
    'index/x': '',
    'proofs/x': '',
    'lib/x.jar': '',
  });
  const { files, leftOut } = await kept(folder);
  expect(files).toEqual(['lib/x.jar']);
  expect(Object.keys(leftOut)).toEqual(['2023-07-08', 'index', 'origin', 'proofs']);
});

test('private keys go in only when asked for', async () => {
  const pem = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';
  const folder = await appWith({
    'a.p12': 'x',
    's/b.Pfx': 'x',
    's/kunci.key': pem,
    'lib/security/cacerts': 'x',
  });
  expect((await kept(folder)).leftOut).toEqual({
    'a.p12': 'private-key',
    's/b.Pfx': 'private-key',
    's/kunci.key': 'private-key',
  });
  expect(await kept(folder, { withCertificates: true })).toMatchObject({
    files: ['a.p12', 'lib/security/cacerts', 's/b.Pfx', 's/kunci.key'],
    leftOut: {},
  });
});

test('large files are left out unless they are the program’s', async () => {
  const over = maxForeignBytes + 1;
  const folder = await appWith({
    'film.mkv': over,
    'arsip.zip': maxForeignBytes,
    'pasang.exe': over,
    'besar.JAR': over,
    'java/lib/modules': over,
    'lib/data.bin': over,
    'runtime lama/bin/javaw.exe': '',
    'runtime lama/lib/modules': over,
    'foto/lib/raw.img': over,
  });
  expect((await kept(folder)).leftOut).toEqual({ 'film.mkv': 'large', 'foto/lib/raw.img': 'large' });
});

test.runIf(process.platform !== 'win32')(
  'links, pipes and names that cannot be stored are named',
  async () => {
    const folder = await appWith({
      'x/CON.txt': '',
      'x/a:b': '',
      'x/Sama.txt': '1',
      'x/sama.TXT': '2',
      'Lib/a.jar': '1',
      'lib/b.jar': '2',
      [`${'p'.repeat(200)}/${'q'.repeat(200)}/${'r'.repeat(200)}/${'s'.repeat(200)}/${'t'.repeat(230)}`]: '',
      'x/nama é 名 🧾.txt': '',
      'x/�.txt': '',
    });
    await symlink('/etc/hostname', join(folder, 'tautan'));
    await symlink('x', join(folder, 'ke x'));
    await symlink('nowhere', join(folder, 'putus'));
    await symlink(await tempFolder(), join(folder, 'db'));
    const bad = Buffer.concat([Buffer.from(join(folder, 'x/')), Buffer.from([0xff, 0xfe])]);
    await writeFile(bad, '');
    const server = createServer().listen(join(folder, 'soket'));
    onTestFinished(() => void server.close());
    const { files, leftOut, emptyFolders } = await kept(folder);
    expect(files).toEqual(['Lib/a.jar', 'x/Sama.txt', 'x/nama é 名 🧾.txt', 'x/�.txt']);
    const long = `${'p'.repeat(200)}/${'q'.repeat(200)}/${'r'.repeat(200)}/${'s'.repeat(200)}`;
    expect(leftOut).toEqual({
      db: 'database',
      'ke x': 'link',
      lib: 'name',
      [`${long}/${'t'.repeat(230)}`]: 'name',
      putus: 'link',
      soket: 'special',
      tautan: 'link',
      'x/CON.txt': 'name',
      'x/a:b': 'name',
      'x/sama.TXT': 'name',
      'x/��': 'name',
    });
    expect(emptyFolders).toEqual([long]);
  },
);

test.runIf(process.platform !== 'win32')(
  'a folder without a main program of its own is refused',
  async () => {
    const folder = await tempFolder();
    await put(folder, { 'ETaxInvoice.exe': '', 'lama/ETaxInvoiceMain.exe': '' });
    await expect(kept(folder)).rejects.toMatchObject({ code: 'source-unusable' });
    await symlink('lama/ETaxInvoiceMain.exe', join(folder, 'ETaxInvoiceMain.exe'));
    await expect(kept(folder)).rejects.toMatchObject({ code: 'source-unusable' });
    await rm(join(folder, 'ETaxInvoiceMain.exe'));
    await put(folder, { 'etaxinvoicemain.EXE': peFile('3.2.0.0') });
    expect((await kept(folder)).files).toContain('etaxinvoicemain.EXE');
  },
);
