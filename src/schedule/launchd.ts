import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asTargetError, writeFileAtomic } from '../base/atomic-file.ts';
import { isEfakturError, systemCode } from '../base/errors.ts';
import { verbatim } from '../base/text.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { notRemoved, type Scheduler } from './scheduler.ts';
import { type Answer, type Ask, refusalOf } from './system-calls.ts';
import { notStartedByLaunchd } from './texts.ts';
import type { Times } from './times.ts';
import { below, type Element, parseXml, xmlText } from './xml.ts';

/** An agent of launchd for this user (launchd.plist(5)). What was missed while the Mac slept is made up for when it wakes, and it runs at logon. */

const label = 'efaktur-cloud';
const takenSoon: readonly number[] = [5, 37];

const docType =
  '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">';

export interface Agent {
  readonly at: Times;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function encodeAgent({ at, command, env }: Agent): string {
  const string = (text: string): string => `<string>${xmlText(text)}</string>`;
  const times =
    at === 'hourly'
      ? [{ Minute: 0 }]
      : at.map((time) => ({ Hour: Number(time.slice(0, 2)), Minute: Number(time.slice(3)) }));
  const intervals = times.map((time) => {
    const keys = Object.entries(time).map(([key, value]) => `<key>${key}</key><integer>${value}</integer>`);
    return `    <dict>${keys.join('')}</dict>\n`;
  });
  const variables = Object.entries(env).map(
    ([key, value]) => `    <key>${xmlText(key)}</key>\n    ${string(value)}\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
${docType}
<plist version="1.0">
<dict>
  <key>Label</key>
  ${string(label)}
  <key>ProgramArguments</key>
  <array>
${command.map((one) => `    ${string(one)}\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${variables.join('')}  </dict>
  <key>StartCalendarInterval</key>
  <array>
${intervals.join('')}  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`;
}

/** What a property list of ours says; null for what it does not. */
export function parseAgent(xml: string) {
  const root = parseXml(xml);
  const [dict] = root === null ? [] : below(root, 'dict');
  const all = dict && entries(dict);
  const command = all?.get('ProgramArguments')?.children.map((one) => one.text) ?? null;
  const variables = all?.get('EnvironmentVariables');
  const intervals = all?.get('StartCalendarInterval')?.children.map(entries) ?? [];
  const two = (interval: Map<string, Element>, key: string): string =>
    (interval.get(key)?.text ?? '').padStart(2, '0');
  const times = intervals.map((one) =>
    one.has('Hour') ? `${two(one, 'Hour')}:${two(one, 'Minute')}` : 'hourly',
  );
  const isHourly = times.length === 1 && times[0] === 'hourly';
  const at: Times | null = isHourly ? 'hourly' : times.length > 0 && !times.includes('hourly') ? times : null;
  const env = Object.fromEntries(
    [...(variables ? entries(variables) : [])].map(([key, one]) => [key, one.text]),
  );
  return { at, command, env };
}

/** Keys and values of a dictionary take turns. */
const entries = (dict: Element): Map<string, Element> =>
  new Map(
    dict.children.flatMap((key, i) => {
      const value = dict.children[i + 1];
      return key.name === 'key' && value ? [[key.text, value] as const] : [];
    }),
  );

export function launchdScheduler(ask: Ask, { homeFolder }: Surroundings): Scheduler {
  const folder = join(homeFolder, 'Library', 'LaunchAgents');
  const place = join(folder, `${label}.plist`);
  const launchctl = (...args: string[]): Promise<Answer | null> => ask('/bin/launchctl', args);
  const { uid } = userInfo();
  const readAgent = (): Promise<string | null> =>
    readFile(place, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === null) throw error;
      return null;
    });
  /** The user's windows, or where nobody is logged on at them, the user. */
  const load = async (): Promise<Answer | null> => {
    let answer: Answer | null = null;
    for (const domain of [`gui/${uid}`, `user/${uid}`]) {
      await launchctl('bootout', `${domain}/${label}`);
      await launchctl('enable', `${domain}/${label}`);
      // What was booted out may still be at its end: EIO, or EALREADY.
      for (let tries = 1; ; tries++) {
        answer = await launchctl('bootstrap', domain, place);
        if (tries === 10 || !takenSoon.includes(answer?.code ?? 0)) break;
        await sleep(300);
      }
      if (answer?.code === 0) return answer;
    }
    return answer;
  };

  return {
    kind: 'launchd',
    async install(wanted) {
      const before = await readAgent();
      // A run that is at work would be ended for nothing.
      if (before === encodeAgent(wanted) && (await launchctl('list', label))?.code === 0)
        return { place, warnings: [] };
      try {
        await mkdir(folder, { recursive: true });
        await writeFileAtomic(place, encodeAgent(wanted));
      } catch (error) {
        const told = asTargetError(error, verbatim(place));
        if (!isEfakturError(told)) throw told;
        return { because: told.text };
      }
      const answer = await load();
      if (answer?.code === 0) return { place, warnings: [] };
      if (before === null) await rm(place, { force: true });
      else {
        await writeFileAtomic(place, before);
        await load();
      }
      return { because: refusalOf('launchctl', answer) };
    },

    async read() {
      const xml = await readAgent();
      if (xml === null) return null;
      const { at, command, env } = parseAgent(xml);
      const listed = await launchctl('list', label);
      const [, status] = /"LastExitStatus" = (\d+);/.exec(listed?.stdout.toString('utf8') ?? '') ?? [];
      // As wait(2) has it: the exit code in the second byte. launchd ends what it cannot start with EX_CONFIG.
      const code = status === undefined ? null : Number(status) >> 8;
      return {
        place,
        ...{ at, command, env },
        installedAt: (await stat(place).catch(() => null))?.mtime ?? null,
        isEnabled: listed?.code === 0,
        isAsMade: at !== null && command !== null && xml === encodeAgent({ at, command, env }),
        lastRunAt: null,
        lastResult: code === 78 ? null : code,
        startFailure: code === 78 ? notStartedByLaunchd(code) : null,
      };
    },

    async remove() {
      if ((await readAgent()) === null) return null;
      for (const domain of [`gui/${uid}`, `user/${uid}`]) await launchctl('bootout', `${domain}/${label}`);
      try {
        await rm(place, { force: true });
      } catch (error) {
        throw notRemoved(place, asTargetError(error, verbatim(place)));
      }
      return place;
    },

    /** Since the Mac started, woke or somebody logged on at its screen, whichever was last. */
    async couldRunMs(since, now) {
      const seconds = async (key: string): Promise<number | null> => {
        const answer = await ask('/usr/sbin/sysctl', ['-n', key]);
        const [, sec] = /\bsec = (\d+)/.exec(answer?.stdout.toString('latin1') ?? '') ?? [];
        return sec === undefined ? null : Number(sec) * 1000;
      };
      const started = await seconds('kern.boottime');
      if (started === null) return null;
      const woke = (await seconds('kern.waketime')) ?? 0;
      const loggedOn = (await stat('/dev/console').catch(() => null))?.ctimeMs ?? 0;
      return Math.max(0, now.getTime() - Math.max(started, woke, loggedOn, since.getTime()));
    },
  };
}
