import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compactUtc } from '../../src/base/local-time.ts';
import { writeList } from '../../src/efaktur/still-there.ts';
import { beginStaging, hasDb, settleSwap } from '../../src/efaktur/swap.ts';
import { codeOf } from '../base/failures.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { english } from '../support/english.ts';
import { killedAtEachStep, runTrapped } from './killed-at-each-step.ts';

const files = ['ETaxInvoice/service.properties', 'ETaxInvoice/seg0/c10.dat', 'ETaxInvoice/seg0/c20.dat'];

/** What a db with the content `new` holds. */
const newDb = { files: files.map((path) => ({ path, sizeBytes: 3 })), emptyFolders: [] };

async function writeDb(folder: string, content: string): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
}
/** The one content of all files of a db, or what is wrong with it. */
async function contentOf(folder: string): Promise<string> {
  const contents = await Promise.all(
    files.map((file) => readFile(join(folder, file), 'utf8').catch(() => 'missing')),
  );
  return [...new Set(contents)].join();
}
const namesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).sort();

async function folderWith(content: string | null): Promise<string> {
  const folder = join(await tempFolder(), 'e-Faktur');
  await mkdir(folder);
  if (content !== null) await writeDb(join(folder, 'db'), content);
  return folder;
}

const now = new Date('2023-07-09T03:00:00Z');

test('a restored db takes the place of the old one, which is kept beside it', async () => {
  const folder = await folderWith('old');
  const staging = await beginStaging(folder, now);
  expect(await readdir(staging.path)).toEqual([]);
  await writeDb(staging.path, 'new');
  expect(await contentOf(join(folder, 'db'))).toBe('old');
  await staging.complete(newDb);
  expect(await contentOf(join(folder, 'db'))).toBe('old');
  const { previousDb } = await staging.swapIn();
  await staging.discard();
  expect(previousDb).toBe(join(folder, 'db.before-restore-20230709T030000Z'));
  expect(await contentOf(join(folder, 'db'))).toBe('new');
  expect(await contentOf(previousDb ?? '')).toBe('old');
  expect(await namesIn(folder)).toEqual(['db', 'db.before-restore-20230709T030000Z']);
  expect(await settleSwap(folder)).toEqual({ finishedRestore: false });
});

test('an old db kept under that name already gets another', async () => {
  const folder = await folderWith('old');
  await writeDb(join(folder, 'db.before-restore-20230709T030000Z'), 'older');
  const staging = await beginStaging(folder, now);
  await writeDb(staging.path, 'new');
  await staging.complete(newDb);
  expect((await staging.swapIn()).previousDb).toBe(join(folder, 'db.before-restore-20230709T030000Z-2'));
  expect(await contentOf(join(folder, 'db.before-restore-20230709T030000Z'))).toBe('older');
});

test('without a db, or with an empty one, nothing is kept', async () => {
  for (const make of [async () => {}, (folder: string) => mkdir(join(folder, 'db'))]) {
    const folder = await folderWith(null);
    await make(folder);
    expect(await hasDb(folder)).toBe(false);
    const staging = await beginStaging(folder, now);
    await writeDb(staging.path, 'new');
    await staging.complete(newDb);
    expect((await staging.swapIn()).previousDb).toBeNull();
    expect(await namesIn(folder)).toEqual(['db']);
    expect(await contentOf(join(folder, 'db'))).toBe('new');
  }
});

test('a db that is no folder is told', async () => {
  const folder = await folderWith(null);
  await writeFile(join(folder, 'db'), '');
  await expect(hasDb(folder)).rejects.toThrow('db is a file, not a folder');
  expect(await codeOf(hasDb(folder))).toBe('target-not-writable');
  await rm(join(folder, 'db'));
  await symlink(join(folder, 'gone'), join(folder, 'db'));
  await expect(hasDb(folder)).rejects.toThrow('db is a link that leads to no folder');
  expect(await codeOf(hasDb(folder))).toBe('target-not-writable');
});

