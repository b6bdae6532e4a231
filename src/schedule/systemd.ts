import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { asTargetError, writeFileAtomic } from '../base/atomic-file.ts';
import { isEfakturError, systemCode } from '../base/errors.ts';
import { productName } from '../base/product.ts';
import { verbatim } from '../base/text.ts';
import { configFolder, type Surroundings } from '../settings/surroundings.ts';
import { notRemoved, type Scheduler } from './scheduler.ts';
import { type Answer, type Ask, refusalOf } from './system-calls.ts';
import { lingeringNeeded, lingeringNeededHint, noSystemd, notStartedBySystemd } from './texts.ts';
import type { Times } from './times.ts';

/** A timer of systemd for this user, with the service that it starts. */

const name = 'efaktur-cloud';
const timer = `${name}.timer`;
const service = `${name}.service`;

const madeBy = '# Made by: efaktur-cloud schedule install';

/** Between quotes, where a line of a unit has words. `%` begins what systemd fills in, `$` a variable. */
const quoted = (word: string, isArgument: boolean): string => {
  const escaped = word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%');
  return `"${isArgument ? escaped.replaceAll('$', '$$$$') : escaped}"`;
};
const unquoted = (word: string, isArgument: boolean): string => {
  const escaped = word.replace(/^"(.*)"$/s, '$1').replaceAll('%%', '%');
  return (isArgument ? escaped.replaceAll('$$', '$') : escaped).replace(/\\(.)/g, '$1');
};

export interface Unit {
  readonly at: Times;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export function encodeService({
  command: [program = '', ...words],
  env,
}: Pick<Unit, 'command' | 'env'>): string {
  const variables = Object.entries(env).map(
    ([key, value]) => `Environment=${quoted(`${key}=${value}`, false)}\n`,
  );
  // The path of the program is not searched for variables.
  const line = [quoted(program, false), ...words.map((word) => quoted(word, true))].join(' ');
  return `${madeBy}
[Unit]
Description=${productName}

[Service]
Type=oneshot
${variables.join('')}ExecStart=${line}
TimeoutStartSec=4h
Nice=10
`;
}

export function encodeTimer(at: Times): string {
  const times = at === 'hourly' ? ['hourly'] : at.map((time) => `*-*-* ${time}:00`);
  return `${madeBy}
[Unit]
Description=${productName}

[Timer]
${times.map((time) => `OnCalendar=${time}\n`).join('')}Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
`;
}

/** What both files say; null for what they do not. */
export function parseUnits(serviceText: string, timerText: string) {
  const values = (text: string, key: string): string[] =>
    text
      .split('\n')
      .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1).trim()] : []));
  const words = [...(values(serviceText, 'ExecStart')[0] ?? '').matchAll(/"(?:[^"\\]|\\.)*"|\S+/g)].map(
    ([word], i) => unquoted(word, i > 0),
  );
  const env = values(serviceText, 'Environment').flatMap((line) => {
    const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(unquoted(line, false)) ?? [];
    return key === '' ? [] : [[key, value] as const];
  });
  const calendar = values(timerText, 'OnCalendar').map(
    (value) => /^\*-\*-\* (\d\d:\d\d):00$/.exec(value)?.[1] ?? value,
  );
  const isHourly = calendar.length === 1 && calendar[0] === 'hourly';
  const areTimes = calendar.length > 0 && calendar.every((time) => /^\d\d:\d\d$/.test(time));
  const at: Times | null = isHourly ? 'hourly' : areTimes ? calendar : null;
  return { at, command: words.length === 0 ? null : words, env: Object.fromEntries(env) };
}

