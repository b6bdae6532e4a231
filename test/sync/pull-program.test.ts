import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newKey } from '../crypto/age-files.ts';
import { errorOf, makeWorld, type PullJson, treeOf, type World } from '../support/cli.ts';
import { placeProgramFiles } from '../support/program-folder.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';
import { type ProgramInStore, placeStoredProgram } from '../support/stored-program.ts';

/** `pull --whole-app`: a whole e-Faktur folder of a stored program and the db of a backup. */

interface WholeJson extends PullJson {
  program: {
    id: string;
    store: string;
    version: string | null;
    sha256: string;
    files: number;
    memory: string[];
    leftOut: Record<string, number>;
  };
  appProgram: { result: string };
}

interface Office {
  readonly world: World;
  readonly stored: ProgramInStore;
  /** What a new PC must get: all but `backup` and `log`. */
  readonly whole: Record<string, string>;
}

const wholeOf = async (app: string): Promise<Record<string, string>> =>
  Object.fromEntries(Object.entries(await treeOf(app)).filter(([path]) => !/^(backup|log)(\/|$)/.test(path)));

/** A PC in use whose live db and program are stored. */
async function office(
  options: { env?: Record<string, string>; recipient?: string; stores?: string[] } = {},
): Promise<Office> {
  const world = await makeWorld({ backups: [] });
  await placeProgramFiles(world.app, '4.0.0.0');
  await world.json(['push', '--source', 'live'], { env: options.env ?? {} });
  const stored = await placeStoredProgram(options.stores ?? [world.store], world.app, {
    at: '2023-07-09T02:00:00Z',
    leftOut: { 'private-key': 2, large: 1, 'login-backups': 1 },
    ...(options.recipient !== undefined && { recipient: options.recipient }),
  });
  return { world, stored, whole: await wholeOf(world.app) };
}

const pull = ['pull', '--whole-app', '--to', 'baru'];

test('program and db are equal to the byte, and what to do and what is missing is told', async () => {
  const { world, stored, whole } = await office();
  const target = join(world.folder, 'baru');
  const document = await world.json<WholeJson>(pull);
  expect(await treeOf(target)).toEqual(whole);
  expect(document).toMatchObject({
    outcome: 'restored',
    target,
    verdict: 'clean',
    previousDb: null,
    databases: ['ETaxInvoice'],
    program: {
      id: stored.id,
      store: world.store,
      version: '4.0.0.0',
      sha256: stored.appProgram,
      files: stored.files,
      leftOut: { 'private-key': 2 },
    },
    appProgram: { result: 'same' },
    warnings: [],
  });
  expect(document.tables.length).toBeGreaterThan(0);
  expect(document.files).toBe(Object.keys(whole).filter((path) => !path.endsWith('/')).length);
  expect(await readdir(world.folder)).toEqual(
    expect.not.arrayContaining([expect.stringContaining('restoring')]),
  );
  // What the system can run is allowed to run, and nothing else.
  expect((await stat(join(target, 'java/bin/java'))).mode & 0o111).not.toBe(0);
  expect((await stat(join(target, 'ETaxInvoiceMain.exe'))).mode & 0o111).toBe(0);

  const { stdout } = await world.run(['pull', '--whole-app', '--to', 'lagi']);
  for (const said of [
    'ETAX-30002',
    '-Xmx500m',
    'ETaxInvoiceUpd',
    'log in',
    'Faktur Pajak Keluaran',
    stored.id,
    '4.0.0.0 (July 2024)',
  ])
    expect(stdout).toContain(said);
  expect(stdout).toMatch(/Not in it: .*backup.*log.*\.p12.*\(2\).*large.*\(1\)/);
  const indonesian = await world.run(['pull', '--whole-app', '--to', 'sekali-lagi', '--lang', 'id']);
  for (const said of [
    'e-Faktur lengkap sudah dibuat di',
    '4.0.0.0 (Juli 2024)',
    'Cadangan ini dibuat dengan program yang sama persis.',
    'sertifikat dan kunci (.p12, .pfx) (2)',
    '  4. Buka e-Faktur (ETaxInvoice), lalu masuk.\n',
  ])
    expect(indonesian.stdout).toContain(said);
}, 60_000);