test('a folder that is not there is made, and removed with what was staged in it; one that cannot be is a target that cannot be written', async () => {
  const root = await tempFolder();
  const staging = await beginStaging(join(root, 'a/b/e-Faktur'), now);
  expect(await namesIn(join(root, 'a/b/e-Faktur'))).toEqual([basename(staging.path)]);
  await staging.discard();
  expect(await namesIn(root)).toEqual([]);
  await writeFile(join(root, 'file'), '');
  expect(await codeOf(beginStaging(join(root, 'file', 'x'), now))).toBe('target-not-writable');
});

test('discarding removes the staging at any moment before the swap', async () => {
  const folder = await folderWith('old');
  const early = await beginStaging(folder, now);
  await writeDb(early.path, 'half');
  await early.discard();
  await early.discard();
  const late = await beginStaging(folder, now);
  await writeDb(late.path, 'new');
  await late.complete(newDb);
  await late.discard();
  expect(await namesIn(folder)).toEqual(['db']);
  expect(await contentOf(join(folder, 'db'))).toBe('old');
});

test('when the restored db cannot be moved in, the old one goes back', async () => {
  const folder = await folderWith('old');
  const staging = await beginStaging(folder, now);
  await writeDb(staging.path, 'new');
  await staging.complete(newDb);
  // Somebody cleans up at the worst moment.
  for (const name of await readdir(folder))
    if (name.startsWith('db.restored')) await rm(join(folder, name), { recursive: true });
  expect(await codeOf(staging.swapIn())).toBe('target-not-writable');
  await staging.discard();
  expect(await namesIn(folder)).toEqual(['db']);
  expect(await contentOf(join(folder, 'db'))).toBe('old');
});

/** Runs a step as a user who may not write; root would be allowed everything. */
async function withoutRights<T>(folder: string, step: () => Promise<T>): Promise<T> {
  await chmod(join(folder, '..'), 0o755);
  await chmod(folder, 0o555);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await step();
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  }
}

test('where nothing may be renamed, the old db stays and the error says so', async () => {
  const folder = await folderWith('old');
  const staging = await beginStaging(folder, now);
  await writeDb(staging.path, 'new');
  await staging.complete(newDb);
  const names = await namesIn(folder);
  expect(await withoutRights(folder, () => codeOf(staging.swapIn()))).toBe('target-not-writable');
  expect(await namesIn(folder)).toEqual(names);
  expect(await contentOf(join(folder, 'db'))).toBe('old');
  expect(await withoutRights(folder, () => codeOf(beginStaging(folder, now)))).toBe('target-not-writable');
  await staging.discard();
  await mkdir(join(folder, `db.restoring-20230709T030000Z-${await endedPid()}`));
  expect(await withoutRights(folder, () => codeOf(settleSwap(folder)))).toBe('target-not-writable');
  expect(await settleSwap(folder)).toEqual({ finishedRestore: false });
  expect(await namesIn(folder)).toEqual(['db']);
}, 20_000);

async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

interface Leftover {
  readonly restoring?: boolean;
  readonly restored?: boolean;
  readonly discard?: boolean;
  readonly db?: string | null;
}

/** As a restore leaves it that is killed before its swap. */
async function restored(folder: string, which: string, content: string): Promise<void> {
  await writeDb(join(folder, `db.restored-${which}`), content);
  await writeList(join(folder, `db.listed-${which}`), {
    files: files.map((path) => ({ path, sizeBytes: content.length })),
    emptyFolders: [],
  });
}

async function leave(leftover: Leftover, stamp = '20230709T030000Z'): Promise<string> {
  const folder = await folderWith(leftover.db ?? null);
  const pid = await endedPid();
  if (leftover.restoring)
    await mkdir(join(folder, `db.restoring-${stamp}-${pid}/ETaxInvoice`), { recursive: true });
  if (leftover.restored) await restored(folder, `${stamp}-${pid}`, 'new');
  if (leftover.discard) await writeDb(join(folder, `db.discard-${stamp}-${pid}`), 'rubbish');
  return folder;
}

const both = [true, false];
const leftovers = both.flatMap((restoring) =>
  both.flatMap((restored) =>
    both.flatMap((discard) => ['old', null].map((db) => ({ restoring, restored, discard, db }))),
  ),
);

