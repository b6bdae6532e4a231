import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, type PullJson, type PushJson, treeOf, type World } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { unzip } from '../support/unzip.ts';

const seedTree = async (seed: keyof typeof seeds): Promise<Record<string, string>> => {
  const folder = await tempFolder();
  await unzip(seeds[seed].path, folder);
  return treeOf(join(folder, 'db'));
};

describe('with the backups of 6 and 8 July stored', () => {
  let world: World;
  let pushed: PushJson;
  let to: string;
  let [july6, july8]: Record<string, string>[] = [];

  beforeEach(async () => {
    world = await makeWorld({ live: null });
    pushed = await world.json(['push', '--all']);
    to = join(world.folder, 'restored');
    july6 ??= await seedTree('seed-6-july');
    july8 ??= await seedTree('seed-8-july');
  });

  test('each way to say which one', async () => {
    const cases: [string[], unknown][] = [
      [[], july8],
      [['--date', '2023-07-06'], july6],
      [['--date', '2023-07-08'], july8],
      [['--as-of', '2023-07-07'], july6],
      [['--as-of', '2023-07-08'], july8],
      [['--as-of', '2023-07-08T09:29'], july6],
      [['--as-of', '2023-07-08T09:30'], july8],
      [['--as-of', '2024-01-01'], july8],
      [['--id', pushed.backups[0]?.id ?? ''], july6],
    ];
    for (const [i, [flags, expected]] of cases.entries()) {
      const document = await world.json<PullJson>(['pull', ...flags, '--to', `${to}-${i}`]);
      expect(document.outcome, flags.join(' ')).toBe('restored');
      expect(await treeOf(join(`${to}-${i}`, 'db')), flags.join(' ')).toEqual(expected);
      expect(await readdir(`${to}-${i}`)).toEqual(['db']);
    }
  });

  test('the newest of several on one day', async () => {
    const morning = join(world.folder, '2023-07-08 07.00.zip');
    await cp(seeds['seed-6-july'].path, morning);
    await world.json(['push', '--source', morning]);
    await world.json(['pull', '--date', '2023-07-08', '--to', to]);
    expect(await treeOf(join(to, 'db'))).toEqual(july8);
  });

  test('no backup that day: exit 4 names the nearest before and after', async () => {
    const between = await world.run(['pull', '--date', '2023-07-07', '--to', to, '--json']);
    expect(between.code).toBe(4);
    expect(between.stdout).toBe('');
    const { message } = errorOf(between);
    expect(message).toContain('before is 2023-07-06');
    expect(message).toContain('after is 2023-07-08');
    const early = await world.run(['pull', '--date', '2023-07-01', '--to', to, '--json']);
    expect(early.code).toBe(4);
    expect(errorOf(early).message).toContain('after is 2023-07-06');
    expect(errorOf(early).message).not.toContain('before is');
    const asOf = await world.run(['pull', '--as-of', '2023-07-05', '--to', to]);
    expect(asOf.code).toBe(4);
    expect(asOf.stderr).toContain('2023-07-06');
    expect((await world.run(['pull', '--id', '20230708T023000Z-000000000000', '--to', to])).code).toBe(4);
    expect(await readdir(world.folder)).not.toContain('restored');
  });

  test('what is no day, time or id, and two wishes at once, is usage', async () => {
    for (const flags of [
      ['--date', '2023-02-30'],
      ['--date', '8 Juli'],
      ['--as-of', '2023-07-08T25:00'],
      ['--id', 'abc'],
      ['--date', '2023-07-08', '--as-of', '2023-07-08'],
    ])
      expect((await world.run(['pull', ...flags, '--to', to])).code, flags.join(' ')).toBe(2);
  });

  test('--dry-run says what would be and writes nothing', async () => {
    const document = await world.json<PullJson>(['pull', '--dry-run', '--to', to]);
    expect(document).toMatchObject({ outcome: 'planned', previousDb: null, databases: ['ETaxInvoice'] });
    expect(document.files).toBeGreaterThan(50);
    expect(document.bytes).toBeGreaterThan(1_000_000);
    expect(await readdir(world.folder)).not.toContain('restored');
    await mkdir(join(to, 'db'), { recursive: true });
    await writeFile(join(to, 'db', 'x'), 'x');
    const before = await treeOf(world.folder, true);
    await world.json(['pull', '--dry-run', '--to', to]);
    expect(await treeOf(world.folder, true)).toEqual(before);
  });

  test('over a db that is not empty it needs --yes without a terminal; the old db is kept beside it', async () => {
    await cp(join(world.app), to, { recursive: true });
    await rm(join(to, 'db'), { recursive: true });
    await unzip(seeds['seed-6-july'].path, to);
    const before = await treeOf(to, true);
    const refused = await world.run(['pull', '--to', to]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expect(await treeOf(to, true)).toEqual(before);

    const document = await world.json<PullJson>(['pull', '--to', to, '--yes']);
    expect(document.previousDb).toMatch(/db\.before-restore-\d{8}T\d{6}Z$/);
    expect(await treeOf(join(to, 'db'))).toEqual(july8);
    expect(await treeOf(document.previousDb ?? '')).toEqual(july6);
    const again = await world.json<PullJson>(['pull', '--to', to, '--yes', '--date', '2023-07-06']);
    expect(await treeOf(join(to, 'db'))).toEqual(july6);
    expect(await treeOf(again.previousDb ?? '')).toEqual(july8);
    expect(await treeOf(document.previousDb ?? '')).toEqual(july6);
    expect((await readdir(to)).filter((name) => /^db/.test(name))).toHaveLength(3);
  });

  test('without --to it restores into the e-Faktur folder, an empty db is no db', async () => {
    const document = await world.json<PullJson>(['pull']);
    expect(document).toMatchObject({ target: world.app, previousDb: null });
    expect(await treeOf(join(world.app, 'db'))).toEqual(july8);
    expect((await world.run(['pull'])).code).toBe(2);
  });

  test('a file named db is told before anything is fetched', async () => {
    const archive = join(world.store, pushed.backups.at(-1)?.archive ?? '');
    await writeFile(archive, Buffer.alloc((await stat(archive)).size));
    await mkdir(to);
    await writeFile(join(to, 'db'), 'x');
    for (const more of [['--yes'], ['--dry-run']]) {
      const refused = await world.run(['pull', '--to', to, '--json', ...more]);
      expect(refused.code).toBe(6);
      expect(errorOf(refused).message).toBe(`${to}: db is a file, not a folder`);
    }
    expect(await treeOf(to)).toEqual({ db: expect.stringMatching(/^1 /) });
  });

  test('databases that are in db now and not in the backup are named first', async () => {
    await mkdir(join(to, 'db'), { recursive: true });
    await unzip(seeds['seed-6-july'].path, to);
    await cp(join(to, 'db', 'ETaxInvoice'), join(to, 'db', 'NPWP_000000000000009'), { recursive: true });
    const document = await world.json<PullJson>(['pull', '--to', to, '--yes']);
    expect(document.warnings).toEqual([
      { code: 'database-not-in-backup', message: expect.stringContaining('NPWP_000000000000009') },
    ]);
    expect(document.databases).toEqual(['ETaxInvoice']);
    expect(await readdir(document.previousDb ?? '')).toContain('NPWP_000000000000009');
  });

  test('it ends with what to do next', async () => {
    await mkdir(join(to, 'db', 'x'), { recursive: true });
    const { stdout } = await world.run(['pull', '--to', to, '--yes']);
    expect(stdout.match(/^ +\d\. /gm)).toHaveLength(5);
    for (const word of [
      'Put the program there',
      'ETaxInvoiceUpd',
      'log in',
      'Faktur Pajak Keluaran',
      'db.before-restore-',
    ])
      expect(stdout).toContain(word);
  });
});

test('nothing stored at all: exit 4 says to push first', async () => {
  const world = await makeWorld();
  await mkdir(world.store);
  const outcome = await world.run(['pull', '--to', join(world.folder, 'to')]);
  expect(outcome.code).toBe(4);
  expect(outcome.stderr).toContain('push');
});
