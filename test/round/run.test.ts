import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeTurn } from '../../src/state/turn.ts';
import { keysOf } from '../support/cli.ts';
import { seeds } from '../support/efaktur-folder.ts';
import { addProfile, bare, type RunWorld, runWorld, writeProfile } from '../support/run-world.ts';

/** What a run does with one profile, and with several. */

const dbFile = (world: RunWorld): string => join(world.app, 'db', 'ETaxInvoice', 'seg0', 'c10.dat');

/** As a database is after somebody entered something: another seed in its place. */
async function replaceDb(world: RunWorld, from: 'seed-6-july' | 'seed-8-july'): Promise<void> {
  const { unzip } = await import('../support/unzip.ts');
  await rm(join(world.app, 'db'), { recursive: true });
  await unzip(seeds[from].path, world.app);
}

describe('where nothing is new', () => {
  test('the second run looks from outside alone, for a day', async () => {
    const world = await runWorld();
    const first = await world.runs();
    expect(first.profiles[0]).toMatchObject({
      profile: 'default',
      outcome: 'ok',
      push: { outcome: 'created', inFull: true },
    });
    const second = await world.runs();
    expect(second.profiles[0]).toMatchObject({
      push: { outcome: 'unchanged', inFull: false, backups: [] },
      verify: null,
    });
    world.clock.pass({ days: 1 });
    expect((await world.runs()).profiles[0]).toMatchObject({ push: { outcome: 'unchanged', inFull: true } });
    expect((await world.runs()).profiles[0]).toMatchObject({ push: { inFull: false } });
  });

  test.runIf(process.platform !== 'win32')(
    'a changed byte is seen though size and time are as before',
    async () => {
      const world = await runWorld();
      await world.runs();
      const path = dbFile(world);
      const [bytes, { atime, mtime }] = [await readFile(path), await stat(path)];
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
      await writeFile(path, bytes);
      await utimes(path, atime, mtime);
      expect((await world.runs()).profiles[0]?.push?.inFull).not.toBe(false);
    },
  );

  test.each<[string, (world: RunWorld) => Promise<unknown>]>([
    ['another database lies there', (world) => replaceDb(world, 'seed-6-july')],
    [
      'a login backup came',
      async ({ app }) => {
        const path = join(app, 'backup', 'ETaxInvoice_20230709_080000.zip');
        await writeFile(path, await readFile(seeds['seed-8-july'].path));
      },
    ],
    [
      'the store lost its newest backup',
      async ({ store }) => {
        const manifest = (await keysOf(store)).find((key) => /^\d{4}-.*\.json$/.test(key)) ?? '';
        await rm(join(store, manifest));
      },
    ],
    [
      'an archive in the store was cut',
      async ({ store }) => {
        const archive = (await keysOf(store)).find((key) => /\.tar\.zst$/.test(key)) ?? '';
        await writeFile(join(store, archive), 'cut');
      },
    ],
    [
      'somebody else owns the prefix',
      async ({ store }) => {
        await writeFile(join(store, 'origin', '20991231T000000Z-other.json'), '{}');
      },
    ],
    ['the clock was set back', async ({ clock }) => clock.pass({ minutes: -20 })],
  ])('all is read when %s', async (_, change) => {
    const world = await runWorld();
    await world.runs();
    expect((await world.runs()).profiles[0]?.push?.inFull).toBe(false);
    await change(world);
    const { profiles, code } = await world.runs();
    expect(profiles[0]?.push?.inFull ?? code).not.toBe(false);
    expect(profiles[0]?.push?.inFull ?? code).not.toBe(0);
  });

  test.each([
    ['keys', { EFAKTUR_RECIPIENTS: 'age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqsryf0u7' }],
    ['stores', { EFAKTUR_STORE: 'other-store' }],
    ['days until a full', { EFAKTUR_FULL_EVERY: '3' }],
  ])('all is read when other %s are set', async (_, env) => {
    const world = await runWorld();
    await world.runs();
    const { profiles, code } = await world.runs([], env);
    expect(profiles[0]?.push?.inFull ?? code).not.toBe(false);
  });

  test('what was written just now is not taken for settled', async () => {
    const world = await runWorld();
    await world.runs();
    const now = new Date(world.clock.now.getTime() + 5 * 60_000);
    await utimes(dbFile(world), now, now);
    expect((await world.runs()).profiles[0]?.push?.inFull).toBe(true);
    expect((await world.runs()).profiles[0]?.push?.inFull).toBe(true);
    expect((await world.runs()).profiles[0]?.push?.inFull).toBe(false);
  });
});

