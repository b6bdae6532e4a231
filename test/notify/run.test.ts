import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hourMs } from '../../src/base/durations.ts';
import { makeWorld, type Outcome, type RunOptions, type World } from '../support/cli.ts';
import { makeEfakturFolder } from '../support/efaktur-folder.ts';
import { noteSecret } from '../support/printed.ts';
import { type WebhookServer, webhookServer } from '../support/webhook-server.ts';

/* Runs over real profiles, and what a service hears of them. */

interface Office {
  readonly world: World;
  readonly server: WebhookServer;
  app(name: string): string;
  store(name: string): string;
  set(name: string, lines: Readonly<Record<string, string>>): Promise<void>;
  run(args: readonly string[], hours?: number, options?: RunOptions): Promise<Outcome>;
  built(args: readonly string[]): Promise<Outcome>;
}

const start = Date.now();
const noSettings = { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined };

/** A PC with a profile of each name, and messages of all to one service. */
async function office(
  names: readonly string[],
  to: (url: string) => Record<string, string>,
): Promise<Office> {
  const world = await makeWorld(null);
  const server = await webhookServer();
  server.answer = { body: '{"ok":true}' };
  const folder = join(world.env.HOME ?? '', '.config', 'efaktur-cloud');
  await mkdir(folder, { recursive: true });
  const app = (name: string): string => join(world.folder, 'klien', name, 'e-Faktur');
  const store = (name: string): string => join(world.folder, 'tempatku', name);
  const set = (name: string, lines: Readonly<Record<string, string>>): Promise<void> =>
    writeFile(
      join(folder, `${name}.env`),
      Object.entries(lines)
        .map((line) => `${line.join('=')}\n`)
        .join(''),
      { mode: 0o600 },
    );
  await mkdir(join(world.folder, 'tempatku'));
  for (const name of names) {
    await makeEfakturFolder(app(name));
    await set(name, { EFAKTUR_APP_DIR: app(name), EFAKTUR_STORE: store(name) });
  }
  await set('common', to(server.url));
  return {
    world,
    server,
    app,
    store,
    set,
    run: (args, hours = 0, options = {}) =>
      world.run(args, {
        ...options,
        env: { ...noSettings, ...options.env },
        now: new Date(start + hours * hourMs),
      }),
    built: (args) => world.runBuilt(args, { env: noSettings }),
  };
}

const telegram = (url: string): Record<string, string> => ({
  EFAKTUR_PING_URL: `${url}/ping/u0u1d-Rahasia?create=1`,
  EFAKTUR_NOTIFY_PRESET: 'telegram',
  EFAKTUR_NOTIFY_TOKEN: '123456:T0ken-Rahasia',
  EFAKTUR_NOTIFY_TO: '-100200300400',
  EFAKTUR_NOTIFY_URL: url,
});
const secrets = ['u0u1d-Rahasia', 'T0ken-Rahasia', '-100200300400'];

/** What came since the last look: the signals of pings, and the texts of messages. */
function heard({ received }: WebhookServer): string[] {
  return received.splice(0).map(({ path, body }) => {
    const signal = /\/(\w+)\?create=1$/.exec(path)?.[1];
    return signal === undefined ? (JSON.parse(body).text as string) : `/${signal}`;
  });
}

