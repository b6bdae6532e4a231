import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { makeInstaller } from '../../scripts/windows/installer.ts';
import { sign } from '../../scripts/windows/sign.ts';
import { scheduledTask } from '../../src/base/product.ts';
import { makeRunPrefix, type RunPrefix, type WineOutcome, wine } from '../support/win/wine.ts';

/** The installer, in a prefix of its own: it changes the user's PATH, which all programs of a prefix have. */

const run = promisify(execFile);
const uninstallKey = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\eFakturCloud';
const folderName = 'C:\\users\\kasir\\AppData\\Local\\Programs\\eFakturCloud';
const programNames = ['efaktur-cloud.exe', 'efaktur-cloudw.exe'] as const;

let pc: RunPrefix;
/** Of the program as it is, and some bytes for the one without a console. */
let whole: string;
/** Of files of some bytes in place of the programs: all but those is the same. */
let small: string;

const onC = (...names: string[]): string => join(pc.prefix, 'drive_c', ...names);
const onD = (...names: string[]): string => join(pc.prefix, 'drive_d', ...names);
const local = (...names: string[]): string => onC('users', 'kasir', 'AppData', 'Local', ...names);
const roaming = (...names: string[]): string => onC('users', 'kasir', 'AppData', 'Roaming', ...names);
const installed = (...names: string[]): string => local('Programs', 'eFakturCloud', ...names);
const link = (): string => roaming('Microsoft', 'Windows', 'Start Menu', 'Programs', 'eFaktur Cloud.lnk');

