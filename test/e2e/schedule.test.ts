import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { InstallDocument, RemoveDocument, ScheduleState } from '../../src/schedule/schedule.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { type Outcome, program } from '../support/cli.ts';
import { fileThere, type OwnRun, type OwnSystem, ownSystem } from '../support/own-system.ts';

/** Its name is hard on every scheduler that it stands in. */
const hardName = `50% of $HOME "it's" \\ é`;

interface Pc {
  readonly folder: string;
  /** What a schedule calls notes here with which words and variables it was called; all else goes to the program. */
  readonly noted: string;
  readonly schedule: (...args: string[]) => Promise<Outcome>;
  readonly json: <T>(code: number, ...args: string[]) => Promise<T>;
}

async function pc(system: OwnSystem, folder: string, env: OwnRun['env'] = {}): Promise<Pc> {
  const config = join(folder, 'config');
  await mkdir(join(config, 'efaktur-cloud'), { recursive: true });
  await writeFile(join(config, 'efaktur-cloud', 'toko.env'), `EFAKTUR_STORE=${join(folder, 'store')}\n`);
  const noted = join(folder, 'noted.json');
  const started = join(folder, hardName, 'start.cjs');
  await mkdir(join(folder, hardName));
  await writeFile(
    started,
    `if (process.argv[2] === 'run') {
      const { XDG_CONFIG_HOME, EFAKTUR_STATE_DIR } = process.env;
      const noted = { words: process.argv.slice(2), XDG_CONFIG_HOME, EFAKTUR_STATE_DIR };
      require('node:fs').writeFileSync(${JSON.stringify(noted)}, JSON.stringify(noted));
    } else require(${JSON.stringify(program)});\n`,
  );
  const all = { XDG_CONFIG_HOME: config, EFAKTUR_STATE_DIR: join(folder, 'state'), ...env };
  const schedule = (...args: string[]): Promise<Outcome> =>
    system.run(process.execPath, ['--', started, 'schedule', ...args], { env: all });
  return {
    folder,
    noted,
    schedule,
    async json<T>(code: number, ...args: string[]) {
      const outcome = await schedule(...args, '--json');
      expect(outcome.code, outcome.stdout + outcome.stderr).toBe(code);
      return JSON.parse(outcome.stdout) as T;
    },
  };
}

/** A time of day that is to come in 15 to 75 seconds. */
function soon(): string {
  const at = new Date(Date.now() + 75_000);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

test('a schedule of cron fires with its words and variables, and leaves others as they are', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder, { systemd: false });
  const { json, noted } = await pc(system, folder);
  const crontab = async (): Promise<string> => (await system.run('crontab', ['-l'])).stdout;
  expect(await json(0, 'status')).toMatchObject({ outcome: 'none', isInstalled: false });

  const others = '# mine \\ 100%\nMAILTO=""\n5 4 * * 1 echo "30\\%" > /dev/null\n\n# \t the end';
  expect((await system.run('crontab', ['-'], { input: `${others}\n` })).code).toBe(0);
  const before = await crontab();
  const hourly = await json<InstallDocument>(0, 'install');
  expect(hourly).toMatchObject({ outcome: 'installed', schedule: { kind: 'cron', at: 'hourly' } });
  expect(hourly.warnings.map(({ code }) => code)).toContain('schedule-fallback');
  expect(await json(0, 'install')).toMatchObject({ outcome: 'unchanged' });

  const at = soon();
  const changed = await json<InstallDocument>(0, 'install', '--at', at, '--profile', 'toko');
  expect(changed).toMatchObject({
    outcome: 'changed',
    schedule: { kind: 'cron', at: [at], profile: 'toko' },
  });
  // It looks for changes by the second, so one in the second that it starts would be none.
  system.start('cron', 'cron', ['-f', '-L', '15'], {});
  expect(await crontab()).toContain(before);
  expect((await crontab()).match(/begin efaktur-cloud/g)).toHaveLength(1);
  expect(JSON.parse(await fileThere(noted, 100_000))).toEqual({
    words: ['run', '--scheduled', '--profile', 'toko'],
    XDG_CONFIG_HOME: join(folder, 'config'),
    EFAKTUR_STATE_DIR: join(folder, 'state'),
  });

  const state = await json<ScheduleState>(0, 'status');
  expect(state).toMatchObject({ kind: 'cron', at: [at], profile: 'toko', problems: [], lastRunAt: null });
  expect(await json<RemoveDocument>(0, 'remove')).toMatchObject({ removed: [{ kind: 'cron' }] });
  expect(await crontab()).toBe(before);
  expect(await json(0, 'remove')).toMatchObject({ outcome: 'none' });
});

/** systemd as a user has it, in a namespace of its own. */
async function userSystemd(system: OwnSystem, home: string): Promise<Readonly<Record<string, string>>> {
  const env = { HOME: home, XDG_RUNTIME_DIR: '/run/user/0' };
  await mkdir(home, { recursive: true });
  system.start('systemd', '/lib/systemd/systemd', ['--user', '--log-target=console'], env);
  for (let tries = 0; ; tries++) {
    const { code, stderr } = await system.run('systemctl', ['--user', 'show', '--property=Version'], { env });
    if (code === 0) return env;
    if (tries > 100) throw new Error(`systemd for a user does not start (Debian: systemd): ${stderr}`);
    await sleep(100);
  }
}

