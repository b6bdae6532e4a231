import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { InstallDocument, RemoveDocument, ScheduleState } from '../../src/schedule/schedule.ts';
import { tempFolder } from '../base/temp-folder.ts';
import { fileThere, ownSystem } from '../support/own-system.ts';
import { scheduledPc, soon, userSystemd } from '../support/scheduled-pc.ts';

test('a schedule of cron fires with its words and variables, and leaves others as they are', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder, { systemd: false });
  const { json, noted } = await scheduledPc(system, folder);
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

test('a timer of systemd fires with its words and variables, and is changed, switched off and removed', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const home = join(folder, 'home');
  const env = await userSystemd(system, home);
  const { json, noted, schedule } = await scheduledPc(system, folder, env);
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

test('where systemd does not answer a user, cron takes the schedule and that is told', async () => {
  const folder = await tempFolder();
  const system = await ownSystem(folder);
  const { json } = await scheduledPc(system, folder);
  const { warnings, schedule } = await json<InstallDocument>(0, 'install');
  expect(schedule).toMatchObject({ kind: 'cron' });
  expect(warnings).toContainEqual(
    expect.objectContaining({ code: 'schedule-fallback', message: expect.stringContaining('systemd') }),
  );

  // Once it answers, the one by cron goes.
  const env = await userSystemd(system, join(folder, 'home'));
  const other = await scheduledPc(system, join(folder, 'other'), {
    ...env,
    XDG_CONFIG_HOME: join(folder, 'config'),
  });
  expect(await other.json(0, 'install')).toMatchObject({ outcome: 'changed', schedule: { kind: 'systemd' } });
  expect((await system.run('crontab', ['-l'])).stdout).not.toContain('efaktur');

  // As from another program's shell, which knows nothing of it: what is there is seen, and never doubled.
  const blind = await scheduledPc(system, join(folder, 'blind'), {
    HOME: env.HOME ?? '',
    XDG_CONFIG_HOME: join(env.HOME ?? '', '.config'),
  });
  const seen = await blind.json<ScheduleState>(20, 'status');
  expect(seen).toMatchObject({ kind: 'systemd', at: 'hourly' });
  expect(seen.problems.map(({ code }) => code)).toEqual(['schedule-program']);
});
