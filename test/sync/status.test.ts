import { createHash } from 'node:crypto';
import { readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StatusDocument } from '../../src/sync/status.ts';
import { errorOf, makeWorld, type RunOptions, type World } from '../support/cli.ts';
import { holdOpen, placeDatabase, startDerby } from '../support/derby.ts';
import { bootPassword } from '../support/derby-fixtures.ts';
import { seedBackups, seeds, setTimes } from '../support/efaktur-folder.ts';
import type { English } from '../support/english.ts';
import { peFile } from '../support/pe-file.ts';
import {
  archivesIn,
  golden,
  goldenWorld,
  layClosedProgram,
  manifestsIn,
  placeLive,
  proofsIn,
} from './golden-world.ts';

const live = ['push', '--source', 'live'];
const began = new Date('2024-03-01T10:00:00+07:00');
const at = (days: number): { now: Date } => ({ now: new Date(began.getTime() + days * 24 * 3600_000) });

/** Runs `status --json`, which has a document however it ends. */
async function statusOf(
  world: World,
  options: RunOptions = at(0),
  ...args: string[]
): Promise<{ code: number | null; document: English<StatusDocument>; codes: string[] }> {
  const outcome = await world.run(['status', '--json', ...args], options);
  const document = JSON.parse(outcome.stdout) as English<StatusDocument>;
  if (outcome.code === 20) {
    expect(errorOf(outcome)).toMatchObject({ code: 'attention', hint: document.attention[0]?.hint });
    expect(document.outcome).toBe('attention');
  }
  return { code: outcome.code, document, codes: document.attention.map((a) => a.code) };
}

/** A clean live db that has not changed since an hour before the first day. */
async function quietWorld(): Promise<World> {
  const world = await goldenWorld('clean');
  await setTimes(join(world.app, 'db'), new Date(began.getTime() - 3600_000));
  return world;
}

test('fresh, proven, all stored: exit 0, and what monitoring reads', async () => {
  const world = await quietWorld();
  const pushed = await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  const { code, document } = await statusOf(world, at(1));
  expect(code).toBe(0);
  const id = pushed.backups[0]?.id ?? '';
  expect(document).toEqual({
    outcome: 'ok',
    stores: [
      {
        store: world.store,
        backups: 1,
        newest: {
          id,
          capturedAt: '2024-03-01T10:00:00+07:00',
          uploadedAt: expect.stringMatching(/^20.*\+07:00$/),
          ageHours: 24,
          verdict: 'clean',
          appProgram: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), version: null, stored: null },
        },
        newestProven: { id, provenOn: '2024-03-01' },
        lastProven: '2024-03-01',
        damaged: [],
      },
    ],
    local: {
      appFolder: world.app,
      program: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), version: null, storedIn: [] },
      isOpen: false,
      databases: ['ETaxInvoice'],
      liveChangedAt: '2024-03-01T09:00:00+07:00',
      liveNotStored: false,
      notStoredSince: null,
      loginBackups: 0,
      loginBackupsNotStored: 0,
      looksLikeNetworkClient: false,
    },
    attention: [],
    warnings: [],
  });
  const text = await world.run(['status'], at(1));
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toContain('All is well.');
  expect(text.stdout).toContain(`${id}, on 2024-03-01`);
  const shown = (await world.run(['status', '--lang', 'id'], at(1))).stdout;
  expect(shown).toMatch(
    /\n {2}cadangan terbaru: {6}2024-03-01 10:00.* \(1 hari lalu\), dari 1; tertutup, utuh\n/,
  );
  expect(shown).toContain(`  terakhir diverifikasi: ${id}, pada 2024-03-01\n`);
  expect(shown).toContain('Semuanya baik.');
});

test('which e-Faktur lies there, by what its main program states', async () => {
  const world = await quietWorld();
  const main = join(world.app, 'ETaxInvoiceMain.exe');
  await writeFile(main, peFile('3.2.0.0'));
  expect((await statusOf(world)).document.local?.program).toMatchObject({ version: '3.2.0.0' });
  expect((await world.run(['status'])).stdout).toContain('e-Faktur:      3.2.0.0 (April 2022, PPN 11 %)');
  for (const name of ['ETaxInvoiceMain.exe', 'ETaxInvoiceMain']) await rm(join(world.app, name));
  expect((await statusOf(world)).document.local?.program).toBeNull();
});

