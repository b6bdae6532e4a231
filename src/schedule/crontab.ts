import { readdir, readFile } from 'node:fs/promises';
import type { Warning } from '../base/progress.ts';
import type { Text } from '../base/text.ts';
import { notRemoved, type Scheduler } from './scheduler.ts';
import { type Ask, refusalOf } from './system-calls.ts';
import { cronLineTooLong, noCron, noCronSeen, noCronSeenHint } from './texts.ts';
import type { Times } from './times.ts';

/**
 * Lines of the user's crontab, between two marks of this program; all others stay byte for byte. cron(8) makes up for nothing that
 * was missed while the PC was off, so a line of its own runs at the start.
 */

const begin = '# begin efaktur-cloud schedule (made, changed and removed by: efaktur-cloud schedule)';
const end = '# end efaktur-cloud schedule';

/** Debian's and Vixie's cron take no longer command. */
const longestCommand = 990;

/** The network is there, and other programs have started. */
const secondsAfterStart = 120;

export interface CronJob {
  readonly at: Times;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly madeAt: Date;
}

/** For any shell; cron takes a bare `%` for the end of the line. */
const word = (text: string): string =>
  (/[^\w./:=+@,-]/.test(text) || text === '' ? `'${text.replaceAll("'", "'\\''")}'` : text).replaceAll(
    '%',
    '\\%',
  );

const commandOf = ({ command, env }: Pick<CronJob, 'command' | 'env'>): string => {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const words = [...(variables.length > 0 ? ['env', ...variables] : []), ...command];
  // What goes wrong is mailed by cron; what went well stands in the log of runs.
  return `${words.map(word).join(' ')} >/dev/null`;
};

/** The hour alone would bring every PC to the bucket at once; the same PC and command give the same minute. */
function minuteFor(command: string): number {
  let sum = 0;
  for (const letter of command) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return 1 + (sum % 10);
}

