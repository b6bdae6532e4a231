import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { program } from '../support/cli.ts';
import { makeEfakturFolder, seeds, setTimes } from '../support/efaktur-folder.ts';
import { makeBucket } from '../support/minio.ts';
import { unzip } from '../support/unzip.ts';

/**
 * The schedule as people have it: `schedule install` writes the crontab of a user made for this test, and the cron of this system
 * runs it three minutes in a row, with two profiles, on a folder and on a bucket.
 */

const call = promisify(execFile);
const minuteMs = 60_000;

const user = `efk${randomBytes(3).toString('hex')}`;
let home: string;
let ids: { uid: number; gid: number };
let daemon: ChildProcess | null = null;

beforeAll(async () => {
  if (process.getuid?.() !== 0)
    throw new Error('only root may start cron and make a user: run this test as root');
  // Another user must be able to reach it, whatever the rights of this folder are.
  home = await mkdtemp('/tmp/efaktur-cron-');
  await chmod(home, 0o755);
  await call('useradd', ['--no-create-home', '--home-dir', home, '--shell', '/bin/sh', user]);
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await call('id', [flag, user])).stdout)),
  );
  ids = { uid: uid ?? 0, gid: gid ?? 0 };
  await cp(dirname(program), join(home, 'dist'), { recursive: true });
  await cp(process.execPath, join(home, 'node'));
  await chmod(join(home, 'node'), 0o755);
  daemon = spawn('cron', ['-f'], { stdio: 'ignore' });
  daemon.on('error', () => {});
});

afterAll(async () => {
  // One that could not begin, as this system's own is at work, has ended already.
  daemon?.kill('SIGTERM');
  await call('crontab', ['-r', '-u', user]).catch(() => {});
  await call('userdel', [user]).catch(() => {});
  if (home) await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** Runs the program as that user, with no more of an environment than a login has. */
async function asUser(...args: string[]): Promise<string> {
  const { stdout } = await call(join(home, 'node'), ['--', join(home, 'dist', 'efaktur-cloud.js'), ...args], {
    ...ids,
    cwd: home,
    env: { HOME: home, LOGNAME: user, PATH: '/usr/bin:/bin', SHELL: '/bin/sh' },
  });
  return stdout;
}

const own = (path: string) => call('chown', ['-R', `${user}:`, path]);

const clock = (at: Date): string =>
  [at.getHours(), at.getMinutes()].map((n) => String(n).padStart(2, '0')).join(':');

test('cron runs every profile three minutes in a row, and the log tells of each', async () => {
  const bucket = await makeBucket();
  const [apps, settings] = [
    ['kasir', 'gudang'].map((name) => join(home, `e-Faktur ${name}`)),
    join(home, '.config', 'efaktur-cloud'),
  ];
  for (const app of apps) await makeEfakturFolder(app, { backups: [] });
  const [kasir = '', gudang = ''] = apps;
  await mkdir(settings, { recursive: true });
  const write = (name: string, values: Readonly<Record<string, string | undefined>>): Promise<void> =>
    writeFile(
      join(settings, `${name}.env`),
      Object.entries(values)
        .map(([key, value]) => `${key}='${value}'\n`)
        .join(''),
      { mode: 0o600 },
    );
  await write('common', { EFAKTUR_TIMEZONE: 'Asia/Jakarta', EFAKTUR_LANG: 'id', EFAKTUR_NAME: 'pc-cron' });
  await write('kasir', { EFAKTUR_APP_DIR: kasir, EFAKTUR_STORE: join(home, 'store') });
  await write('gudang', {
    EFAKTUR_APP_DIR: gudang,
    EFAKTUR_STORE: `s3://${bucket.bucket}/gudang`,
    AWS_ENDPOINT_URL_S3: bucket.endpoint,
    ...Object.fromEntries(Object.entries(bucket.env).filter(([name]) => name.startsWith('AWS_'))),
  });
  await own(home);

  const first = new Date(Math.ceil((Date.now() + 15_000) / minuteMs) * minuteMs);
  const times = [0, 1, 2].map((i) => clock(new Date(first.getTime() + i * minuteMs)));
  const installed = JSON.parse(await asUser('schedule', 'install', '--at', times.join(','), '--json'));
  expect(installed).toMatchObject({ outcome: 'installed', schedule: { kind: 'cron' } });

  const log = join(home, '.local', 'state', 'efaktur-cloud', 'log', 'run.log');
  /** The lines of a profile on what was done, once there are so many. */
  const linesOf = async (profile: string, count: number): Promise<string[]> => {
    const giveUpAt = Date.now() + 2.5 * minuteMs;
    for (;;) {
      const text = await readFile(log, 'utf8').catch(() => '');
      const found = text.split('\n').filter((line) => line.includes(`\t${profile}\tinfo\t`));
      if (found.length >= count) return found;
      if (Date.now() > giveUpAt) throw new Error(`cron did not run it ${count} times: ${text}`);
      await sleep(500);
    }
  };
  await linesOf('kasir', 1);
  await linesOf('gudang', 1);
  await linesOf('gudang', 2);
  // Somebody works in one of the two.
  await rm(join(gudang, 'db'), { recursive: true });
  await unzip(seeds['seed-6-july'].path, gudang);
  await setTimes(join(gudang, 'db'), new Date());
  await own(gudang);
  const [ofKasir, ofGudang] = [await linesOf('kasir', 3), await linesOf('gudang', 3)];
  expect(ofKasir.map((line) => line.split('\t')[4]?.replace(/;.*/, ''))).toEqual([
    expect.stringMatching(/^keadaan .* disimpan: .* terkirim ke 1 tempat cadangan$/),
    'tidak ada yang baru',
    'tidak ada yang baru',
  ]);
  expect(ofGudang.map((line) => line.includes('disimpan:'))).toEqual([true, false, true]);
  const minutes = ofKasir.map((line) => clock(new Date(line.slice(0, 25))));
  expect(minutes).toEqual(times);

  expect(JSON.parse(await asUser('list', '--profile', 'gudang', '--json')).backups).toHaveLength(2);
  expect((await asUser('history', '--profile', 'kasir')).match(/tidak ada yang baru/g)).toHaveLength(2);
  expect(JSON.parse(await asUser('schedule', 'remove', '--json'))).toMatchObject({ outcome: 'removed' });
  expect((await call('crontab', ['-l', '-u', user]).catch(() => ({ stdout: '' }))).stdout).not.toContain(
    'efaktur',
  );
}, 600_000);
