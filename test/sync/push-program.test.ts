import { appendFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectRetentionCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { exitCodes } from '../../src/base/errors.ts';
import { type ProgramFacts, parseProgramManifest } from '../../src/catalog/program-manifest.ts';
import { stock } from '../archive/stock-tool.ts';
import { newKey } from '../crypto/age-files.ts';
import { errorOf, keysOf, makeWorld, treeOf, type WarningJson, type World } from '../support/cli.ts';
import { makeBucket } from '../support/minio.ts';
import { peFile } from '../support/pe-file.ts';

interface ProgramPushJson {
  outcome: string;
  backups: unknown[];
  programs: {
    id: string;
    date: string;
    kind: string;
    archive: string | null;
    encrypted: boolean | null;
    outcome: string;
    appProgram: string;
    version: string | null;
    files: number;
    totalBytes: number;
    parts: { path: string; files: number; sizeBytes: number }[];
    leftOut: { path: string; why: string }[];
    stores: { store: string; id: string | null; outcome: string; uploadedBytes: number }[];
  }[];
  warnings: WarningJson[];
}

/** A folder with real programs, a Java of its own, odd names and a certificate. */
async function makeOffice(): Promise<World> {
  const world = await makeWorld();
  for (const name of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await writeFile(join(world.app, `${name}.exe`), peFile('4.0.0.0', name));
  for (const path of ['java/lib/ext', 'lampiran/2023', 'kosong'])
    await mkdir(join(world.app, path), { recursive: true });
  await writeFile(join(world.app, 'java/lib/rt.jar'), Buffer.alloc(3 << 20, 'rt'));
  await writeFile(join(world.app, "lampiran/2023/Bukti 'é' 名 [1].pdf"), 'a receipt');
  await writeFile(join(world.app, 'PT Maju.p12'), 'a certificate');
  return world;
}

const pushProgram = (world: World, args: string[] = [], options = {}): Promise<ProgramPushJson> =>
  world.json<ProgramPushJson>(['push', '--whole-app', ...args], options);

/** What of the folder must be in the copy: all but its databases, backups and logs. */
async function programTree(app: string, without: readonly string[]): Promise<Record<string, string>> {
  const tree = await treeOf(app);
  const isOut = (path: string): boolean => /^(db|backup|log)\//.test(path) || without.includes(path);
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !isOut(path)));
}

test('stock tools give the folder back to the byte, but for what is named', async () => {
  const world = await makeOffice();
  const { outcome, backups, programs, warnings } = await pushProgram(world);
  expect({ outcome, backups }).toEqual({ outcome: 'created', backups: [] });
  const [program] = programs;
  expect(program).toMatchObject({
    kind: 'program',
    version: '4.0.0.0',
    encrypted: false,
    outcome: 'created',
  });
  expect(program?.parts[0]).toEqual({ path: 'java/', files: 1, sizeBytes: 3 << 20 });
  expect(program?.leftOut).toEqual([
    { path: 'PT Maju.p12', why: 'private-key' },
    { path: 'backup', why: 'login-backups' },
    { path: 'db', why: 'database' },
    { path: 'log', why: 'log' },
  ]);
  expect(warnings.filter(({ code }) => code === 'left-out')).toHaveLength(1);
  expect((await keysOf(world.store)).filter((key) => key.startsWith('2'))).toEqual([
    `${program?.date}/${program?.id}.app.json`,
    program?.archive,
  ]);
  const bytes = await readFile(join(world.store, `${program?.date}/${program?.id}.app.json`));
  const manifest = parseProgramManifest(bytes, `${program?.date}/${program?.id}.app.json`);
  expect(manifest).toMatchObject({
    appProgram: program?.appProgram,
    private: {
      files: program?.files,
      totalBytes: program?.totalBytes,
      leftOut: { 'private-key': 1, database: 1 },
    },
  });
  const day = join(world.store, program?.date ?? '');
  await stock('sh', ['-c', manifest.restore], day);
  expect(await treeOf(join(day, 'e-Faktur'))).toEqual(await programTree(world.app, ['PT Maju.p12']));
  const list = JSON.parse(await readFile(join(day, 'efaktur-program.json'), 'utf8'));
  const { files: _, ...facts } = manifest.private as ProgramFacts;
  const { id, capturedAt, kind, appProgram } = JSON.parse(bytes.toString());
  expect(list).toMatchObject({ ...facts, id, capturedAt, kind, program: manifest.program, appProgram });
});