const windows = (
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<WineOutcome> => wine(program, args, { prefix: pc.prefix, env });

async function install(setup: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await windows(setup, ['/S', ...args]);
  expect(code, stderr).toBe(0);
}

async function uninstall(folder = installed()): Promise<void> {
  expect((await windows(join(folder, 'uninstall.exe'), ['/S'])).code).toBe(0);
  // It works in a copy of itself, and the key is the last that goes.
  await expect
    .poll(() => registry(uninstallKey, 'DisplayName'), { timeout: 60_000, interval: 100 })
    .toBeNull();
}

async function registry(key: string, name: string): Promise<{ type: string; value: string } | null> {
  const { code, stdout } = await windows('reg', ['query', key, '/v', name]);
  if (code !== 0) return null;
  const [, type = '', value = ''] = /^ +\S+ +(REG_\w+) *(.*?)\r?$/m.exec(stdout) ?? [];
  return { type, value };
}

const userPath = (): Promise<{ type: string; value: string } | null> => registry('HKCU\\Environment', 'Path');

/** By a file, as a command line takes no value that is as long as a PATH may be. */
async function setUserPath(value: string | null, type: 1 | 2 = 2): Promise<void> {
  await windows('reg', ['delete', 'HKCU\\Environment', '/v', 'Path', '/f']);
  if (value === null) return;
  const bytes = [...Buffer.from(`${value}\0`, 'utf16le')].map((byte) => byte.toString(16).padStart(2, '0'));
  await writeFile(
    onD('path.reg'),
    `\ufeffWindows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Environment]\r\n"Path"=hex(${type}):${bytes.join()}\r\n`,
    'utf16le',
  );
  expect((await windows('reg', ['import', 'D:\\path.reg'])).code).toBe(0);
}

/** A folder with what an installer is made of: those programs as they are built, and stand-ins for the others. */
async function programsIn(name: string, ...built: string[]): Promise<string> {
  const folder = join(pc.prefix, name);
  await mkdir(folder);
  for (const program of programNames)
    if (built.includes(program))
      await copyFile(join(inject('windowsPrograms'), program), join(folder, program));
    else await writeFile(join(folder, program), `MZ, not ${program}`);
  for (const file of ['efaktur-cloud.ico', 'THIRD-PARTY.txt'])
    await copyFile(join(inject('windowsPrograms'), file), join(folder, file));
  return folder;
}

/**
 * The installed program at work: it waits for a bucket that takes connections and never answers. What is given back ends that,
 * and says how the program ended.
 */
async function programAtWork(): Promise<() => Promise<WineOutcome>> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
  });
  const connected = new Promise((resolve) => server.once('connection', resolve));
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    }),
  );
  const store = `s3://bucket?endpoint=http://127.0.0.1:${port}&region=x`;
  const ended = windows(installed('efaktur-cloud.exe'), ['list', '--store', store, '--json'], {
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const letGo = (): Promise<WineOutcome> => {
    server.close();
    for (const socket of sockets) socket.destroy();
    return ended;
  };
  onTestFinished(async () => {
    await letGo();
  });
  const tooSoon = ended.then(({ stderr }) => Promise.reject(new Error(`it did not wait: ${stderr}`)));
  await Promise.race([connected, tooSoon]);
  tooSoon.catch(() => {});
  return letGo;
}

beforeAll(async () => {
  pc = await makeRunPrefix();
  whole = join(pc.prefix, 'whole-setup.exe');
  small = join(pc.prefix, 'small-setup.exe');
  const parts = { version: '0.1.0', compression: 'none', signed: false } as const;
  await Promise.all([
    makeInstaller({ ...parts, programs: await programsIn('whole', 'efaktur-cloud.exe'), path: whole }),
    makeInstaller({ ...parts, programs: await programsIn('small'), path: small }),
  ]);
});

afterAll(() => pc?.remove());

test('installs silently, and what is typed or chosen then is there', async () => {
  await setUserPath(null);
  await install(whole);
  for (const name of programNames) {
    const built = await readFile(join(pc.prefix, 'whole', name));
    expect((await readFile(installed(name))).equals(built), name).toBe(true);
  }
  expect((await readdir(installed())).sort()).toEqual(
    ['LICENSE.txt', 'THIRD-PARTY.txt', ...programNames, 'uninstall.exe'].sort(),
  );
  const linked = await readFile(link());
  expect(linked.includes(Buffer.from(`${folderName}\\efaktur-cloud.exe`, 'utf16le'))).toBe(true);
  const said = async (name: string): Promise<string | undefined> =>
    (await registry(uninstallKey, name))?.value;
  expect(await said('DisplayName')).toBe('eFaktur Cloud');
  expect(await said('DisplayVersion')).toBe('0.1.0');
  expect(await said('InstallLocation')).toBe(folderName);
  expect(await said('QuietUninstallString')).toBe(`"${folderName}\\uninstall.exe" /S`);
  expect(Number(await said('EstimatedSize'))).toBeGreaterThan(90_000);
  expect(await userPath()).toEqual({ type: 'REG_EXPAND_SZ', value: folderName });
  // By its name alone: Windows finds it on the PATH.
  const started = await windows('cmd', ['/c', 'efaktur-cloud', '--version']);
  expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\s*$/) });
});

test('a newer one takes the place of a program at work, which ends its work', async () => {
  await install(whole);
  const current = await readFile(installed('efaktur-cloud.exe'));
  await appendFile(installed('efaktur-cloud.exe'), 'an older release');
  const letGo = await programAtWork();
  await install(whole);
  expect((await readFile(installed('efaktur-cloud.exe'))).equals(current)).toBe(true);
  expect((await readdir(installed())).filter((name) => name.includes('.old'))).toEqual([
    'efaktur-cloud.exe.old1',
  ]);
  // The server alone interrupted it.
  const { code, stderr } = await letGo();
  expect(code, stderr).toBe(10);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'store-unavailable' } });
  await install(small);
  expect((await readdir(installed())).filter((name) => /old|new/.test(name))).toEqual([]);
});

