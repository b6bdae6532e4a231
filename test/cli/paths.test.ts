import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { commonFlags } from '../../src/cli/flags.ts';
import { errorOf, makeWorld, treeOf } from '../support/cli.ts';

test('every flag that names a file, a folder or a store is known as such', () => {
  const all = commands.flatMap(({ flags }) => Object.entries(flags));
  for (const [name, flag] of [...all, ...Object.entries(commonFlags)]) {
    const placeholder = flag.placeholder?.en ?? '';
    const isPath = ['FOLDER', 'FILE', 'PATH', 'SOURCE'].includes(placeholder) || flag.ending !== undefined;
    expect(flag.names, `--${name}`).toEqual(
      placeholder === 'URL' ? 'store' : isPath ? expect.stringMatching(/^(path|output)$/) : undefined,
    );
  }
});

test('a path in a flag means what it means to a shell, and never a folder named ~', async () => {
  const world = await makeWorld();
  const home = join(world.folder, 'home');
  const pushed = await world.run(['push', '--store=~/store', '--app=%USERPROFILE%/../e-Faktur']);
  expect(pushed.stderr).not.toContain('Error');
  expect(pushed.code).toBe(0);
  const pulled = await world.run(['pull', '--store', '$HOME/store', '--to=~/restored']);
  expect(pulled.code, pulled.stderr).toBe(0);
  expect(Object.keys(await treeOf(join(home, 'restored')))).toContain('db/ETaxInvoice/service.properties');
  for (const to of ['~other/x', '$NOWHERE/x', '%NOWHERE%\\x']) {
    const refused = await world.run(['pull', '--store=~/store', `--to=${to}`, '--json']);
    expect(refused.code).toBe(2);
    expect(errorOf(refused).message).toContain('--to: ');
  }
  const top = Object.keys(await treeOf(world.folder)).map((name) => name.split('/')[0]);
  expect([...new Set(top)].sort()).toEqual(['e-Faktur', 'home', 'state']);
});

test('push says that what it stores is not encrypted, and nothing of it with keys', async () => {
  const world = await makeWorld();
  for (const args of [['push', '--dry-run'], ['push'], ['push']])
    expect((await world.run(args)).stdout).toMatch(/^Not encrypted: .*EFAKTUR_RECIPIENTS/m);
  const { newKey } = await import('../crypto/age-files.ts');
  const env = { EFAKTUR_RECIPIENTS: (await newKey()).recipient, EFAKTUR_STORE: join(world.folder, 'other') };
  const encrypted = await world.run(['push'], { env });
  expect(encrypted.code).toBe(0);
  expect(encrypted.stdout + encrypted.stderr).not.toMatch(/not encrypted/i);
});

test("e-Faktur's own folders are refused in words that name the right one, and nothing is written", async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const before = await treeOf(world.app);
  const db = join(world.app, 'db');
  const database = join(db, 'ETaxInvoice');
  const backup = join(world.app, 'backup');
  const cases: [string[], Record<string, string>, string][] = [
    [['pull', '--to', db], {}, `--to ${world.app}`],
    [['pull', '--to', database], {}, `--to ${world.app}`],
    [['pull', '--to', join(db, 'new')], {}, `--to ${world.app}`],
    [['pull', '--to', backup], {}, `--to ${world.app}`],
    [['push', '--app', db], {}, `folder: ${world.app}`],
    [['push', '--app', database], {}, `folder: ${world.app}`],
    [['push', '--app', backup], {}, `folder: ${world.app}`],
    [['status'], { EFAKTUR_APP_DIR: db }, `folder: ${world.app}`],
    [['push', '--store', db], {}, `outside of ${world.app}`],
    [['push', '--store', join(db, 'store')], {}, `outside of ${world.app}`],
    [['push', '--store', `file://${backup}`], {}, `outside of ${world.app}`],
    [['push'], { EFAKTUR_STORE: join(backup, 'store') }, `outside of ${world.app}`],
    [['push'], { EFAKTUR_STATE_DIR: join(db, 'state') }, 'outside of e-Faktur'],
    [['export', '--to', backup], {}, 'outside of e-Faktur'],
    [['export-tables', '--to', join(db, 'tables')], {}, 'outside of e-Faktur'],
    [['show', 'PROFIL', '--xlsx', join(db, 'x.xlsx')], {}, 'outside of e-Faktur'],
    [['keys', 'new', '--out', join(database, 'key.txt')], {}, 'outside of e-Faktur'],
  ];
  for (const [args, env, hint] of cases) {
    const refused = await world.run([...args, ...(args[0] === 'pull' ? ['--yes'] : []), '--json'], { env });
    expect(refused.code, args.join(' ')).toBe(2);
    expect(errorOf(refused).hint).toContain(hint);
  }
  expect(await treeOf(world.app)).toEqual(before);
});