describe('a disk that is away', () => {
  test('is told once, tried again, and told when it is back', async () => {
    const world = await runWorld();
    await world.runs();
    await rename(world.store, `${world.store}-away`);
    const first = await world.scheduled();
    expect(first.code).toBe(10);
    expect(first.stderr).toContain('Error store-unavailable');
    for (let i = 0; i < 2; i++) {
      const again = await world.scheduled();
      expect({ ...again, signal: null }).toEqual({ code: 10, signal: null, stdout: '', stderr: '' });
    }
    const { profiles } = await world.record();
    expect(profiles.default).toMatchObject({ outcome: 'failed', code: 'store-unavailable', exitCode: 10 });
    await rename(`${world.store}-away`, world.store);
    const back = await world.scheduled();
    expect(back.code).toBe(0);
    expect(back.stdout).toContain('reachable again');
    // Away a second time is told again.
    await rename(world.store, `${world.store}-away`);
    expect((await world.scheduled()).stderr).toContain('Error store-unavailable');
    const log = await world.log();
    expect(log.match(/\tstore-unavailable\t(?!still as told)/g)).toHaveLength(2);
    expect(log.match(/\tstore-unavailable\tstill as told on/g)).toHaveLength(2);
  });

  test('is not told to be back by a run that did not come to it', async () => {
    const world = await runWorld();
    await world.runs();
    await rename(world.store, `${world.store}-away`);
    await world.scheduled();
    await rename(world.app, `${world.app}-gone`);
    const lost = await world.scheduled();
    expect(lost.code).not.toBe(10);
    expect(lost.stdout).toBe('');
    await rename(`${world.app}-gone`, world.app);
    await rename(`${world.store}-away`, world.store);
    const back = await world.scheduled();
    expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('all is well again') });
  });

  test('beside another store keeps nothing from that one', async () => {
    const world = await runWorld({ backups: [] });
    const usb = join(world.folder, 'usb');
    const env = { EFAKTUR_STORE: `${world.store};${usb}` };
    expect((await world.runs([], env)).code).toBe(0);
    await rename(usb, `${usb}-away`);
    await replaceDb(world, 'seed-6-july');
    const away = await world.runs([], env);
    expect(away).toMatchObject({ code: 10, outcome: 'attention' });
    expect(away.profiles[0]?.push?.backups[0]?.stores.map(({ outcome }) => outcome)).toEqual([
      'created',
      'failed',
    ]);
    await rename(`${usb}-away`, usb);
    const back = await world.runs([], env);
    expect(back).toMatchObject({ code: 0, outcome: 'ok' });
    expect(back.profiles[0]?.push?.backups[0]?.stores.map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'created',
    ]);
  });
});