test('the uninstaller takes program, link, task and PATH away, and leaves settings, record, backups and what is not ours', async () => {
  await setUserPath('C:\\a');
  await install(whole);
  const kept = [
    roaming('efaktur-cloud', '.env'),
    local('efaktur-cloud', 'record.json'),
    onD('Cadangan', 'README.txt'),
    installed('catatan saya.txt'),
  ];
  for (const path of kept) {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, '# kept');
  }
  await writeFile(
    onD('task.xml'),
    `<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"><Triggers/><Actions><Exec><Command>${folderName}\\efaktur-cloudw.exe</Command></Exec></Actions></Task>`,
  );
  const tasks = (): Promise<string[]> => readdir(onC('windows', 'system32', 'tasks'));
  for (const name of [scheduledTask, 'Tugas lain']) {
    const { code } = await windows('schtasks', ['/create', '/tn', name, '/xml', 'D:\\task.xml', '/f']);
    expect(code).toBe(0);
  }
  expect((await tasks()).sort()).toEqual(['Tugas lain', scheduledTask].sort());

  const startup = roaming('Microsoft', 'Windows', 'Start Menu', 'Programs', 'StartUp');
  const inStartup = [`${scheduledTask}.lnk`, 'Tugas lain.lnk'];
  await mkdir(startup, { recursive: true });
  for (const name of inStartup) await writeFile(join(startup, name), '');

  await uninstall();
  expect(await tasks()).toEqual(['Tugas lain']);
  expect((await readdir(startup)).filter((name) => inStartup.includes(name))).toEqual(['Tugas lain.lnk']);
  await rm(join(startup, 'Tugas lain.lnk'));
  for (const path of kept) expect(await readFile(path, 'utf8')).toBe('# kept');
  expect(await readdir(installed())).toEqual(['catatan saya.txt']);
  expect(existsSync(link())).toBe(false);
  expect((await userPath())?.value).toBe('C:\\a');
  await rm(installed(), { recursive: true });
});

test('uninstalled while it is at work: its folder is gone, and it ends its work', async () => {
  await install(whole);
  const letGo = await programAtWork();
  await uninstall();
  expect(existsSync(installed())).toBe(false);
  const { code, stderr } = await letGo();
  expect(code, stderr).toBe(10);
});

describe('the PATH of the user', () => {
  const long = Array.from({ length: 100 }, (_, i) => `C:\\Program Files\\Program Nomor ${i}\\bin`).join(';');
  const full = 'x'.repeat(32_750);
  const inCapitals = `C:\\x;${folderName.toUpperCase()}\\`;
  const quoted = `C:\\x;"${folderName}";C:\\y`;
  const likeOurs = `${folderName}2;C:\\x;${folderName}\\bin`;

  test.each<[what: string, before: string | null, after: string]>([
    ['is made where there is none', null, folderName],
    ['gets one more', 'C:\\a;%USERPROFILE%\\b', `C:\\a;%USERPROFILE%\\b;${folderName}`],
    ['gets no empty one', 'C:\\a;', `C:\\a;${folderName}`],
    ['is not cut where it is long', long, `${long};${folderName}`],
    ['gets it once', `${folderName};C:\\x`, `${folderName};C:\\x`],
    ['gets it once, whatever the capitals', inCapitals, inCapitals],
    ['gets it once, where it is in quotes', quoted, quoted],
    ['gets it beside others like it', likeOurs, `${likeOurs};${folderName}`],
    ['stays as it is where Windows takes no longer one', full, full],
  ])('%s', async (_what, before, after) => {
    await setUserPath(before);
    await install(small);
    expect(await userPath()).toEqual({ type: 'REG_EXPAND_SZ', value: after });
  });

  test.each<[what: string, before: string, after: string | null]>([
    ['alone', folderName, null],
    ['at its end', `C:\\a;%USERPROFILE%\\b;${folderName}`, 'C:\\a;%USERPROFILE%\\b'],
    ['at its begin', `${folderName};C:\\x`, 'C:\\x'],
    ['within a long one', `${long};${folderName};C:\\Akhir`, `${long};C:\\Akhir`],
    ['twice, and once in quotes', `${folderName};C:\\x;"${folderName}\\";C:\\y`, 'C:\\x;C:\\y'],
    ['beside others like it', `${likeOurs};${folderName}`, likeOurs],
    ['between empty ones', `C:\\a;;${folderName};;C:\\b`, 'C:\\a;;;C:\\b'],
    ['not at all', 'C:\\a;C:\\b;', 'C:\\a;C:\\b;'],
  ])('loses ours and no other: %s', async (_what, before, after) => {
    await install(small);
    await setUserPath(before);
    await uninstall();
    expect(await userPath()).toEqual(after === null ? null : { type: 'REG_EXPAND_SZ', value: after });
  });

  test('keeps its type', async () => {
    await setUserPath('C:\\a', 1);
    await install(small);
    expect(await userPath()).toEqual({ type: 'REG_SZ', value: `C:\\a;${folderName}` });
    await uninstall();
    expect(await userPath()).toEqual({ type: 'REG_SZ', value: 'C:\\a' });
  });
});

