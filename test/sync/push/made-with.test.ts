import { createHash } from 'node:crypto';
import { appendFile, copyFile, cp, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appReader } from '../../../src/sync/push/made-with.ts';
import { codeOf } from '../../base/failures.ts';
import { makeWorld, type PushJson, type World } from '../../support/cli.ts';
import { seedBackups, seeds } from '../../support/efaktur-folder.ts';
import { peFile } from '../../support/pe-file.ts';
import { archivesIn, goldenWorld, storedManifest } from '../golden-world.ts';

/** Which e-Faktur a backup was made with, as its manifest notes it. */

const live = ['push', '--source', 'live'];
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const mainOf = (world: World): string => join(world.app, 'ETaxInvoiceMain.exe');

/** Replaces the main program, its time too; also that of the build without `.exe` that lies there. */
async function placeProgram(world: World, bytes: Buffer, changed = new Date('2022-04-01')): Promise<void> {
  await writeFile(mainOf(world), bytes);
  for (const path of [mainOf(world), join(world.app, 'ETaxInvoiceMain')])
    await utimes(path, changed, changed);
}

/** The warnings of programs that could not be read. */
const unreadIn = ({ warnings }: PushJson): string[] =>
  warnings.filter(({ code }) => code === 'program-unread').map(({ message }) => message);

/** What the manifest of the one backup pushed says. */
async function madeWith(world: World, args: readonly string[], options = {}) {
  const document = await world.json<PushJson>(['push', ...args], options);
  const manifest = await storedManifest(world, document.backups[0]);
  return { document, appProgram: manifest.appProgram, app: manifest.private.app, manifest };
}