describe('several profiles', () => {
  test('a failing one stops no other, and the exit code is that of the first', async () => {
    const world = await runWorld(null, bare);
    await addProfile(world, 'a');
    await addProfile(world, 'b', { EFAKTUR_PRUNE: 'keep-dayly=30' });
    await rm(join(await addProfile(world, 'c'), 'db', 'ETaxInvoice'), { recursive: true });
    await addProfile(world, 'd');
    const { code, outcome, profiles } = await world.runs();
    expect(code).toBe(2);
    expect(outcome).toBe('failed');
    expect(profiles.map(({ profile, outcome, error }) => [profile, outcome, error?.code ?? null])).toEqual([
      ['a', 'ok', null],
      ['b', 'failed', 'usage'],
      ['c', 'failed', 'source-unusable'],
      ['d', 'ok', null],
    ]);
    const record = await world.record();
    expect(record.lastExitCode).toBe(2);
    expect(Object.entries(record.profiles).map(([name, { number }]) => [name, number])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['d', 4],
    ]);
    expect(await keysOf(join(world.folder, 'store b'))).toEqual([]);
  });

  test('one is run alone by its name, and keeps its number', async () => {
    const world = await runWorld(null, bare);
    await addProfile(world, 'b');
    await addProfile(world, 'a');
    expect((await world.runs(['--profile', 'b'])).profiles.map(({ profile }) => profile)).toEqual(['b']);
    await world.runs();
    const { profiles } = await world.record();
    expect([profiles.a?.number, profiles.b?.number]).toEqual([2, 1]);
    expect((await world.run(['run', '--store', 'x'], { env: bare })).code).toBe(2);
  });

  test('what one shares with the next is in common.env alone: language, state folder, and the log', async () => {
    const world = await runWorld(null, { ...bare, EFAKTUR_STATE_DIR: undefined });
    await addProfile(world, 'a', { EFAKTUR_STATE_DIR: join(world.folder, 'state of a') });
    await addProfile(world, 'b');
    await writeProfile(world, 'common', { EFAKTUR_LANG: 'id', EFAKTUR_STATE_DIR: world.stateDir });
    expect((await world.runs()).code).toBe(0);
    expect(await world.log()).toMatch(/\ta\tinfo\t-\tkeadaan .* disimpan/);
    const { stdout } = await world.run(['history', '--profile', 'b'], {
      env: { ...bare, EFAKTUR_STATE_DIR: undefined },
    });
    expect(stdout).toMatch(/b: keadaan .* disimpan/);
    expect(stdout).not.toMatch(/ a: /);
  });
});

describe('without profiles', () => {
  test('what is set is the profile default; a settings file is, too', async () => {
    const world = await runWorld();
    const file = join(world.folder, 'office.env');
    await writeFile(file, `EFAKTUR_APP_DIR='${world.app}'\nEFAKTUR_STORE='${world.store}'\n`);
    const { profiles } = await world.runs(['--settings', file], bare);
    expect(profiles.map(({ profile, outcome }) => [profile, outcome])).toEqual([['default', 'ok']]);
  });

  test('a .env of the current folder is not read, and that is told', async () => {
    const world = await runWorld(undefined, bare);
    await writeFile(
      join(world.folder, '.env'),
      `EFAKTUR_APP_DIR='${world.app}'\nEFAKTUR_STORE='${world.store}'\n`,
    );
    const { code, stderr } = await world.run(['run'], { env: bare });
    expect(code).toBe(2);
    expect(stderr).toContain(`run does not read ${join(world.folder, '.env')}`);
  });
});

describe('another run at work', () => {
  test('lets one of a schedule end at once, with 0 and one line', async () => {
    const world = await runWorld();
    const turn = await takeTurn(world.stateDir, new Date());
    const { code, stdout, stderr } = await world.scheduled();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('another run is at work');
    expect(await keysOf(world.store)).toEqual([]);
    await turn?.end();
    expect((await world.scheduled()).code).toBe(0);
    expect(await keysOf(world.store)).not.toEqual([]);
  });

  test('lets one by hand wait, and say so', async () => {
    const world = await runWorld();
    const turn = await takeTurn(world.stateDir, new Date());
    const waiting = world.run(['run']);
    setTimeout(() => void turn?.end(), 1500);
    const { code, stdout, stderr } = await waiting;
    expect(code).toBe(0);
    expect(stderr).toContain('another run is at work; this one begins when that has ended');
    expect(stdout).toContain('stored the state of');
  });

  test('is given up with Ctrl-C', async () => {
    const world = await runWorld();
    const turn = await takeTurn(world.stateDir, new Date());
    const stop = new AbortController();
    const waiting = world.run(['run'], { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('stopped')), 1200);
    expect((await waiting).code).not.toBe(0);
    expect(await keysOf(world.store)).toEqual([]);
    await turn?.end();
  });
});

