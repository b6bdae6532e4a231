import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeWorld, program, treeOf, type World } from '../support/cli.ts';
import { makeBucket } from '../support/minio.ts';
import { noteSecret } from '../support/printed.ts';
import { onSmallDisk } from '../support/small-disk.ts';
import { openScreen, type Screen } from '../support/tmux.ts';

/** The wizard as somebody sits before it, in a real terminal: from nothing to a verified backup, and back. */

type Language = 'en' | 'id';

const says = {
  first: { en: 'What would you like to do?', id: 'Apa yang ingin Anda lakukan?' },
  place: { en: 'Where shall the backups go?', id: 'Cadangan akan disimpan di mana?' },
  folder: { en: 'Which folder? Type it', id: 'Folder mana? Ketik' },
  provider: { en: 'Which provider has the bucket?', id: 'Bucket itu di penyedia mana?' },
  address: { en: 'Address of the service', id: 'Alamat layanan' },
  bucket: { en: 'Name of the bucket', id: 'Nama bucket' },
  keyId: { en: 'Access key ID of the bucket', id: 'Access key ID bucket' },
  secret: { en: 'Secret access key', id: 'Secret access key' },
  what: { en: 'What now?', id: 'Bagaimana selanjutnya?' },
  start: { en: 'Start, or change something?', id: 'Mulai, atau ubah sesuatu?' },
  ending: { en: 'Type the last 6 characters', id: 'Ketik 6 karakter terakhir' },
  notSo: { en: 'The key does not end so', id: 'Itu bukan akhir kuncinya' },
  proven: { en: 'Verified: it can be restored', id: 'Terbukti dapat dipulihkan' },
  where: { en: 'Where are the backups?', id: 'Di mana cadangannya?' },
  wholeBucket: { en: 'Bucket and prefix of the backups', id: 'Bucket dan prefix cadangan' },
  sheetKey: { en: 'Secret key from the recovery sheet', id: 'Kunci rahasia dari lembar pemulihan' },
  day: { en: 'Which day?', id: 'Hari apa?' },
  target: { en: 'Into which e-Faktur folder?', id: 'Ke folder e-Faktur mana?' },
  newTarget: { en: 'Folder: type it', id: 'Folder: ketik' },
  invoice: { en: 'An invoice that must be in it', id: 'Faktur yang harus ada di dalamnya' },
  next: { en: 'Is this the PC that you work on', id: 'Apakah mulai sekarang' },
} as const satisfies Record<string, Record<Language, string>>;

/** The wizard on a PC with one e-Faktur folder in the usual place, and nothing set up. */
async function sitDown(
  world: World,
  language: Language,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
) {
  const { EFAKTUR_STORE: _, EFAKTUR_APP_DIR: __, EFAKTUR_NAME: ___, ...rest } = world.env;
  const init = ['init', '--lang', language, '--schedule', 'off', ...args];
  const words = [...before, process.execPath, '--', program, ...init];
  const home = join(world.folder, 'home');
  const screen = await openScreen(words, { env: { ...rest, HOME: home, ...env }, cwd: home });
  onTestFinished(() => screen.close());
  return screen;
}

async function pcWithOneFolder(): Promise<World> {
  const world = await makeWorld(null);
  const { makeEfakturFolder } = await import('../support/efaktur-folder.ts');
  await makeEfakturFolder(join(world.folder, 'home', 'e-Faktur'));
  return world;
}

/** The sheet that waits to be printed: the paper in somebody's hand. */
async function sheetOf(world: World): Promise<string> {
  const path =
    Object.keys(await treeOf(join(world.stateDir, 'jobs'))).find((name) => name.endsWith('.html')) ?? '';
  const key =
    /AGE-SECRET-KEY-1[A-Z0-9]{58}/.exec(await readFile(join(world.stateDir, 'jobs', path), 'utf8'))?.[0] ??
    '';
  await noteSecret(key);
  return key;
}

const settingsOf = (world: World): Promise<string[]> =>
  readdir(join(world.folder, 'home', '.config', 'efaktur-cloud')).catch(() => []);

async function answer(screen: Screen, shown: string, ...keys: string[]): Promise<void> {
  await screen.waitFor(shown);
  await screen.press(...keys);
}

async function write(screen: Screen, shown: string | RegExp, text: string): Promise<void> {
  await screen.waitFor(shown);
  await screen.type(text);
  await screen.press('Enter');
}

