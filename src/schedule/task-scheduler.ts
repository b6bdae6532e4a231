import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scheduledTask } from '../base/product.ts';
import { windowsProgram } from '../base/system-programs.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { notRemoved, type Scheduler } from './scheduler.ts';
import { type Answer, type Ask, refusalOf } from './system-calls.ts';
import { encodeTask, type FoundTask, parseTask } from './task-xml.ts';
import { notStartedByWindows, taskOfOther, taskWithoutLogon } from './texts.ts';
import { windowsCouldRunMs } from './windows-events.ts';
import { windowsLine, windowsText, windowsWords } from './windows-words.ts';

/** The Task Scheduler of Windows, by `schtasks`. Nothing of what it says in the user's language is read. */
export function taskScheduler(ask: Ask, { env, systemZone }: Surroundings): Scheduler {
  const schtasks = (...args: string[]): Promise<Answer | null> =>
    ask(windowsProgram('schtasks.exe'), [...args, '/tn', scheduledTask]);
  const sid = async (): Promise<string | null> => {
    const answer = await ask(windowsProgram('whoami.exe'), ['/user', '/fo', 'csv', '/nh']);
    return /"(S-1-[\d-]+)"/.exec(answer?.stdout.toString('latin1') ?? '')?.[1] ?? null;
  };
  /** The Task Scheduler takes a name as well, but a SID stays when an account is renamed. */
  const user = async (): Promise<string> =>
    (await sid()) ?? [env.USERDOMAIN, env.USERNAME].filter((part) => part !== undefined).join('\\');

  /** All users of a PC share the names of tasks. */
  const isOwn = async ({ user }: FoundTask): Promise<boolean> => {
    if (user === null) return true;
    if (!/^S-1-/i.test(user)) return user.split('\\').at(-1)?.toLowerCase() === env.USERNAME?.toLowerCase();
    return [user, null].includes(await sid());
  };
  /** What there is under this name, and whether it is this user's; null where there is nothing that this user may see. */
  const look = async (): Promise<{ readonly task: FoundTask | null; readonly isOurs: boolean } | null> => {
    const answer = await schtasks('/query', '/xml');
    const xml = answer?.code === 0 ? windowsText(answer.stdout) : '';
    if (xml.trim() === '') return null;
    const task = parseTask(xml, systemZone);
    return { task, isOurs: task === null || (await isOwn(task)) };
  };

  return {
    kind: 'task-scheduler',
    async install({ at, command: [program = '', ...words], now, zone }) {
      const there = await look();
      // An administrator could replace it.
      if (there?.isOurs === false) return { because: taskOfOther(there.task?.user ?? '?') };
      const scratch = await mkdtemp(join(tmpdir(), 'efaktur-cloud-'));
      const task = { user: await user(), at, program, words: windowsLine(words), madeAt: now, zone };
      try {
        const file = join(scratch, 'task.xml');
        let answer: Answer | null = null;
        for (const atLogon of [true, false]) {
          await writeFile(file, encodeTask({ ...task, atLogon }));
          answer = await schtasks('/create', '/xml', file, '/f');
          if (answer?.code !== 0) continue;
          return {
            place: scheduledTask,
            warnings: atLogon ? [] : [{ code: 'schedule-fallback', message: taskWithoutLogon }],
          };
        }
        return { because: refusalOf('schtasks.exe', answer) };
      } finally {
        await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
      }
    },
    async read() {
      const there = await look();
      if (there === null || !there.isOurs) return null;
      const { task } = there;
      const result = await lastResult(schtasks);
      return {
        place: scheduledTask,
        at: task?.at ?? null,
        command: task?.program ? [task.program, ...windowsWords(task.words)] : null,
        env: {},
        installedAt: task?.madeAt ?? null,
        isEnabled: task?.isEnabled ?? true,
        isAsMade: task?.isAsMade ?? false,
        // Only in the user's language; the record of runs knows it better.
        lastRunAt: null,
        lastResult: result !== null && isOfScheduler(result) ? null : result,
        startFailure:
          result !== null && startFailures.includes(result) ? notStartedByWindows(hex(result)) : null,
      };
    },
    async remove() {
      const there = await look();
      if (there?.isOurs === false) return null;
      const deleted = await schtasks('/delete', '/f');
      if (deleted?.code === 0) return scheduledTask;
      // It says the same of a task that is not there.
      if (there === null) return null;
      throw notRemoved(scheduledTask, refusalOf('schtasks.exe', deleted));
    },
    async couldRunMs(since, now) {
      return windowsCouldRunMs(ask, await sid(), since, now);
    },
  };
}

/**
 * What the last run ended with. The columns of `/fo csv /v` have their names in the user's language, but always the same order:
 * the seventh is the result, a number, in which no language differs.
 */
async function lastResult(schtasks: (...args: string[]) => Promise<Answer | null>): Promise<number | null> {
  const answer = await schtasks('/query', '/fo', 'csv', '/v', '/nh');
  if (answer?.code !== 0) return null;
  const [line = ''] = windowsText(answer.stdout)
    .split(/\r?\n/)
    .filter((one) => one.startsWith('"'));
  const cells = [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = '']) => cell);
  const value = cells[6] ?? '';
  return /^-?\d+$/.test(value) ? Number(value) >>> 0 : null;
}

/** 0x41300 to 0x413ff: it runs, it has not run yet, and the like; nothing that a program ended with. */
const isOfScheduler = (result: number): boolean => result >= 0x41300 && result <= 0x413ff;

/**
 * What stands for a program that was not there or not allowed to start (winerror.h, ntstatus.h): no file, no path, no access, no
 * program, no folder, forbidden by a policy, no right to log on, a library missing. One that was still running is none (0x800710e0).
 */
const startFailures: readonly number[] = [
  ...[0x80070002, 0x80070003, 0x80070005, 0x800700c1, 0x8007010b, 0x800704ec, 0x80070569],
  ...[0xc0000135, 0xc0000142],
];

const hex = (result: number): string => `0x${result.toString(16).toUpperCase().padStart(8, '0')}`;