describe('what is remembered', () => {
  test('a record that nobody understands is set aside, told once, and begins anew', async () => {
    const world = await runWorld();
    await world.runs();
    const path = join(world.stateDir, 'runs.json');
    await writeFile(path, '{"format":1,"profiles":');
    const { code, warnings, profiles } = await world.runs();
    expect(code).toBe(0);
    expect(warnings.map((warning) => warning.code)).toEqual(['record-set-aside']);
    expect(profiles[0]?.push?.inFull).toBe(true);
    const [aside = ''] = /\S+\.broken-\S+/.exec(warnings[0]?.message ?? '') ?? [];
    expect(await readFile(aside, 'utf8')).toBe('{"format":1,"profiles":');
    expect((await world.runs()).warnings).toEqual([]);
  });

  test('a run that was cut off is told by the next', async () => {
    const world = await runWorld();
    await world.runs();
    const path = join(world.stateDir, 'runs.json');
    const record = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...record, lastExitCode: null }));
    expect((await world.runs()).warnings.map(({ code }) => code)).toEqual(['run-cut-off']);
    expect((await world.runs()).warnings).toEqual([]);
  });

  test('a log that cannot be written fails no backup and is told', async () => {
    const world = await runWorld();
    await mkdir(join(world.stateDir, 'log', 'run.log'), { recursive: true });
    const { code, warnings, profiles } = await world.runs();
    expect([code, profiles[0]?.push?.outcome]).toEqual([0, 'created']);
    expect(warnings.map((warning) => warning.code)).toEqual(['log-not-written']);
  });

  test('notes are told once, in the log and to a schedule; by hand and in JSON they always are', async () => {
    const world = await runWorld();
    const first = await world.scheduled();
    expect(first.stderr).toContain('lies on the same disk');
    world.clock.pass({ days: 1 });
    const second = await world.scheduled();
    expect(second.code).toBe(0);
    expect(second.stderr).not.toContain('lies on the same disk');
    world.clock.pass({ days: 1 });
    expect((await world.runs()).profiles[0]?.warnings.map(({ code }) => code)).toContain('same-disk');
    expect((await world.log()).match(/\tnote\tsame-disk\t/g)).toHaveLength(1);
  });
});

describe('history', () => {
  test('shows the days and the profile asked for, newest last', async () => {
    const world = await runWorld();
    expect((await world.run(['history'])).stdout).toBe('No run is in the log.\n');
    await world.runs();
    world.clock.pass({ days: 2 });
    await world.runs();
    const days = (await world.log()).split('\n').map((line) => line.slice(0, 10));
    const [first = '', last = ''] = [days[0], days.at(-2)];
    expect(first).not.toBe(last);
    const since = await world.run(['history', '--since', last]);
    expect(since.stdout).toMatch(
      new RegExp(`^${last} \\d\\d:\\d\\d:\\d\\d  default: read in full, nothing new`, 'm'),
    );
    expect(since.stdout).not.toContain(first);
    expect((await world.run(['history', '--until', first])).stdout).not.toContain(last);
    const { lines } = await world.json<{ lines: { profile: string; kind: string }[] }>(['history']);
    expect(lines.map(({ profile }) => profile)).toContain('default');
  });

  test('is read where the settings cannot be, and says so', async () => {
    const world = await runWorld(null, bare);
    await addProfile(world, 'a');
    await world.runs();
    await writeProfile(world, 'common', { EFAKTUR_LAGN: 'id' });
    const refused = await world.scheduled();
    expect(refused.code).toBe(2);
    const { code, stdout, stderr } = await world.run(['history'], { env: bare });
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}a: stored the state of /);
    expect(stdout).toMatch(/ {2}Error usage: .*EFAKTUR_LAGN/);
    expect(stderr).toMatch(/Note: .*EFAKTUR_LAGN/);
  });

  test('speaks as the log was written', async () => {
    const world = await runWorld(undefined, { EFAKTUR_LANG: 'id' });
    await world.runs();
    const { stdout } = await world.run(['history'], { env: { EFAKTUR_LANG: 'id' } });
    expect(stdout).toMatch(/default: keadaan .* disimpan: .* terkirim ke 1 tempat cadangan/);
    expect(stdout).toMatch(/default: Catatan: /);
  });
});