test('an empty folder is filled, also the one the terminal stands in; any other is refused before all else', async () => {
  const { world, whole } = await office();
  const empty = join(world.folder, 'kosong');
  await mkdir(empty);
  const { ino } = await stat(empty);
  await world.json(['pull', '--whole-app', '--to', '.'], { cwd: empty });
  expect(await treeOf(empty)).toEqual(whole);
  expect((await stat(empty)).ino).toBe(ino);
  const before = await treeOf(empty, true);
  const again = await world.run(['pull', '--whole-app', '--to', '.', '--yes', '--json'], { cwd: empty });
  expect([again.code, again.stdout]).toEqual([2, '']);
  expect(errorOf(again).message).toContain('is not empty');
  expect(await treeOf(empty, true)).toEqual(before);
});

test('flags that do not go together are exit 2', async () => {
  const { world, stored } = await office();
  for (const args of [
    ['pull', '--whole-app'],
    ['pull', '--program', stored.id, '--to', 'baru'],
    [...pull, '--force-damaged'],
    [...pull, '--program', 'nonsense'],
  ])
    expect((await world.run(args)).code, args.join(' ')).toBe(2);
  const inDb = await world.run(['pull', '--whole-app', '--to', join(world.app, 'db', 'baru')]);
  expect(inDb.code).toBe(2);
});

test('nothing is written by a dry run', async () => {
  const { world, stored } = await office();
  const before = await treeOf(world.folder, true);
  const document = await world.json<WholeJson>([...pull, '--dry-run']);
  expect(document).toMatchObject({ outcome: 'planned', verdict: null, program: { id: stored.id } });
  expect(document.files).toBeGreaterThan(stored.files);
  expect((await world.run([...pull, '--dry-run'])).stdout).toContain('Would make a whole e-Faktur');
  expect(await treeOf(world.folder, true)).toEqual(before);
  await mkdir(join(world.folder, 'baru'));
  await writeFile(join(world.folder, 'baru', 'x'), '');
  expect((await world.run([...pull, '--dry-run'])).code).toBe(2);
});

test('each backup gets the program that it was made with, the newest copy of it', async () => {
  const { world, stored } = await office();
  const first = (await world.json<{ backups: { id: string }[] }>(['list'])).backups[0]?.id ?? '';
  // The office updates, works on, and stores both again.
  await placeProgramFiles(world.app, '5.1.0.0');
  await writeFile(join(world.app, 'db/ETaxInvoice/README_DO_NOT_TOUCH_FILES.txt'), 'changed');
  await world.json(['push', '--source', 'live'], { now: new Date(Date.now() + 90_000) });
  const updated = await placeStoredProgram([world.store], world.app, {
    at: '2023-08-01T02:00:00Z',
    tag: 'b1b2c3d4e5f6',
  });
  expect((await world.json<WholeJson>(pull)).program).toMatchObject({ id: updated.id, version: '5.1.0.0' });
  const old = await world.json<WholeJson>(['pull', '--whole-app', '--to', 'lama', '--id', first]);
  expect(old.program).toMatchObject({ id: stored.id, version: '4.0.0.0' });

  // Another one is taken when it is named: a newer one with a word, an older one only with --other-version.
  const newer = await world.json<WholeJson>([
    'pull',
    '--whole-app',
    '--to',
    'c',
    '--id',
    first,
    '--program',
    updated.id,
  ]);
  expect([newer.program.id, newer.appProgram.result]).toEqual([updated.id, 'newer']);
  expect(newer.warnings.map(({ code }) => code)).toEqual(['newer-program']);
  const older = [...pull.slice(0, 2), '--to', 'd', '--program', stored.id];
  const refused = await world.run([...older, '--json']);
  expect([refused.code, errorOf(refused).message]).toEqual([
    2,
    expect.stringContaining('older than 5.1.0.0'),
  ]);
  expect(await readdir(world.folder)).not.toContain('d');
  const forced = await world.json<WholeJson>([...older, '--other-version']);
  expect(forced.appProgram.result).toBe('older');
}, 60_000);