test('which e-Faktur the newest backup was made with, and which of both is stored', async () => {
  const world = await quietWorld();
  const main = join(world.app, 'ETaxInvoiceMain.exe');
  const [old, now] = [peFile('3.2.0.0'), peFile('4.0.0.0')];
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  await writeFile(main, old);
  await world.json(live, at(0));
  await writeFile(main, now);
  const [first] = (await statusOf(world)).document.stores;
  expect(first?.newest?.appProgram).toEqual({ sha256: sha256(old), version: '3.2.0.0', stored: null });
  await layClosedProgram(world, '20240201T010000Z-00000000000a', sha256(old));
  await layClosedProgram(world, '20240202T010000Z-00000000000b', sha256(old));
  const { document } = await statusOf(world);
  expect(document.stores[0]?.newest?.appProgram?.stored).toBe('20240202T010000Z-00000000000b');
  expect(document.local?.program).toEqual({ sha256: sha256(now), version: '4.0.0.0', storedIn: [] });
  const { stdout } = await world.run(['status'], at(0));
  expect(stdout).toContain(
    'made with:     3.2.0.0 (April 2022, PPN 11 %), its folder stored (20240202T010000Z-00000000000b)\n',
  );
  expect(stdout).toContain('e-Faktur:      4.0.0.0 (July 2024), its folder not stored\n');
  // Without the record of this PC the manifest tells it.
  const elsewhere = { ...at(0), env: { EFAKTUR_STATE_DIR: join(world.folder, 'new-state') } };
  const [again] = (await statusOf(world, elsewhere)).document.stores;
  expect(again?.newest?.appProgram).toMatchObject({ sha256: sha256(old), version: '3.2.0.0' });
  // What cannot be read may be it.
  await layClosedProgram(world, '20240203T010000Z-00000000000c', 'no SHA-256');
  const unsure = (await statusOf(world)).document;
  expect(unsure.local?.program?.storedIn).toBe(null);
  expect(unsure.stores[0]?.newest?.appProgram?.stored).toBe('20240202T010000Z-00000000000b');
  expect((await world.run(['status'], at(0))).stdout).toMatch(/e-Faktur: +4\.0\.0\.0 \(July 2024\)\n/);
  await layClosedProgram(world, '20240204T010000Z-00000000000d', sha256(now));
  expect((await statusOf(world)).document.local?.program?.storedIn).toEqual([world.store]);
});

test('of an encrypted backup the version is known where this PC pushed it or has the same program', async () => {
  const world = await quietWorld();
  const main = join(world.app, 'ETaxInvoiceMain.exe');
  await writeFile(main, peFile('3.2.0.0'));
  const { recipient } = await world.json<{ recipient: string }>([
    'keys',
    'new',
    '--out',
    join(world.folder, 'key'),
  ]);
  await world.json(live, { ...at(0), env: { EFAKTUR_RECIPIENTS: recipient } });
  const elsewhere = { ...at(0), env: { EFAKTUR_STATE_DIR: join(world.folder, 'new-state') } };
  const versions = async (): Promise<unknown[]> =>
    Promise.all(
      [at(0), elsewhere].map(
        async (o) => (await statusOf(world, o)).document.stores[0]?.newest?.appProgram?.version,
      ),
    );
  expect(await versions()).toEqual(['3.2.0.0', '3.2.0.0']);
  await writeFile(main, peFile('4.0.0.0'));
  expect(await versions()).toEqual(['3.2.0.0', null]);
  expect((await world.run(['status'], elsewhere)).stdout).toMatch(/made with: .*\(SHA-256 [0-9a-f]{12}…\)/);
});

test('of an old login backup nothing is known of its e-Faktur', async () => {
  const world = await goldenWorld('clean', { backups: seedBackups });
  await world.json(['push', '--source', 'backup'], at(0));
  expect((await statusOf(world)).document.stores[0]?.newest?.appProgram).toBe(null);
  expect((await world.run(['status'], at(0))).stdout).toContain('made with:     not known\n');
});

test('nothing stored yet: exit 20 and what to do', async () => {
  const world = await quietWorld();
  const { code, document, codes } = await statusOf(world);
  expect([code, codes]).toEqual([20, ['no-backup']]);
  expect(document.attention[0]?.hint).toContain('push');
  expect(document.local).toMatchObject({ liveNotStored: true, notStoredSince: null });
  expect((await world.run(['status'], at(0))).stdout).toContain('NOT STORED YET');
});

