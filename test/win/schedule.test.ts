import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { scheduledTask } from '../../src/base/product.ts';
import type { InstallDocument, ScheduleState } from '../../src/schedule/schedule.ts';
import { parseShellLink } from '../../src/schedule/shell-link.ts';
import { makeRunPrefix, windowsPath, wine } from '../support/win/wine.ts';

/**
 * The schedule on Windows. Wine's `schtasks` takes a task by XML and deletes one; its queries answer nothing, and no task ever
 * starts: what Windows makes of the XML is for a person to see (docs/WINDOWS.md).
 */

let prefix = '';
let removePrefix = async (): Promise<void> => {};
const onC = (...names: string[]): string => join(prefix, 'drive_c', ...names);
const roaming = (...names: string[]): string => onC('users', 'kasir', 'AppData', 'Roaming', ...names);
const programs = (): string => join(prefix, 'drive_d', 'Café & co');

beforeAll(async () => {
  // What it makes is of a user, and the others' is the same one.
  ({ prefix, remove: removePrefix } = await makeRunPrefix());
  await mkdir(programs(), { recursive: true });
  for (const name of ['efaktur-cloud.exe', 'efaktur-cloudw.exe'])
    await copyFile(join(inject('windowsPrograms'), name), join(programs(), name));
  await mkdir(roaming('efaktur-cloud'), { recursive: true });
  await writeFile(
    roaming('efaktur-cloud', 'toko.env'),
    'EFAKTUR_STORE=D:\\store\nEFAKTUR_APP_DIR=D:\\none\n',
  );
});
afterAll(() => removePrefix());

async function schedule<T>(...args: string[]): Promise<T> {
  const program = join(programs(), 'efaktur-cloud.exe');
  const { code, stdout, stderr } = await wine(program, ['schedule', ...args, '--json'], { prefix });
  expect(code, stdout + stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

test('the Task Scheduler takes the task, once, and it is removed', async () => {
  const tasks = async (): Promise<string[]> => readdir(onC('windows', 'system32', 'tasks')).catch(() => []);
  const before = await tasks();
  const installed = await schedule<InstallDocument>('install', '--at', '12:00,17:00');
  const windowless = windowsPath(prefix, join(programs(), 'efaktur-cloudw.exe'));
  expect(installed.schedule).toEqual({
    kind: 'task-scheduler',
    at: ['12:00', '17:00'],
    profile: null,
    command: [windowless, 'run', '--scheduled'],
    place: scheduledTask,
  });
  await schedule('install');
  expect((await tasks()).sort()).toEqual([...before, scheduledTask].sort());
  await schedule('remove');
  expect(await tasks()).toEqual(before);
});

test('where no task is taken, the shortcut in the Startup folder runs the program', async () => {
  const schtasks = onC('windows', 'system32', 'schtasks.exe');
  const real = await readFile(schtasks);
  await rm(schtasks);
  // As a program that a policy forbids it is there, and is not started.
  await writeFile(schtasks, 'no program');
  try {
    const { schedule: made, warnings } = await schedule<InstallDocument>('install');
    expect(made.kind).toBe('startup');
    expect(warnings.map(({ code }) => code)).toEqual(['schedule-fallback', 'schedule-fallback']);
    const startup = roaming(
      'Microsoft',
      'Windows',
      'Start Menu',
      'Programs',
      'StartUp',
      `${scheduledTask}.lnk`,
    );
    const link = parseShellLink(await readFile(startup));
    expect(link).toEqual({
      target: windowsPath(prefix, join(programs(), 'efaktur-cloudw.exe')),
      words: 'run --scheduled',
    });
    expect(await schedule<ScheduleState>('status')).toMatchObject({
      kind: 'startup',
      lastRunAt: null,
      problems: [],
    });

    const { code, stderr } = await wine('start', ['/unix', startup], { prefix });
    expect(code, stderr).toBe(0);
    for (const until = Date.now() + 60_000; Date.now() < until; await sleep(500))
      if ((await schedule<ScheduleState>('status')).lastRunAt !== null) break;
    expect(await schedule<ScheduleState>('status')).toMatchObject({ lastRunAt: expect.any(String) });

    await schedule('remove');
    await expect(readFile(startup)).rejects.toThrow('ENOENT');
  } finally {
    await writeFile(schtasks, real);
  }
});