test('a timer of systemd fires with its words and variables, and is changed, switched off and removed', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const home = join(folder, 'home');
  const env = await userSystemd(system, home);
  const { json, noted, schedule } = await pc(system, folder, env);
  const units = join(home, '.config', 'systemd', 'user');

  const hourly = await json<InstallDocument>(0, 'install');
  expect(hourly).toMatchObject({ outcome: 'installed', schedule: { kind: 'systemd', at: 'hourly' } });
  expect(hourly.warnings.map(({ code }) => code)).toContain('schedule-lingering');
  expect(await json(0, 'install')).toMatchObject({ outcome: 'unchanged' });
  const { stdout: next } = await system.run('systemctl', ['--user', 'list-timers', '--all'], { env });
  expect(next).toMatch(/efaktur-cloud\.timer +efaktur-cloud\.service/);

  const at = ['12:00', '17:00'];
  const changed = await json<InstallDocument>(0, 'install', '--at', '17.00,12:00', '--profile', 'toko');
  expect(changed).toMatchObject({ outcome: 'changed', schedule: { at, profile: 'toko' } });
  expect((await readdir(units)).sort()).toEqual([
    'efaktur-cloud.service',
    'efaktur-cloud.timer',
    'timers.target.wants',
  ]);
  // The timer waits up to ten minutes, so its service is started for it.
  const started = await system.run('systemctl', ['--user', 'start', 'efaktur-cloud.service'], { env });
  expect(started.stderr).toBe('');
  expect(JSON.parse(await fileThere(noted, 10_000))).toEqual({
    words: ['run', '--scheduled', '--profile', 'toko'],
    XDG_CONFIG_HOME: join(folder, 'config'),
    EFAKTUR_STATE_DIR: join(folder, 'state'),
  });
  const state = await json<ScheduleState>(0, 'status');
  expect(state).toMatchObject({ kind: 'systemd', at, profile: 'toko', problems: [], lastResult: 0 });

  const timer = join(units, 'efaktur-cloud.timer');
  await writeFile(timer, (await readFile(timer, 'utf8')).replace('12:00:00', '13:30:00'));
  // Times are the user's to change; the next install says them anew.
  expect(await json(0, 'status')).toMatchObject({ at: ['13:30', '17:00'] });
  await writeFile(timer, (await readFile(timer, 'utf8')).replace('Persistent=true', 'Persistent=false'));
  await system.run('systemctl', ['--user', 'disable', '--now', 'efaktur-cloud.timer'], { env });
  const broken = await json<ScheduleState>(20, 'status');
  expect(broken.problems.map(({ code }) => code)).toEqual(['schedule-disabled', 'schedule-changed']);
  expect(await json(0, 'install')).toMatchObject({ outcome: 'changed' });
  expect(await json(0, 'status')).toMatchObject({ outcome: 'ok', problems: [] });

  expect((await schedule('remove')).code).toBe(0);
  expect(await readdir(units, { recursive: true })).toEqual([]);
  const { stdout: left } = await system.run('systemctl', ['--user', 'list-unit-files', 'efaktur*'], { env });
  expect(left).toContain('0 unit files');
});

test('an own timer of systemd begins by itself at its time', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const home = join(folder, 'home');
  const env = await userSystemd(system, home);
  const { json, noted } = await pc(system, folder, env);
  // What spreads the starts of many PCs, and is looked at elsewhere, would make this a test of ten minutes.
  const dropIn = join(home, '.config', 'systemd', 'user', 'efaktur-cloud.timer.d');
  await mkdir(dropIn, { recursive: true });
  await writeFile(join(dropIn, 'now.conf'), '[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n');
  await json(0, 'install', '--at', soon());
  expect(JSON.parse(await fileThere(noted, 100_000))).toMatchObject({ words: ['run', '--scheduled'] });
  const state = await json<ScheduleState>(0, 'status');
  expect(Date.now() - Date.parse(state.lastTriggeredAt ?? '')).toBeLessThan(100_000);
  expect(state).toMatchObject({ lastResult: 0, problems: [] });
});

test('where systemd does not answer a user, cron takes the schedule and that is told', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const { json } = await pc(system, folder);
  const { warnings, schedule } = await json<InstallDocument>(0, 'install');
  expect(schedule).toMatchObject({ kind: 'cron' });
  expect(warnings).toContainEqual(
    expect.objectContaining({ code: 'schedule-fallback', message: expect.stringContaining('systemd') }),
  );

  // Once it answers, the one by cron goes.
  const env = await userSystemd(system, join(folder, 'home'));
  const other = await pc(system, join(folder, 'other'), { ...env, XDG_CONFIG_HOME: join(folder, 'config') });
  expect(await other.json(0, 'install')).toMatchObject({ outcome: 'changed', schedule: { kind: 'systemd' } });
  expect((await system.run('crontab', ['-l'])).stdout).not.toContain('efaktur');
});
