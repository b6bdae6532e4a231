import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'dotenv';
import { describe, expect, test } from 'vitest';
import { type Language, verbatim } from '../../src/base/text.ts';
import { stateStored, stateUnchanged, storeLine } from '../../src/cli/push-texts.ts';
import { presets } from '../../src/notify/presets.ts';
import { messageTarget } from '../../src/notify/targets.ts';
import { settingNames } from '../../src/settings/config.ts';
import { makeWorld } from '../support/cli.ts';
import { allGuides, blocksOf, blockWith, callsIn, guide, guidePairs, root } from '../support/guides.ts';
import { peFile } from '../support/pe-file.ts';
import { installAsReadme } from '../support/readme-install.ts';

/** What the documents for users show is done, as it stands, and gives what they say. */

const both: readonly Language[] = ['en', 'id'];

describe.each(guidePairs.slice(0, 1).flatMap(({ en, id }) => [en, id]))('$path', ({ text }) => {
  test('says in two lines how to try and how to test it', () => {
    const lines = blocksOf(text).flatMap((block) => block.text.split('\n'));
    expect(lines).toContain('npm ci && npm run demo');
    expect(lines).toContain('npm ci && npm test');
  });

  test('is read in ten minutes: 2,000 words at most, as wc -w counts', () => {
    expect(text.split(/\s+/).filter((word) => word !== '').length).toBeLessThanOrEqual(2000);
  });
});

test.each(both)('the documents show what a push says: %s', (language) => {
  const shown = blocksOf(allGuides(language)).flatMap((block) =>
    block.language === 'text' ? block.text.trim().split('\n') : [],
  );
  const pushed = {
    capturedAt: '2023-07-08T09:30:00+07:00',
    source: 'C:\\e-Faktur\\db',
    totalBytes: 2_100_000,
  };
  const stored = storeLine({
    store: 's3://my-bucket/pc-kasir',
    took: { outcome: 'created', id: '20230708T023000Z-830b758bb3b7' },
    sentBytes: 117_000,
    requests: null,
  });
  expect(shown).toEqual(
    expect.arrayContaining([
      stateStored(pushed)[language],
      stored[language],
      stateUnchanged(pushed)[language],
    ]),
  );
});

test.each(both)('the documents say what the program says when a day has no backup: %s', async (language) => {
  const world = await makeWorld({ live: null });
  await world.json(['push', '--source', 'backup']);
  const args = ['pull', '--date', '2023-07-01', '--to', join(world.folder, 'there'), '--lang', language];
  const { code, stderr } = await world.run(args);
  expect(code).toBe(4);
  const said = stderr.trim().replaceAll(world.store, '/mnt/nas/efaktur');
  const shown = blocksOf(allGuides(language)).filter(({ text }) => text.startsWith('Error '));
  expect(shown.length).toBeGreaterThan(0);
  const withoutTag = (text: string): string => text.trim().replace(/\b(\d{8}T\d{6}Z)-[0-9a-f]{12}/g, '$1');
  for (const { text } of shown)
    expect(withoutTag(said).replace(/^\S+ \S+ (?=Error)/, '')).toBe(withoutTag(text));
});

/** What cron gives a line, see crontab(5): hardly any environment, /bin/sh, and the home folder to start from. */
const asCron = (command: string, home: string): Promise<unknown> =>
  promisify(execFile)('/bin/sh', ['-c', command], {
    cwd: home,
    env: { HOME: home, LOGNAME: 'kasir', SHELL: '/bin/sh', PATH: '/usr/bin:/bin' },
  });

test('the cron line works as it stands after the install lines, with what cron gives it', async () => {
  const world = await makeWorld();
  const home = join(world.folder, 'home of kasir');
  await mkdir(home);
  await installAsReadme('README.md', world, home);
  const settings = `EFAKTUR_APP_DIR=${world.app}\nEFAKTUR_STORE=${world.store}\nEFAKTUR_TIMEZONE=Asia/Jakarta\n`;
  await writeFile(join(home, 'efaktur.env'), settings);

  const [line = '', ...more] = blockWith(guide('docs/SETUP'), 'cron', 'efaktur-cloud push')
    .trim()
    .split('\n');
  expect(more).toEqual([]);
  const [, command = ''] = /^(?:[\d*,/-]+ ){5}(.*)$/.exec(line) ?? [];
  expect(command).toContain('efaktur-cloud push');
  // An unescaped % would end the command, see crontab(5).
  expect(command).not.toContain('%');
  await asCron(command, home);
  const log = await readFile(join(home, 'efaktur-cloud.log'), 'utf8');
  expect(log).toMatch(/^Stored the state of /);
  const { backups } = await world.json<{ backups: unknown[] }>(['list']);
  expect(backups).toHaveLength(1);

  await asCron(command, home);
  expect(await readFile(join(home, 'efaktur-cloud.log'), 'utf8')).toContain(
    'Nothing new since the last backup',
  );
  await writeFile(join(home, 'efaktur.env'), settings.replace(world.app, join(world.folder, 'gone')));
  await expect(asCron(command, home)).rejects.toMatchObject({ code: 2 });
});