test.each(leftovers)('settling %j leaves one whole db and nothing else', async (leftover) => {
  const folder = await leave(leftover);
  await writeDb(join(folder, 'db.before-restore-20230101T000000Z'), 'kept');
  await mkdir(join(folder, 'db.restoring-by-hand'));
  const finishes = leftover.restored && leftover.db === null;
  expect(await settleSwap(folder)).toEqual({ finishedRestore: finishes });
  const db = finishes ? 'new' : leftover.db;
  expect(await namesIn(folder)).toEqual([
    ...(db === null ? [] : ['db']),
    'db.before-restore-20230101T000000Z',
    'db.restoring-by-hand',
  ]);
  if (db !== null) expect(await contentOf(join(folder, 'db'))).toBe(db);
  expect(await contentOf(join(folder, 'db.before-restore-20230101T000000Z'))).toBe('kept');
  expect(await settleSwap(folder)).toEqual({ finishedRestore: false });
});

test('of two whole restores without a db the newest is finished', async () => {
  const folder = await folderWith(null);
  const pid = await endedPid();
  await restored(folder, `20230709T030000Z-${pid}`, 'newer');
  await restored(folder, `20230708T030000Z-${pid}`, 'older');
  expect(await settleSwap(folder)).toEqual({ finishedRestore: true });
  expect(await namesIn(folder)).toEqual(['db']);
  expect(await contentOf(join(folder, 'db'))).toBe('newer');
});

const listOf = (folder: string): Promise<string[]> =>
  readdir(folder).then((names) => names.filter((name) => name.startsWith('db.listed-')));

/** What happens to the db of a killed restore, and what is told. */
const scanners: Record<string, [(restored: string) => Promise<unknown>, string[]]> = {
  'a file gone': [(path) => rm(join(path, files[1] ?? '')), ['ETaxInvoice/seg0/c10.dat']],
  'a file emptied': [
    (path) => truncate(join(path, files[2] ?? ''), 0),
    ['ETaxInvoice/seg0/c20.dat (0 bytes instead of 3)'],
  ],
  'all gone': [(path) => rm(join(path, 'ETaxInvoice'), { recursive: true }), files],
  'its list gone': [
    async (path) => {
      for (const name of await listOf(dirname(path))) await rm(join(dirname(path), name));
    },
    [expect.stringMatching(/^db\.listed-/)],
  ],
  'its list cut off': [
    async (path) => {
      for (const name of await listOf(dirname(path))) await truncate(join(dirname(path), name), 20);
    },
    [expect.stringMatching(/^db\.listed-/)],
  ],
};

test.each(Object.entries(scanners))(
  'a killed restore with %s is undone: the old db is back, and it is told',
  async (_, [scan, told]) => {
    for (const aside of ['', '-2', '-10', null]) {
      const folder = await leave({ restored: true, db: null });
      const name = 'db.before-restore-20230709T030000Z';
      // Those of an earlier restore with the same name.
      const others = aside === null || aside === '' ? [] : aside === '-2' ? [''] : ['', '-9'];
      for (const other of others) await writeDb(join(folder, `${name}${other}`), 'older');
      if (aside !== null) await writeDb(join(folder, `${name}${aside}`), 'old');
      const path = (await namesIn(folder)).find((found) => found.startsWith('db.restored-')) ?? '';
      await scan(join(folder, path));
      expect(english(await settleSwap(folder))).toEqual({ finishedRestore: false, taken: told });
      expect(await namesIn(folder)).toEqual([
        ...(aside === null ? [] : ['db']),
        ...others.map((other) => `${name}${other}`),
      ]);
      if (aside !== null) expect(await contentOf(join(folder, 'db'))).toBe('old');
      expect(await settleSwap(folder)).toEqual({ finishedRestore: false });
    }
  },
);

test('killed at any step of it, undoing can be done again', async () => {
  const steps = await killAtEachStep(
    'settle',
    async () => {
      const folder = await leave({ restored: true, db: null });
      await writeDb(join(folder, 'db.before-restore-20230709T030000Z'), 'old');
      const path = (await namesIn(folder)).find((found) => found.startsWith('db.restored-')) ?? '';
      await rm(join(folder, path, files[1] ?? ''));
      return folder;
    },
    async (folder, step) => {
      await settleSwap(folder);
      expect(await namesIn(folder), `step ${step}`).toEqual(['db']);
      expect(await contentOf(join(folder, 'db')), `step ${step}`).toBe('old');
    },
  );
  expect(steps).toBeGreaterThanOrEqual(3);
}, 60_000);

