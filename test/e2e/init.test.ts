import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../base/temp-folder.ts';
import { errorOf, makeWorld, program, treeOf } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { makeBucket } from '../support/minio.ts';
import { ownSystem } from '../support/own-system.ts';
import { noteSecret } from '../support/printed.ts';
import { runOnSmallDisk } from '../support/small-disk.ts';
import { bare, brokenOff, configOf, filesIn, secretOn, setUpOf, whatIsLeft } from './init-rounds.ts';

/** `init` by flags alone: what it makes, and what is left of it where it is broken off. */

interface InitJson {
  outcome: string;
  profiles: {
    profile: string;
    file: string;
    app: string;
    stores: string[];
    outcome: string;
    proof: string;
    encrypted: boolean;
  }[];
  recipient: string | null;
  keyFile: string | null;
  sheet: string | null;
  schedule: unknown;
  warnings: { code: string }[];
}

test('a folder: a profile for its owner, a backup that was read back, a sheet that opens it, and no key left behind', async () => {
  const world = await makeWorld();
  const sheet = join(world.folder, 'sheet.html');
  const args = [
    'init',
    '--yes',
    '--app',
    world.app,
    '--name',
    'e-faktur',
    '--store',
    world.store,
    '--sheet',
    sheet,
    '--schedule',
    'off',
  ];
  const document = await world.json<InitJson>(args, { env: bare });
  const file = join(configOf(world), 'e-faktur.env');
  const secret = await secretOn(sheet);
  expect(document).toMatchObject({
    outcome: 'proven',
    profiles: [
      { file, app: world.app, stores: [world.store], outcome: 'proven', proof: 'data', encrypted: true },
    ],
    keyFile: null,
    sheet,
    schedule: null,
  });
  expect(await filesIn(configOf(world))).toEqual(['e-faktur.env']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(sheet)).mode & 0o777).toBe(0o600);
  const profile = await readFile(file, 'utf8');
  expect(profile).toContain(
    `\nEFAKTUR_APP_DIR=${world.app}\nEFAKTUR_STORE=${world.store}\nEFAKTUR_RECIPIENTS=age1`,
  );
  // A schedule has no such environment.
  expect(profile).toContain('\nEFAKTUR_NAME=pc-kasir\n');
  expect(profile).not.toContain('AGE-SECRET-KEY');
  expect(await filesIn(join(world.stateDir, 'jobs'))).toEqual([]);
  // The profile alone is enough from now on, and the sheet opens what was stored.
  const own = { ...bare, EFAKTUR_STATE_DIR: undefined, EFAKTUR_NAME: undefined, EFAKTUR_TIMEZONE: undefined };
  const listed = await world.json<{ backups: unknown[] }>(['list', '--profile', 'e-faktur'], { env: own });
  expect(listed.backups).toHaveLength(1);
  const env = { ...own, EFAKTUR_IDENTITY_FILE: sheet };
  const to = join(world.folder, 'back');
  await world.json(['pull', '--profile', 'e-faktur', '--to', to, '--expect', 'Gerbang Semesta'], { env });
  expect(secret).not.toBe('');
});

test('the schedule that it makes runs what it set up, and one that is there stays unless times are named', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder, { systemd: false });
  const app = join(folder, 'PT Maju', 'e-Faktur');
  await makeEfakturFolder(app);
  const env = { XDG_CONFIG_HOME: join(folder, 'config'), EFAKTUR_STATE_DIR: join(folder, 'state') };
  const call = (...args: string[]) => system.run(process.execPath, ['--', program, ...args], { env });
  const args = ['init', '--yes', '--unencrypted', '--app', app, '--store', join(folder, 'store'), '--json'];
  const first = await call(...args);
  expect(first.code, first.stderr).toBe(0);
  const { schedule } = JSON.parse(first.stdout) as InitJson;
  expect(schedule).toMatchObject({ kind: 'cron', at: 'hourly', nextRunAt: expect.stringContaining('T') });
  const run = await call('run', '--scheduled', '--json');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ profiles: [{ profile: 'pt-maju' }] });
  const named = await call(...args, '--schedule', '17.00,12:00');
  expect((JSON.parse(named.stdout) as InitJson).schedule).toMatchObject({ at: ['12:00', '17:00'] });
  // To make none is not to take one away, and it is not said that there is none.
  const off = await call(...args, '--schedule', 'off');
  expect((JSON.parse(off.stdout) as InitJson).schedule).toMatchObject({ at: ['12:00', '17:00'] });
  const kept = await call(...args);
  expect((JSON.parse(kept.stdout) as InitJson).schedule).toMatchObject({ at: ['12:00', '17:00'] });
});