test.each(both)('the steps to a new PC bring e-Faktur there, as they stand: %s', async (language) => {
  const world = await makeWorld();
  for (const exe of ['ETaxInvoice', 'ETaxInvoiceMain', 'ETaxInvoiceUpd'])
    await writeFile(join(world.app, `${exe}.exe`), peFile('4.0.0.0', exe));
  const [there, ...here] = blocksOf(guide('docs/NEW-PC', language)).map(({ text }) =>
    callsIn(`\`\`\`sh\n${text}\`\`\`\n`),
  );
  const home = join(world.folder, 'new home');
  await mkdir(home);
  const env = {
    HOME: home,
    EFAKTUR_APP_DIR: undefined,
    EFAKTUR_STATE_DIR: join(home, 'state'),
    EFAKTUR_NAME: 'pc-baru',
  };
  expect([there?.length, here.flat().length]).toEqual([3, 2]);
  for (const call of there ?? []) await world.json(call);
  for (const call of here.flat())
    await world.json(
      call.map((word) => word.replace(/^~/, home)),
      { env },
    );
  const at = ['ETaxInvoiceMain.exe', 'db/ETaxInvoice/service.properties'];
  for (const path of at)
    expect(await readFile(join(home, 'e-Faktur', path))).toEqual(await readFile(join(world.app, path)));
});

test('the settings file shown is understood as it stands', async () => {
  const world = await makeWorld(null);
  const file = join(world.folder, 'efaktur.env');
  await writeFile(file, blockWith(guide('docs/SETUP'), 'ini', 'EFAKTUR_STORE'));
  const outcome = await world.run(['push', '--settings', file], {
    env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined },
  });
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain('EFAKTUR_APP_DIR in ');
  expect(outcome.stderr).toContain('/home/kasir/e-Faktur is not a folder');
});

test('every settings file shown is understood, before it holds any key', async () => {
  const world = await makeWorld(null);
  const shown = blocksOf(allGuides('en')).filter(({ language }) => language === 'ini');
  expect(shown.filter(({ text }) => text.includes('EFAKTUR_APP_DIR='))).toHaveLength(2);
  const file = join(world.folder, 'efaktur.env');
  for (const { text } of shown) {
    // What stands in common.env or belongs to some line of a profile has no store of its own.
    const store = /^EFAKTUR_STORE=s3:\/\/(.*)$/m.exec(text)?.[1];
    await writeFile(file, store ? text : `${text}EFAKTUR_STORE=s3://my-bucket/pc-kasir\n`, { mode: 0o600 });
    const outcome = await world.run(['doctor', '--print-policy', 'push', '--settings', file], {
      env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined },
    });
    expect(outcome, text).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain(`arn:aws:s3:::${store ?? 'my-bucket/pc-kasir'}/`);
    expect(outcome.stdout.includes('s3:PutObjectRetention')).toBe(text.includes('EFAKTUR_LOCK_DAYS'));
    const messages = await world.json(['notify', '--settings', file], {
      env: { EFAKTUR_APP_DIR: undefined, EFAKTUR_STORE: undefined },
    });
    const services = (messages as unknown as { services: { outcome: string | null }[] }).services;
    const named = [/EFAKTUR_PING_URL=/, /EFAKTUR_NOTIFY_(PRESET|URL)=/].filter((one) => one.test(text));
    expect(services.map((one) => one.outcome)).toEqual(named.map(() => null));
  }
});

test('every message shown goes somewhere', async () => {
  const shown = blocksOf(allGuides('en')).filter(({ text }) => text.includes('EFAKTUR_NOTIFY_PRESET='));
  expect(shown.map(({ text }) => /PRESET=(.*)/.exec(text)?.[1])).toEqual(
    expect.arrayContaining(presets.map(({ id }) => id)),
  );
  for (const { text } of shown) {
    const values = parse(text);
    const setting = (name: string) => {
      const value = values[name];
      return value === undefined ? null : { value, where: verbatim(name) };
    };
    expect(messageTarget({ setting }), text).not.toBeNull();
  }
});

test.each(both)('the restore line gives the db folder back: %s', async (shownIn) => {
  const world = await makeWorld();
  const { backups } = await world.json(['push']);
  const line = blockWith(guide('docs/RESTORE', shownIn), 'sh', 'zstd -d');
  const [name = ''] = /\S+\.tar\.zst/.exec(line) ?? [];
  await copyFile(join(world.store, backups[0]?.archive ?? ''), join(world.folder, name));
  await promisify(execFile)('/bin/sh', ['-c', line], { cwd: world.folder });
  const properties = (folder: string): Promise<Buffer> =>
    readFile(join(folder, 'db', 'ETaxInvoice', 'service.properties'));
  expect(await properties(world.folder)).toEqual(await properties(world.app));
});

test('the compose file sets only settings there are, and a name', () => {
  const compose = readFileSync(join(root, 'docker', 'compose.yaml'), 'utf8');
  const set = [...compose.matchAll(/^ +(EFAKTUR_\w+):/gm)].map((m) => m[1]);
  expect(set).toContain('EFAKTUR_NAME');
  for (const name of set) expect(settingNames).toContain(name);
  const image = readFileSync(join(root, 'docker', 'Dockerfile'), 'utf8');
  expect(image).toContain('ENV EFAKTUR_STATE_DIR=/state');
  expect(image).toContain('exec node -- /opt/efaktur-cloud/dist/efaktur-cloud.js');
});

test('both name the servers that the core path is tested on', () => {
  const suite = readFileSync(join(root, 'test', 'servers', 'core-path.test.ts'), 'utf8');
  const servers = [...suite.matchAll(/^ {2}\['(\w+)', /gm)].map((m) => m[1] ?? '');
  expect(servers.length).toBeGreaterThan(2);
  for (const language of both)
    for (const server of servers)
      expect(guide('docs/STORES', language)).toMatch(new RegExp(`\\b${server}\\b`));
});
