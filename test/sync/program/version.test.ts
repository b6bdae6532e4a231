import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ListDocument } from '../../../src/sync/list.ts';
import type { PullDocument } from '../../../src/sync/pull.ts';
import type { StatusDocument } from '../../../src/sync/status.ts';
import { errorOf, treeOf, type World } from '../../support/cli.ts';
import { seedBackups } from '../../support/efaktur-folder.ts';
import { peFile } from '../../support/pe-file.ts';
import { golden, goldenWorld, layClosedProgram, placeLive } from '../golden-world.ts';

/** Whether the e-Faktur in the target of a restore fits the backup. */

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const side = (bytes: Buffer, version: string | null) => ({ sha256: sha256(bytes), version });
const mainIn = (folder: string): string => join(folder, 'ETaxInvoiceMain.exe');
const codes = ({ warnings }: PullDocument): string[] => warnings.map(({ code }) => code);
const v32 = peFile('3.2.0.0');
const v40 = peFile('4.0.0.0');
const names = { old: '3.2.0.0 (April 2022, PPN 11 %)', new: '4.0.0.0 (July 2024)' };

/** A world whose live db was pushed with one program, and that has another one now. */
async function pushedWith(stored: Buffer, now: Buffer | null, env = {}): Promise<World> {
  const world = await goldenWorld('clean');
  await rm(join(world.app, 'ETaxInvoiceMain'));
  await writeFile(mainIn(world.app), stored);
  await world.json(['push', '--source', 'live'], { env });
  if (now) await writeFile(mainIn(world.app), now);
  else await rm(mainIn(world.app));
  return world;
}

const pull = (world: World, ...args: string[]): Promise<PullDocument> =>
  world.json<PullDocument>(['pull', '--yes', ...args]);

test('the same program: nothing to do but log in', async () => {
  const world = await pushedWith(v32, null);
  await writeFile(mainIn(world.app), v32);
  // Neither an updater of another version nor another db there says more than that.
  await writeFile(join(world.app, 'ETaxInvoiceUpd.exe'), v40);
  await placeLive(world, golden('moved-rows'));
  const document = await pull(world);
  const both = side(v32, '3.2.0.0');
  expect(document.appProgram).toEqual({ result: 'same', backup: both, target: both, stored: null });
  expect(codes(document)).toEqual([]);
  const { stdout } = await world.run(['pull', '--yes']);
  expect(stdout).toContain(`The e-Faktur there is the one that this backup was made with: ${names.old}.`);
  expect(stdout).not.toContain('ETaxInvoiceUpd');
});

test('a newer program: run the updater once', async () => {
  const world = await pushedWith(v32, v40);
  const planned = await pull(world, '--dry-run');
  const document = await pull(world);
  for (const { appProgram, warnings } of [planned, document]) {
    expect(appProgram).toEqual({
      result: 'newer',
      backup: side(v32, '3.2.0.0'),
      target: side(v40, '4.0.0.0'),
      stored: null,
    });
    expect(warnings).toEqual([
      { code: 'newer-program', message: expect.stringContaining(`is ${names.new}, newer than ${names.old}`) },
    ]);
  }
  const { stdout, stderr } = await world.run(['pull', '--yes']);
  expect(stdout).toContain('Run ETaxInvoiceUpd once: this e-Faktur is newer than the backup.');
  expect(stderr).toContain('run ETaxInvoiceUpd once before you log in');
});

test('an older program: refused before anything is read or asked, unless the user says otherwise', async () => {
  for (const [stored, there] of [
    ['4.0.0.0', '3.2.0.0'],
    ['3.2.0.10', '3.2.0.9'],
    ['3.10.0.0', '3.9.65535.65535'],
  ] as const) {
    const world = await pushedWith(peFile(stored), peFile(there));
    await placeLive(world, golden('stale-lock'));
    const before = await treeOf(world.app, true);
    const refused = await world.run(['pull', '--json']);
    expect([refused.code, refused.stdout], stored).toEqual([2, '']);
    const { code, message, hint } = errorOf(refused);
    expect(code).toBe('usage');
    expect(message).toContain(`is ${there}`);
    expect(message).toMatch(/older than .*, which this backup was made with: .*; nothing was changed$/);
    expect(hint).toContain('--other-version');
    expect(await treeOf(world.app, true)).toEqual(before);

    const dry = await world.run(['pull', '--dry-run', '--json']);
    expect(dry.code).toBe(2);
    const planned = JSON.parse(dry.stdout) as PullDocument;
    expect(planned).toMatchObject({
      outcome: 'planned',
      appProgram: { result: 'older' },
      refused: { code: 'usage', message },
    });
    expect((await world.run(['pull', '--dry-run'])).stdout).toContain('Would refuse to restore');

    const forced = await pull(world, '--other-version');
    expect(forced).toMatchObject({ outcome: 'restored', appProgram: { result: 'older' } });
    expect(codes(forced)).toEqual(['older-program']);
    expect(forced).not.toHaveProperty('refused');
  }
});