test('an empty or absent folder is settled', async () => {
  const root = await tempFolder();
  expect(await settleSwap(root)).toEqual({ finishedRestore: false });
  expect(await settleSwap(join(root, 'absent'))).toEqual({ finishedRestore: false });
});

test('while the restoring process lives nothing is touched', async () => {
  const other = spawn('sleep', ['60']);
  onTestFinished(() => {
    other.kill('SIGKILL');
  });
  await once(other, 'spawn');
  for (const kind of ['restoring', 'restored', 'discard']) {
    const folder = await folderWith(null);
    await writeDb(join(folder, `db.${kind}-${compactUtc(new Date())}-${other.pid}`), 'theirs');
    const names = await namesIn(folder);
    expect(await codeOf(settleSwap(folder)), kind).toBe('app-running');
    expect(await namesIn(folder)).toEqual(names);
  }
});

test("this process's own staging of now is alive too", async () => {
  const folder = await folderWith('old');
  const staging = await beginStaging(folder, new Date());
  expect(await codeOf(settleSwap(folder))).toBe('app-running');
  await staging.discard();
  expect(await codeOf(settleSwap(folder))).toBeNull();
});

const run = (
  verb: string,
  folder: string,
  trap: object,
  onTrap?: () => Promise<void>,
): ReturnType<typeof runTrapped> => runTrapped('swap-program.ts', verb, folder, trap, onTrap);

const killAtEachStep = (
  verb: string,
  make: () => Promise<string>,
  check: (folder: string, step: number) => Promise<void>,
): Promise<number> => killedAtEachStep('swap-program.ts', verb, make, check);

test('killed at any step, a restore leaves the old db or the new one, and settling clears the rest', async () => {
  const seen = new Set<string>();
  const steps = await killAtEachStep(
    'restore',
    () => folderWith('old'),
    async (folder, step) => {
      const { finishedRestore } = await settleSwap(folder);
      const names = await namesIn(folder);
      const content = await contentOf(join(folder, 'db'));
      expect(['old', 'new'], `step ${step}`).toContain(content);
      expect(
        names.filter((name) => !/^db(\.before-restore-.*)?$/.test(name)),
        `step ${step}`,
      ).toEqual([]);
      if (content === 'new') {
        const kept = names.find((name) => name.startsWith('db.before-restore-')) ?? '';
        expect(await contentOf(join(folder, kept))).toBe('old');
      } else expect(names).toEqual(['db']);
      seen.add(`${content} ${finishedRestore}`);
    },
  );
  expect(steps).toBeGreaterThanOrEqual(8);
  expect([...seen].sort()).toEqual(['new false', 'new true', 'old false']);
}, 60_000);

test('killed at any step, settling can be done again', async () => {
  const all = { restoring: true, restored: true, discard: true, db: null };
  const steps = await killAtEachStep(
    'settle',
    () => leave(all),
    async (folder, step) => {
      await settleSwap(folder);
      expect(await namesIn(folder), `step ${step}`).toEqual(['db']);
      expect(await contentOf(join(folder, 'db')), `step ${step}`).toBe('new');
    },
  );
  expect(steps).toBeGreaterThanOrEqual(5);
}, 60_000);

test('when neither db can be moved in, the error names where the old one lies, and both are kept', async () => {
  const folder = await folderWith('old');
  // After the old db was moved aside, something else makes a db.
  const trap = { call: 'rename', at: 2, action: 'slow', after: true };
  const { stdout } = await run('restore', folder, trap, async () => {
    await mkdir(join(folder, 'db'));
    await writeFile(join(folder, 'db', 'foreign'), '');
  });
  expect(stdout).toBe('target-not-writable');
  const names = await namesIn(folder);
  expect(names.map((name) => name.replace(/-\d.*/, ''))).toEqual([
    'db',
    'db.before-restore',
    'db.listed',
    'db.restored',
  ]);
  expect(await contentOf(join(folder, names[1] ?? ''))).toBe('old');
  expect(await contentOf(join(folder, names[3] ?? ''))).toBe('new');
}, 20_000);