test('a backup grows old after four days, or as many as told', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  expect((await statusOf(world, at(3.9))).code).toBe(0);
  const old = await statusOf(world, at(5));
  expect([old.code, old.codes]).toEqual([20, ['old-backup']]);
  expect(old.document.attention[0]?.message).toContain('5 days old');
  expect((await statusOf(world, at(5), '--max-age', '6')).code).toBe(0);
  const ageTold = async (days: number): Promise<string> => {
    const { codes, document } = await statusOf(world, at(days), '--max-age', '0.000001');
    expect(codes).toEqual(['old-backup']);
    return document.attention[0]?.message ?? '';
  };
  expect(await ageTold(0.01)).toContain('is 14 minutes old');
  expect(await ageTold(0.05)).toContain('is 72 minutes old');
  expect(await ageTold(1.99)).toContain('is 48 hours old');
  expect(await ageTold(2)).toContain('is 2 days old');
  expect((await world.run(['status', '--max-age', 'lama'])).code).toBe(2);
});

test('never proven, or not for long: exit 20 until verify has read it back', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  const never = await statusOf(world);
  expect([never.code, never.codes]).toEqual([20, ['unproven']]);
  expect(never.document.attention[0]?.hint).toContain('verify --read-data');
  expect(never.document.stores[0]).toMatchObject({ newestProven: null, lastProven: null });
  await world.json(['verify', '--read-data'], at(0));
  expect((await statusOf(world)).code).toBe(0);
  expect((await statusOf(world, at(36), '--max-age', '100')).codes).toEqual(['unproven']);
  expect((await statusOf(world, at(36), '--max-age', '100', '--max-unproven', '40')).code).toBe(0);
});

test('what was not closed is unproven until Derby has opened it, and the hint says so', async () => {
  const world = await goldenWorld('killed');
  await setTimes(join(world.app, 'db'), new Date(began.getTime() - 3600_000));
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  const { code, document, codes } = await statusOf(world);
  expect([code, codes]).toEqual([20, ['unproven']]);
  expect(document.stores[0]?.newest?.verdict).toBe('needs-recovery');
  expect(document.attention[0]?.hint).toContain('verify --engine');
});

test('encrypted by Derby: read back with its headers in order is the best there is', async () => {
  const world = await makeWorld({ live: null, backups: [] });
  await placeDatabase(join(world.app, 'db', 'ETaxInvoice'), { invoices: 5, bootPassword });
  await setTimes(join(world.app, 'db'), new Date(began.getTime() - 3600_000));
  const pushed = await world.json(live, at(0));
  expect((await statusOf(world)).codes).toEqual(['unproven']);
  await world.json(['verify', '--read-data'], at(0));
  const { code, document } = await statusOf(world);
  expect(code).toBe(0);
  expect(document.stores[0]).toMatchObject({
    newest: { verdict: 'encrypted' },
    newestProven: { id: pushed.backups[0]?.id, provenOn: '2024-03-01', headersOnly: true },
    lastProven: '2024-03-01',
  });
  expect((await world.run(['status'], at(0))).stdout).toContain('on 2024-03-01, headers only');
  expect((await statusOf(world, at(36), '--max-age', '100')).codes).toEqual(['unproven']);
  // Sound it was not proven: what may go is decided as before.
  const listed = await world.json<{ backups: { lastProven: string | null }[] }>(['list', '--long']);
  expect(listed.backups[0]?.lastProven).toBeNull();
});