test('the names of versions stand in the refusal', async () => {
  const world = await pushedWith(v40, v32);
  const { message } = errorOf(await world.run(['pull', '--yes', '--json']));
  expect(message).toContain(`is ${names.old}, older than ${names.new}, which this backup was made with`);
});

test('another build of the same version is told, and restored into', async () => {
  const world = await pushedWith(peFile('3.2.0.0', 'one'), peFile('3.2.0.0', 'two'));
  const document = await pull(world);
  expect(document).toMatchObject({ outcome: 'restored', appProgram: { result: 'other-build' } });
  expect(codes(document)).toEqual(['other-build']);
});

test('what is not known of either side is said', async () => {
  const linux = Buffer.from('\u007fELF, no version');
  for (const [stored, there] of [
    [linux, v32],
    [v32, linux],
    [linux, Buffer.from('another')],
  ] as const) {
    const world = await pushedWith(stored, there);
    const document = await pull(world);
    expect(document.appProgram).toMatchObject({
      result: 'unknown',
      backup: { sha256: sha256(stored) },
      target: { sha256: sha256(there) },
    });
    expect(codes(document)).toEqual([]);
    const { stdout } = await world.run(['pull', '--yes']);
    expect(stdout).toContain('which of them is newer is not known');
    expect(stdout).toContain('If this e-Faktur is newer than the backup, run ETaxInvoiceUpd once.');
  }
});

test('an old login backup: with which e-Faktur it was made is not known', async () => {
  const world = await goldenWorld('clean', { backups: seedBackups });
  await writeFile(mainIn(world.app), v32);
  await world.json(['push', '--source', 'backup']);
  const document = await pull(world, '--dry-run');
  expect(document.appProgram).toEqual({
    result: 'unknown',
    backup: null,
    target: side(v32, '3.2.0.0'),
    stored: null,
  });
  const { stdout } = await world.run(['pull', '--yes']);
  expect(stdout).toContain(
    `Which e-Faktur this backup was made with is not known; in ${world.app} lies ${names.old}.`,
  );
});

test('a folder without a program: which one to put there', async () => {
  const world = await pushedWith(v32, v32);
  const to = join(world.folder, 'baru');
  const { stdout } = await world.run(['pull', '--to', to]);
  expect(stdout).toContain(`of the same version as when this backup was made, ${names.old}, or a newer one.`);
  const document = await world.json<PullDocument>(['pull', '--to', to, '--yes']);
  expect(document.appProgram).toMatchObject({ result: 'unknown', target: null });
});

test('a program that cannot be read is a warning', async () => {
  const world = await pushedWith(v32, null);
  await mkdir(mainIn(world.app));
  const document = await pull(world);
  expect(document).toMatchObject({ outcome: 'restored', appProgram: { result: 'unknown', target: null } });
  expect(codes(document)).toEqual(['program-unread']);
});

test('of an encrypted backup the version is known to who has the key', async () => {
  const world = await goldenWorld('clean');
  const identity = join(world.folder, 'key');
  const { recipient } = await world.json<{ recipient: string }>(['keys', 'new', '--out', identity]);
  await writeFile(mainIn(world.app), v40);
  await world.json(['push', '--source', 'live'], { env: { EFAKTUR_RECIPIENTS: recipient } });
  await writeFile(mainIn(world.app), v32);
  const refused = await world.run(['pull', '--yes', '--json'], { env: { EFAKTUR_IDENTITY_FILE: identity } });
  expect([refused.code, errorOf(refused).message]).toEqual([2, expect.stringContaining(names.new)]);
});