test('a program that is stored already is not sent again; one that changed is', async () => {
  const world = await makeOffice();
  const first = await pushProgram(world);
  const keys = await keysOf(world.store);
  const second = await pushProgram(world);
  expect(second.outcome).toBe('unchanged');
  expect(second.programs[0]).toMatchObject({
    id: first.programs[0]?.id,
    archive: first.programs[0]?.archive,
  });
  expect(await keysOf(world.store)).toEqual(keys);

  // A database is no part of it, a program is.
  await writeFile(join(world.app, 'db', 'note.txt'), 'x');
  expect((await pushProgram(world)).outcome).toBe('unchanged');
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), peFile('4.1.0.0', 'main'));
  const updated = await pushProgram(world);
  expect(updated).toMatchObject({ outcome: 'created', programs: [{ version: '4.1.0.0' }] });
  expect(updated.programs[0]?.appProgram).not.toBe(first.programs[0]?.appProgram);
  expect((await pushProgram(world, ['--full'])).outcome).toBe('created');
});

test.each(['.app.tar.zst', '.app.json'])('what lost its %s is sent again', async (ending) => {
  const world = await makeOffice();
  await pushProgram(world);
  for (const key of await keysOf(world.store)) if (key.endsWith(ending)) await rm(join(world.store, key));
  expect((await pushProgram(world)).outcome).toBe('created');
  expect((await pushProgram(world)).outcome).toBe('unchanged');
});

test('an archive that rotted in a folder is sent again once it must be read', async () => {
  const world = await makeOffice();
  const { programs } = await pushProgram(world);
  const path = join(world.store, programs[0]?.archive ?? '');
  const bytes = await readFile(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const later = { now: new Date(Date.now() + 30 * 86_400_000) };
  const again = await pushProgram(world, [], later);
  expect(again.outcome).toBe('created');
  expect(again.warnings.map(({ code }) => code)).toContain('damaged');
});

test('a dry run says what it would do and writes nothing', async () => {
  const world = await makeOffice();
  const { outcome, programs } = await pushProgram(world, ['--dry-run']);
  expect(outcome).toBe('planned');
  expect(programs[0]?.stores).toMatchObject([{ outcome: 'planned', uploadedBytes: 0 }]);
  expect(programs[0]?.totalBytes).toBeGreaterThan(3 << 20);
  expect(await keysOf(world.store)).toEqual([]);
  const { stdout } = await world.run(['push', '--whole-app', '--dry-run']);
  expect(stdout).toContain('java/');
  expect(stdout).toContain('PT Maju.p12: a private key');
  await pushProgram(world);
  expect((await pushProgram(world, ['--dry-run'])).programs[0]?.stores).toMatchObject([
    { outcome: 'unchanged' },
  ]);
});

test('databases that no push stores are named, and programs that do not start', async () => {
  const world = await makeOffice();
  for (const path of ['DB lama', 'salinan/ETaxInvoice'])
    await cp(join(world.app, 'db/ETaxInvoice'), join(world.app, path), { recursive: true });
  const exe = await readFile(join(world.app, 'ETaxInvoice.exe'));
  await writeFile(join(world.app, 'ETaxInvoice.exe'), exe.subarray(0, 600));
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), '');
  const { stdout, stderr } = await world.run(['push', '--whole-app', '--dry-run']);
  expect(stderr).not.toContain('Error');
  expect(stdout).toContain('db: the databases, which a push without --whole-app stores');
  expect(stdout).toContain('salinan/ETaxInvoice: databases beside db, which no push stores unless');
  const { warnings } = await pushProgram(world);
  const told = (code: string): string[] => warnings.flatMap((w) => (w.code === code ? [w.message] : []));
  expect(told('left-out')).toContainEqual(
    expect.stringMatching(/databases beside db, .*: DB lama, salinan\/ETaxInvoice$/),
  );
  expect(warnings.find(({ message }) => message.includes('DB lama'))?.hint).toContain('--captured');
  expect(told('broken-program')).toEqual([
    expect.stringMatching(/^ETaxInvoice\.exe in .* is cut short \(600 bytes/),
    expect.stringMatching(/^ETaxInvoiceMain\.exe in .* is empty/),
  ]);
});