test('what is read live was made with the program that lies there', async () => {
  const world = await goldenWorld('clean');
  const main = peFile('3.2.0.0');
  await placeProgram(world, main);
  const { appProgram, app, manifest } = await madeWith(world, ['--source', 'live']);
  expect(appProgram).toBe(sha256(main));
  expect(app?.programs.map(({ name }) => name)).toEqual([
    'ETaxInvoice',
    'ETaxInvoice.exe',
    'ETaxInvoiceMain',
    'ETaxInvoiceMain.exe',
    'ETaxInvoiceUpd',
    'ETaxInvoiceUpd.exe',
  ]);
  expect(app?.programs[3]).toEqual({
    name: 'ETaxInvoiceMain.exe',
    sha256: sha256(main),
    sizeBytes: main.length,
    version: '3.2.0.0',
  });
  expect(app?.memory).toEqual([
    'ETaxInvoice.config: -Xmx500m',
    'ETaxInvoiceMain.config: -Xmx500m',
    'ETaxInvoiceUpd.config: -Xmx500m',
  ]);
  const [judged] = manifest.private.judged ?? [];
  expect(judged).toMatchObject({
    derbyVersion: '10.12',
    derbyBuild: expect.any(Number),
    schemaFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('encrypted, only the SHA-256 of the main program is in clear', async () => {
  const world = await goldenWorld('clean');
  await placeProgram(world, peFile('3.2.0.0'));
  const { recipient } = await world.json<{ recipient: string }>([
    'keys',
    'new',
    '--out',
    join(world.folder, 'key'),
  ]);
  const pushed = await world.json(live, { env: { EFAKTUR_RECIPIENTS: recipient } });
  const manifest = await storedManifest(world, pushed.backups[0]);
  expect(manifest.appProgram).toBe(sha256(peFile('3.2.0.0')));
  expect(typeof manifest.private).toBe('string');
  expect(JSON.stringify(manifest)).not.toMatch(/3\.2\.0\.0|Xmx|ETaxInvoiceMain/);
});

test('a login backup of this folder is of its program only if it was made after that last changed', async () => {
  const world = await makeWorld({ backups: seedBackups });
  const main = peFile('3.2.0.0');
  const source = ['--source', 'backup'];
  await placeProgram(world, main, new Date(seeds['seed-8-july'].time.getTime() - 1000));
  expect((await madeWith(world, source)).appProgram).toBe(sha256(main));
  // Named, it is the same one.
  const [, { name } = { name: '' }] = seedBackups;
  const zip = join(world.app, 'backup', name);
  expect((await madeWith(world, ['--full', '--source', zip])).appProgram).toBe(sha256(main));

  await placeProgram(world, main, seeds['seed-8-july'].time);
  const later = await madeWith(world, ['--full', ...source]);
  expect([later.appProgram, later.app]).toEqual([undefined, undefined]);
  // The newest of the builds for several systems counts.
  await placeProgram(world, main);
  await utimes(join(world.app, 'ETaxInvoiceMain'), new Date(), new Date());
  expect((await madeWith(world, ['--full', ...source])).appProgram).toBe(undefined);
  // As does the time that the user states.
  await placeProgram(world, main);
  const stated = ['--full', '--source', zip, '--captured', '2021-05-01 09:00'];
  expect((await madeWith(world, stated)).appProgram).toBe(undefined);
});

test('a login backup that is a folder, or lies deeper in backup, is of this program too; elsewhere it is of any', async () => {
  const world = await makeWorld({
    backups: [{ name: '2023-07-08 09.30', from: seeds['seed-8-july'].path, time: seeds['seed-8-july'].time }],
  });
  await placeProgram(world, peFile('3.2.0.0'));
  const inside = join(world.app, 'backup', 'lama');
  await mkdir(inside);
  await copyFile(seeds['seed-8-july'].path, join(inside, '2023-07-08 09.30.zip'));
  await cp(join(world.app, 'db'), join(inside, '2023-07-09 09.30', 'db'), { recursive: true });
  const outside = join(world.folder, '2023-07-08 09.30.zip');
  await copyFile(seeds['seed-8-july'].path, outside);
  const made = async (source: string) => (await madeWith(world, ['--full', '--source', source])).appProgram;
  expect(await made(join(inside, '2023-07-08 09.30.zip'))).toBeDefined();
  expect(await made(join(inside, '2023-07-09 09.30'))).toBeDefined();
  expect(await made(outside)).toBe(undefined);
  // A copy of the live db elsewhere is of any program; the live db itself is not.
  await cp(join(world.app, 'db'), join(world.folder, 'db'), { recursive: true });
  expect(await made(join(world.folder, 'db'))).toBe(undefined);
  expect(await made(join(world.app, 'db'))).toBeDefined();
});

test('no program there, or one that cannot be read: the books are stored all the same', async () => {
  const world = await goldenWorld('clean');
  await rm(mainOf(world));
  await rm(join(world.app, 'ETaxInvoiceMain'));
  await writeFile(join(world.app, 'ETaxInvoiceMain.jar'), 'another build');
  const without = await madeWith(world, ['--source', 'live']);
  expect([without.appProgram, unreadIn(without.document)]).toEqual([undefined, []]);

  await mkdir(mainOf(world));
  const unread = await madeWith(world, ['--source', 'live', '--full']);
  expect([unread.document.outcome, unread.appProgram]).toEqual(['created', undefined]);
  expect(unreadIn(unread.document)).toEqual([expect.stringContaining(mainOf(world))]);
});

test('an update of the program alone is no new content; the next manifest names it', async () => {
  const world = await goldenWorld('clean');
  await placeProgram(world, peFile('3.2.0.0'));
  const first = await madeWith(world, ['--source', 'live'], { now: new Date('2024-07-01T10:00:00+07:00') });
  await placeProgram(world, peFile('4.0.0.0'));
  const next = await madeWith(world, ['--source', 'live'], { now: new Date('2024-07-02T10:00:00+07:00') });
  expect(next.document.outcome).toBe('unchanged');
  expect(await archivesIn(world.store)).toHaveLength(1);
  expect([first.appProgram, next.appProgram]).toEqual([sha256(peFile('3.2.0.0')), sha256(peFile('4.0.0.0'))]);
  expect(next.app?.programs.find(({ name }) => name === 'ETaxInvoiceMain.exe')?.version).toBe('4.0.0.0');
  // Without a program it is not known, whatever made the archive.
  await rm(mainOf(world));
  await rm(join(world.app, 'ETaxInvoiceMain'));
  await writeFile(join(world.app, 'ETaxInvoiceMain.jar'), '');
  const third = await madeWith(world, ['--source', 'live'], { now: new Date('2024-07-03T10:00:00+07:00') });
  expect([third.appProgram, third.app]).toEqual([undefined, undefined]);
});

test('with nothing new that day no program is read', async () => {
  const world = await goldenWorld('clean');
  await placeProgram(world, peFile('3.2.0.0'));
  const now = (time: string): { now: Date } => ({ now: new Date(`2024-07-01T${time}:00+07:00`) });
  await world.json(live, now('10:00'));
  await world.json(live, now('11:00'));
  // What cannot be read would be told.
  await rm(mainOf(world));
  await mkdir(mainOf(world));
  await appendFile(join(world.app, 'ETaxInvoiceUpd.exe'), 'x');
  expect(unreadIn(await world.json<PushJson>(live, now('12:00')))).toEqual([]);
  expect(unreadIn(await world.json<PushJson>([...live, '--full'], now('13:00')))).toHaveLength(1);
});

test('a push reads the programs once, whatever it asks of them; a main program that can be read is told in any case', async () => {
  const world = await goldenWorld('clean');
  await placeProgram(world, peFile('3.2.0.0'));
  const app = appReader(world.app);
  const facts = await app.facts();
  const later = peFile('4.0.0.0');
  await placeProgram(world, later);
  expect(await app.facts()).toBe(facts);
  expect(await app.program()).toMatchObject({ version: '3.2.0.0', sha256: facts?.main.sha256 });
  const alone = appReader(world.app);
  expect(await alone.program()).toMatchObject({ version: '4.0.0.0', sha256: sha256(later) });
  const broken = appReader(world.app);
  await symlink(join(world.app, 'absent'), join(world.app, 'ETaxInvoiceNew.exe'));
  expect(await codeOf(broken.facts())).toBe('source-unusable');
  expect((await broken.program())?.version).toBe('4.0.0.0');
});