/** Reads the six characters off the sheet, once wrongly. */
async function confirmSheet(world: World, screen: Screen, language: Language): Promise<string> {
  await screen.waitFor(says.ending[language]);
  const key = await sheetOf(world);
  await write(screen, says.ending[language], 'qqqqqq');
  await screen.waitFor(says.notSo[language]);
  await screen.press(...Array.from({ length: 6 }, () => 'BSpace'));
  await write(screen, says.notSo[language], key.slice(-6).toLowerCase());
  return key;
}

test.each(['en', 'id'] as const)(
  '%s: four answers and a folder lead to a verified backup, and the sheet brings it back on a new computer',
  { timeout: 120_000 },
  async (language) => {
    const world = await pcWithOneFolder();
    const usb = join(world.folder, 'usb');
    const printed = join(world.folder, 'printed');
    await mkdir(join(world.folder, 'bin'));
    await writeFile(join(world.folder, 'bin', 'xdg-open'), `#!/bin/sh\ncp "$1" ${printed}\n`);
    await chmod(join(world.folder, 'bin', 'xdg-open'), 0o755);
    const screen = await sitDown(world, language, [], {
      PATH: `${join(world.folder, 'bin')}:${world.env.PATH}`,
    });
    await answer(screen, says.first[language], 'Enter');
    await answer(screen, says.place[language], 'Up', 'Enter');
    await write(screen, says.folder[language], usb);
    await answer(screen, says.start[language], 'Enter');
    const key = await confirmSheet(world, screen, language);
    const { code, text } = await screen.ended();
    expect(code, text).toBe(0);
    expect(text).toContain(says.proven[language]);
    expect(text).toContain(join(usb, 'e-faktur'));
    // It was opened to be printed, and nothing of it lies on this PC; no key is on the screen.
    expect(await readFile(printed, 'utf8')).toContain(key);
    expect(Object.keys(await treeOf(world.stateDir)).filter((name) => /html|key|jobs\/./.test(name))).toEqual(
      [],
    );
    expect(text).not.toContain(key.slice(16));
    expect(await settingsOf(world)).toEqual(['e-faktur.env']);

    const other = await makeWorld(null);
    const back = await sitDown(other, language, ['restore']);
    await answer(back, says.where[language], 'Up', 'Enter');
    await write(back, says.folder[language], join(usb, 'nothing'));
    // A wrong folder is told, and asked again.
    await answer(back, says.what[language], 'Enter');
    await back.waitFor(new RegExp(`${says.what[language]}[^]*${says.where[language].replace('?', '\\?')}`));
    await back.press('Up', 'Enter');
    await back.waitFor(new RegExp(`(${says.folder[language].replace('?', '\\?')}[^]*){2}`));
    await back.type(join(usb, 'e-faktur'));
    await back.press('Enter');
    // One letter of the key mistyped; then in groups, as it stands on the paper.
    const wrong = `${key.slice(0, 20)}${key[20] === 'Q' ? 'P' : 'Q'}${key.slice(21)}`;
    await write(back, says.sheetKey[language], wrong);
    await back.waitFor(/■/);
    await back.waitFor(new RegExp(`(${says.sheetKey[language]}[^]*){2}`));
    await back.type(
      key
        .toLowerCase()
        .replace(/^(.{16})/, '$1 ')
        .replace(/(.{4})(?=.)/g, '$1'),
    );
    await back.press('Enter');
    const days = await back.waitFor(says.day[language]);
    expect(days).toMatch(/\[ ?\d{1,2}\]/);
    await back.press('Enter');
    await answer(back, says.target[language], 'Up', 'Enter');
    const target = join(other.folder, 'restored');
    await write(back, says.newTarget[language], target);
    await write(back, says.invoice[language], 'Gerbang Semesta');
    const done = await back.ended();
    expect(done.code, done.text).toBe(0);
    expect(done.text).toContain(says.next[language]);
    expect(Object.keys(await treeOf(join(target, 'db'))).length).toBeGreaterThan(5);
    expect(await settingsOf(other)).toEqual([]);
  },
);