test('a backup that does not tell, or whose program is not stored, is exit 4 with what is stored', async () => {
  const world = await makeWorld();
  await placeProgramFiles(world.app, '3.2.0.0');
  // A login backup from before the program: nobody knows what made it.
  await world.json(['push', '--source', 'backup']);
  const none = await world.run([...pull, '--json']);
  expect([none.code, errorOf(none).message]).toEqual([
    4,
    expect.stringContaining('no program folder is stored at all'),
  ]);
  const stored = await placeStoredProgram([world.store], world.app, { at: '2023-07-09T02:00:00Z' });
  const untold = await world.run([...pull, '--json']);
  expect([untold.code, errorOf(untold)]).toEqual([
    4,
    expect.objectContaining({
      message: expect.stringMatching(
        new RegExp(`does not tell which e-Faktur[^]*${stored.id}  e-Faktur 3\\.2\\.0\\.0`),
      ),
      hint: expect.stringContaining(`--program ${stored.id}`),
    }),
  ]);
  expect(await readdir(world.folder)).not.toContain('baru');
  const chosen = await world.json<WholeJson>([...pull, '--program', stored.id]);
  expect(chosen).toMatchObject({ outcome: 'restored', appProgram: { result: 'unknown' } });
  const missing = await world.run([
    'pull',
    '--whole-app',
    '--to',
    'x',
    '--program',
    '20200101T000000Z-000000000000',
    '--json',
  ]);
  expect([missing.code, errorOf(missing).message]).toEqual([4, expect.stringContaining(stored.id)]);

  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), 'another program');
  await world.json(['push', '--source', 'live', '--full'], { now: new Date(Date.now() + 90_000) });
  const other = await world.run(['pull', '--whole-app', '--to', 'y', '--json']);
  expect([other.code, errorOf(other).message]).toEqual([
    4,
    expect.stringContaining('is not stored; stored are:'),
  ]);
}, 60_000);

test('--expect looks before anything is put in its place', async () => {
  const { world, whole } = await office();
  const missing = await world.run([...pull, '--expect', 'no such customer at all']);
  expect(missing.code).toBe(5);
  expect(await readdir(world.folder)).not.toContain('baru');
  await world.json([...pull, '--expect', '"Gerbang Semesta" 345000']);
  expect(await treeOf(join(world.folder, 'baru'))).toEqual(whole);
}, 60_000);

test('encrypted ones are opened with the key, and nothing is left without it', async () => {
  const key = await newKey();
  const env = { EFAKTUR_RECIPIENTS: key.recipient };
  const { world, stored, whole } = await office({ env, recipient: key.recipient });
  await writeFile(join(world.folder, 'key.txt'), key.fileText);
  await writeFile(join(world.folder, 'other.txt'), (await newKey()).fileText);
  expect(stored.archive).toMatch(/\.age$/);
  for (const wrong of [{}, { EFAKTUR_IDENTITY_FILE: 'other.txt' }]) {
    const outcome = await world.run(pull, { env: wrong });
    expect(outcome.code).toBe(12);
    expect(await readdir(world.folder)).not.toContain('baru');
  }
  await world.json(pull, { env: { EFAKTUR_IDENTITY_FILE: 'key.txt' } });
  expect(await treeOf(join(world.folder, 'baru'))).toEqual(whole);
}, 60_000);

/** What becomes of a program in the first store, and how it is told. */
const faults: Record<string, [(store: string, stored: ProgramInStore) => Promise<unknown>, string]> = {
  'a byte of the archive changed': [
    async (store, { archive }) => {
      const bytes = await readFile(join(store, archive));
      bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
      await writeFile(join(store, archive), bytes);
    },
    'damaged',
  ],
  'the archive cut': [(store, { archive }) => truncate(join(store, archive), 2000), 'damaged'],
  'the archive gone': [(store, { archive }) => rm(join(store, archive)), 'damaged'],
  'the manifest cut': [(store, { manifest }) => truncate(join(store, manifest), 100), 'damaged'],
};