test('another folder is taken, and the next release goes there', async () => {
  const there = onD('Program', 'eFaktur');
  await setUserPath(null);
  await install(small, '/D=D:\\Program\\eFaktur');
  await rm(join(there, 'efaktur-cloud.exe'));
  await install(small);
  expect(await readdir(there)).toContain('efaktur-cloud.exe');
  expect((await userPath())?.value).toBe('D:\\Program\\eFaktur');
  await uninstall(there);
  expect(existsSync(there)).toBe(false);
});

test('a folder that cannot be is exit code 2, and nothing is installed', async () => {
  await mkdir(local('Programs'), { recursive: true });
  await writeFile(installed(), 'a file');
  expect((await windows(small, ['/S'])).code).toBe(2);
  expect(await registry(uninstallKey, 'DisplayName')).toBeNull();
  expect(existsSync(link())).toBe(false);
  await rm(installed());
});

test('speaks Indonesian where Windows does, else English', async () => {
  const locales = join(pc.prefix, 'locales');
  await mkdir(locales);
  for (const name of ['id_ID', 'de_DE'])
    await run('localedef', ['-i', name, '-f', 'UTF-8', join(locales, `${name}.UTF-8`)]).catch((error) => {
      throw new Error('Wine takes the language of this machine: apt-get install locales', { cause: error });
    });
  const purpose = async (locale: string): Promise<string | undefined> => {
    const { code } = await windows(small, ['/S'], { LC_ALL: locale, LOCPATH: locales });
    expect(code).toBe(0);
    return (await registry(uninstallKey, 'Comments'))?.value;
  };
  expect(await purpose('id_ID.UTF-8')).toBe('Mencadangkan data e-Faktur desktop');
  expect(await purpose('de_DE.UTF-8')).toBe('Backs up the data of e-Faktur desktop');
});

test('the same programs give the same bytes', async () => {
  const programs = await programsIn('elsewhere');
  for (const name of await readdir(programs)) await utimes(join(programs, name), 1e9, 1e9);
  const again = join(pc.prefix, 'again.exe');
  await makeInstaller({ version: '0.1.0', compression: 'none', signed: false, programs, path: again });
  expect((await readFile(again)).equals(await readFile(small))).toBe(true);
});

test('signed, it installs an uninstaller that is signed as well', async () => {
  const [certificate, key] = [join(pc.prefix, 'cert.pem'), join(pc.prefix, 'key.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Uji'];
  await run('openssl', [...request, '-keyout', key, '-out', certificate]);
  const signed = join(pc.prefix, 'signed.exe');
  const env = { WINDOWS_SIGN_CERT: certificate, WINDOWS_SIGN_KEY: key };
  for (const [name, value] of Object.entries(env)) {
    process.env[name] = value;
    onTestFinished(() => {
      delete process.env[name];
    });
  }
  const programs = join(pc.prefix, 'small');
  await makeInstaller({ version: '0.1.0', compression: 'none', signed: true, programs, path: signed });
  await sign(signed, { certificate, key, passwordFile: undefined, timestampUrl: undefined });
  await install(signed);
  for (const path of [signed, installed('uninstall.exe')]) {
    const { stdout } = await run('osslsigncode', ['verify', '-CAfile', certificate, path]);
    expect(stdout, path).toContain('Signature verification: ok');
  }
  await uninstall();
});