test('an address in another protocol: Enter alone asks for the address again, and nothing else', {
  timeout: 60_000,
}, async () => {
  const bucket = await makeBucket();
  const world = await pcWithOneFolder();
  const screen = await sitDown(world, 'en', ['new', '--plain'], { AWS_EC2_METADATA_DISABLED: 'true' });
  const times = (shown: string, count: number): RegExp => new RegExp(`(${shown}[^]*){${count}}: *$`);
  await write(screen, /Where shall the backups go.*takes 1:/s, '1');
  const providers = await screen.waitFor(/Which provider.*takes 1:/s);
  const last = [...providers.matchAll(/^ +(\d+) {2}/gm)].at(-1)?.[1] ?? '';
  await screen.type(last);
  await screen.press('Enter');
  await write(screen, says.address.en, bucket.endpoint.replace('http:', 'https:'));
  await write(screen, says.bucket.en, bucket.bucket);
  await write(screen, says.keyId.en, bucket.accessKeyId);
  await write(screen, says.secret.en, bucket.secretAccessKey);
  const told = await screen.waitFor(/What now\?.*takes 1:/s);
  expect(told).toMatch(/ 1 {2}Change the address of the service/);
  await screen.press('Enter');
  await write(screen, times('Which provider', 2), last);
  await write(screen, times(says.address.en, 2), bucket.endpoint);
  const shown = await screen.waitFor(says.start.en);
  expect(shown).toContain(`s3://${bucket.bucket}/e-faktur?endpoint=${bucket.endpoint}`);
  expect(shown.split(says.keyId.en)).toHaveLength(2);
  await screen.press('C-c');
  expect((await screen.ended()).code).toBe(130);
});

test('whoever restores is not told how a bucket is made', { timeout: 60_000 }, async () => {
  const shownFor = async (world: World, action: string, asked: string, last: string): Promise<string> => {
    const screen = await sitDown(world, 'en', [action, '--plain']);
    await write(screen, new RegExp(`${asked}[^]*takes 1:`), '1');
    const providers = await screen.waitFor(/Which provider.*takes 1:/s);
    await screen.type(/(\d+) {2}IDCloudHost/.exec(providers)?.[1] ?? '');
    await screen.press('Enter');
    return screen.waitFor(last);
  };
  const made = await shownFor(await pcWithOneFolder(), 'new', 'Where shall the backups go', says.bucket.en);
  expect(made).toContain('If there is no bucket yet');
  const read = await shownFor(await makeWorld(null), 'restore', 'Where are the backups', says.wholeBucket.en);
  expect(read).not.toMatch(/If there is no bucket yet|the test that follows/);
});

test('restoring from a bucket of which only the name is known: its histories are shown', {
  timeout: 60_000,
}, async () => {
  const bucket = await makeBucket();
  const world = await makeWorld();
  for (const prefix of ['pt-maju', 'cv-abadi'])
    await world.json(['push', '--store', `${bucket.url.replace('?', `/${prefix}?`)}`], {
      env: { EFAKTUR_STATE_DIR: join(world.folder, prefix) },
    });
  const other = await makeWorld(null);
  const to = join(other.folder, 'back');
  const back = await sitDown(
    other,
    'en',
    ['restore', '--plain', '--to', to, '--store', bucket.url],
    bucket.env,
  );
  const shown = await back.waitFor(/Several histories lie there.*takes 1:/s);
  expect(shown).toContain('pt-maju: 1 backup');
  await back.type(/(\d) {2}pt-maju/.exec(shown)?.[1] ?? '');
  await back.press('Enter');
  await back.waitFor(/Which day\?.*takes 1:/s);
  await back.press('Enter');
  await back.waitFor(says.invoice.en);
  await back.press('Enter');
  const { code, text } = await back.ended();
  expect(code, text).toBe(0);
  expect(text).toContain('/pt-maju');
  expect(Object.keys(await treeOf(join(to, 'db'))).length).toBeGreaterThan(5);
});