test('damaged: an archive gone, one that verify found damaged, one stored as damaged', async () => {
  const world = await quietWorld();
  const pushed = await world.json(live, at(0));
  const id = pushed.backups[0]?.id;
  const archive = join(world.store, (await archivesIn(world.store))[0] ?? '');
  const bytes = await readFile(archive);
  await rm(archive);
  const gone = await statusOf(world);
  expect([gone.code, gone.codes]).toEqual([20, ['no-backup', 'damaged']]);
  expect(gone.document.stores[0]?.damaged).toEqual([id]);

  const flipped = Buffer.from(bytes);
  flipped[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(archive, flipped);
  expect((await statusOf(world)).codes).toEqual(['unproven']);
  expect((await world.run(['verify', '--read-data'], at(0))).code).toBe(13);
  const found = await statusOf(world);
  expect(found.codes).toEqual(['unproven', 'damaged']);
  expect(found.document.stores[0]).toMatchObject({ damaged: [id], newest: { verdict: 'damaged' } });

  const forced = await goldenWorld('page-flipped');
  await setTimes(join(forced.app, 'db'), new Date(began.getTime() - 3600_000));
  const stored = await forced.json([...live, '--force-damaged'], at(0));
  const marked = await statusOf(forced);
  expect(marked.codes).toEqual(['unproven', 'damaged']);
  expect(marked.document.stores[0]).toMatchObject({
    damaged: [stored.backups[0]?.id],
    newest: { verdict: 'damaged' },
  });
});

test('an empty db, or one long untouched without login backups, looks like a network client', async () => {
  const empty = await makeWorld({ live: null, backups: [] });
  const nothing = await statusOf(empty);
  expect([nothing.code, nothing.codes]).toEqual([20, ['no-backup', 'stub-db']]);
  expect(nothing.document.local).toMatchObject({ looksLikeNetworkClient: true, liveChangedAt: null });
  expect(nothing.document.attention[1]?.hint).toContain('PC');

  const old = await quietWorld();
  const aged = ['--max-age', '1000'];
  expect((await statusOf(old, at(99), ...aged)).codes).toEqual(['no-backup', 'stub-db']);
  // A PC that only keeps what is stored and proven needs nobody; that it may be no server is said all the same.
  await old.json(live, at(0));
  await old.json(['verify', '--read-data'], at(99));
  const kept = await statusOf(old, at(99), ...aged);
  expect([kept.code, kept.document.local?.looksLikeNetworkClient]).toEqual([0, true]);
  expect(kept.document.warnings).toMatchObject([{ code: 'stub-db' }]);
  const text = await old.run(['status', ...aged], at(99));
  expect(text.stdout).toContain('All is well.');
  expect(text.stderr).toContain('long untouched');

  const hollow = await makeWorld({ live: null, backups: [] });
  const derby = await startDerby();
  onTestFinished(() => derby.close());
  const database = join(hollow.app, 'db', 'ETaxInvoice');
  await derby.open(database, { once: 'create=true' });
  await derby.exec(database, 'CREATE TABLE FAKTUR (ID INTEGER)');
  await derby.shutdown(database);
  await setTimes(join(hollow.app, 'db'), new Date(began.getTime() - 3600_000));
  await hollow.json(live, at(0));
  await hollow.json(['verify', '--read-data'], at(99));
  const rowless = await statusOf(hollow, at(99), ...aged);
  expect([rowless.codes, rowless.document.warnings]).toEqual([['stub-db'], []]);
  expect(rowless.document.attention[0]?.message).toContain('without rows');
  // An older backup that is pushed later does not become the newest state.
  const older = ['push', '--source', seeds['seed-8-july'].path, '--captured', '2020-01-02T09:00'];
  await hollow.json(older, at(99));
  const after = (await statusOf(hollow, at(99), ...aged)).document.attention;
  expect(after.find(({ code }) => code === 'stub-db')?.message).toContain('without rows');
  // What it is now holds less than what it was.
  expect(after.map(({ code }) => code)).toContain('shrinking');

  // With login backups somebody works there, or did.
  const used = await makeWorld({ live: null, backups: seedBackups });
  await placeLive(used, golden('clean'), new Date('2023-07-08T09:00:00+07:00'));
  expect((await statusOf(used, at(0))).codes).not.toContain('stub-db');
});

test('what is local and not stored: since when the live db has changed, and which login backups', async () => {
  const world = await makeWorld({ live: null, backups: seedBackups });
  await placeLive(world, golden('clean'), new Date(began.getTime() - 3600_000));
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  await setTimes(join(world.app, 'db'), at(0.5).now);
  const soon = await statusOf(world, at(1));
  expect(soon.code).toBe(0);
  expect(soon.document.local).toMatchObject({
    liveNotStored: true,
    liveChangedAt: '2024-03-01T22:00:00+07:00',
    notStoredSince: '2024-03-01T10:00:00+07:00',
    loginBackups: 2,
    loginBackupsNotStored: 2,
  });
  const late = await statusOf(world, at(6));
  expect(late.codes).toEqual(['old-backup', 'not-stored']);
  expect(late.document.attention[1]).toMatchObject({ hint: expect.stringContaining('push') });
  await world.json(['push', '--all', '--source', 'backup'], at(6));
  expect((await statusOf(world, at(6))).document.local).toMatchObject({ loginBackupsNotStored: 0 });
  // One that was written anew is not stored.
  await utimes(join(world.app, 'backup', '2023-07-06 09.15.zip'), began, began);
  expect((await statusOf(world, at(6))).document.local).toMatchObject({ loginBackupsNotStored: 1 });
});

test('opened and closed again without a change is stored, however often a day', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  for (const day of [0.1, 0.2, 0.3]) {
    // The next login: only times change, and from the second push of a day on no manifest says so.
    await setTimes(join(world.app, 'db'), at(day - 0.01).now);
    expect((await statusOf(world, at(day))).document.local?.liveNotStored).toBe(true);
    expect((await world.json(live, at(day))).outcome).toBe('unchanged');
    const { document } = await statusOf(world, at(day));
    expect(document.local, `${day}`).toMatchObject({ liveNotStored: false, notStoredSince: null });
  }
  expect(await manifestsIn(world.store)).toHaveLength(2);
  // What was found equal must still be there.
  for (const key of await manifestsIn(world.store)) await rm(join(world.store, key));
  expect((await statusOf(world, at(0.4))).document.local?.liveNotStored).toBe(true);
});