test('private keys are stored only when asked for, and only encrypted', async () => {
  const world = await makeOffice();
  const refused = await world.run(['push', '--whole-app', '--with-certificates', '--json']);
  expect(refused.code).toBe(exitCodes.usage);
  expect(errorOf(refused).message).toContain('EFAKTUR_RECIPIENTS');
  expect(await keysOf(world.store)).toEqual([]);

  const key = await newKey();
  await writeFile(join(world.app, 'kunci.txt'), key.fileText);
  const env = { EFAKTUR_RECIPIENTS: key.recipient };
  const { programs } = await pushProgram(world, ['--with-certificates'], { env });
  expect(programs[0]).toMatchObject({ encrypted: true, outcome: 'created' });
  // The key that opens the copy is never in it.
  expect(programs[0]?.leftOut).toContainEqual({ path: 'kunci.txt', why: 'own' });
  expect(programs[0]?.leftOut.map(({ why }) => why)).not.toContain('private-key');
  const archive = await readFile(join(world.store, programs[0]?.archive ?? ''));
  expect(archive.subarray(0, 21).toString()).toBe('age-encryption.org/v1');
  const manifestPath = join(world.store, `${programs[0]?.date}/${programs[0]?.id}.app.json`);
  expect(await readFile(manifestPath, 'utf8')).not.toContain('contentHash');
  expect((await pushProgram(world, ['--with-certificates'], { env })).outcome).toBe('unchanged');
  // Without them it is another content, and in clear it is refused.
  expect((await pushProgram(world, [], { env })).outcome).toBe('created');
  expect((await world.run(['push', '--whole-app'])).code).toBe(exitCodes.usage);
});

test.each([
  ['--all'],
  ['--source', 'live'],
  ['--source', 'backup'],
  ['--force-damaged'],
  ['--captured', '2023-07-08'],
])('--whole-app does not go with %s', async (...flags) => {
  const world = await makeOffice();
  const { code, stderr } = await world.run(['push', '--whole-app', ...flags]);
  expect(code).toBe(exitCodes.usage);
  expect(stderr).toContain(flags[0]);
  expect(await keysOf(world.store)).toEqual([]);
});

test('--with-certificates goes with --whole-app only', async () => {
  const world = await makeOffice();
  expect((await world.run(['push', '--with-certificates'])).code).toBe(exitCodes.usage);
});

test('one store that fails does not stop the other', async () => {
  const world = await makeOffice();
  const blocked = join(world.folder, 'a-file');
  await writeFile(blocked, '');
  const env = { EFAKTUR_STORE: `${join(blocked, 'store')};${world.store}` };
  const outcome = await world.run(['push', '--whole-app', '--json'], { env });
  // A store below a file is no address of a store.
  expect(outcome.code).toBe(exitCodes.usage);
  const { programs } = JSON.parse(outcome.stdout) as ProgramPushJson;
  expect(programs[0]?.stores.map((s) => s.outcome)).toEqual(['failed', 'created']);
});

test('stores, state and settings that lie in the folder are no part of it', async () => {
  const world = await makeOffice();
  const env = {
    EFAKTUR_STORE: join(world.app, 'cadangan awan'),
    EFAKTUR_STATE_DIR: join(world.app, 'keadaan'),
  };
  await writeFile(join(world.app, '.env'), 'EFAKTUR_TIMEZONE=Asia/Jakarta\n');
  const first = await pushProgram(world, [], { env });
  const second = await pushProgram(world, [], { env });
  expect([first.outcome, second.outcome]).toEqual(['created', 'unchanged']);
  expect(second.programs[0]?.leftOut).toEqual(
    expect.arrayContaining([
      { path: '.env', why: 'settings' },
      { path: 'cadangan awan', why: 'own' },
      { path: 'keadaan', why: 'own' },
    ]),
  );
});