test.each(['en', 'id'] as const)(
  '%s: a bucket with wrong keys at first, mended where it was asked, in plain lines for a screen reader',
  { timeout: 120_000 },
  async (language) => {
    const bucket = await makeBucket();
    const world = await pcWithOneFolder();
    const env = { ACCESSIBLE: '1', AWS_EC2_METADATA_DISABLED: 'true' };
    const screen = await sitDown(world, language, [], env);
    await write(screen, says.first[language], '1');
    const places = await screen.waitFor(says.place[language]);
    expect(places).not.toMatch(/[│◆●]/);
    await screen.type('1');
    await screen.press('Enter');
    const providers = await screen.waitFor(
      new RegExp(`${says.provider[language].replace('?', '\\?')}[^]*: $`.replace(' $', '')),
    );
    const last = [...providers.matchAll(/^ +(\d+) {2}/gm)].at(-1)?.[1] ?? '';
    await screen.type(last);
    await screen.press('Enter');
    await write(screen, says.address[language], bucket.endpoint);
    await write(screen, says.bucket[language], bucket.bucket);
    await write(screen, says.keyId[language], bucket.accessKeyId);
    await write(screen, says.secret[language], 'wrongwrongwrongwrongwrongwrong');
    await screen.waitFor(says.what[language]);
    await screen.type('1');
    await screen.press('Enter');
    await screen.waitFor(new RegExp(`(${says.keyId[language]}[^]*){2}`));
    await screen.type(bucket.accessKeyId);
    await screen.press('Enter');
    await screen.waitFor(new RegExp(`(${says.secret[language]}[^]*){2}`));
    await screen.type(bucket.secretAccessKey);
    await screen.press('Enter');
    await write(screen, says.start[language], '');
    await screen.waitFor(says.ending[language]);
    const key = await sheetOf(world);
    await screen.type(key.slice(-6));
    await screen.press('Enter');
    const { code, text } = await screen.ended();
    expect(code, text).toBe(0);
    expect(text).toContain(says.proven[language]);
    expect(text).not.toContain(bucket.secretAccessKey);
    const profile = await readFile(
      join(world.folder, 'home', '.config', 'efaktur-cloud', 'e-faktur.env'),
      'utf8',
    );
    expect(profile).toContain(`AWS_SECRET_ACCESS_KEY=${bucket.secretAccessKey}\n`);
  },
);