test('a store on the disk of e-Faktur is a note, one elsewhere is none', async () => {
  const world = await makeWorld();
  const { warnings } = await world.json(['push']);
  const sameDisk = { code: 'same-disk', message: expect.stringContaining(world.store) };
  expect(warnings).toMatchObject([{ code: 'program-not-stored' }, sameDisk]);
  const { makeBucket, s3Env } = await import('../support/minio.ts');
  const bucket = await makeBucket();
  const env = { ...s3Env(bucket), EFAKTUR_STORE: bucket.url };
  const elsewhere = await world.json(['push'], { env });
  expect(elsewhere.warnings).toMatchObject([{ code: 'program-not-stored' }]);
});

test('what to do after a restore begins with the program, and ends with how to undo it', async () => {
  const world = await makeWorld();
  await world.json(['push']);
  const to = join(world.folder, 'new');
  const first = await world.run(['pull', '--to', to]);
  expect(first.stdout).toContain(
    `  1. Put the program there: copy all but db and backup of an e-Faktur folder into ${to}`,
  );
  expect(first.stdout).not.toContain('undo');
  const second = await world.run(['pull', '--to', to, '--yes']);
  const [, aside = ''] = /rename (db\.before-restore-\S+) to db\./.exec(second.stdout) ?? [];
  expect(Object.keys(await treeOf(to))).toContain(`${aside}/ETaxInvoice/service.properties`);
  const third = await world.run(['pull', '--yes']);
  expect(third.stdout).toContain('The e-Faktur there is the one that this backup was made with.');
  expect(third.stdout).toContain('  1. Start e-Faktur and log in.');
});

test('with several backups on a day it is said which one was taken, and which others there are', async () => {
  const world = await makeWorld();
  const { cp, utimes } = await import('node:fs/promises');
  const [july] = (await import('../support/efaktur-folder.ts')).seedBackups;
  const from = join(world.app, 'backup', july?.name ?? '');
  for (const time of ['11.00', '12.30']) {
    const copy = join(world.app, 'backup', `2023-07-06 ${time}.zip`);
    await cp(from, copy);
    await utimes(copy, new Date(), new Date());
  }
  const { backups } = await world.json(['push', '--all']);
  const ids = backups.filter((b) => b.date === '2023-07-06').map((b) => b.id);
  expect(ids).toHaveLength(3);
  for (const args of [
    ['pull', '--to', join(world.folder, 'a'), '--dry-run'],
    ['pull', '--to', join(world.folder, 'b')],
    ['export', '--to', world.folder],
  ]) {
    const { stdout } = await world.run([...args, '--date', '2023-07-06']);
    expect(stdout).toContain('There are 3 backups of 6 July 2023; this is the one of 12:30.');
    expect(stdout).toContain(`  2023-07-06 09:15  ${ids[0]}\n  2023-07-06 11:00  ${ids[1]}`);
  }
  const planned = await world.json<{ others: unknown }>([
    'pull',
    '--date',
    '2023-07-06',
    '--dry-run',
    '--to',
    join(world.folder, 'c'),
  ]);
  expect(planned.others).toEqual([
    { id: ids[0], capturedAt: '2023-07-06T09:15:00+07:00' },
    { id: ids[1], capturedAt: '2023-07-06T11:00:00+07:00' },
  ]);
  const one = await world.run(['pull', '--date', '2023-07-08', '--to', join(world.folder, 'd')]);
  expect(one.stdout).not.toContain('backups of');
});