test('the built program pings each run, and tells what changed', async () => {
  for (const secret of secrets) await noteSecret(secret);
  const { server, built, store, world } = await office(['ani', 'budi'], telegram);
  const first = await built(['run']);
  expect(first, first.stderr).toMatchObject({ code: 0 });
  const [began, ...rest] = heard(server);
  expect(began).toBe('/start');
  expect(rest.sort()).toEqual([
    '/0',
    expect.stringMatching(/^eFaktur Cloud: 2 safe\nthe oldest of the newest backups: less than an hour\n/),
  ]);

  expect(await built(['run', '--scheduled'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(heard(server)).toEqual(['/start', '/0']);

  await rename(store('budi'), `${store('budi')}-gone`);
  const lost = await built(['run', '--scheduled', '--lang', 'id']);
  expect(lost.code).not.toBe(0);
  const [, ...told] = heard(server);
  expect(told.join('\n')).toContain(`/${lost.code}`);
  expect(told.find((one) => !one.startsWith('/'))).toMatch(
    /^eFaktur Cloud: 1 aman, 1 gagal\n- profil-2: gagal, /,
  );

  const listed = await built(['notify']);
  expect(listed.stdout).toContain('profil-2 is the profile budi\n');
  expect(listed.stdout).toMatch(/Telegram \(profil-1, profil-2\): last message \d/);
  const state = join(world.stateDir, 'runs.json');
  for (const secret of secrets) expect(await readFile(state, 'utf8')).not.toContain(secret);
});

test('a service that is down changes no exit code, is told once, and hears of it later', async () => {
  for (const secret of secrets) await noteSecret(secret);
  const { server, run, store } = await office(['ani'], telegram);
  await run(['run']);
  heard(server);
  server.answer = { status: 500, body: 'T0ken-Rahasia' };
  const down = await run(['run'], 1);
  expect(down.code).toBe(0);
  expect(down.stderr).toContain('no message went to EFAKTUR_PING_URL (profil-1): the service answered 500');
  const again = await run(['run', '--scheduled'], 2);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  await rename(store('ani'), `${store('ani')}-gone`);
  const lost = await run(['run', '--scheduled'], 3);
  expect(lost.stderr).toContain('no message went to Telegram (profil-1): the service answered 500');
  server.answer = { body: '{"ok":true}' };
  heard(server);
  await run(['run', '--scheduled'], 4);
  expect(heard(server).find((one) => !one.startsWith('/'))).toContain('profil-1: failed');
  await rename(`${store('ani')}-gone`, store('ani'));
  await run(['run', '--scheduled'], 5);
  expect(heard(server)).toEqual(['/start', '/0']);
  await run(['run', '--scheduled'], 8);
  expect(heard(server).find((one) => !one.startsWith('/'))).toContain('profil-1: safe again');
  const history = await run(['history'], 8);
  expect(history.stdout).toContain('the service answered 500');
  for (const secret of secrets) expect(history.stdout).not.toContain(secret);
});

test('settings of messages that make no address keep no backup from being made', async () => {
  const { run, set, server, store } = await office(['ani'], () => ({}));
  await set('common', { EFAKTUR_NOTIFY_PRESET: 'fonnte', EFAKTUR_PING_URL: server.url });
  const outcome = await run(['run']);
  expect(outcome.code).toBe(0);
  expect(outcome.stderr).toContain('Fonnte needs EFAKTUR_NOTIFY_TOKEN, too');
  expect((await readdir(store('ani'))).length).toBeGreaterThan(2);
  expect(server.received.map(({ path }) => path)).toEqual(['/start', '/0']);
  expect(await run(['notify', '--test'])).toMatchObject({ code: 20 });
  const page = await run(['doctor', '--page']);
  expect(page.stdout).toContain('Fonnte needs EFAKTUR_NOTIFY_TOKEN, too');
});

test('a profile that cannot be read is told over the settings of all', async () => {
  const { run, set, server } = await office(['ani', 'budi'], telegram);
  await set('budi', { EFAKTUR_STROE: 's3://bucket' });
  const outcome = await run(['run']);
  expect(outcome.code).toBe(2);
  const told = heard(server);
  expect(told).toContain('/2');
  expect(told.find((one) => !one.startsWith('/'))).toContain(
    '- profil-2: failed, newest backup: age not known (usage, 2)',
  );
});

/** As clients are called, and what they are known by. */
const client = fc
  .tuple(fc.stringMatching(/^zq[bcdfghjklmnpqrstvwxz]{5,9}$/), fc.stringMatching(/^\d{15,16}$/))
  .map(([name, npwp]) => `pt-${name}-${npwp}`);

test('no message of any run has a profile, a path, a store or an NPWP in it', async () => {
  const [names = []] = fc.sample(fc.uniqueArray(client, { minLength: 6, maxLength: 6 }), 1);
  const [fine = '', gone = '', torn = '', lost = '', wrong = '', full = ''] = names;
  const { run, built, set, server, app, store, world } = await office(names, (url) => ({
    ...telegram(url),
    EFAKTUR_NOTIFY_BODY: '{text} {status} {name} {age} {hint} {outcome} {exit}',
  }));
  const all: string[] = [];
  const look = (): void => {
    for (const { method, path, headers, body } of server.received.splice(0))
      all.push(`${method} ${path} ${JSON.stringify(headers)} ${body}`);
  };
  await run(['run']);
  look();
  await rm(app(gone), { recursive: true });
  await rm(join(app(torn), 'backup'), { recursive: true });
  await rm(join(app(torn), 'db', 'ETaxInvoice', 'log'), { recursive: true });
  await rm(store(lost), { recursive: true });
  await set(wrong, { EFAKTUR_STORE: store(wrong), EFAKTUR_STROE: store(wrong) });
  await set(full, {
    EFAKTUR_APP_DIR: app(full),
    EFAKTUR_STORE: store(fine),
    EFAKTUR_RECIPIENTS: names.join(),
  });
  const outcome = await run(['run'], 1);
  look();
  // What is told here names them all.
  for (const name of [gone, torn, lost, wrong]) expect(outcome.stdout + outcome.stderr).toContain(name);
  await built(['run', '--lang', 'id']);
  await run(['run', '--profile', torn], 12);
  await run(['run'], 200);
  await run(['notify', '--test'], 200);
  look();
  expect(all.length).toBeGreaterThan(10);
  const sent = all.join('\n');
  expect(sent).toContain('5 failed');
  const known = [
    ...names.flatMap((name) => name.split('-').slice(1)),
    world.folder,
    'klien',
    'tempatku',
    'e-Faktur"',
  ];
  for (const one of known) expect(sent, `of ${names.join()}`).not.toContain(one);
  expect(sent.replaceAll('123456:T0ken-Rahasia', '')).not.toMatch(/\d{15}/);
});