test('while e-Faktur is open: since when its work is not stored', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  const holder = await holdOpen(join(world.app, 'db', 'ETaxInvoice'));
  onTestFinished(() => holder.kill());
  // Derby's files bear the time of this computer, long after the first day.
  const soon = { now: new Date() };
  const open = await statusOf(world, soon, '--max-age', '10000', '--max-unproven', '10000');
  expect(open.code).toBe(0);
  expect(open.document.local).toMatchObject({
    isOpen: true,
    liveNotStored: true,
    notStoredSince: '2024-03-01T10:00:00+07:00',
  });
  const text = await world.run(['status', '--max-age', '10000', '--max-unproven', '10000'], soon);
  expect(text.stdout).toContain('e-Faktur is open');
  expect(text.stdout).toContain('NOT STORED YET');
  const late = { now: new Date(Date.now() + 5 * 24 * 3600_000) };
  const stale = await statusOf(world, late, '--max-unproven', '10000');
  expect(stale.codes).toEqual(['old-backup', 'not-stored']);
  const { message = '', hint = '' } = stale.document.attention[1] ?? {};
  expect(message).toContain('e-Faktur is open');
  expect(message).toContain('entered since 1 March 2024 10:00');
  expect(hint).toContain('push --source live');
});

test('a store that cannot be asked: its own exit code, and the others are told all the same', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  await writeFile(join(world.folder, 'berkas'), 'no folder');
  const broken = join(world.folder, 'berkas', 'store');
  const outcome = await world.run(['status', '--json'], {
    env: { EFAKTUR_STORE: `${broken};${world.store}` },
    ...at(0),
  });
  const document = JSON.parse(outcome.stdout) as English<StatusDocument>;
  const [first, second] = document.stores;
  const code = first?.error?.code ?? '';
  expect(errorOf(outcome).code).toBe(code);
  expect(outcome.code).toBe({ 'store-unavailable': 10, 'access-denied': 14, usage: 2 }[code as string]);
  expect(first).toMatchObject({ store: broken, newest: null, backups: 0 });
  expect(second).toMatchObject({ store: world.store, backups: 1, newestProven: { provenOn: '2024-03-01' } });
  expect(document).toMatchObject({ outcome: 'attention', attention: [{ code }] });
  // Nobody knows whether that store lacks it.
  expect(document.local?.liveNotStored).toBe(false);
});

test('without an e-Faktur folder the stores alone are looked at', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  await world.json(['verify', '--read-data'], at(0));
  const elsewhere = {
    ...at(0),
    env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STATE_DIR: join(world.folder, 'monitor') },
  };
  const { code, document } = await statusOf(world, elsewhere);
  expect(code).toBe(0);
  expect(document.local).toBeNull();
  // Without the record the last proof says what it is.
  expect(document.stores[0]?.newest?.verdict).toBe('clean');
  const [proof = ''] = await proofsIn(world.store);
  await rm(join(world.store, proof));
  const unknown = await statusOf(world, elsewhere);
  expect(unknown.document.stores[0]?.newest?.verdict).toBeNull();
  await truncate(join(world.store, (await archivesIn(world.store))[0] ?? ''), 10);
  expect((await statusOf(world, elsewhere)).code).toBe(20);
});

test('each finding is printed once, and nothing is said of a store that could not be asked', async () => {
  const world = await quietWorld();
  await world.json(live, at(0));
  const gone = join(world.folder, 'no', 'such', 'drive');
  const env = { EFAKTUR_STORE: `${gone};${world.store}` };
  const { document, codes } = await statusOf(world, { ...at(9), env });
  expect(codes).toEqual(['store-unavailable', 'old-backup', 'unproven']);
  for (const flags of [[], ['-q']]) {
    const { code, stdout, stderr } = await world.run(['status', ...flags], { ...at(9), env });
    expect(code).toBe(10);
    for (const { message } of document.attention)
      expect(`${stdout}${stderr}`.split(message), message).toHaveLength(2);
    expect(stdout).not.toMatch(/drive\n +newest/);
  }
});