test('where the store holds that e-Faktur, it is offered: the newest of its kind', async () => {
  const world = await pushedWith(v40, v32);
  await layClosedProgram(world, '20240701T010000Z-00000000000a', sha256(v40));
  await layClosedProgram(world, '20240702T010000Z-00000000000b', sha256(v40));
  await layClosedProgram(world, '20240703T010000Z-00000000000c', sha256(v32));
  // A manifest that is none hides nothing.
  await layClosedProgram(world, '20240704T010000Z-00000000000d', 'none');
  const offer = 'efaktur-cloud pull --whole-app --program 20240702T010000Z-00000000000b --to FOLDER';
  expect(errorOf(await world.run(['pull', '--yes', '--json'])).hint).toContain(offer);
  const forced = await pull(world, '--other-version');
  expect(forced.appProgram.stored).toEqual({ store: world.store, id: '20240702T010000Z-00000000000b' });
  const to = join(world.folder, 'baru');
  expect((await world.run(['pull', '--to', to])).stdout).toContain(offer);
  expect(existsSync(join(to, 'db'))).toBe(true);
  // Of what nobody knows there is nothing to offer.
  const unknown = await pushedWith(v32, v40);
  await layClosedProgram(unknown, '20240702T010000Z-00000000000b', sha256(v40));
  expect((await pull(unknown)).appProgram.stored).toBe(null);
});

test('a program folder that was pushed is offered and shown, here by the record and elsewhere by its manifest', async () => {
  const world = await goldenWorld('clean');
  await rm(join(world.app, 'ETaxInvoiceMain'));
  await writeFile(mainIn(world.app), v40);
  await world.json(['push', '--source', 'live']);
  const pushed = await world.json<{ programs: { id: string }[] }>(['push', '--whole-app']);
  const id = pushed.programs[0]?.id ?? '';
  const storedIn = async (env = {}): Promise<unknown[]> => {
    const { stdout } = await world.run(['status', '--json'], { env });
    const { stores, local } = JSON.parse(stdout) as StatusDocument;
    return [stores[0]?.newest?.appProgram?.stored, local?.program?.storedIn];
  };
  const elsewhere = { EFAKTUR_STATE_DIR: join(world.folder, 'new-state') };
  for (const env of [{}, elsewhere]) expect(await storedIn(env)).toEqual([id, [world.store]]);
  await writeFile(mainIn(world.app), v32);
  for (const env of [{}, elsewhere]) {
    expect(await storedIn(env)).toEqual([id, []]);
    const { hint } = errorOf(await world.run(['pull', '--yes', '--json'], { env }));
    expect(hint).toContain(`pull --whole-app --program ${id} --to FOLDER`);
  }
});

test('list --long shows what each backup was made with', async () => {
  const world = await goldenWorld('clean', { backups: seedBackups });
  const identity = join(world.folder, 'key');
  const { recipient } = await world.json<{ recipient: string }>(['keys', 'new', '--out', identity]);
  await world.json(['push', '--source', 'backup']);
  await writeFile(mainIn(world.app), v32);
  await world.json(['push', '--source', 'live']);
  await writeFile(mainIn(world.app), v40);
  await world.json(['push', '--source', 'live', '--full'], { env: { EFAKTUR_RECIPIENTS: recipient } });
  const listed = async (env = {}): Promise<unknown[]> =>
    (await world.json<ListDocument>(['list', '--long'], { env })).backups.map(({ appProgram }) => appProgram);
  const known = [null, side(v32, '3.2.0.0')];
  expect(await listed()).toEqual([...known, { sha256: sha256(v40), version: null }]);
  expect(await listed({ EFAKTUR_IDENTITY_FILE: identity })).toEqual([...known, side(v40, '4.0.0.0')]);
  const { stdout } = await world.run(['list', '--long']);
  expect(stdout).toMatch(/SOURCE +E-FAKTUR +VERDICT/);
  expect(stdout).toMatch(/login backup +- /);
  expect(stdout).toMatch(/e-Faktur closed +3\.2\.0\.0 +closed, sound/);
  expect(stdout).toContain(` ${sha256(v40).slice(0, 12)}… `);
  for (const backup of (await world.json<ListDocument>(['list'])).backups)
    expect(backup).not.toHaveProperty('appProgram');
});