test.each(Object.entries(faults))(
  '%s: the second store has it whole; alone it is exit 13 and leaves nothing',
  async (_, [harm, code]) => {
    const { world, stored, whole } = await office();
    const second = join(world.folder, 'second');
    await cp(world.store, second, { recursive: true });
    await harm(world.store, stored);
    const alone = await world.run(pull);
    expect(alone.code).toBe(13);
    expect(await readdir(world.folder)).not.toContain('baru');
    expect((await readdir(world.folder)).filter((name) => name.startsWith('baru'))).toEqual([]);
    const document = await world.json<WholeJson>([...pull, '--store', world.store, '--store', second]);
    expect(await treeOf(join(world.folder, 'baru'))).toEqual(whole);
    expect(document.program.store).toBe(second);
    expect(document.store).toBe(world.store);
    expect(document.warnings.map((warning) => warning.code)).toContain(code);
  },
  60_000,
);

test('a store that cannot be reached is passed over', async () => {
  const { world, stored } = await office();
  const document = await world.json<WholeJson>(
    [...pull, '--store', 's3://bucket/y?endpoint=http://127.0.0.1:9&region=a', '--store', world.store],
    {
      env: { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
    },
  );
  expect(document.program.id).toBe(stored.id);
}, 120_000);

test('what claims to be a program and would bring a db, or another main program, is refused', async () => {
  const world = await makeWorld({ backups: [] });
  await placeProgramFiles(world.app, '4.0.0.0');
  await world.json(['push', '--source', 'live']);
  const lies = [
    { rename: (path: string) => (path === 'leer.txt' ? 'DB/ETaxInvoice/service.properties' : path) },
    { rename: (path: string) => (path === 'ETaxInvoiceMain.exe' ? 'Main.exe' : path) },
  ];
  for (const lie of lies) {
    await placeStoredProgram([world.store], world.app, { at: '2023-07-09T02:00:00Z', ...lie });
    const outcome = await world.run([...pull, '--json']);
    expect([outcome.code, errorOf(outcome).code]).toEqual([13, 'damaged']);
    expect(await readdir(world.folder)).not.toContain('baru');
  }
});

test('where the program alone is damaged, another program is proposed and no older backup', async () => {
  const { world, stored } = await office();
  await world.json(['push', '--source', 'live', '--full'], { now: new Date(Date.now() + 90_000) });
  const damage = [
    () => truncate(join(world.store, stored.archive), 100),
    () => writeFile(join(world.store, stored.manifest), '{'),
  ];
  for (const step of damage) {
    await step();
    const { code, stderr } = await world.run([...pull, '--json']);
    const { hint } = JSON.parse(stderr).error;
    expect([code, hint]).toEqual([13, expect.stringMatching(/--program .*without --whole-app/)]);
    expect(hint).not.toContain('--id');
    expect(await readdir(world.folder)).not.toContain('baru');
  }
});

test('a damaged db is refused, with nothing left', async () => {
  const { world } = await office();
  await truncate(join(world.app, 'db/ETaxInvoice/seg0/c10.dat'), 5000);
  await world.json(['push', '--source', 'live', '--force-damaged'], { now: new Date(Date.now() + 90_000) });
  const outcome = await world.run(pull);
  expect(outcome.code).toBe(13);
  expect((await readdir(world.folder)).filter((name) => name.startsWith('baru'))).toEqual([]);
});

test('a disk that gets full, or has no room from the start: exit 6 and nothing is left, also where the folder is a mount', async () => {
  const { world } = await office();
  for (const disk of [{ sizeKb: 2_000 }, { sizeKb: 50_000, inodes: 60 }]) {
    for (const to of ['kecil/baru', 'kecil']) {
      const at = join(world.folder, 'kecil');
      const outcome = await runOnSmallDisk(world, { at, ...disk }, [
        'pull',
        '--whole-app',
        '--to',
        join(world.folder, to),
      ]);
      expect([outcome.code, outcome.left], `${to} ${disk.sizeKb}`).toEqual([6, { '': 'empty' }]);
    }
  }
  const at = join(world.folder, 'disk');
  const whole = await runOnSmallDisk(world, { at, sizeKb: 50_000 }, ['pull', '--whole-app', '--to', at]);
  expect(whole.code).toBe(0);
  expect(Object.keys(whole.left)).toEqual(
    expect.arrayContaining(['ETaxInvoiceMain.exe', 'db/ETaxInvoice/service.properties']),
  );
}, 60_000);