test.each([
  ['at the test of the place', { sizeKb: 400, inodes: 3 }, ['C-c'], 130],
  ['at the first backup', { sizeKb: 48 }, ['Down', 'Enter'], 6],
] as const)(
  'a disk that is full %s is told, and leaves no profile, no sheet and no key',
  { timeout: 60_000 },
  async (when, disk, stops, expectedCode) => {
    const world = await pcWithOneFolder();
    const usb = join(world.folder, 'usb');
    const { words, env } = onSmallDisk({ at: usb, ...disk }, join(world.folder, 'left.txt'));
    const screen = await sitDown(world, 'en', [], env, words);
    await answer(screen, says.first.en, 'Enter');
    await answer(screen, says.place.en, 'Up', 'Enter');
    await write(screen, says.folder.en, usb);
    if (when === 'at the first backup') {
      await answer(screen, says.start.en, 'Enter');
      await confirmSheet(world, screen, 'en');
    }
    await answer(screen, says.what.en, ...stops);
    const { code, text } = await screen.ended(20_000);
    expect(text).toContain('ENOSPC');
    expect(code, text).toBe(expectedCode);
    expect(await settingsOf(world)).toEqual([]);
    const left = Object.keys(await treeOf(world.stateDir));
    expect(left.filter((name) => /html|key|jobs\/./.test(name))).toEqual([]);
    expect(await readFile(join(world.folder, 'left.txt'), 'utf8')).not.toMatch(/\d{4}-\d\d-\d\d\//);
  },
);

test('killed while the sheet waits to be printed: the next command takes it away', {
  timeout: 60_000,
}, async () => {
  const world = await pcWithOneFolder();
  const screen = await sitDown(world, 'en');
  await answer(screen, says.first.en, 'Enter');
  await answer(screen, says.place.en, 'Up', 'Enter');
  await write(screen, says.folder.en, join(world.folder, 'usb'));
  await answer(screen, says.start.en, 'Enter');
  await screen.waitFor(says.ending.en);
  expect(await sheetOf(world)).not.toBe('');
  const [job = ''] = await readdir(join(world.stateDir, 'jobs'));
  process.kill(Number(job.split('-')[1]), 'SIGKILL');
  expect((await screen.ended()).code).toBe(137);
  await world.run(['list']);
  expect(Object.keys(await treeOf(world.stateDir)).filter((name) => name.endsWith('.html'))).toEqual([]);
  expect(await settingsOf(world)).toEqual([]);
});

test('a folder without e-Faktur is told when it is typed', { timeout: 60_000 }, async () => {
  const world = await makeWorld(null);
  const home = join(world.folder, 'home');
  await mkdir(join(home, 'Surat'), { recursive: true });
  const screen = await sitDown(world, 'id');
  await answer(screen, says.first.id, 'Enter');
  await write(screen, 'Di mana e-Faktur?', join(home, 'tidak-ada'));
  // What is wrong, and what to do, are two lines.
  expect(await screen.waitFor(/■.*Di mana e-Faktur/s)).toMatch(/bukan folder\n│ +Berikan/);
  await screen.press(...Array.from({ length: 'tidak-ada'.length }, () => 'BSpace'));
  await screen.type('Surat');
  await screen.press('Enter');
  await screen.waitFor('Surat tidak berisi database e-Faktur');
});

test('what another PC stored there is told before the sheet is printed, with ways on', {
  timeout: 60_000,
}, async () => {
  const world = await pcWithOneFolder();
  const usb = join(world.folder, 'usb');
  await mkdir(usb);
  const { code } = await world.run(['push', '--store', join(usb, 'e-faktur')], {
    env: { EFAKTUR_NAME: 'pc-lama', EFAKTUR_APP_DIR: join(world.folder, 'home', 'e-Faktur') },
  });
  expect(code).toBe(0);
  const screen = await sitDown(world, 'id');
  await answer(screen, says.first.id, 'Enter');
  await answer(screen, says.place.id, 'Up', 'Enter');
  await write(screen, says.folder.id, usb);
  const told = await screen.waitFor(says.what.id);
  expect(told).toContain('pc-lama');
  await screen.press('Down', 'Enter');
  await screen.waitFor('Nama profil untuk');
  await screen.type('-b');
  await screen.press('Enter');
  expect(await screen.waitFor(says.start.id)).toContain(join(usb, 'e-faktur-b'));
  // In the summary the name can be changed again, and the taken prefix is met there, too.
  await screen.press('Down', 'Down', 'Down', 'Enter');
  await screen.waitFor(/(Nama profil untuk.*){2}/s);
  await screen.press('BSpace', 'BSpace', 'Enter');
  expect(await screen.waitFor(/(Bagaimana selanjutnya\?.*){2}/s)).toMatch(/(pc-lama.*){2}/s);
  await screen.press('C-c');
  await screen.ended();

  const again = await sitDown(world, 'id');
  await answer(again, says.first.id, 'Enter');
  await answer(again, says.place.id, 'Up', 'Enter');
  await write(again, says.folder.id, usb);
  await answer(again, says.what.id, 'Enter');
  // What lies there needs its own sheet, which is proposed; a new key is the other way.
  await answer(again, 'Kunci mana?', 'Down', 'Enter');
  expect(await again.waitFor(says.start.id)).toContain('tetap memerlukan lembar lamanya');
  await again.press('Enter');
  await confirmSheet(world, again, 'id');
  const done = await again.ended();
  expect(done.code, done.text).toBe(0);
  expect(done.text).toContain(`${join(usb, 'e-faktur')}\n`);
});

test.each([[], ['--plain']])(
  'a window that is closed leaves no sheet (%j)',
  {
    timeout: 60_000,
  },
  async (...plain: string[]) => {
    const world = await pcWithOneFolder();
    const screen = await sitDown(world, 'en', plain);
    await answer(screen, says.first.en, 'Enter');
    await screen.waitFor(says.place.en);
    if (plain.length > 0) await screen.type('2');
    else await screen.press('Up');
    await screen.press('Enter');
    await write(screen, says.folder.en, join(world.folder, 'usb'));
    await answer(screen, says.start.en, 'Enter');
    await screen.waitFor(says.ending.en);
    expect(await sheetOf(world)).not.toBe('');
    // The terminal is gone before the program is told so.
    await screen.close();
    await vi.waitFor(async () => expect(await readdir(join(world.stateDir, 'jobs'))).toEqual([]), 10_000);
    expect(await settingsOf(world)).toEqual([]);
  },
);

/** Each question of a set-up in a folder, with how to come past it. */
const stops = ['first', 'place', 'folder', 'start', 'ending'] as const;

test.each(stops)('Ctrl-C at the question %s leaves nothing', { timeout: 60_000 }, async (stop) => {
  const world = await pcWithOneFolder();
  const screen = await sitDown(world, 'en');
  const usb = join(world.folder, 'usb');
  // A disk is there before, and nothing on it afterwards.
  const isDisk = stop === 'ending';
  if (isDisk) await mkdir(usb);
  for (const question of stops) {
    await screen.waitFor(says[question].en);
    if (question === stop) break;
    if (question === 'place') await screen.press('Up', 'Enter');
    else if (question === 'folder') {
      await screen.type(usb);
      await screen.press('Enter');
    } else await screen.press('Enter');
  }
  await screen.press('C-c');
  const { code, text } = await screen.ended();
  expect(code, text).toBe(130);
  expect(await settingsOf(world)).toEqual([]);
  expect(Object.keys(await treeOf(world.stateDir)).filter((name) => /html|key|jobs\/./.test(name))).toEqual(
    [],
  );
  expect(isDisk ? await readdir(usb) : (await readdir(world.folder)).includes('usb')).toEqual(
    isDisk ? [] : false,
  );
});