test('a folder that moved and a store that was emptied are told, as of every push', async () => {
  const world = await makeOffice();
  await pushProgram(world);
  const env = { EFAKTUR_NAME: 'pc-lain' };
  expect((await world.run(['push', '--whole-app'], { env })).code).toBe(exitCodes.usage);
  expect((await pushProgram(world, ['--moved'], { env })).outcome).toBe('unchanged');
  await rm(world.store, { recursive: true });
  expect((await world.run(['push', '--whole-app'], { env })).code).toBe(exitCodes['store-unavailable']);
  expect((await pushProgram(world, ['--new-store'], { env })).outcome).toBe('created');
});

test.runIf(process.platform !== 'win32')('a folder without a program of its own is refused', async () => {
  const world = await makeOffice();
  for (const name of await readdir(world.app))
    if (name.startsWith('ETaxInvoiceMain')) await rm(join(world.app, name));
  await symlink('ETaxInvoice.exe', join(world.app, 'ETaxInvoiceMain.exe'));
  const refused = await world.run(['push', '--whole-app', '--json']);
  expect(refused.code).toBe(exitCodes['source-unusable']);
  expect(errorOf(refused).message).toContain(world.app);
});

test('what never stops changing is not stored', async () => {
  const world = await makeOffice();
  const log = join(world.app, 'lib', 'hidup.dat');
  const timer = setInterval(() => void appendFile(log, 'x'.repeat(1000)).catch(() => {}), 2);
  try {
    const refused = await world.run(['push', '--whole-app', '--json']);
    expect(refused.code).toBe(exitCodes['source-changed']);
    expect(errorOf(refused).message).toContain('lib/hidup.dat');
  } finally {
    clearInterval(timer);
  }
  expect((await keysOf(world.store)).filter((key) => key.startsWith('2'))).toEqual([]);
  expect((await pushProgram(world)).outcome).toBe('created');
});

test('on a bucket with locks archive and manifest are locked as backups are', async () => {
  const world = await makeOffice();
  const bucket = await makeBucket({ objectLock: true });
  const env = {
    EFAKTUR_STORE: `s3://${bucket.bucket}/pc?endpoint=${bucket.endpoint}`,
    EFAKTUR_LOCK_DAYS: '20',
    EFAKTUR_FULL_EVERY: '10',
  };
  const { programs } = await pushProgram(world, [], { env });
  const lockedDays = async (key: string): Promise<number> => {
    const at = { Bucket: bucket.bucket, Key: `pc/${key}` };
    const { Retention } = await bucket.client.send(new GetObjectRetentionCommand(at));
    return Math.round(((Retention?.RetainUntilDate?.getTime() ?? 0) - Date.now()) / 86_400_000);
  };
  expect(await lockedDays(programs[0]?.archive ?? '')).toBe(30);
  expect(await lockedDays(`${programs[0]?.date}/${programs[0]?.id}.app.json`)).toBe(20);
  expect((await pushProgram(world, [], { env })).outcome).toBe('unchanged');
  // What would be locked for longer needs an archive that is.
  expect((await pushProgram(world, [], { env: { ...env, EFAKTUR_LOCK_DAYS: '90' } })).outcome).toBe(
    'created',
  );
});

const proposals = async (world: World, args: string[] = [], env = {}): Promise<string[]> =>
  (await world.json(['push', '--full', ...args], { env })).warnings
    .filter(({ code }) => code === 'program-not-stored')
    .map(({ message }) => message);

test('a push says once of each store that it has no copy of this program', async () => {
  const world = await makeOffice();
  const other = join(world.folder, 'lain');
  const env = { EFAKTUR_STORE: `${world.store};${other}` };
  expect((await world.run(['push', '--full', '--quiet'])).stderr).toBe('');
  expect(await proposals(world, ['--dry-run'])).toEqual([]);
  const [told, ...more] = await proposals(world);
  expect(told).toContain('e-Faktur 4.0.0.0');
  expect(more).toEqual([]);
  expect(await proposals(world)).toEqual([]);
  expect(await proposals(world, [], env)).toEqual([expect.stringContaining(other)]);
  // Another program is another matter, unless it is stored: by this PC, or as the store shows.
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), peFile('4.1.0.0'));
  await pushProgram(world);
  expect(await proposals(world)).toEqual([]);
  await rm(world.stateDir, { recursive: true });
  expect(await proposals(world)).toEqual([]);
  await writeFile(join(world.app, 'ETaxInvoiceMain.exe'), peFile('4.2.0.0'));
  expect(await proposals(world)).toHaveLength(1);
});