test('a bucket: keys by the file of the provider, and then from nothing else', async () => {
  const bucket = await makeBucket();
  const world = await makeWorld();
  const keys = join(world.folder, 'accessKeys.csv');
  await writeFile(
    keys,
    `Access key ID,Secret access key\r\n${bucket.accessKeyId},${bucket.secretAccessKey}\r\n`,
  );
  const none = {
    ...bare,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const store = `s3://${bucket.bucket}/pkp?endpoint=${bucket.endpoint}`;
  const args = [
    'init',
    'new',
    '--yes',
    '--app',
    world.app,
    '--store',
    store,
    '--keys-file',
    keys,
    '--unencrypted',
  ];
  const document = await world.json<InitJson>([...args, '--schedule', 'off', '--name', 'pkp'], { env: none });
  expect(document.outcome).toBe('proven');
  // Backups work there, and one key can overwrite them all.
  expect(document.warnings.map(({ code }) => code)).toContain('not-protected');
  const profile = await readFile(join(configOf(world), 'pkp.env'), 'utf8');
  expect(profile).toContain(`AWS_ACCESS_KEY_ID=${bucket.accessKeyId}\n`);
  expect(profile).toContain(`AWS_SECRET_ACCESS_KEY=${bucket.secretAccessKey}\n`);
  expect(profile).toContain(`EFAKTUR_STORE=${store}\n`);
  const listed = await world.json<{ backups: unknown[] }>(['list', '--profile', 'pkp'], { env: none });
  expect(listed.backups).toHaveLength(1);
});

test('restore by flags: the key of the sheet, a day, a folder and an invoice that must be in it', async () => {
  const world = await makeWorld();
  const args = [
    'init',
    '--yes',
    '--app',
    world.app,
    '--store',
    world.store,
    '--schedule',
    'off',
    '--sheet',
    's.html',
  ];
  await world.json(args, { env: bare });
  await secretOn(join(world.folder, 's.html'));
  const other = {
    ...bare,
    HOME: join(world.folder, 'other'),
    EFAKTUR_STATE_DIR: join(world.folder, 'other-state'),
  };
  const restore = ['init', 'restore', '--yes', '--store', world.store, '--to', join(world.folder, 'back')];
  const none = await world.run([...restore, '--json'], { env: other });
  expect([none.code, errorOf(none).code]).toEqual([12, 'wrong-key']);
  const wrong = [...restore, '--key-file', 's.html', '--expect', 'Nobody Ltd', '--json'];
  expect((await world.run(wrong, { env: other })).code).toBe(5);
  const right = await world.run([...restore, '--key-file', 's.html', '--expect', 'Gerbang Semesta'], {
    env: other,
  });
  expect(right.code, right.stderr).toBe(0);
  expect(right.stdout).toContain('efaktur-cloud init new');
  expect(Object.keys(await treeOf(join(world.folder, 'back', 'db'))).length).toBeGreaterThan(5);
  expect(await filesIn(join(world.folder, 'other', '.config', 'efaktur-cloud'))).toEqual([]);
  // Over a db that is there, as pull does it: the old one is kept.
  const again = await world.json<{ previousDb: string }>([...restore, '--key-file', 's.html'], {
    env: other,
  });
  expect(again.previousDb).toContain('db.before-restore-');
});

test('a prefix with the history of another PC is refused before anything is made, unless it moved here', async () => {
  const world = await makeWorld();
  await world.run(['push'], { env: { EFAKTUR_NAME: 'pc-lama' } });
  const sheet = join(world.folder, 's.html');
  const args = ['init', '--yes', '--app', world.app, '--store', world.store, '--sheet', sheet];
  const refused = await world.run([...args, '--schedule', 'off', '--json'], { env: bare });
  expect([refused.code, errorOf(refused).code]).toEqual([2, 'usage']);
  expect(errorOf(refused).hint).toContain('--moved');
  expect(await filesIn(configOf(world))).toEqual([]);
  expect(await filesIn(world.folder)).not.toContain('s.html');
  const moved = await world.json<InitJson>([...args, '--schedule', 'off', '--moved'], { env: bare });
  expect(moved.outcome).toBe('proven');
});

test('a damaged db is no failed proof: the login backup in its place is said to be read back', async () => {
  const world = await makeWorld();
  const catalog = join(world.app, 'db', 'ETaxInvoice', 'seg0', 'c20.dat');
  const bytes = await readFile(catalog);
  await writeFile(catalog, bytes.fill(0x58, 4096, 4200));
  const args = ['init', '--yes', '--app', world.app, '--store', world.store, '--unencrypted'];
  const { code, stdout, stderr } = await world.run([...args, '--schedule', 'off', '--lang', 'en'], {
    env: bare,
  });
  expect(code, stderr).toBe(3);
  expect(stdout).toMatch(/^Stored and read back, but something is wrong/);
});

test('a profile of the folder that cannot be read is told, and gets no second one beside it', async () => {
  const world = await makeWorld();
  const args = ['init', '--yes', '--app', world.app, '--store', world.store, '--unencrypted'];
  expect((await world.run([...args, '--schedule', 'off'], { env: bare })).code).toBe(0);
  const [name = ''] = await filesIn(configOf(world));
  const text = `EFAKTUR_PRUNE=sometimes\n${await readFile(join(configOf(world), name), 'utf8')}`;
  await writeFile(join(configOf(world), name), text);
  const again = await world.run([...args, '--schedule', 'off', '--json'], { env: bare });
  expect([again.code, errorOf(again).message]).toEqual([2, expect.stringContaining('EFAKTUR_PRUNE')]);
  expect(await filesIn(configOf(world))).toEqual([name]);
  expect(await readFile(join(configOf(world), name), 'utf8')).toBe(text);
});

test('wrong keys fail at once, and nothing is left', async () => {
  const bucket = await makeBucket();
  const world = await makeWorld();
  await writeFile(join(world.folder, 'k'), `${bucket.accessKeyId}\nwrongwrongwrongwrongwrong\n`);
  const store = `s3://${bucket.bucket}/pkp?endpoint=${bucket.endpoint}`;
  const outcome = await world.run(
    [
      'init',
      '--yes',
      '--app',
      world.app,
      '--store',
      store,
      '--keys-file',
      'k',
      '--sheet',
      'sheet.html',
      '--json',
    ],
    { env: { ...bare, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined } },
  );
  expect([outcome.code, outcome.stdout]).toEqual([14, '']);
  expect(await filesIn(configOf(world))).toEqual([]);
  expect(await filesIn(world.folder)).not.toContain('sheet.html');
});

test('run again it changes and never loses: the key stays, and what was written by hand', async () => {
  const world = await makeWorld();
  const env = bare;
  const first = setUpOf(world);
  await world.json([...first, '--sheet', 'sheet.html', '--keep-key'], { env });
  const file = join(configOf(world), 'e-faktur.env');
  const key = join(configOf(world), 'e-faktur.key');
  const kept = await readFile(key, 'utf8');
  await noteSecret(/AGE-SECRET-KEY-1\S+/.exec(kept)?.[0] ?? '');
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  const before = await readFile(file, 'utf8');
  expect(before).toContain(`EFAKTUR_IDENTITY_FILE=${key}\n`);
  await writeFile(file, `# by hand\n${before}EFAKTUR_LIMIT_UPLOAD=1MiB/s\n`);

  const other = join(world.folder, 'other');
  const again = [
    'init',
    '--yes',
    '--app',
    world.app,
    '--store',
    world.store,
    '--store',
    other,
    '--schedule',
    'off',
  ];
  const document = await world.json<InitJson>(again, { env });
  expect(document).toMatchObject({
    outcome: 'proven',
    recipient: null,
    profiles: [{ stores: [world.store, other] }],
  });
  const after = await readFile(file, 'utf8');
  expect(after).toBe(
    `# by hand\n${before.replace(world.store, `${world.store};${other}`)}EFAKTUR_LIMIT_UPLOAD=1MiB/s\n`,
  );
  expect(await readFile(key, 'utf8')).toBe(kept);
  expect(await filesIn(configOf(world))).toEqual(['e-faktur.env', 'e-faktur.key']);
  // A wish for another key is told, not granted and not passed over.
  const wish = await world.run([...again, '--sheet', 'b.html', '--json'], { env });
  expect([wish.code, errorOf(wish).message]).toEqual([2, expect.stringContaining('a key is never replaced')]);
});

test('several folders get a profile and a prefix each, and one key; one that cannot be read does not stop the rest', async () => {
  const world = await makeWorld(null);
  const first = join(world.folder, 'UD Abadi', 'e-Faktur');
  await makeEfakturFolder(first);
  const second = join(world.folder, 'PT Maju', 'e-Faktur');
  const third = join(world.folder, 'CV Rusak', 'e-Faktur');
  await makeEfakturFolder(second, { live: 'seed-6-july', backups: [] });
  await makeEfakturFolder(third, { live: 'seed-6-july', backups: [] });
  const seg0 = join(third, 'db', 'ETaxInvoice', 'seg0');
  for (const name of (await readdir(seg0)).slice(0, 20))
    await writeFile(join(seg0, name), Buffer.alloc(4096, 7));
  const shared = join(world.folder, 'usb');
  const args = ['init', '--yes', '--sheet', 'sheet.html', '--store', shared, '--schedule', 'off'];
  const apps = [first, second, third].flatMap((app) => ['--app', app]);
  const outcome = await world.run([...args, ...apps, '--json'], { env: bare });
  expect(outcome.code).toBe(3);
  const document = JSON.parse(outcome.stdout) as InitJson;
  await secretOn(join(world.folder, 'sheet.html'));
  expect(document.outcome).toBe('failed');
  expect(document.profiles.map(({ outcome: of, stores }) => [of, stores])).toEqual([
    ['proven', [join(shared, 'ud-abadi')]],
    ['proven', [join(shared, 'pt-maju')]],
    ['failed', [join(shared, 'cv-rusak')]],
  ]);
  expect(await filesIn(configOf(world))).toEqual(['pt-maju.env', 'ud-abadi.env']);
  const recipients = await Promise.all(
    ['pt-maju.env', 'ud-abadi.env'].map(
      async (name) =>
        /^EFAKTUR_RECIPIENTS=(.*)$/m.exec(await readFile(join(configOf(world), name), 'utf8'))?.[1],
    ),
  );
  expect(recipients[0]).toBe(recipients[1]);
  // A later one takes the key that this PC has, so that one sheet opens all.
  const fourth = join(world.folder, 'UD Baru', 'e-Faktur');
  await makeEfakturFolder(fourth, { live: 'seed-6-july', backups: [] });
  const later = ['init', '--yes', '--app', fourth, '--store', join(shared, 'ud-baru'), '--schedule', 'off'];
  expect(await world.json<InitJson>(later, { env: bare })).toMatchObject({
    outcome: 'stored',
    profiles: [{ proof: 'present', encrypted: true }],
  });
});

test('what the environment says now stands in the profile for a schedule that has none of it', async () => {
  const bucket = await makeBucket();
  const world = await makeWorld();
  await world.json(['keys', 'new', '--out', 'key.txt'], { env: bare });
  const key = await readFile(join(world.folder, 'key.txt'), 'utf8');
  await noteSecret(/AGE-SECRET-KEY-1\S+/.exec(key)?.[0] ?? '');
  const recipient = /age1\S+/.exec(key)?.[0] ?? '';
  const env = {
    ...bare,
    AWS_ACCESS_KEY_ID: bucket.accessKeyId,
    AWS_SECRET_ACCESS_KEY: bucket.secretAccessKey,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    EFAKTUR_RECIPIENTS: recipient,
    EFAKTUR_IDENTITY_FILE: 'key.txt',
    EFAKTUR_LANG: 'id',
  };
  const args = [
    'init',
    '--yes',
    '--app',
    'e-Faktur',
    '--store',
    `s3://${bucket.bucket}/x`,
    '--store',
    'store',
  ];
  // Keys that end soon are no keys for a schedule.
  const token = await world.run([...args, '--name', 'x', '--json'], {
    env: { ...env, AWS_SESSION_TOKEN: 'abc' },
  });
  expect([token.code, errorOf(token).message]).toEqual([2, expect.stringContaining('temporary keys')]);
  const document = await world.json<InitJson>([...args, '--schedule', 'off', '--name', 'x'], { env });
  expect(document).toMatchObject({ outcome: 'proven', profiles: [{ encrypted: true, proof: 'data' }] });
  const profile = await readFile(join(configOf(world), 'x.env'), 'utf8');
  for (const line of [
    `EFAKTUR_STORE=s3://${bucket.bucket}/x;${world.store}`,
    `EFAKTUR_RECIPIENTS=${recipient}`,
    `EFAKTUR_IDENTITY_FILE=${join(world.folder, 'key.txt')}`,
    `AWS_SECRET_ACCESS_KEY=${bucket.secretAccessKey}`,
    `AWS_ENDPOINT_URL_S3=${bucket.endpoint}`,
    'EFAKTUR_LANG=id',
  ])
    expect(profile.split('\n')).toContain(line);
  const nothing = Object.fromEntries(Object.keys({ ...world.env, ...env }).map((name) => [name, undefined]));
  const alone = { ...nothing, HOME: world.env.HOME ?? '', PATH: world.env.PATH ?? '' };
  const verified = await world.json<{ outcome: string }>(['verify', '--read-data', '--profile', 'x'], {
    env: alone,
  });
  expect(verified.outcome).toBe('ok');
});

test.each([
  [['--schedule', '25:00', '--unencrypted'], 2],
  [['--unencrypted', '--sheet', 'x.html'], 2],
  [['--recipients', 'age1nonsense'], 2],
  [['--name', 'a/b', '--unencrypted'], 2],
  [[], 2],
])('%s is refused before anything is made', async (more, code) => {
  const world = await makeWorld();
  const args = ['init', '--yes', '--app', world.app, '--store', world.store, ...more, '--json'];
  const outcome = await world.run(args, { env: bare });
  expect([outcome.code, outcome.stdout]).toEqual([code, '']);
  expect(await treeOf(world.store)).toEqual({});
  expect(await filesIn(configOf(world))).toEqual([]);
});

test('without a terminal it says how to run it, and with --settings that it writes profiles', async () => {
  const world = await makeWorld();
  const none = await world.run(['init'], { env: bare });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--yes')]);
  await writeFile(join(world.folder, 'x.env'), '');
  expect((await world.run(['init', '--yes', '--settings', 'x.env'], { env: bare })).code).toBe(2);
});

test('a full disk leaves no profile, no sheet and no key', async () => {
  const world = await makeWorld();
  const args = setUpOf(world);
  const more = ['--sheet', 'sheet.html', '--keep-key', '--json'];
  const env = { EFAKTUR_STORE: '', EFAKTUR_APP_DIR: '' };
  const full = await runOnSmallDisk(world, { at: world.stateDir, sizeKb: 40 }, [...args, ...more], env);
  expect(full.code, full.stdout + full.stderr).toBe(6);
  expect([full.code, errorOf(full).code], full.stdout).toEqual([6, 'target-not-writable']);
  expect(await filesIn(configOf(world))).toEqual([]);
  expect(await filesIn(world.folder)).not.toContain('sheet.html');
  // Where only the settings have no room.
  const config = join(world.folder, 'home', '.config');
  const noRoom = await runOnSmallDisk(world, { at: config, sizeKb: 64, inodes: 3 }, [...args, ...more], env);
  expect(noRoom.code, noRoom.stdout + noRoom.stderr + JSON.stringify(noRoom.left)).toBe(6);
  expect([noRoom.code, errorOf(noRoom).code]).toEqual([6, 'target-not-writable']);
  expect(Object.keys(noRoom.left).filter((name) => /\.(env|key|tmp)$/.test(name))).toEqual([]);
  expect(await filesIn(world.folder)).not.toContain('sheet.html');
});

test.each([
  ['before the key has a byte', { call: 'handle.writeFile', at: 1, path: undefined }, 'nothing'],
  ['before the profile has its name', { call: 'rename', at: 1, path: /e-faktur\.env/ }, 'nothing'],
  ['once the profile has its name', { call: 'rename', at: 1, path: /e-faktur\.env/, after: true }, 'all'],
] as const)('killed %s, all of it is there or nothing', async (when, { path, ...trap }, left) => {
  const { world, sheet, outcome } = await brokenOff({ ...trap, ...(path && { path }), action: 'SIGKILL' });
  expect(outcome.signal).toBe('SIGKILL');
  expect(await whatIsLeft(world, sheet, when)).toBe(left);
});