export function systemdScheduler(ask: Ask, around: Surroundings): Scheduler {
  const systemctl = (...args: string[]): Promise<Answer | null> =>
    ask('systemctl', ['--user', '--no-ask-password', ...args]);
  const show = async (unit: string | null, ...keys: string[]): Promise<Record<string, string> | null> => {
    const answer = await systemctl(
      'show',
      ...(unit === null ? [] : [unit]),
      ...keys.map((key) => `--property=${key}`),
    );
    if (answer?.code !== 0) return null;
    const lines = answer.stdout.toString('utf8').split('\n');
    return Object.fromEntries(
      lines.flatMap((line) => {
        const at = line.indexOf('=');
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
      }),
    );
  };
  /** Where the user's own units lie: the manager began with an environment of its own. */
  const folderOf = (manager: Record<string, string> | null): string => {
    const paths = (manager?.UnitPath ?? '').split(' ');
    const own = paths.find((path) => /\/systemd\/user$/.test(path) && !/^\/(?:run|etc|usr|lib)\//.test(path));
    return own ?? join(configFolder(around), '..', 'systemd', 'user');
  };
  const filesIn = (folder: string) => ({ timer: join(folder, timer), service: join(folder, service) });
  const textOf = (path: string): Promise<string | null> =>
    readFile(path, 'utf8').catch((error: unknown) => {
      if (systemCode(error) === null) throw error;
      return null;
    });

  return {
    kind: 'systemd',
    async install({ at, command, env }) {
      const manager = await show(null, 'UnitPath');
      // Where the system itself was not started by it, it is there for its tools alone (sd_booted(3)).
      if (manager === null) return { because: noSystemd, isAbsent: !existsSync('/run/systemd/system') };
      const folder = folderOf(manager);
      const files = filesIn(folder);
      const before = await Promise.all([textOf(files.service), textOf(files.timer)]);
      const put = async (path: string, text: string | null): Promise<void> =>
        text === null ? rm(path, { force: true }) : writeFileAtomic(path, text);
      try {
        await mkdir(folder, { recursive: true });
        await put(files.service, encodeService({ command, env }));
        await put(files.timer, encodeTimer(at));
      } catch (error) {
        const told = asTargetError(error, verbatim(folder));
        if (!isEfakturError(told)) throw told;
        return { because: told.text };
      }
      for (const step of [['daemon-reload'], ['enable', timer], ['restart', timer]]) {
        const answer = await systemctl(...step);
        if (answer?.code === 0) continue;
        await put(files.service, before[0] ?? null);
        await put(files.timer, before[1] ?? null);
        await systemctl('daemon-reload');
        return { because: refusalOf('systemctl', answer) };
      }
      const user = userInfo().username;
      const warnings = (await lingers(ask, user))
        ? []
        : [
            {
              code: 'schedule-lingering' as const,
              message: lingeringNeeded,
              hint: lingeringNeededHint(user),
            },
          ];
      return { place: files.timer, warnings };
    },

    async read() {
      const manager = await show(null, 'UnitPath');
      const folder = folderOf(manager);
      const files = filesIn(folder);
      const [serviceText, timerText] = await Promise.all([textOf(files.service), textOf(files.timer)]);
      if (timerText === null) return null;
      const unit = parseUnits(serviceText ?? '', timerText);
      const timerState = await show(timer, 'ActiveState', 'UnitFileState', 'LastTriggerUSec');
      const serviceState = await show(service, 'ExecMainStatus', 'ExecMainStartTimestamp', 'Result');
      const isLinked = (await stat(join(folder, 'timers.target.wants', timer)).catch(() => null)) !== null;
      const lastRunAt = momentOf(timerState?.LastTriggerUSec ?? '');
      const hasRun = momentOf(serviceState?.ExecMainStartTimestamp ?? '') !== null;
      const status = Number(serviceState?.ExecMainStatus ?? 'none');
      const isAsMade =
        unit.at !== null &&
        unit.command !== null &&
        timerText === encodeTimer(unit.at) &&
        serviceText === encodeService({ command: unit.command, env: unit.env });
      // systemd.exec(5): from 200 on what happened before the program began.
      const couldNotStart = hasRun && status >= 200;
      return {
        place: files.timer,
        ...unit,
        installedAt: (await stat(files.timer).catch(() => null))?.mtime ?? null,
        isEnabled:
          timerState === null
            ? isLinked
            : timerState.ActiveState === 'active' && timerState.UnitFileState === 'enabled',
        isAsMade,
        lastRunAt,
        lastResult: hasRun && !couldNotStart && Number.isInteger(status) ? status : null,
        startFailure: couldNotStart ? notStartedBySystemd(status) : null,
      };
    },

    async remove() {
      const manager = await show(null, 'UnitPath');
      const folder = folderOf(manager);
      const files = filesIn(folder);
      const isThere = (await textOf(files.timer)) !== null || (await textOf(files.service)) !== null;
      if (!isThere) return null;
      await systemctl('disable', '--now', timer);
      try {
        for (const file of [files.timer, files.service, join(folder, 'timers.target.wants', timer)])
          await rm(file, { force: true });
      } catch (error) {
        throw notRemoved(files.timer, asTargetError(error, verbatim(files.timer)));
      }
      await systemctl('daemon-reload');
      // What systemd keeps of a timer with `Persistent`, and of a service that failed.
      await systemctl('reset-failed', timer, service);
      const data = around.env.XDG_DATA_HOME ?? join(around.homeFolder, '.local', 'share');
      await rm(join(data, 'systemd', 'timers', `stamp-${timer}`), { force: true }).catch(() => {});
      return files.timer;
    },

    /** Without lingering the manager of a user runs while he is logged on. Its clock stands still while the PC sleeps, as Node's does. */
    async couldRunMs(since, now) {
      const manager = await show(null, 'UserspaceTimestampMonotonic');
      const startedMs = Number(manager?.UserspaceTimestampMonotonic ?? 'none') / 1000;
      if (!(startedMs > 0)) return null;
      const upMs = Number(process.hrtime.bigint() / 1_000_000n) - startedMs;
      return Math.max(0, Math.min(upMs, now.getTime() - since.getTime()));
    },
  };
}

/** Whether the user's manager runs also while the user is not logged on. */
async function lingers(ask: Ask, user: string): Promise<boolean> {
  const answer = await ask('loginctl', ['show-user', user, '--property=Linger']);
  return answer?.code === 0 && answer.stdout.toString('latin1').trim() === 'Linger=yes';
}

/** `Fri 2026-11-27 02:42:50 UTC`, as systemd writes a time where the zone is UTC. */
function momentOf(text: string): Date | null {
  const [, day, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text.trim()) ?? [];
  return day === undefined ? null : new Date(`${day}T${time}Z`);
}