/** The marked lines, each with its end. */
export function encodeLines(job: CronJob): string {
  const command = commandOf(job);
  const times =
    job.at === 'hourly'
      ? [`${minuteFor(command)} * * * *`]
      : job.at.map((time) => `${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * *`);
  const lines = [
    begin,
    `# installed ${job.madeAt.toISOString()}`,
    ...times.map((time) => `${time} ${command}`),
    `@reboot sleep ${secondsAfterStart}; ${command}`,
    end,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export interface FoundLines {
  readonly before: string;
  readonly lines: string;
  readonly after: string;
}

/** A crontab (as latin1, so that every byte stays) in front of, between and behind the marks; null without marks. */
export function findLines(crontab: string): FoundLines | null {
  const from = crontab.search(new RegExp(`^${begin.replace(/[()]/g, '\\$&')}$`, 'm'));
  if (from < 0) return null;
  const endAt = crontab.slice(from).search(new RegExp(`^${end}$`, 'm'));
  // Without its end nobody knows what is ours: only the mark itself.
  const length = endAt < 0 ? begin.length + 1 : endAt + end.length + 1;
  return {
    before: crontab.slice(0, from),
    lines: crontab.slice(from, from + length),
    after: crontab.slice(from + length),
  };
}

/** What marked lines say; null for what they do not. */
export function parseLines(lines: string) {
  const jobs = lines
    .split('\n')
    .map((line) => /^(\d+) (\d+|\*) \* \* \* (.*)$/.exec(line))
    .filter((match) => match !== null);
  const times = jobs.map(([, minute = '', hour = '']) =>
    hour === '*' ? 'hourly' : `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`,
  );
  const isHourly = times.length === 1 && times[0] === 'hourly';
  const at: Times | null = isHourly ? 'hourly' : times.length > 0 && !times.includes('hourly') ? times : null;
  const words = wordsOf(jobs[0]?.[3] ?? '');
  const variables: Record<string, string> = {};
  if (words[0] === 'env') {
    words.shift();
    while (/^\w+=/.test(words[0] ?? '')) {
      const [variable = ''] = words.splice(0, 1);
      const at = variable.indexOf('=');
      variables[variable.slice(0, at)] = variable.slice(at + 1);
    }
  }
  const made = new Date(/^# installed (\S+)$/m.exec(lines)?.[1] ?? '');
  return {
    at,
    command: words.length > 0 ? words : null,
    env: variables,
    madeAt: Number.isNaN(made.getTime()) ? null : made,
  };
}

/** The words of {@link commandOf}. */
function wordsOf(command: string): string[] {
  const line = command.replaceAll('\\%', '%').replace(/ >\/dev\/null$/, '');
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([text]) =>
    text.replace(/'([^']*)'|\\(.)/g, (_whole, inside?: string, escaped?: string) => inside ?? escaped ?? ''),
  );
}

export function crontabScheduler(ask: Ask): Scheduler {
  /** Bytes as latin1; null where there is no crontab program. A user without a crontab has an empty one. */
  const readAll = async (): Promise<string | null> => {
    const answer = await ask('crontab', ['-l']);
    if (answer === null) return null;
    return answer.code === 0 ? answer.stdout.toString('latin1') : '';
  };
  /** Null when it is taken, else why not. */
  const writeAll = async (text: string): Promise<Text | null> => {
    const answer = await ask('crontab', ['-'], Buffer.from(text, 'latin1'));
    return answer?.code === 0 ? null : refusalOf('crontab', answer);
  };
  const place = 'crontab';

  return {
    kind: 'cron',
    async install({ at, command, env, now }) {
      const crontab = await readAll();
      if (crontab === null) return { because: noCron, isAbsent: true };
      const found = findLines(crontab);
      const job = { at, command, env };
      const was = found && parseLines(found.lines);
      const isSame = was?.madeAt && found?.lines === latin1(encodeLines({ ...job, madeAt: was.madeAt }));
      const lines = encodeLines({ ...job, madeAt: isSame && was.madeAt ? was.madeAt : now });
      if (lines.split('\n').some((line) => Buffer.byteLength(line) > longestCommand))
        return { because: cronLineTooLong };
      const others = crontab === '' || crontab.endsWith('\n') ? crontab : `${crontab}\n`;
      const whole = found ? `${found.before}${latin1(lines)}${found.after}` : `${others}${latin1(lines)}`;
      const refused = await writeAll(whole);
      if (refused !== null) return { because: refused };
      const warnings: Warning[] = (await seesCron())
        ? []
        : [{ code: 'schedule-fallback', message: noCronSeen, hint: noCronSeenHint }];
      return { place, warnings };
    },

    async read() {
      const found = findLines((await readAll()) ?? '');
      if (found === null) return null;
      const lines = Buffer.from(found.lines, 'latin1').toString('utf8');
      const job = parseLines(lines);
      const { at, command, env, madeAt } = job;
      return {
        place,
        ...{ at, command, env },
        installedAt: madeAt,
        isEnabled: true,
        isAsMade:
          at !== null &&
          command !== null &&
          madeAt !== null &&
          lines === encodeLines({ at, command, env, madeAt }),
        lastRunAt: null,
        lastResult: null,
        startFailure: null,
      };
    },

    async remove() {
      const found = findLines((await readAll()) ?? '');
      if (found === null) return null;
      const rest = `${found.before}${found.after}`;
      const refused =
        rest === ''
          ? await ask('crontab', ['-r']).then((answer) =>
              answer?.code === 0 ? null : refusalOf('crontab', answer),
            )
          : await writeAll(rest);
      if (refused !== null) throw notRemoved(place, refused);
      return place;
    },

    /** cron runs without a user. Node's clock stands still while the PC sleeps, and begins with it. */
    async couldRunMs(since, now) {
      const upMs = Math.min(Number(process.hrtime.bigint() / 1_000_000n), await firstProcessMs());
      return Math.max(0, Math.min(upMs, now.getTime() - since.getTime()));
    },
  };
}

/** As {@link findLines} has it. */
const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** For how long the first process runs: a container is younger than its host. By proc(5); for ever where there is none. */
async function firstProcessMs(): Promise<number> {
  try {
    const fields = (await readFile('/proc/1/stat', 'latin1')).replace(/^.*\) /s, '').split(' ');
    const [up = ''] = (await readFile('/proc/uptime', 'latin1')).split(' ');
    const ms = Number(up) * 1000 - Number(fields[19]) * 10;
    return Number.isNaN(ms) ? Number.POSITIVE_INFINITY : ms;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether a program runs that carries out crontabs; true where processes cannot be seen. */
async function seesCron(): Promise<boolean> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  if (ids.length === 0) return true;
  const names = await Promise.all(ids.map((id) => readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')));
  return names.some((name) => /^(?:cron|crond|fcron|busybox)\n$/.test(name));
}
