import { appendFile, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StatusDocument } from '../../src/sync/status.ts';
import { errorOf, keysOf, makeWorld, type PushJson, type World } from '../support/cli.ts';
import { seedBackups } from '../support/efaktur-folder.ts';
import { readZip, writeZip, type ZipContent } from '../support/zip-writer.ts';

const newestName = 'ETaxInvoice_20230708_093000.zip';
const newest = (world: World): string => join(world.app, 'backup', newestName);
const without = (content: ZipContent, name: RegExp): ZipContent =>
  new Map([...content].filter(([path]) => !name.test(path)));

async function flipMiddleOf(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x55;
  await writeFile(path, bytes);
}

/** What can be wrong with the newest login backup. */
const damages: Record<string, (path: string) => Promise<void>> = {
  'cut in half': async (path) => truncate(path, (await readFile(path)).length >> 1),
  'cut by one byte': async (path) => truncate(path, (await readFile(path)).length - 1),
  empty: (path) => truncate(path, 0),
  'no zip at all': (path) => writeFile(path, 'bukan zip'),
  'a flipped byte (bad CRC)': flipMiddleOf,
  'without service.properties': async (path) =>
    writeZip(path, without(await readZip(path), /service\.properties$/)),
  'without seg0': async (path) => writeZip(path, without(await readZip(path), /\/seg0\//)),
  'without log.ctrl': async (path) => writeZip(path, without(await readZip(path), /\/log\.ctrl$/)),
};

test('a damaged newest login backup: the next older one is stored, exit 3 names both', async () => {
  await Promise.all(
    Object.entries(damages).map(async ([what, damage]) => {
      const world = await makeWorld({ live: null });
      await damage(newest(world));
      const outcome = await world.run(['push', '--json']);
      expect(outcome.code, what).toBe(3);
      const document = JSON.parse(outcome.stdout) as PushJson;
      expect(document.outcome, what).toBe('created');
      expect(
        document.backups.map((b) => b.date),
        what,
      ).toEqual(['2023-07-06']);
      const { code, message } = errorOf(outcome);
      expect(code, what).toBe('source-unusable');
      expect(message, what).toContain(newestName);
      expect(message, what).toContain('2023-07-06 09.15.zip');
      expect(
        (await keysOf(world.store)).filter((key) => key.startsWith('2023-07-08')),
        what,
      ).toEqual([]);
    }),
  );
});

test('with --all the sound ones are stored, and exit 3 comes at the end', async () => {
  const extra = {
    name: '2023-07-09 08.00.zip',
    from: 'seed-8-july',
    time: new Date('2023-07-09T08:00:00+07:00'),
  };
  const world = await makeWorld({ live: null, backups: [...seedBackups, extra] });
  await flipMiddleOf(newest(world));
  const outcome = await world.run(['push', '--all', '--json']);
  expect(outcome.code).toBe(3);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-06', '2023-07-09']);
  expect(errorOf(outcome).message).toContain(newestName);
  // From then on it is known: said, but no failure, until somebody lays another file there.
  const again = await world.json(['push', '--all']);
  expect(again).toMatchObject({ outcome: 'unchanged', backups: [] });
  expect(again.warnings).toContainEqual({
    code: 'known-unusable',
    message: expect.stringContaining(newest(world)),
  });
  const { local } = JSON.parse((await world.run(['status', '--json'])).stdout) as StatusDocument;
  expect(local?.unusableLoginBackups).toMatchObject([{ path: newest(world) }]);
  expect((await world.run(['status'])).stdout).toContain(`unusable: the backup ${newest(world)} is damaged`);
  // Asked for damaged ones, it looks again.
  expect((await world.run(['push', '--all', '--force-damaged'])).code).toBe(3);
  await flipMiddleOf(newest(world));
  expect(await world.json(['push', '--all'])).toMatchObject({ backups: [{ date: '2023-07-08' }] });
  expect((await world.run(['status'])).stdout).not.toContain('unusable');
});

test('what is the newest state and damaged fails every push, with --all too', async () => {
  const world = await makeWorld({ live: null });
  await truncate(newest(world), 5000);
  for (let round = 0; round < 2; round++) {
    const all = await world.run(['push', '--all', '--json']);
    expect(all.code).toBe(3);
    expect(errorOf(all).message).toContain(newestName);
  }
});

test('only damaged ones, or a damaged one that was named: exit 3, nothing stored', async () => {
  const world = await makeWorld({ live: null });
  await flipMiddleOf(newest(world));
  await flipMiddleOf(join(world.app, 'backup', '2023-07-06 09.15.zip'));
  const all = await world.run(['push', '--json']);
  expect(all.code).toBe(3);
  expect(all.stdout).toBe('');
  expect(errorOf(all).message).toContain('2023-07-06 09.15.zip');
  const named = await world.run(['push', '--source', newest(world)]);
  expect(named.code).toBe(3);
  expect(await keysOf(world.store)).toEqual([]);
});

test('a damaged live db: without service.properties, seg0 or log.ctrl it is never stored', async () => {
  for (const part of ['service.properties', 'seg0', 'log/log.ctrl']) {
    const world = await makeWorld({ backups: [] });
    await rm(join(world.app, 'db', 'ETaxInvoice', part), { recursive: true });
    const outcome = await world.run(['push', '--source', 'live']);
    expect(outcome.code, part).toBe(3);
    expect(outcome.stderr, part).toContain('ETaxInvoice');
    expect(await keysOf(world.store), part).toEqual([]);
  }
});

test('a log that lies in another folder is told as that, with the folder', async () => {
  const world = await makeWorld({ backups: [] });
  const database = join(world.app, 'db', 'ETaxInvoice');
  await appendFile(join(database, 'service.properties'), 'logDevice=D\\:\\\\log e-Faktur\n');
  await rm(join(database, 'log'), { recursive: true });
  const outcome = await world.run(['push', '--source', 'live']);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toContain('the log of ETaxInvoice lies in another folder (D:\\log e-Faktur)');
  expect(outcome.stderr).toContain('not part of this folder');
  const forced = await world.json(['push', '--source', 'live', '--force-damaged']);
  expect(forced.warnings.map(({ message }) => message).join()).toContain('D:\\log e-Faktur');
});

test('an old .rar is a note; newest or named it is an error that says to extract it', async () => {
  const world = await makeWorld({ live: null });
  const rar = join(world.app, 'backup', 'db_lama.rar');
  await writeFile(rar, 'Rar!');
  const june = new Date('2023-06-01T10:00:00+07:00');
  await utimes(rar, june, june);
  const noted = await world.json(['push']);
  expect(noted.warnings).toMatchObject([
    { code: 'archive-not-opened', message: expect.stringContaining(rar) },
    { code: 'program-not-stored' },
    { code: 'same-disk' },
  ]);

  const named = await world.run(['push', '--source', rar]);
  expect(named.code).toBe(3);
  expect(named.stderr).toMatch(/[Ee]xtract/);

  const now = new Date();
  await utimes(rar, now, now);
  const asNewest = await world.run(['push', '--json', '--full']);
  expect(asNewest.code).toBe(3);
  expect(errorOf(asNewest).message).toContain('db_lama.rar');
  expect(errorOf(asNewest).hint).toMatch(/[Ee]xtract/);
  expect((JSON.parse(asNewest.stdout) as PushJson).backups.map((b) => b.date)).toEqual(['2023-07-08']);
});

test('a .rar that is newer than all login backups but not than the live db is a note', async () => {
  const world = await makeWorld({ liveTime: new Date('2023-07-10T10:00:00+07:00') });
  const rar = join(world.app, 'backup', 'db_lama.rar');
  await writeFile(rar, 'Rar!');
  const between = new Date('2023-07-09T10:00:00+07:00');
  await utimes(rar, between, between);
  const document = await world.json(['push']);
  expect(document.backups.map((b) => b.source)).toEqual([join(world.app, 'db')]);
  expect(document.warnings).toContainEqual({
    code: 'archive-not-opened',
    message: expect.stringContaining(rar),
  });
});

test('with --all nothing is stored in the place of a damaged backup, and a dry run says what would be', async () => {
  const world = await makeWorld({ live: null });
  await truncate(newest(world), 1000);
  const dry = await world.run(['push', '--dry-run']);
  expect(dry.code).toBe(3);
  expect(dry.stderr).toContain('would be stored instead');
  const all = await world.run(['push', '--all']);
  expect(all.code).toBe(3);
  expect(all.stderr).toContain(newest(world));
  expect(all.stderr).not.toContain('instead');
});

/** Lets a zip grow by small pieces for a second and stop before its end; what it resolves with writes the rest. */
async function growSlowly(path: string): Promise<() => Promise<void>> {
  const whole = await readFile(path);
  await truncate(path, 1000);
  let at = 1000;
  const grow = (async () => {
    while (at < whole.length / 2) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await appendFile(path, whole.subarray(at, at + 10_000));
      at += 10_000;
    }
  })();
  return async () => {
    await grow;
    await appendFile(path, whole.subarray(at));
  };
}

test('a newest zip that is still being written: the next older one, said plainly, exit 0', async () => {
  const world = await makeWorld({ live: null });
  const finish = await growSlowly(newest(world));
  const outcome = await world.run(['push', '--json']);
  expect(outcome.stderr).toBe('');
  expect(outcome.code).toBe(0);
  const document = JSON.parse(outcome.stdout) as PushJson;
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-06']);
  expect(document.warnings).toContainEqual({
    code: 'being-written',
    message: expect.stringContaining(newestName),
  });
  await finish();
  expect((await world.json(['push'])).backups.map((b) => b.date)).toEqual(['2023-07-08']);
});

test('a zip that is being written and soon ready is waited for', async () => {
  const world = await makeWorld({ live: null });
  const whole = await readFile(newest(world));
  await truncate(newest(world), 1000);
  const writing = (async () => {
    for (let at = 1000; at < whole.length; at += 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await appendFile(newest(world), whole.subarray(at, at + 20_000));
    }
  })();
  const document = await world.json(['push']);
  await writing;
  expect(document.backups.map((b) => b.date)).toEqual(['2023-07-08']);
});

test('when only a zip that is still being written is there, nothing is stored and that is an error', async () => {
  const [, last] = seedBackups;
  const world = await makeWorld({ live: null, backups: last ? [last] : [] });
  await growSlowly(newest(world));
  const byChoice = world.run(['push']);
  const other = await makeWorld({ live: null });
  await growSlowly(newest(other));
  const byName = other.run(['push', '--source', newest(other)]);
  for (const outcome of await Promise.all([byChoice, byName])) {
    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toContain(newestName);
    expect(outcome.stderr).toContain('still being written');
  }
});
